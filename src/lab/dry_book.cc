#include "src/lab/dry_book.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::lab {
namespace {

using nlohmann::json;

constexpr int kDoctors = 3;  // of the shipped clinic

using Place = std::pair<std::string, std::string>;  // date, time
// How many doctors are free.
std::map<Place, int> FreePlaces(const std::string& result) {
  std::map<Place, int> free;
  const json answer = json::parse(result, nullptr, false);
  if (!answer.is_object() || !answer.contains("days") || !answer["days"].is_array()) return free;
  for (const json& day : answer["days"]) {
    if (!day.is_object() || !day.contains("free") || !day["free"].is_array()) continue;
    for (const json& place : day["free"]) {
      if (place.is_object()) ++free[{day.value("date", ""), place.value("time", "")}];
    }
  }
  return free;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DryBook>> DryBook::Open(WallTime now,
                                                       const std::vector<Booking>& taken) {
  std::unique_ptr<DryBook> book(new DryBook(now));
  DRAGOMAN_ASSIGN_OR_RETURN(book->clinic_, OpenClinic({}, {&book->pool_, &book->executor_}));
  DRAGOMAN_RETURN_IF_ERROR(book->clinic_->AddTools(book->tools_));
  for (const Booking& place : taken) {
    // What is taken already is as good.
    book->Run("book_appointment",
              json{{"name", place.name}, {"date", place.date}, {"time", place.time}}.dump())
        .IgnoreError();
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const auto there, book->clinic_->Appointments());
  book->taken_ = there.size();
  return book;
}

absl::StatusOr<std::string> DryBook::Run(const std::string& tool, const std::string& arguments) {
  Tool* const found = tools_.Find(tool);
  if (found == nullptr) return NotFound("the clinic has no tool ", tool);
  ToolContext context;
  context.call_id = "dry";
  context.effect_key = StrCat("dry-", ++runs_);
  absl::StatusOr<std::string> result = absl::UnavailableError("no answer");
  const auto run =
      found->Run(arguments, context, executor_,
                 [&](absl::StatusOr<std::string> given) { result = std::move(given); });
  executor_.RunFor(std::chrono::seconds(1));
  return result;
}

absl::StatusOr<std::vector<Booking>> DryBook::Bookings() {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto appointments, clinic_->Appointments());
  std::vector<Booking> bookings;
  for (std::size_t i = taken_; i < appointments.size(); ++i) {
    bookings.push_back(
        {ToLowerAscii(appointments[i].name), appointments[i].date, appointments[i].time});
  }
  return bookings;
}

std::vector<RecordedRun> ToolRuns(const RecordedCall& call) {
  std::vector<RecordedRun> runs;
  std::map<ToolRunId, std::size_t> open;
  for (const CallStep& step : call.steps) {
    if (const auto* result = std::get_if<call_event::ToolResult>(&step.event.body)) {
      const auto known = open.find(result->run);
      if (known == open.end()) continue;
      RecordedRun& run = runs[known->second];
      run.ended_ms = step.event.at_us / 1000;
      run.ok = result->ok;
      run.result = result->text;
    }
    for (const CallCommand& command : step.commands) {
      const auto* begun = std::get_if<call_command::RunTool>(&command);
      if (begun == nullptr) continue;
      open[begun->run] = runs.size();
      runs.push_back({.call = begun->call, .began_ms = step.event.at_us / 1000, .result = {}});
    }
  }
  return runs;
}

absl::StatusOr<std::vector<Booking>> TakenBefore(const RecordedCall& call) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto book, DryBook::Open(call.header.started, {}));
  std::map<Place, int> lacking;
  for (const RecordedRun& run : ToolRuns(call)) {
    const absl::StatusOr<std::string> ours = run.ok || run.result.starts_with("taken: ")
                                                 ? book->Run(run.call.name, run.call.arguments)
                                                 : absl::UnknownError("not run");
    if (!ours.ok()) continue;
    if (run.ok && run.call.name == "check_availability") {
      const std::map<Place, int> told = FreePlaces(run.result);
      for (const auto& [place, free] : FreePlaces(*ours)) {
        const auto there = told.find(place);
        const int less = free - (there == told.end() ? 0 : there->second);
        lacking[place] = std::max(lacking[place], less);
      }
    } else if (!run.ok) {  // ours was free
      const json wish = json::parse(run.call.arguments, nullptr, false);
      if (wish.is_object()) lacking[{wish.value("date", ""), wish.value("time", "")}] = kDoctors;
    }
  }
  std::vector<Booking> taken;
  for (const auto& [place, count] : lacking) {
    for (int i = 0; i < count; ++i) {
      taken.push_back({StrCat("taken ", std::string(1, static_cast<char>('a' + i))), place.first,
                       place.second});
    }
  }
  return taken;
}

}  // namespace dragoman::lab
