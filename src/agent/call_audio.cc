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
constexpr std::int64_t kMaxHeldSeconds = 120;
// Around a confidential sentence: marks come in steps, an echo comes late.
constexpr std::int64_t kBeforeMs = 250;
constexpr std::int64_t kAfterMs = 500;

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

void CallAudio::AgentQueued(std::span<const std::int16_t> samples, bool confidential) {
  if (confidential) {
    agent_queue_.insert(agent_queue_.end(), samples.size(), 0);
  } else {
    agent_queue_.insert(agent_queue_.end(), samples.begin(), samples.end());
  }
  if (agent_runs_.empty() || agent_runs_.back().confidential != confidential) {
    agent_runs_.push_back({.samples = 0, .confidential = confidential});
  }
  agent_runs_.back().samples += static_cast<std::int64_t>(samples.size());
}

void CallAudio::AgentCleared(std::chrono::milliseconds heard) {
  TakeHeard(heard);
  // What lies in the carrier's hands may have been heard beyond what it told.
  if (!agent_runs_.empty() && agent_runs_.front().confidential) {
    Mute(recorded_, recorded_ + kAfterMs * sample_rate_hz_ / 1000);
  }
  agent_queue_.clear();
  agent_runs_.clear();
  // The line's time line goes on from what was heard.
  agent_taken_ = heard.count() * sample_rate_hz_ / 1000;
}

void CallAudio::TakeHeard(std::chrono::milliseconds heard) {
  const std::int64_t until = heard.count() * sample_rate_hz_ / 1000;
  const auto count = static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(
      until - agent_taken_, 0, static_cast<std::int64_t>(agent_queue_.size())));
  if (count == 0) return;
  // Heard audio follows heard audio; after a silence it begins anew at the recording's present.
  if (agent_.segments.back().end() < recorded_ - sample_rate_hz_ / 10) {
    const std::int64_t start =
        std::max(agent_.segments.back().end(), recorded_ - static_cast<std::int64_t>(count));
    if (agent_.segments.back().samples.empty()) {
      agent_.segments.back().start = start;
    } else {
      agent_.segments.push_back({.start = start, .samples = {}});
    }
  }
  Place(count);
  Emit(AudioChannel::kAgent, agent_);
}

// The next `count` samples of what waits, at the end of the agent's side.
void CallAudio::Place(std::int64_t count) {
  Segment& segment = agent_.segments.back();
  std::int64_t at = segment.end();
  segment.samples.insert(segment.samples.end(), agent_queue_.begin(), agent_queue_.begin() + count);
  agent_queue_.erase(agent_queue_.begin(), agent_queue_.begin() + count);
  agent_taken_ += count;
  while (count > 0) {
    Run& run = agent_runs_.front();
    const std::int64_t taken = std::min(count, run.samples);
    if (run.confidential) {
      Mute(at - kBeforeMs * sample_rate_hz_ / 1000, at + taken + kAfterMs * sample_rate_hz_ / 1000);
    }
    at += taken;
    count -= taken;
    run.samples -= taken;
    if (run.samples == 0) agent_runs_.pop_front();
  }
}

void CallAudio::CallerFrame(std::span<const std::int16_t> samples,
                            std::chrono::milliseconds heard) {
  std::vector<std::int16_t>& pending = caller_.segments.back().samples;
  pending.insert(pending.end(), samples.begin(), samples.end());
  recorded_ += static_cast<std::int64_t>(samples.size());
  TakeHeard(heard);
  if (holds_ && recorded_ - released_ > kMaxHeldSeconds * sample_rate_hz_) {
    Mute(released_, recorded_ - kMaxHeldSeconds * sample_rate_hz_);
    Release(recorded_ - kMaxHeldSeconds * sample_rate_hz_);
  }
  Emit(AudioChannel::kCaller, caller_);
}

void CallAudio::Release(std::int64_t until_sample) {
  if (until_sample <= released_) return;
  released_ = until_sample;
  Emit(AudioChannel::kCaller, caller_);
  Emit(AudioChannel::kAgent, agent_);
}

void CallAudio::Mute(std::int64_t from_sample, std::int64_t to_sample) {
  from_sample = std::max<std::int64_t>(from_sample, 0);
  if (from_sample >= to_sample) return;
  if (!mutes_.empty() && from_sample <= mutes_.back().second &&
      from_sample >= mutes_.back().first) {
    mutes_.back().second = std::max(mutes_.back().second, to_sample);
    return;
  }
  mutes_.emplace_back(from_sample, to_sample);
}

// Whole seconds, as far as they may go; what nothing more is added to, to its end.
void CallAudio::Emit(AudioChannel channel, Side& side) {
  while (true) {
    Segment& segment = side.segments.front();
    const bool closed = side.segments.size() > 1 || finishing_;
    const auto size = static_cast<std::int64_t>(segment.samples.size());
    const bool free = !holds_ || finishing_;
    const std::int64_t may =
        free ? size : std::clamp<std::int64_t>(released_ - segment.start, 0, size);
    if (may == 0 && size > 0) break;
    if (may < sample_rate_hz_ && !(closed && may == size)) break;
    Write(channel, segment, holds_ ? std::min<std::int64_t>(may, sample_rate_hz_) : may);
    if (!segment.samples.empty()) continue;
    if (side.segments.size() == 1) break;
    side.segments.pop_front();
  }
}

void CallAudio::Write(AudioChannel channel, Segment& segment, std::int64_t count) {
  if (count == 0) return;
  static_assert(std::endian::native == std::endian::little, "the file is little-endian");
  const std::int64_t end = segment.start + count;
  for (const auto& [from, to] : mutes_) {
    const std::int64_t first = std::clamp(from, segment.start, end) - segment.start;
    const std::int64_t last = std::clamp(to, segment.start, end) - segment.start;
    std::fill(segment.samples.begin() + first, segment.samples.begin() + last, std::int16_t{0});
  }
  std::string bytes(reinterpret_cast<const char*>(segment.samples.data()),
                    static_cast<std::size_t>(count) * sizeof(std::int16_t));
  if (waiting_bytes_ + bytes.size() > kMaxWaitingBytes) {
    status_.Update(ResourceExhausted("the recording's disk is stuck; audio was dropped"));
  } else if (status_.ok()) {
    on_piece_({channel, segment.start, file_offset_, count, Crc32c(bytes)});
    file_offset_ += bytes.size();
    waiting_bytes_ += bytes.size();
    writes_.push_back(std::move(bytes));
  }
  segment.start = end;
  segment.samples.erase(segment.samples.begin(), segment.samples.begin() + count);
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
  finishing_ = true;
  Emit(AudioChannel::kCaller, caller_);
  Emit(AudioChannel::kAgent, agent_);
  done_ = std::move(done);
  WriteNext();
}

}  // namespace dragoman
