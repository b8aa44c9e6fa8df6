#include "dragoman/agent/call_machine.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/agent/call_core.h"

namespace dragoman {
namespace {

using Ms = std::chrono::milliseconds;

absl::Status CheckMs(std::string_view name, Ms value, std::int64_t low, std::int64_t high) {
  if (value.count() >= low && value.count() <= high) return absl::OkStatus();
  return InvalidArgument(name, " is ", value, "; expected ", low, " to ", high, " ms");
}

absl::Status CheckInt(std::string_view name, std::int64_t value, std::int64_t low,
                      std::int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidArgument(name, " is ", value, "; expected ", low, " to ", high);
}

absl::Status CheckText(std::string_view name, std::string_view text) {
  if (text.size() > 2000) {
    return InvalidArgument(name, " is ", text.size(), " bytes long; expected at most 2000");
  }
  if (!IsValidUtf8(text)) return InvalidArgument(name, " is not valid UTF-8");
  return absl::OkStatus();
}

absl::Status CheckTexts(const CallMachineOptions& options) {
  const std::pair<std::string_view, const std::string*> texts[] = {
      {"greeting", &options.greeting},
      {"goodbye", &options.goodbye},
      {"silent_goodbye", &options.silent_goodbye},
      {"apology", &options.apology},
      {"failure_goodbye", &options.failure_goodbye},
      {"too_many_tools", &options.too_many_tools},
      {"interruption", &options.interruption},
      {"wrap_up", &options.wrap_up},
      {"limit_goodbye", &options.limit_goodbye},
      {"loop_goodbye", &options.loop_goodbye}};
  for (const auto& [name, text] : texts) DRAGOMAN_RETURN_IF_ERROR(CheckText(name, *text));
  DRAGOMAN_RETURN_IF_ERROR(
      CheckInt("number of fillers", static_cast<std::int64_t>(options.fillers.size()), 0, 16));
  DRAGOMAN_RETURN_IF_ERROR(
      CheckInt("number of reprompts", static_cast<std::int64_t>(options.reprompts.size()), 0, 16));
  for (const std::string& text : options.fillers) {
    DRAGOMAN_RETURN_IF_ERROR(CheckText("filler", text));
    if (Trim(text).empty()) return InvalidArgument("a filler is empty; leave it out instead");
  }
  for (const std::string& text : options.reprompts) {
    DRAGOMAN_RETURN_IF_ERROR(CheckText("reprompt", text));
    if (Trim(text).empty()) return InvalidArgument("a reprompt is empty; leave it out instead");
  }
  if (options.end_call_tool.empty() || options.end_call_tool.size() > 64) {
    return InvalidArgument("end_call_tool is \"", options.end_call_tool,
                           "\"; expected 1 to 64 characters");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CallMachineOptions::Validate() const {
  struct Range {
    std::string_view name;
    Ms value;
    std::int64_t low;
    std::int64_t high;
  };
  const Range ranges[] = {{"min_end_silence", min_end_silence, 50, 10'000},
                          {"end_silence", end_silence, min_end_silence.count(), 10'000},
                          {"max_end_silence", max_end_silence, end_silence.count(), 10'000},
                          {"flush_lead", flush_lead, 0, 5'000},
                          {"final_deadline", final_deadline, 50, 30'000},
                          {"max_turn", max_turn, 1'000, 600'000},
                          {"no_words", no_words, 500, 600'000},
                          {"speculate_after", speculate_after, 0, 10'000},
                          {"interrupt_after", interrupt_after, 0, 10'000},
                          {"false_stop", false_stop, 100, 30'000},
                          {"answer_margin", answer_margin, 0, 10'000},
                          {"first_text", first_text, 100, 600'000},
                          {"between_texts", between_texts, 100, 600'000},
                          {"tool_deadline", tool_deadline, 100, 600'000},
                          {"filler_after", filler_after, 100, 600'000},
                          {"filler_again", filler_again, 100, 600'000},
                          {"first_audio", first_audio, 100, 60'000},
                          {"between_audio", between_audio, 100, 60'000},
                          {"playout_slack", playout_slack, 100, 60'000},
                          {"caller_silence", caller_silence, 500, 600'000},
                          {"caller_silence_end", caller_silence_end, 500, 3'600'000},
                          {"hello_wait", hello_wait, 0, 60'000},
                          {"digits_pause", digits_pause, 200, 60'000},
                          {"call_limit", call_limit, 1'000, 3'600'000},
                          {"wrap_up_before", wrap_up_before, 0, call_limit.count() - 1},
                          {"drain_limit", drain_limit, 0, 3'600'000},
                          {"goodbye_limit", goodbye_limit, 100, 60'000},
                          {"limit_goodbye_limit", limit_goodbye_limit, 100, 60'000},
                          {"close_limit", close_limit, 100, 60'000}};
  for (const Range& range : ranges) {
    DRAGOMAN_RETURN_IF_ERROR(CheckMs(range.name, range.value, range.low, range.high));
  }
  DRAGOMAN_RETURN_IF_ERROR(
      CheckInt("finished_per_mille", finished_per_mille, unfinished_per_mille + 1, 1000));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("unfinished_per_mille", unfinished_per_mille, 0, 999));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("model_retries", model_retries, 0, 10));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("model_failures", model_failures, 1, 100));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("tool_rounds", tool_rounds, 0, 100));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("speech_failures", speech_failures, 1, 100));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("min_chunk_chars", min_chunk_chars, 1, max_chunk_chars));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("max_chunk_chars", max_chunk_chars, 40, 2000));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("max_digits", max_digits, 1, 32));
  DRAGOMAN_RETURN_IF_ERROR(CheckInt("loop_repeats", loop_repeats, 2, 8));
  return CheckTexts(*this);
}

CallMachine::CallMachine(CallMachineOptions options)
    : core_(std::make_unique<CallCore>(std::move(options), ShippedCallTables())) {}
CallMachine::~CallMachine() = default;
CallMachine::CallMachine(CallMachine&&) noexcept = default;
CallMachine& CallMachine::operator=(CallMachine&&) noexcept = default;

void CallMachine::Step(const CallEvent& event, std::vector<CallCommand>* out) {
  core_->Step(event, out);
}
bool CallMachine::finished() const { return core_->s.finished; }
SilenceKind CallMachine::silence() const { return core_->s.silence; }
std::string CallMachine::Describe() const { return core_->Describe(); }

}  // namespace dragoman
