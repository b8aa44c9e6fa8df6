#include "src/providers/clinic/book.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::clinic {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr int kApplicationId = 0x44524743;  // "DRGC", in the file's header

// A place is one doctor at one start; the primary key of `taken` is what forbids a second booking.
constexpr char kSchema[] = R"sql(
CREATE TABLE appointments (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  name   TEXT NOT NULL,
  date   TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  time   TEXT NOT NULL CHECK (time GLOB '[0-2][0-9]:[0-5][0-9]'),
  doctor TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  phone  TEXT NOT NULL DEFAULT '',
  ours   INTEGER NOT NULL DEFAULT 1,
  UNIQUE (doctor, date, time)
);
CREATE INDEX appointments_by_name ON appointments (name COLLATE NOCASE, date, time);
CREATE TABLE effects (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE messages (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL, message TEXT NOT NULL
);
)sql";

std::string IdText(const std::string& row_id) { return StrCat("A", 1000 + std::stoll(row_id)); }

// "A1007" is row 7; empty: no such form.
std::string RowOf(const std::string& id) {
  if (id.size() < 5 || id.size() > 12 || id[0] != 'A' ||
      id.find_first_not_of("0123456789", 1) != std::string::npos) {
    return "";
  }
  return std::to_string(std::stoll(id.substr(1)) - 1000);
}

ClinicAppointment FromRow(const Row& row) {
  return {.id = IdText(row[0]),
          .name = row[1],
          .date = row[2],
          .time = row[3],
          .doctor = row[4],
          .reason = row[5],
          .phone = row[6]};
}

std::string Answer(std::string_view status, const ClinicAppointment& appointment) {
  return Json{{"status", status},         {"appointment_id", appointment.id},
              {"name", appointment.name}, {"date", appointment.date},
              {"time", appointment.time}, {"doctor", appointment.doctor}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

constexpr char kColumns[] = "SELECT id, name, date, time, doctor, reason, phone FROM appointments ";

}  // namespace

absl::StatusOr<std::shared_ptr<Book>> Book::Open(const ClinicOptions& options, const Clock& clock) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto database, Sqlite::Open(options.path));
  std::shared_ptr<Book> book(new Book(options, clock, std::move(database)));
  DRAGOMAN_RETURN_IF_ERROR(book->Prepare());
  return book;
}

absl::Status Book::Prepare() {
  MutexLock lock(mutex_);
  DRAGOMAN_RETURN_IF_ERROR(database_->Script("PRAGMA foreign_keys = ON"));
  Transaction transaction(*database_);
  DRAGOMAN_RETURN_IF_ERROR(transaction.Begin());
  DRAGOMAN_ASSIGN_OR_RETURN(auto version, database_->Run("PRAGMA user_version"));
  DRAGOMAN_ASSIGN_OR_RETURN(auto owner, database_->Run("PRAGMA application_id"));
  DRAGOMAN_ASSIGN_OR_RETURN(auto tables, database_->Run("SELECT count(*) FROM sqlite_master"));
  if (version[0][0] == "0" && tables[0][0] == "0") {
    DRAGOMAN_RETURN_IF_ERROR(database_->Script(kSchema));
    DRAGOMAN_RETURN_IF_ERROR(database_->Script(
        StrCat("PRAGMA user_version = ", kVersion, "; PRAGMA application_id = ", kApplicationId)));
    if (options_.busy) DRAGOMAN_RETURN_IF_ERROR(FillBusy());
  } else if (owner[0][0] != std::to_string(kApplicationId)) {
    return FailedPrecondition(options_.path, " is a database of another program");
  } else if (version[0][0] != std::to_string(kVersion)) {
    return FailedPrecondition(options_.path, " has version ", version[0][0], "; expected ",
                              kVersion);
  }
  return transaction.Commit();
}

absl::Status Book::FillBusy() {
  SeededRandom random(20'260'105);
  const sys_days today = Now().date;
  for (int day = 0; day < 14; ++day) {
    const sys_days date = today + std::chrono::days(day);
    for (const minutes start : calendar_.Starts(date)) {
      for (const std::string& doctor : options_.doctors) {
        if (!random.Chance(333)) continue;
        DRAGOMAN_RETURN_IF_ERROR(
            database_
                ->Run("INSERT INTO appointments (name, date, time, doctor, ours) "
                      "VALUES ('(another patient)', ?, ?, ?, 0)",
                      {DateText(date), TimeText(start), doctor})
                .status());
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Book::CheckDoctor(const std::string& doctor) const {
  if (doctor.empty() || std::find(options_.doctors.begin(), options_.doctors.end(), doctor) !=
                            options_.doctors.end()) {
    return absl::OkStatus();
  }
  std::string all;
  for (const std::string& known : options_.doctors) all += StrCat(all.empty() ? "" : ", ", known);
  return InvalidArgument("doctor is \"", doctor, "\"; expected one of ", all);
}

absl::StatusOr<std::vector<FreePlace>> Book::Free(sys_days first, int days,
                                                  const std::string& doctor) {
  DRAGOMAN_RETURN_IF_ERROR(CheckDoctor(doctor));
  MutexLock lock(mutex_);
  return FreeLocked(first, days, doctor);
}

absl::StatusOr<std::vector<FreePlace>> Book::FreeLocked(sys_days first, int days,
                                                        const std::string& doctor) {
  const LocalNow now = Now();
  DRAGOMAN_ASSIGN_OR_RETURN(
      auto rows,
      database_->Run("SELECT date, time, doctor FROM appointments WHERE date >= ? AND date < ?",
                     {DateText(first), DateText(first + std::chrono::days(days))}));
  const std::set<Row> taken(rows.begin(), rows.end());
  std::vector<FreePlace> free;
  for (int day = 0; day < days; ++day) {
    const sys_days date = first + std::chrono::days(day);
    for (const minutes start : calendar_.Starts(date)) {
      if (!calendar_.CheckStart(date, start, now).ok()) continue;
      for (const std::string& candidate : options_.doctors) {
        if (!doctor.empty() && candidate != doctor) continue;
        if (taken.contains({DateText(date), TimeText(start), candidate})) continue;
        free.push_back({date, start, candidate});
      }
    }
  }
  return free;
}

absl::Status Book::Taken(const Wish& wish) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto free, FreeLocked(wish.date, 1, wish.doctor));
  std::string list;
  std::string last;
  for (const FreePlace& place : free) {
    if (TimeText(place.time) == last) continue;
    last = TimeText(place.time);
    list += StrCat(list.empty() ? "" : ", ", last);
  }
  return MakeStatus(absl::StatusCode::kAlreadyExists,
                    StrCat("taken: ", TimeText(wish.time), " on ", DateText(wish.date),
                           wish.doctor.empty() ? "" : " with Doctor ", wish.doctor,
                           "; free that day: ", list.empty() ? "nothing" : list));
}

// The doctor wished for when free, else the first who is.
absl::StatusOr<std::string> Book::DoctorFor(const Wish& wish) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto free, FreeLocked(wish.date, 1, wish.doctor));
  for (const FreePlace& place : free) {
    if (place.time == wish.time) return place.doctor;
  }
  return Taken(wish);
}

absl::StatusOr<std::string> Book::Once(const std::string& effect_key,
                                       const std::function<absl::StatusOr<std::string>()>& effect) {
  Transaction transaction(*database_);
  DRAGOMAN_RETURN_IF_ERROR(transaction.Begin());
  if (!effect_key.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(
        auto known, database_->Run("SELECT answer FROM effects WHERE key = ?", {effect_key}));
    if (!known.empty()) return known[0][0];
  }
  DRAGOMAN_ASSIGN_OR_RETURN(std::string answer, effect());
  if (!effect_key.empty()) {
    DRAGOMAN_RETURN_IF_ERROR(
        database_->Run("INSERT INTO effects (key, answer) VALUES (?, ?)", {effect_key, answer})
            .status());
  }
  DRAGOMAN_RETURN_IF_ERROR(transaction.Commit());
  return answer;
}

absl::StatusOr<std::string> Book::Add(const Wish& wish, const std::string& effect_key) {
  DRAGOMAN_RETURN_IF_ERROR(CheckDoctor(wish.doctor));
  MutexLock lock(mutex_);
  return Once(effect_key, [&]() DRAGOMAN_REQUIRES(mutex_) -> absl::StatusOr<std::string> {
    DRAGOMAN_RETURN_IF_ERROR(calendar_.CheckStart(wish.date, wish.time, Now()));
    DRAGOMAN_ASSIGN_OR_RETURN(const std::string doctor, DoctorFor(wish));
    auto added = database_->Run(
        "INSERT INTO appointments (name, date, time, doctor, reason, phone) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        {wish.name, DateText(wish.date), TimeText(wish.time), doctor, wish.reason, wish.phone});
    if (absl::IsAlreadyExists(added.status())) return Taken(wish);
    DRAGOMAN_RETURN_IF_ERROR(added.status());
    return Answer("booked", {.id = IdText(std::to_string(database_->last_insert_id())),
                             .name = wish.name,
                             .date = DateText(wish.date),
                             .time = TimeText(wish.time),
                             .doctor = doctor,
                             .reason = wish.reason,
                             .phone = wish.phone});
  });
}

absl::StatusOr<std::vector<ClinicAppointment>> Book::Find(const std::string& name,
                                                          const std::string& date) {
  MutexLock lock(mutex_);
  const LocalNow now = Now();
  // "Kowalski" finds "Anna Kowalski" too: callers give the last name alone.
  DRAGOMAN_ASSIGN_OR_RETURN(
      auto rows, database_->Run(StrCat(kColumns,
                                       "WHERE ours = 1 AND date >= ?1 AND (?2 = '' OR date = ?2) "
                                       "ORDER BY date, time"),
                                {DateText(now.date), date}));
  const std::string wanted = ToLowerAscii(Trim(name));
  std::vector<ClinicAppointment> found;
  for (const Row& row : rows) {
    const std::string known = ToLowerAscii(row[1]);
    if (known == wanted || known.ends_with(" " + wanted) || wanted.ends_with(" " + known)) {
      found.push_back(FromRow(row));
    }
  }
  return found;
}

// Whoever names the appointment must also name its patient.
absl::StatusOr<ClinicAppointment> Book::Owned(const std::string& id, const std::string& name) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      auto rows, database_->Run(StrCat(kColumns, "WHERE id = ? AND ours = 1"), {RowOf(id)}));
  const std::string wanted = ToLowerAscii(Trim(name));
  const std::string known = rows.empty() ? "" : ToLowerAscii(rows[0][1]);
  if (rows.empty() ||
      (known != wanted && !known.ends_with(" " + wanted) && !wanted.ends_with(" " + known))) {
    return NotFound("no appointment ", id.substr(0, 16),
                    " under that name; use find_appointment first");
  }
  return FromRow(rows[0]);
}

absl::StatusOr<std::string> Book::Move(const std::string& id, const Wish& wish,
                                       const std::string& effect_key) {
  DRAGOMAN_RETURN_IF_ERROR(CheckDoctor(wish.doctor));
  MutexLock lock(mutex_);
  return Once(effect_key, [&]() DRAGOMAN_REQUIRES(mutex_) -> absl::StatusOr<std::string> {
    DRAGOMAN_ASSIGN_OR_RETURN(ClinicAppointment appointment, Owned(id, wish.name));
    DRAGOMAN_RETURN_IF_ERROR(calendar_.CheckStart(wish.date, wish.time, Now()));
    // Its own place counts as free.
    const bool own = appointment.date == DateText(wish.date) &&
                     appointment.time == TimeText(wish.time) &&
                     (wish.doctor.empty() || wish.doctor == appointment.doctor);
    if (!own) {
      DRAGOMAN_ASSIGN_OR_RETURN(appointment.doctor, DoctorFor(wish));
    }
    appointment.date = DateText(wish.date);
    appointment.time = TimeText(wish.time);
    auto moved =
        database_->Run("UPDATE appointments SET date = ?, time = ?, doctor = ? WHERE id = ?",
                       {appointment.date, appointment.time, appointment.doctor, RowOf(id)});
    if (absl::IsAlreadyExists(moved.status())) return Taken(wish);
    DRAGOMAN_RETURN_IF_ERROR(moved.status());
    return Answer("rescheduled", appointment);
  });
}

absl::StatusOr<std::string> Book::Cancel(const std::string& id, const std::string& name,
                                         const std::string& effect_key) {
  MutexLock lock(mutex_);
  return Once(effect_key, [&]() DRAGOMAN_REQUIRES(mutex_) -> absl::StatusOr<std::string> {
    DRAGOMAN_ASSIGN_OR_RETURN(const ClinicAppointment appointment, Owned(id, name));
    DRAGOMAN_RETURN_IF_ERROR(
        database_->Run("DELETE FROM appointments WHERE id = ?", {RowOf(id)}).status());
    return Answer("cancelled", appointment);
  });
}

absl::StatusOr<std::string> Book::Note(const ClinicMessage& message,
                                       const std::string& effect_key) {
  MutexLock lock(mutex_);
  return Once(effect_key, [&]() DRAGOMAN_REQUIRES(mutex_) -> absl::StatusOr<std::string> {
    DRAGOMAN_RETURN_IF_ERROR(
        database_
            ->Run("INSERT INTO messages (name, phone, message) VALUES (?, ?, ?)",
                  {message.name, message.phone, message.message})
            .status());
    return std::string(R"({"status":"noted"})");
  });
}

absl::StatusOr<std::vector<ClinicAppointment>> Book::All() {
  MutexLock lock(mutex_);
  DRAGOMAN_ASSIGN_OR_RETURN(auto rows,
                            database_->Run(StrCat(kColumns, "WHERE ours = 1 ORDER BY id")));
  std::vector<ClinicAppointment> all;
  for (const Row& row : rows) all.push_back(FromRow(row));
  return all;
}

absl::StatusOr<std::vector<ClinicMessage>> Book::Messages() {
  MutexLock lock(mutex_);
  DRAGOMAN_ASSIGN_OR_RETURN(
      auto rows, database_->Run("SELECT name, phone, message FROM messages ORDER BY id"));
  std::vector<ClinicMessage> all;
  for (const Row& row : rows) all.push_back({row[0], row[1], row[2]});
  return all;
}

}  // namespace dragoman::clinic
