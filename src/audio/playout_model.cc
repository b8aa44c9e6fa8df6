#include "dragoman/audio/playout_model.h"

#include <algorithm>

namespace dragoman {

void PlayoutModel::Append(TimePoint now, Duration length) {
  if (length <= Duration::zero()) return;
  const Duration position = Position(now);
  if (position >= sent_) {
    const Duration dry = now - drained_at();
    if (utterance_open_ && dry > Duration::zero()) {
      ++underruns_;
      underrun_time_ += dry;
    }
    base_ = sent_;
    anchor_ = sent_ == Duration::zero() ? now : std::max(now, anchor_);
  }
  sent_ += length;
  utterance_open_ = true;
}

PlayoutModel::Duration PlayoutModel::Clear(TimePoint now) {
  const Duration position = Position(now);
  const Duration dropped = sent_ - position;
  sent_ = base_ = position;
  anchor_ = std::max(now, anchor_);
  for (Mark& mark : pending_) mark.position = std::min(mark.position, position);
  utterance_open_ = false;
  return dropped;
}

PlayoutModel::Duration PlayoutModel::Position(TimePoint now) const {
  return std::min(sent_, base_ + std::max(now - anchor_, Duration::zero()));
}

std::uint64_t PlayoutModel::AddMark() {
  if (pending_.size() >= kMaxPendingMarks) return 0;
  pending_.push_back({++last_mark_, sent_});
  return last_mark_;
}

std::optional<PlayoutModel::Duration> PlayoutModel::Acknowledge(TimePoint now, std::uint64_t mark) {
  auto found = std::lower_bound(pending_.begin(), pending_.end(), mark,
                                [](const Mark& a, std::uint64_t id) { return a.id < id; });
  if (found == pending_.end() || found->id != mark) return std::nullopt;
  const Duration proven = found->position;
  pending_.erase(pending_.begin(), found + 1);
  acknowledged_ = std::max(acknowledged_, proven);
  if (Position(now) < proven) {
    base_ = proven;
    anchor_ = std::max(now, anchor_);
  }
  return proven;
}

}  // namespace dragoman
