#include "src/runtime/request_lines.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "dragoman/core/status.h"

namespace dragoman::request_lines {

using Json = nlohmann::json;
using Reply = OperatorHost::Reply;

void Send(const Reply& reply, const Json& line, bool last) {
  reply(line.dump(-1, ' ', false, Json::error_handler_t::replace), last);
}

void Fail(const Reply& reply, const absl::Status& status) {
  Send(reply, {{"error",
                {{"code", absl::StatusCodeToString(status.code())},
                 {"message", std::string(MessageOf(status))}}}});
}

void Say(const Reply& reply, const absl::Status& status) {
  if (!status.ok()) return Fail(reply, status);
  Send(reply, {{"ok", true}});
}

std::string Iso(WallTime when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

absl::StatusOr<std::string> TextOf(const Json& request, const char* name) {
  const auto found = request.find(name);
  if (found == request.end() || found->is_null()) return std::string();
  if (!found->is_string()) return InvalidArgument(name, " is no text");
  return found->get<std::string>();
}

bool Flag(const Json& request, const char* name) {
  const auto found = request.find(name);
  return found != request.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace dragoman::request_lines
