// The clinic's appointment book in memory, of which nobody outside hears.
#ifndef DRAGOMAN_SRC_LAB_DRY_BOOK_H_
#define DRAGOMAN_SRC_LAB_DRY_BOOK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/lab/recorded_call.h"
#include "dragoman/providers/clinic/clinic.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/tools/tool.h"

namespace dragoman::lab {

class DryBook {
 public:
  // As it is at `now`, these places taken by somebody else.
  static absl::StatusOr<std::unique_ptr<DryBook>> Open(WallTime now,
                                                       const std::vector<Booking>& taken);
  absl::StatusOr<std::string> Run(const std::string& tool, const std::string& arguments);
  absl::StatusOr<std::vector<Booking>> Bookings();  // without those taken before

 private:
  explicit DryBook(WallTime now) : pool_(executor_) { executor_.SetWallStart(now); }
  ManualExecutor executor_;
  ManualWorkPool pool_;
  ToolRegistry tools_;
  std::unique_ptr<Clinic> clinic_;
  std::size_t taken_ = 0;
  int runs_ = 0;
};

struct RecordedRun {
  ToolCall call;
  std::int64_t began_ms = 0;
  std::int64_t ended_ms = -1;  // -1: no result came
  bool ok = false;
  std::string result;
};
// In the order in which they began.
std::vector<RecordedRun> ToolRuns(const RecordedCall& call);

// Places that the agent was told were not free, and that a book of its own has free.
absl::StatusOr<std::vector<Booking>> TakenBefore(const RecordedCall& call);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_DRY_BOOK_H_
