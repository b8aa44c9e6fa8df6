// The appointment book: every rule that the tools promise is kept here, under one lock.
#ifndef DRAGOMAN_SRC_PROVIDERS_CLINIC_BOOK_H_
#define DRAGOMAN_SRC_PROVIDERS_CLINIC_BOOK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/mutex.h"
#include "dragoman/providers/clinic/clinic.h"
#include "src/providers/clinic/calendar.h"
#include "src/providers/clinic/sqlite.h"

namespace dragoman::clinic {

struct FreePlace {
  sys_days date;
  minutes time;
  std::string doctor;
};

struct Wish {
  std::string name;
  sys_days date{};
  minutes time{0};
  std::string doctor;  // empty: any
  std::string reason;
  std::string phone;
};

// Thread-safe. `clock` must outlive it.
class Book {
 public:
  static absl::StatusOr<std::shared_ptr<Book>> Open(const ClinicOptions& options,
                                                    const Clock& clock);

  const Calendar& calendar() const { return calendar_; }
  LocalNow Now() const { return NowAt(clock_, options_.utc_offset); }

  absl::StatusOr<std::vector<FreePlace>> Free(sys_days first, int days, const std::string& doctor);
  absl::StatusOr<std::vector<ClinicAppointment>> Find(const std::string& name,
                                                      const std::string& date);
  // The effects answer JSON. The same `effect_key` (not empty) gets the same answer again.
  absl::StatusOr<std::string> Add(const Wish& wish, const std::string& effect_key);
  absl::StatusOr<std::string> Move(const std::string& id, const Wish& wish,
                                   const std::string& effect_key);
  absl::StatusOr<std::string> Cancel(const std::string& id, const std::string& name,
                                     const std::string& effect_key);
  absl::StatusOr<std::string> Note(const ClinicMessage& message, const std::string& effect_key);

  absl::StatusOr<std::vector<ClinicAppointment>> All();
  absl::StatusOr<std::vector<ClinicMessage>> Messages();

 private:
  Book(ClinicOptions options, const Clock& clock, std::unique_ptr<Sqlite> database)
      : options_(std::move(options)),
        calendar_(options_),
        clock_(clock),
        database_(std::move(database)) {}

  absl::Status Prepare();
  absl::Status FillBusy() DRAGOMAN_REQUIRES(mutex_);
  absl::StatusOr<std::vector<FreePlace>> FreeLocked(sys_days first, int days,
                                                    const std::string& doctor)
      DRAGOMAN_REQUIRES(mutex_);
  absl::StatusOr<std::string> DoctorFor(const Wish& wish) DRAGOMAN_REQUIRES(mutex_);
  absl::StatusOr<ClinicAppointment> Owned(const std::string& id, const std::string& name)
      DRAGOMAN_REQUIRES(mutex_);
  absl::Status Taken(const Wish& wish) DRAGOMAN_REQUIRES(mutex_);
  absl::Status CheckDoctor(const std::string& doctor) const;
  // Runs `effect` in a transaction, once per key.
  absl::StatusOr<std::string> Once(const std::string& effect_key,
                                   const std::function<absl::StatusOr<std::string>()>& effect)
      DRAGOMAN_REQUIRES(mutex_);

  const ClinicOptions options_;
  const Calendar calendar_;
  const Clock& clock_;
  Mutex mutex_;
  const std::unique_ptr<Sqlite> database_ DRAGOMAN_GUARDED_BY(mutex_);
};

}  // namespace dragoman::clinic
#endif  // DRAGOMAN_SRC_PROVIDERS_CLINIC_BOOK_H_
