#include "dragoman/providers/flite/rendered_speech.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "dragoman/audio/wav.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "src/providers/flite/flite_engine.h"
#include "src/providers/flite/spoken_text.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

// FNV-1a, twice with different starts: names a cache file. The text itself is kept beside the audio
// in no form, so a collision (1 in 2^128) would speak another text.
std::uint64_t Fnv(std::string_view text, std::uint64_t hash) {
  for (char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3u;
  return hash;
}

std::string CacheName(const SpeechToRender& speech) {
  const std::string key =
      StrCat(flite::kRenderingVersion, '|', FliteVersion(), '|', speech.voice, '|',
             speech.sample_rate_hz, '|', speech.speed_per_mille, '|', speech.text);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string name = StrCat("flite-", speech.voice, "-");
  for (std::uint64_t hash : {Fnv(key, 0xCBF29CE484222325u), Fnv(key, 0x9E3779B97F4A7C15u)}) {
    for (int shift = 60; shift >= 0; shift -= 4) name += kHex[(hash >> shift) & 15];
  }
  return name + ".wav";
}

absl::StatusOr<RenderedSpeech> ReadRendering(const std::string& path, int sample_rate_hz) {
  DRAGOMAN_ASSIGN_OR_RETURN(WavAudio audio, ReadWavFile(path));
  if (audio.channels != 1 || audio.sample_rate_hz != sample_rate_hz || audio.samples.empty()) {
    return DataLoss("flite: ", path, " is not a rendering");
  }
  return RenderedSpeech{.samples = std::move(audio.samples), .sample_rate_hz = sample_rate_hz};
}

class Pipe {
 public:
  Pipe() { ok_ = ::pipe2(ends_, O_CLOEXEC) == 0; }
  ~Pipe() {
    CloseEnd(0);
    CloseEnd(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool ok() const { return ok_; }
  int end(int index) const { return ends_[index]; }
  void CloseEnd(int index) {
    if (ends_[index] >= 0) ::close(ends_[index]);
    ends_[index] = -1;
  }

 private:
  int ends_[2] = {-1, -1};
  bool ok_ = false;
};

// Reads the child's words until it closes them, which it does by ending; false when `limit` passed.
bool ReadWords(int descriptor, std::chrono::milliseconds limit, std::string& words) {
  const auto start = SystemClock().Now();
  for (;;) {
    const auto left =
        limit - std::chrono::duration_cast<std::chrono::milliseconds>(SystemClock().Now() - start);
    if (left.count() <= 0) return false;
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    char buffer[512];
    const ssize_t size = ::read(descriptor, buffer, sizeof buffer);
    if (size == 0 || (size < 0 && errno != EINTR)) return true;
    if (size > 0 && words.size() < 4096) words.append(buffer, static_cast<std::size_t>(size));
  }
}

absl::Status StatusOfChild(int wait_status, const std::string& words) {
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return absl::OkStatus();
  const std::string said(Trim(words));
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 2) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, said);
  }
  if (WIFSIGNALED(wait_status)) {
    return Internal("flite: the renderer ended by signal ", WTERMSIG(wait_status));
  }
  return Internal("flite: the renderer failed: ", said);
}

absl::Status RunChild(const SpeechToRender& speech, const std::string& output,
                      const RenderCacheOptions& cache) {
  Pipe words;
  if (!words.ok()) return Unavailable("flite: no pipe: ", std::strerror(errno));
  std::vector<std::string> arguments = {cache.program,
                                        speech.voice,
                                        std::to_string(speech.sample_rate_hz),
                                        std::to_string(speech.speed_per_mille),
                                        output,
                                        speech.text};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  char* no_environment[] = {nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, words.end(1), STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, cache.program.c_str(), &actions, nullptr, argv.data(), no_environment);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return FailedPrecondition("flite: cannot run ", cache.program, ": ", std::strerror(failed));
  }
  words.CloseEnd(1);
  std::string said;
  const bool in_time = ReadWords(words.end(0), cache.limit, said);
  if (!in_time) ::kill(child, SIGKILL);
  int wait_status = 0;
  while (::waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) {
    return DeadlineExceeded(StrCat("flite: the renderer took longer than ", cache.limit));
  }
  return StatusOfChild(wait_status, said);
}

}  // namespace

absl::StatusOr<RenderedSpeech> RenderSpeechCached(const SpeechToRender& speech,
                                                  const RenderCacheOptions& cache) {
  // A NUL would end the child's argument early and cache the wrong text.
  if (speech.text.find('\0') != std::string::npos) {
    return InvalidArgument("flite: text has a zero byte");
  }
  DRAGOMAN_RETURN_IF_ERROR(flite::CheckRequest({.voice = speech.voice,
                                                .sample_rate_hz = speech.sample_rate_hz,
                                                .speed_per_mille = speech.speed_per_mille}));
  DRAGOMAN_RETURN_IF_ERROR(flite::SplitSpokenText(speech.text).status());
  std::error_code error;
  fs::create_directories(cache.directory, error);
  if (error) {
    return FailedPrecondition("flite: directory ", cache.directory, ": ", error.message());
  }
  const std::string path = (fs::path(cache.directory) / CacheName(speech)).string();
  if (auto kept = ReadRendering(path, speech.sample_rate_hz); kept.ok()) {
    kept->from_cache = true;
    return kept;
  }
  // Unique per process and call; the rename makes the finished file appear at once.
  static std::atomic<unsigned> calls{0};
  const std::string fresh = StrCat(path, ".", ::getpid(), ".", calls.fetch_add(1));
  const absl::Status rendered = RunChild(speech, fresh, cache);
  if (rendered.ok()) fs::rename(fresh, path, error);
  if (!rendered.ok() || error) {
    std::error_code ignored;
    fs::remove(fresh, ignored);
  }
  DRAGOMAN_RETURN_IF_ERROR(rendered);
  if (error) return FailedPrecondition("flite: cannot keep ", path, ": ", error.message());
  return ReadRendering(path, speech.sample_rate_hz);
}

absl::Status RenderSpeechToFile(const SpeechToRender& speech, const std::string& path) {
  const flite::RenderRequest request{.voice = speech.voice,
                                     .sample_rate_hz = speech.sample_rate_hz,
                                     .speed_per_mille = speech.speed_per_mille};
  DRAGOMAN_RETURN_IF_ERROR(flite::CheckRequest(request));
  DRAGOMAN_ASSIGN_OR_RETURN(auto pieces, flite::SplitSpokenText(speech.text));
  if (pieces.empty()) return InvalidArgument("flite: text has nothing to speak");
  DRAGOMAN_ASSIGN_OR_RETURN(auto writer, WavWriter::Create(path, speech.sample_rate_hz, 1));
  for (const auto& piece : pieces) {
    DRAGOMAN_ASSIGN_OR_RETURN(auto rendering, flite::RenderPiece(piece, request));
    DRAGOMAN_RETURN_IF_ERROR(writer->Write(rendering.samples));
  }
  return writer->Close();
}

}  // namespace dragoman
