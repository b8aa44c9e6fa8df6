#include "dragoman/runtime/examination.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <thread>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"

namespace dragoman {
namespace {

constexpr std::int64_t kMegabyte = 1'000'000;

std::int64_t AvailableMemory() {
  return static_cast<std::int64_t>(sysconf(_SC_AVPHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

Finding ExamineRecogniser(const RuntimeOptions& options) {
  const std::string directory = PocketSphinxOptions().model_directory;
  if (absl::Status status = CheckPocketSphinxModel(directory); !status.ok()) {
    return {Health::kBad, "speech to text: PocketSphinx", std::string(MessageOf(status)),
            "apt install pocketsphinx-en-us"};
  }
  return {Health::kGood, "speech to text: PocketSphinx",
          StrCat("English model in ", directory, "; ", options.recognizers,
                 " decoders will be held ready"),
          ""};
}

// How many calls local speech can understand at once on this machine.
Finding ExamineAdmission(const RuntimeOptions& options) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::int64_t by_memory = AvailableMemory() / 2 / kPocketSphinxDecoderBytes;
  const std::int64_t by_cores = std::int64_t{cores} * 1000 / kPocketSphinxCorePerMille;
  const std::int64_t limit = std::max<std::int64_t>(1, std::min(by_memory, by_cores));
  const std::string detail =
      StrCat(limit, " calls at once understood locally (", cores, " cores, ",
             AvailableMemory() / kMegabyte, " MB free; ", kPocketSphinxDecoderBytes / kMegabyte,
             " MB and ", kPocketSphinxCorePerMille / 10,
             " % of a core each); configured: ", options.recognizers);
  if (options.recognizers <= limit) return {Health::kGood, "admission limit", detail, ""};
  return {Health::kBad, "admission limit", detail, StrCat("set DRAGOMAN_RECOGNIZERS to ", limit)};
}

Finding ExamineVoices(const RuntimeOptions& options) {
  const std::vector<std::string> voices = FliteVoices();
  std::string names;
  for (const std::string& voice : voices) names += StrCat(names.empty() ? "" : ", ", voice);
  const bool known = options.voice.empty() ||
                     std::find(voices.begin(), voices.end(), options.voice) != voices.end();
  if (known) {
    return {Health::kGood, "text to speech: Flite", StrCat(FliteVersion(), "; voices ", names), ""};
  }
  return {Health::kBad, "text to speech: Flite",
          StrCat("there is no voice '", options.voice, "'; voices ", names), "choose one of them"};
}

Finding ExamineModel(const RuntimeOptions& options) {
  if (options.model_url.empty()) {
    return {Health::kGood, "language model",
            "the embedded offline model: rules and slots for the clinic, no network",
            "for a real one: --model URL or DRAGOMAN_MODEL_URL (any OpenAI-compatible server)"};
  }
  return {Health::kGood, "language model",
          StrCat(options.model_name, " at ", options.model_url,
                 options.model_key.empty() ? ", without a key" : ", with a key"),
          ""};
}

Finding ExamineData(const RuntimeOptions& options) {
  if (options.data_dir.empty()) {
    return {Health::kOptional, "data directory", "none: logs, recordings and the book are not kept",
            "serve --data FOLDER or DRAGOMAN_DATA"};
  }
  std::filesystem::path existing = options.data_dir;
  while (!existing.empty() && !std::filesystem::exists(existing)) existing = existing.parent_path();
  if (existing.empty()) existing = ".";
  struct statvfs disk{};
  if (access(existing.c_str(), W_OK) != 0 || statvfs(existing.c_str(), &disk) != 0) {
    return {Health::kBad, "data directory", StrCat(options.data_dir, " cannot be written"),
            "choose a folder of your own"};
  }
  const std::int64_t free = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize) / kMegabyte;
  // Both sides of a call at 8 kHz and 16 bit: 1.9 MB a minute, twice while the recording is made.
  const Health health = free < 100 ? Health::kBad : Health::kGood;
  return {health, "data directory",
          StrCat(options.data_dir, ", ", free, " MB free (a recorded minute takes 4 MB)"),
          health == Health::kGood ? "" : "free some space"};
}

Finding ExaminePrograms() {
  std::error_code error;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string missing;
  for (std::string_view program : {"dragoman-caller", "dragoman-flite-render"}) {
    if (!std::filesystem::exists(here.parent_path() / program)) {
      missing += StrCat(missing.empty() ? "" : ", ", program);
    }
  }
  if (missing.empty()) {
    return {Health::kGood, "simulated callers", "dragoman-caller and dragoman-flite-render found",
            ""};
  }
  return {Health::kOptional, "simulated callers", StrCat("missing beside this program: ", missing),
          "build them: cmake --build build/release"};
}

}  // namespace

std::vector<Finding> Examine(const RuntimeOptions& options) {
  return {
      ExamineRecogniser(options),
      ExamineAdmission(options),
      ExamineVoices(options),
      ExamineModel(options),
      ExamineData(options),
      ExaminePrograms(),
      {Health::kGood, "telephony",
       "Twilio Media Streams at /media, Asterisk AudioSocket, raw audio; a live carrier is used "
       "only when it phones this server",
       ""}};
}

}  // namespace dragoman
