#include "dragoman/providers/clinic/clinic.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/tools/pooled_tool.h"
#include "src/providers/clinic/book.h"

namespace dragoman {
namespace {

using clinic::Book;
using clinic::DateText;
using clinic::TimeText;
using Json = nlohmann::json;
using Handler = absl::StatusOr<std::string> (*)(Book&, const Json&, const ToolContext&);

std::string Text(const Json& arguments, const char* key) {
  auto it = arguments.find(key);
  return it != arguments.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<std::string> CheckAvailability(Book& book, const Json& arguments,
                                              const ToolContext&) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto first, clinic::ReadDate(Text(arguments, "date")));
  DRAGOMAN_RETURN_IF_ERROR(book.calendar().CheckDate(first, book.Now()));
  const int days = arguments.value("days", 1);
  DRAGOMAN_ASSIGN_OR_RETURN(const auto free, book.Free(first, days, Text(arguments, "doctor")));
  Json result = {{"days", Json::array()}};
  for (int day = 0; day < days; ++day) {
    const auto date = first + std::chrono::days(day);
    Json entry = {{"date", DateText(date)},
                  {"weekday", clinic::WeekdayText(date)},
                  {"open", book.calendar().HoursText(date)},
                  {"free", Json::array()}};
    for (const clinic::FreePlace& place : free) {
      if (place.date != date) continue;
      entry["free"].push_back({{"time", TimeText(place.time)}, {"doctor", place.doctor}});
    }
    result["days"].push_back(std::move(entry));
  }
  return Dump(result);
}

absl::StatusOr<clinic::Wish> ReadWish(const Json& arguments) {
  clinic::Wish wish;
  wish.name = Text(arguments, "name");
  DRAGOMAN_ASSIGN_OR_RETURN(wish.date, clinic::ReadDate(Text(arguments, "date")));
  DRAGOMAN_ASSIGN_OR_RETURN(wish.time, clinic::ReadTime(Text(arguments, "time")));
  wish.doctor = Text(arguments, "doctor");
  wish.reason = Text(arguments, "reason");
  wish.phone = Text(arguments, "phone");
  return wish;
}

absl::StatusOr<std::string> BookAppointment(Book& book, const Json& arguments,
                                            const ToolContext& context) {
  DRAGOMAN_ASSIGN_OR_RETURN(const clinic::Wish wish, ReadWish(arguments));
  return book.Add(wish, context.effect_key);
}

absl::StatusOr<std::string> FindAppointment(Book& book, const Json& arguments, const ToolContext&) {
  const std::string date = Text(arguments, "date");
  if (!date.empty()) DRAGOMAN_RETURN_IF_ERROR(clinic::ReadDate(date).status());
  DRAGOMAN_ASSIGN_OR_RETURN(const auto found, book.Find(Text(arguments, "name"), date));
  Json result = {{"appointments", Json::array()}};
  for (const ClinicAppointment& appointment : found) {
    result["appointments"].push_back({{"appointment_id", appointment.id},
                                      {"name", appointment.name},
                                      {"date", appointment.date},
                                      {"time", appointment.time},
                                      {"doctor", appointment.doctor}});
  }
  return Dump(result);
}

absl::StatusOr<std::string> RescheduleAppointment(Book& book, const Json& arguments,
                                                  const ToolContext& context) {
  DRAGOMAN_ASSIGN_OR_RETURN(const clinic::Wish wish, ReadWish(arguments));
  return book.Move(Text(arguments, "appointment_id"), wish, context.effect_key);
}

absl::StatusOr<std::string> CancelAppointment(Book& book, const Json& arguments,
                                              const ToolContext& context) {
  return book.Cancel(Text(arguments, "appointment_id"), Text(arguments, "name"),
                     context.effect_key);
}

absl::StatusOr<std::string> LeaveMessage(Book& book, const Json& arguments,
                                         const ToolContext& context) {
  return book.Note({.name = Text(arguments, "name"),
                    .phone = Text(arguments, "phone"),
                    .message = Text(arguments, "message")},
                   context.effect_key);
}

// Members that several tools share.
const Json& Members() {
  static const auto* members = new Json{
      {"name",
       {{"type", "string"},
        {"minLength", 1},
        {"maxLength", 100},
        {"description", "the patient's name as confirmed with the caller"}}},
      {"date",
       {{"type", "string"},
        {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        {"description", "YYYY-MM-DD"}}},
      {"time",
       {{"type", "string"},
        {"pattern", "^[0-2][0-9]:[0-5][0-9]$"},
        {"description", "HH:MM, 24 hours"}}},
      {"days",
       {{"type", "integer"},
        {"minimum", 1},
        {"maximum", 14},
        {"description", "how many days from date on; 1 when left out"}}},
      {"reason", {{"type", "string"}, {"maxLength", 200}}},
      {"phone", {{"type", "string"}, {"pattern", "^[+]?[0-9]{7,15}$"}}},
      {"message", {{"type", "string"}, {"maxLength", 1000}}},
      {"appointment_id",
       {{"type", "string"},
        {"pattern", "^A[0-9]{4,10}$"},
        {"description", "as find_appointment or book_appointment told it"}}},
  };
  return *members;
}

struct ToolDefinition {
  const char* name;
  const char* description;
  std::vector<std::string> required;
  std::vector<std::string> optional;
  EffectClass effect;
  const char* proves;  // what its success allows to be said; null: nothing
  Handler handler;
};

const std::vector<ToolDefinition>& Definitions() {
  static const auto* definitions = new std::vector<ToolDefinition>{
      {"check_availability",
       "Lists the free places of one day or several, with the doctors who are free then. Use it "
       "before offering or booking a time.",
       {"date"},
       {"days", "doctor"},
       EffectClass::kRead,
       nullptr,
       CheckAvailability},
      {"book_appointment",
       "Books a place. Only after the caller has confirmed name, date and time. Without a doctor, "
       "whoever is free takes it.",
       {"name", "date", "time"},
       {"doctor", "reason", "phone"},
       EffectClass::kKeyedWrite,
       "booking",
       BookAppointment},
      {"find_appointment",
       "Finds coming appointments by the patient's name (the last name is enough).",
       {"name"},
       {"date"},
       EffectClass::kRead,
       nullptr,
       FindAppointment},
      {"reschedule_appointment",
       "Moves an appointment to another place. Only after the caller has confirmed the new date "
       "and time.",
       {"appointment_id", "name", "date", "time"},
       {"doctor"},
       EffectClass::kKeyedWrite,
       "change",
       RescheduleAppointment},
      {"cancel_appointment",
       "Cancels an appointment. Only after the caller has confirmed which one.",
       {"appointment_id", "name"},
       {},
       EffectClass::kKeyedWrite,
       "cancellation",
       CancelAppointment},
      {"leave_message",
       "Asks the staff to call somebody back.",
       {"name", "phone"},
       {"message"},
       EffectClass::kKeyedWrite,
       "message",
       LeaveMessage},
  };
  return *definitions;
}

std::string ParametersOf(const ToolDefinition& definition, const ClinicOptions& options) {
  Json schema = {{"type", "object"},
                 {"properties", Json::object()},
                 {"required", definition.required},
                 {"additionalProperties", false}};
  for (const auto* members : {&definition.required, &definition.optional}) {
    for (const std::string& member : *members) {
      schema["properties"][member] = member == "doctor"
                                         ? Json{{"type", "string"}, {"enum", options.doctors}}
                                         : Members()[member];
    }
  }
  return schema.dump();
}

class SqliteClinic : public Clinic {
 public:
  SqliteClinic(ClinicOptions options, const ClinicDependencies& dependencies,
               std::shared_ptr<Book> book)
      : options_(std::move(options)), pool_(*dependencies.pool), book_(std::move(book)) {}

  absl::Status AddTools(ToolRegistry& tools) override {
    for (const ToolDefinition& definition : Definitions()) {
      ToolSpec spec;
      spec.name = definition.name;
      spec.description = definition.description;
      spec.parameters = ParametersOf(definition, options_);
      spec.effect = definition.effect;
      // The book is the house's own: nobody outside notices what is written there.
      spec.risk = definition.effect == EffectClass::kRead ? ToolRisk::kRead : ToolRisk::kLocal;
      if (definition.proves != nullptr) spec.proves = {definition.proves};
      DRAGOMAN_ASSIGN_OR_RETURN(auto tool,
                                MakePooledTool(std::move(spec), Call(definition.handler), pool_));
      DRAGOMAN_RETURN_IF_ERROR(tools.Add(std::move(tool)));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ClinicAppointment>> Appointments() override { return book_->All(); }
  absl::StatusOr<std::vector<ClinicMessage>> Messages() override { return book_->Messages(); }

 private:
  PooledToolFunction Call(Handler handler) const {
    return [book = book_, handler](const std::string& arguments, const ToolContext& context,
                                   const CancelFlag&) -> absl::StatusOr<std::string> {
      const Json json = Json::parse(arguments, nullptr, false);
      if (!json.is_object()) return InvalidArgument("arguments is not a JSON object");
      return handler(*book, json, context);
    };
  }

  const ClinicOptions options_;
  WorkPool& pool_;
  const std::shared_ptr<Book> book_;  // shared with the tools
};

}  // namespace

absl::Status ClinicOptions::Validate() const {
  if (doctors.empty() || doctors.size() > 100) {
    return InvalidArgument("doctors has ", doctors.size(), " names; expected 1 to 100");
  }
  if (std::set<std::string>(doctors.begin(), doctors.end()).size() != doctors.size()) {
    return InvalidArgument("doctors names somebody twice");
  }
  for (const ClinicDay& day : hours) {
    if (day.opens < std::chrono::minutes(0) || day.closes < day.opens ||
        day.closes > std::chrono::hours(24)) {
      return InvalidArgument("hours open at ", day.opens.count(), " and close at ",
                             day.closes.count(), "; expected 0 <= opens <= closes <= 1440");
    }
  }
  if (visit < std::chrono::minutes(5) || visit > std::chrono::minutes(240)) {
    return InvalidArgument("visit is ", visit.count(), " minutes; expected 5 to 240");
  }
  if (utc_offset < std::chrono::hours(-14) || utc_offset > std::chrono::hours(14)) {
    return InvalidArgument("utc_offset is ", utc_offset.count(), " minutes; expected -840 to 840");
  }
  if (horizon_days < 1 || horizon_days > 730) {
    return InvalidArgument("horizon_days is ", horizon_days, "; expected 1 to 730");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Clinic>> OpenClinic(const ClinicOptions& options,
                                                   const ClinicDependencies& dependencies) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return Annotate(valid, "clinic");
  if (dependencies.pool == nullptr || dependencies.clock == nullptr) {
    return InvalidArgument("clinic: pool or clock is null; expected both");
  }
  auto book = Book::Open(options, *dependencies.clock);
  if (!book.ok()) return Annotate(book.status(), "clinic");
  return std::make_unique<SqliteClinic>(options, dependencies, *std::move(book));
}

}  // namespace dragoman
