#include "src/agent/near_voice.h"

#include <algorithm>

namespace dragoman {
namespace {

constexpr std::size_t kBackgroundFrames = 300;  // 6 s
constexpr std::size_t kRecentFrames = 75;
constexpr std::size_t kEchoFrames = 150;  // of the agent's voice
constexpr std::size_t kCallerFrames = 300;
constexpr int kSoundsLikeSpeech = 300;  // per mille
constexpr int kIsSpeech = 500;

// In dB. The loudest tenth of a crowd's frames reaches some 4 dB above the border of nine tenths.
constexpr float kAboveBackground = 4;
constexpr float kHysteresis = 2;
constexpr float kLeastBorder = -68;  // the finest step of mu-law
constexpr float kAudible = -60;
// A line of which little is known yet: so much more, less with each frame.
constexpr float kStranger = 6;
constexpr std::size_t kKnown = 50;
constexpr std::size_t kBarelyKnown = 17;
constexpr std::int64_t kUnsettled = 4;  // the newest frames may be the caller's first
// A call may begin in the middle of the caller's word: their own pauses show that it is not a
// crowd, whose loud frames are within 15 dB of its quiet ones.
constexpr float kCrowdSpread = 15;
constexpr std::size_t kYoung = 100;

// Frames that may be the onset of the caller's speech are not learnt before it is known.
constexpr std::int64_t kUndecided = 8;

constexpr float kAgentAudible = -50;
constexpr std::size_t kEchoKnown = 30;  // 600 ms: no echo is later
constexpr float kAssumedEcho = -12;     // until then
constexpr float kAboveEcho = 5;
constexpr float kEchoHasWords = -55;  // softer ones no recogniser listens to

constexpr float kBelowCaller = 3;  // the border never comes nearer to the caller's median
constexpr std::size_t kCallerKnown = 50;

constexpr float kWarier = 2;
constexpr float kWariest = 6;
constexpr float kCalmer = 0.005f;  // per frame: 1 dB in 4 s

}  // namespace

NearVoice::NearVoice()
    : background_(kBackgroundFrames),
      alone_(kBackgroundFrames),
      line_(kBackgroundFrames),
      recent_(kRecentFrames),
      echo_(kEchoFrames),
      caller_(kCallerFrames) {
  agent_.fill(LevelHistory::kQuietest);
}

NearVoice::Standing NearVoice::Take(float db, int speech_per_mille, float agent_db, bool speaking) {
  agent_[static_cast<std::size_t>(count_) % kAgentFrames] = agent_db;
  agent_loudest_ = *std::max_element(agent_.begin(), agent_.end());
  frames_[static_cast<std::size_t>(count_) % kRemembered] = {
      .db = db,
      .over_agent_db = db - agent_loudest_,
      .speech = speech_per_mille >= kSoundsLikeSpeech,
      .agent = agent_loudest_ > kAgentAudible};
  recent_.Take(db);
  if (count_ >= kUnsettled && background_.size() < kBarelyKnown) {
    first_loudest_ = std::max(first_loudest_, At(count_ - kUnsettled).db);
  }
  if (speaking) {
    learned_ = count_ + 1;
  } else {
    for (; learned_ + kUndecided <= count_; ++learned_) Learn(At(learned_));
  }
  const bool unknown = count_ < kUnsettled;
  ++count_;
  wary_ = std::max(0.0f, wary_ - kCalmer);
  const float echo = Echo();
  border_ = std::max(Background(), echo);
  const bool alone = agent_loudest_ <= kAgentAudible;
  if (alone && line_.size() < kBarelyKnown) first_alone_ = std::max(first_alone_, db);
  const float line = line_.size() < kBarelyKnown ? first_alone_ + kStranger : line_.Quantile(900);
  only_echo_ = !speaking && echo > kEchoHasWords && db < echo && db > line;
  only_line_ = !speaking && db < border_ && (alone || db <= line);
  if (unknown || db < border_ - kHysteresis) return Standing::kBelow;
  if (db < border_) return Standing::kBetween;
  if (speaking && speech_per_mille >= kIsSpeech) caller_.Take(db);
  return Standing::kAbove;
}

void NearVoice::Learn(const Frame& frame) {
  const float level = frame.speech ? frame.db : LevelHistory::kQuietest;
  background_.Take(level);
  if (frame.agent) {
    echo_.Take(frame.over_agent_db);
  } else {
    alone_.Take(level);
    line_.Take(frame.db);
  }
}

const LevelHistory& NearVoice::Others() const {
  return alone_.size() < kKnown ? background_ : alone_;
}

float NearVoice::Background() const {
  const std::size_t known = background_.size();
  float level = known < kBarelyKnown ? first_loudest_ : Others().Quantile(900);
  if (known < kYoung) level = std::min(level, recent_.Quantile(100) + kCrowdSpread);
  float border = level + kAboveBackground + wary_;
  if (known < kKnown) border += kStranger * static_cast<float>(kKnown - known) / kKnown;
  if (caller_known_) border = std::min(border, caller_.Quantile(500) - kBelowCaller);
  return std::max(border, kLeastBorder);
}

float NearVoice::Echo() const {
  if (agent_loudest_ <= kAgentAudible) return LevelHistory::kQuietest;
  const float coupling = echo_.size() < kEchoKnown ? kAssumedEcho : echo_.Quantile(950);
  return agent_loudest_ + coupling + kAboveEcho;
}

void NearVoice::WasBackground(int frames) {
  WasNothing();
  // One voice pauses more deeply than a crowd does; it may be the caller, and not understood.
  if (recent_.Quantile(900) - recent_.Quantile(100) > kCrowdSpread) return;
  const std::int64_t first =
      std::max<std::int64_t>({0, count_ - frames, count_ - std::int64_t{kRemembered}});
  for (std::int64_t i = first; i < count_; ++i) Learn(At(i));
  learned_ = count_;
  caller_.Clear();
  caller_known_ = false;
  doubtful_until_ = count_ + std::int64_t{kBackgroundFrames};
}

void NearVoice::WasNothing() { wary_ = std::min(wary_ + kWarier, kWariest); }

void NearVoice::WasCaller() {
  caller_known_ = caller_.size() >= kCallerKnown;
  wary_ /= 2;
  if (count_ >= doubtful_until_) return;
  // Their words came late: what was learnt of the background was them.
  doubtful_until_ = 0;
  background_.Clear();
  alone_.Clear();
}

bool NearVoice::crowded() const {
  const float level = background_.size() < kBarelyKnown ? first_loudest_ : Others().Quantile(900);
  return level > kAudible || (agent_loudest_ > kAgentAudible && Echo() > kAudible);
}

}  // namespace dragoman
