#include "dragoman/runtime/environment.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

void ReadText(const char* name, std::string& value) {
  if (const char* text = std::getenv(name); text && *text) value = text;
}

absl::Status ReadNumber(const char* name, int& value) {
  const char* text = std::getenv(name);
  if (!text || !*text) return absl::OkStatus();
  const char* end = text + std::strlen(text);
  int number = 0;
  auto [stopped, error] = std::from_chars(text, end, number);
  if (error != std::errc() || stopped != end) {
    return InvalidArgument(name, " is '", text, "'; expected a whole number");
  }
  value = number;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RuntimeOptions> RuntimeOptionsFromEnvironment() {
  RuntimeOptions options;
  ReadText("DRAGOMAN_DATA", options.data_dir);
  ReadText("DRAGOMAN_MODEL_URL", options.model_url);
  ReadText("DRAGOMAN_MODEL_NAME", options.model_name);
  ReadText("DRAGOMAN_VOICE", options.voice);
  options.model_key = SecretFromEnvironment("DRAGOMAN_MODEL_KEY");
  DRAGOMAN_RETURN_IF_ERROR(ReadNumber("DRAGOMAN_RECOGNIZERS", options.recognizers));
  DRAGOMAN_RETURN_IF_ERROR(ReadNumber("DRAGOMAN_MAX_CALLS", options.max_calls));
  return options;
}

Secret SecretFromEnvironment(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  return Secret(text ? text : "");
}

}  // namespace dragoman
