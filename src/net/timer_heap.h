// Timers of one loop: a binary heap that forgets cancelled entries when they come up.
#ifndef DRAGOMAN_SRC_NET_TIMER_HEAP_H_
#define DRAGOMAN_SRC_NET_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"

namespace dragoman {

// One thread at a time. Adding is O(log n), cancelling O(1): the entry stays in the heap until its
// time comes or until dead entries outnumber living ones, when the heap is rebuilt. Slots and heap
// are reused, so a steady load allocates nothing but what the tasks themselves need.
class TimerHeap {
 public:
  TimerHeap() = default;
  ~TimerHeap() { Clear(); }
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;

  TimerId Add(TimePoint when, Task task);
  bool Cancel(TimerId id);
  // The task of the earliest timer that is due at `now`; equal times in the order added.
  std::optional<Task> PopDue(TimePoint now);
  // TimePoint::max() when there is none. May be earlier than the earliest living timer.
  TimePoint NextTime() const { return heap_.empty() ? TimePoint::max() : heap_.front().when; }
  std::size_t size() const { return living_; }
  void Clear();

 private:
  struct Slot {
    Task task;
    std::uint32_t generation = 1;
    bool used = false;
  };
  struct Entry {
    TimePoint when;
    std::uint64_t order;
    std::uint32_t slot;
    std::uint32_t generation;
    bool operator<(const Entry& other) const {  // std heaps put the greatest first
      return when != other.when ? when > other.when : order > other.order;
    }
  };

  bool Lives(const Entry& entry) const {
    return slots_[entry.slot].used && slots_[entry.slot].generation == entry.generation;
  }
  Task Release(std::uint32_t slot);
  void DropDead();

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Entry> heap_;
  std::size_t living_ = 0;
  std::uint64_t last_order_ = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_TIMER_HEAP_H_
