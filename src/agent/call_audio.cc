#include "src/agent/call_audio.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/crc32c.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxWaitingBytes = 2 * 60 * 16000 * sizeof(std::int16_t);

}  // namespace

class CallAudio::File {
 public:
  explicit File(std::FILE* file) : file_(file) {}
  ~File() { std::fclose(file_); }
  bool Append(const std::string& bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size() &&
           std::fflush(file_) == 0;
  }

 private:
  std::FILE* file_;
};

absl::StatusOr<std::unique_ptr<CallAudio>> CallAudio::Create(const std::string& path,
                                                             int sample_rate_hz, WorkPool& pool,
                                                             Executor& executor, OnPiece on_piece) {
  std::FILE* file = std::fopen(path.c_str(), "wbx");
  if (!file) {
    return FailedPrecondition("cannot create ", path, ": ", std::strerror(errno));
  }
  return std::unique_ptr<CallAudio>(new CallAudio(std::make_shared<File>(file), sample_rate_hz,
                                                  pool, executor, std::move(on_piece)));
}

CallAudio::CallAudio(std::shared_ptr<File> file, int sample_rate_hz, WorkPool& pool,
                     Executor& executor, OnPiece on_piece)
    : file_(std::move(file)),
      sample_rate_hz_(sample_rate_hz),
      pool_(pool),
      executor_(executor),
      on_piece_(std::move(on_piece)) {}

CallAudio::~CallAudio() = default;

void CallAudio::AgentQueued(std::span<const std::int16_t> samples) {
  agent_queue_.insert(agent_queue_.end(), samples.begin(), samples.end());
}

void CallAudio::AgentCleared(std::chrono::milliseconds heard) {
  TakeHeard(heard);
  agent_queue_.clear();
  // The line's time line goes on from what was heard.
  agent_taken_ = heard.count() * sample_rate_hz_ / 1000;
}

void CallAudio::TakeHeard(std::chrono::milliseconds heard) {
  const std::int64_t until = heard.count() * sample_rate_hz_ / 1000;
  const auto count = static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(
      until - agent_taken_, 0, static_cast<std::int64_t>(agent_queue_.size())));
  if (count == 0) return;
  // Heard audio follows heard audio; after a silence it begins anew at the recording's present.
  const auto pending = static_cast<std::int64_t>(agent_.pending.size());
  if (agent_.start + pending < recorded_ - sample_rate_hz_ / 10) {
    Emit(AudioChannel::kAgent, agent_);
    agent_.start = std::max(agent_.start, recorded_ - static_cast<std::int64_t>(count));
  }
  agent_.pending.insert(agent_.pending.end(), agent_queue_.begin(), agent_queue_.begin() + count);
  agent_queue_.erase(agent_queue_.begin(), agent_queue_.begin() + count);
  agent_taken_ += count;
  if (static_cast<int>(agent_.pending.size()) >= sample_rate_hz_) {
    Emit(AudioChannel::kAgent, agent_);
  }
}

void CallAudio::CallerFrame(std::span<const std::int16_t> samples,
                            std::chrono::milliseconds heard) {
  caller_.pending.insert(caller_.pending.end(), samples.begin(), samples.end());
  recorded_ += static_cast<std::int64_t>(samples.size());
  if (static_cast<int>(caller_.pending.size()) >= sample_rate_hz_) {
    Emit(AudioChannel::kCaller, caller_);
  }
  TakeHeard(heard);
}

void CallAudio::Emit(AudioChannel channel, Side& side) {
  if (side.pending.empty()) return;
  static_assert(std::endian::native == std::endian::little, "the file is little-endian");
  std::string bytes(reinterpret_cast<const char*>(side.pending.data()),
                    side.pending.size() * sizeof(std::int16_t));
  const auto count = static_cast<std::int64_t>(side.pending.size());
  if (waiting_bytes_ + bytes.size() > kMaxWaitingBytes) {
    status_.Update(ResourceExhausted("the recording's disk is stuck; audio was dropped"));
  } else if (status_.ok()) {
    on_piece_({channel, side.start, file_offset_, count, Crc32c(bytes)});
    file_offset_ += bytes.size();
    waiting_bytes_ += bytes.size();
    writes_.push_back(std::move(bytes));
  }
  side.start += count;
  side.pending.clear();
  WriteNext();
}

void CallAudio::WriteNext() {
  if (writing_) return;
  if (writes_.empty()) {
    if (done_) std::exchange(done_, nullptr)(status_);
    return;
  }
  writing_ = true;
  struct Result {
    std::string bytes;
    bool ok = false;
  };
  auto result = std::make_shared<Result>();
  result->bytes = std::move(writes_.front());
  writes_.pop_front();
  absl::Status submitted =
      pool_.Submit({.run = [file = file_, result] { result->ok = file->Append(result->bytes); },
                    .done = lifetime_.Wrap([this, result] {
                      writing_ = false;
                      waiting_bytes_ -= result->bytes.size();
                      if (!result->ok)
                        status_.Update(Unavailable("the recording could not be written"));
                      WriteNext();
                    }),
                    .modelled_duration = std::chrono::milliseconds(1)},
                   executor_);
  if (submitted.ok()) return;
  writing_ = false;
  status_.Update(submitted);
  writes_.clear();
  waiting_bytes_ = 0;
  if (done_) std::exchange(done_, nullptr)(status_);
}

void CallAudio::Finish(absl::AnyInvocable<void(absl::Status)> done) {
  done_ = std::move(done);
  Emit(AudioChannel::kCaller, caller_);
  Emit(AudioChannel::kAgent, agent_);
  WriteNext();
}

}  // namespace dragoman
