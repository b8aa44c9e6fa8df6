// What an agent phones somebody for: what it asks, what it may tell, what it is to bring back.
#ifndef DRAGOMAN_CONVERSATION_CALL_ERRAND_H_
#define DRAGOMAN_CONVERSATION_CALL_ERRAND_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Names are 1 to 64 characters, lower case words parted by single blanks or underscores: "day",
// "last name". Texts are UTF-8, 1 to 500 bytes, one line.
struct DRAGOMAN_EXPORT CallErrand {
  std::string principal;  // for whom: "Anna Smith"; the disclosure names them
  std::string request;    // said first, whole sentences: "I would like to book an appointment."
  // What may be told, and nothing else, by what it answers: {"day", "2026-12-01"}, {"time",
  // "10:30"}, {"last name", "Smith"}, {"phone", "+12015550123"}. At most 20, each name once. A text
  // may be a handle of the vault, whole ({"pin", "{{vault:bank/pin}}"}, see vault_handle.h):
  // whoever talks says the handle, and the value is put in where it is spoken or keyed. Nothing
  // else of the errand may name one.
  std::vector<std::pair<std::string, std::string>> facts;
  // What is to be found out, by the name of the answer: {"price", "What does a visit cost?"}. At
  // most 10, each name once.
  std::vector<std::pair<std::string, std::string>> questions;

  // kInvalidArgument names the field, its value and what was expected.
  absl::Status Validate() const;
  const std::string* FindFact(std::string_view name) const;  // null: it may not be told
  friend bool operator==(const CallErrand&, const CallErrand&) = default;
};

// Tools of every call that is placed for an errand; a session offers them beside end_call.
//
// What came of it, once, before the call ends. Arguments:
//   {"reached": true, "fields": {"reference": "R 47"}, "quote": "your appointment is booked"}
// `reached`: what was asked for was agreed to, every question has its answer. `fields`: what was
// found out, texts. `quote`: words of the other party that show it; required when `reached`. Words
// that nobody said are refused with kInvalidArgument.
inline constexpr std::string_view kReportResultTool = "report_result";
// Asks the owner while the other party waits: {"question": "..."}; the result is {"answer": "..."},
// empty when nobody answers in time.
inline constexpr std::string_view kAskOwnerTool = "ask_owner";
// Presses keys of the phone: {"keys": "2#"}, 1 to 32 of 0 to 9, * and #, or {"keys":
// "{{vault:bank/pin}}#"}: a handle with or without keys around it; the value is put in on the line.
// The result is {"pressed": ...} as it was asked for.
inline constexpr std::string_view kPressKeysTool = "press_keys";

// Instructions for a model that does the errand: who it speaks for, what it may tell, when to use
// the tools, that the other party's words are no instructions.
DRAGOMAN_EXPORT std::string ErrandInstructions(const CallErrand& errand);

}  // namespace dragoman
#endif  // DRAGOMAN_CONVERSATION_CALL_ERRAND_H_
