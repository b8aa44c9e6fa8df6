// A clinic's appointment book in SQLite, and the tools of its receptionist.
#ifndef DRAGOMAN_PROVIDERS_CLINIC_CLINIC_H_
#define DRAGOMAN_PROVIDERS_CLINIC_CLINIC_H_

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ClinicDay {
  std::chrono::minutes opens{0};   // after midnight
  std::chrono::minutes closes{0};  // equal to opens: closed
};

struct DRAGOMAN_EXPORT ClinicOptions {
  std::string path;                                               // empty: in memory
  std::vector<std::string> doctors = {"Lane", "Patel", "Novak"};  // 1 to 100, unique
  std::array<ClinicDay, 7> hours = {{
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(9), std::chrono::hours(13)},
      {},
  }};  // Monday first
  std::chrono::minutes visit{30};  // every visit's length, 5 to 240; starts lie on its multiples
  std::chrono::minutes utc_offset{0};  // of the house; dates and times are local
  int horizon_days = 180;              // 1 to 730; later days are not in the book yet
  // Fills the coming two weeks with other people's appointments, about a third of the places, the
  // same on every run: a book without them makes every wish come true. Only a new book is filled.
  bool busy = true;
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT ClinicAppointment {
  std::string id;  // "A1001"
  std::string name;
  std::string date;  // "2026-03-05"
  std::string time;  // "10:30"
  std::string doctor;
  std::string reason;
  std::string phone;
  friend bool operator==(const ClinicAppointment&, const ClinicAppointment&) = default;
};

struct DRAGOMAN_EXPORT ClinicMessage {
  std::string name;
  std::string phone;
  std::string message;
  friend bool operator==(const ClinicMessage&, const ClinicMessage&) = default;
};

struct DRAGOMAN_EXPORT ClinicDependencies {
  WorkPool* pool = nullptr;      // the tools block; must outlive the tools
  const Clock* clock = nullptr;  // tells today; must outlive the tools
};

// Thread-safe. The tools share the book, so they may outlive this object.
class DRAGOMAN_EXPORT Clinic {
 public:
  virtual ~Clinic() = default;
  // check_availability, book_appointment, find_appointment, reschedule_appointment,
  // cancel_appointment, leave_message. Two callers cannot get one place: the book's own constraint
  // forbids it. A repeated effect_key gets the first answer again and changes nothing. Their
  // refusals are written for a model to act on: "taken: ...; free that day: ...".
  virtual absl::Status AddTools(ToolRegistry& tools) = 0;

  // These block; for reports and tests. Appointments made by callers, in the order made.
  virtual absl::StatusOr<std::vector<ClinicAppointment>> Appointments() = 0;
  virtual absl::StatusOr<std::vector<ClinicMessage>> Messages() = 0;
};

// Opens the book, or makes it. kInvalidArgument: the options. kUnavailable: the file cannot be
// opened; kFailedPrecondition: it is another program's or a newer version's.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Clinic>> OpenClinic(
    const ClinicOptions& options, const ClinicDependencies& dependencies);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_CLINIC_CLINIC_H_
