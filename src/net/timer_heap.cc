#include "src/net/timer_heap.h"

#include <algorithm>
#include <utility>

namespace dragoman {

TimerId TimerHeap::Add(TimePoint when, Task task) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Slot& taken = slots_[slot];
  taken.task = std::move(task);
  taken.used = true;
  ++living_;
  heap_.push_back({when, ++last_order_, slot, taken.generation});
  std::push_heap(heap_.begin(), heap_.end());
  return (static_cast<TimerId>(taken.generation) << 32) | slot;
}

bool TimerHeap::Cancel(TimerId id) {
  const auto slot = static_cast<std::uint32_t>(id);
  const auto generation = static_cast<std::uint32_t>(id >> 32);
  if (slot >= slots_.size() || !slots_[slot].used || slots_[slot].generation != generation) {
    return false;
  }
  Task dropped = Release(slot);  // destroyed at the end: its captures may call back
  if (heap_.size() > 64 && heap_.size() > 2 * living_) DropDead();
  return true;
}

std::optional<Task> TimerHeap::PopDue(TimePoint now) {
  while (!heap_.empty()) {
    const Entry first = heap_.front();
    const bool lives = Lives(first);
    if (lives && first.when > now) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
    if (lives) return Release(first.slot);
  }
  return std::nullopt;
}

Task TimerHeap::Release(std::uint32_t slot) {
  Slot& freed = slots_[slot];
  Task task = std::exchange(freed.task, nullptr);
  freed.used = false;
  if (++freed.generation == 0) freed.generation = 1;  // 0 would make TimerId 0 possible
  free_.push_back(slot);
  --living_;
  return task;
}

void TimerHeap::DropDead() {
  std::erase_if(heap_, [this](const Entry& entry) { return !Lives(entry); });
  std::make_heap(heap_.begin(), heap_.end());
}

void TimerHeap::Clear() {
  while (living_ > 0) {  // a task's captures may add timers while they go
    std::vector<Task> dropped;
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].used) dropped.push_back(Release(slot));
    }
    heap_.clear();
  }
}

}  // namespace dragoman
