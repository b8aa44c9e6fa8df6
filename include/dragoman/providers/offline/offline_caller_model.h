// A chat model of rules that phones somebody for an errand: deterministic, no network.
#ifndef DRAGOMAN_PROVIDERS_OFFLINE_OFFLINE_CALLER_MODEL_H_
#define DRAGOMAN_PROVIDERS_OFFLINE_OFFLINE_CALLER_MODEL_H_

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/call_errand.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/core/export.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman {

struct DRAGOMAN_EXPORT OfflineCallerOptions {
  CallErrand errand;
  std::chrono::minutes utc_offset{0};  // of the called house, -14 h to 14 h
  absl::Status Validate() const;       // kInvalidArgument naming the field
};

// Says the request, tells the facts that are asked for and no others, has every read-back with
// another day, time, doctor or name put right, asks its owner (kAskOwnerTool) what it has no fact
// for, reports (kReportResultTool) and ends the call with "end_call"; tools that the request does
// not offer are not called. Where the conversation stands is worked out from the request's history;
// nothing is kept in between. `reached` is reported only of what the other party confirmed after a
// read-back that fitted, or with the day and time themselves. It ends every call: after 30 turns of
// the other party at the latest, or four in a row that were not understood.
//
// Days are relative to the request's `now`; without it only days with a month are understood.
// Facts that are an ISO date ("2026-12-01"), a clock time ("10:30") or a phone number are told as
// people say them, names are spelled in the NATO alphabet. English only. Temperature and system
// messages have no influence.
//
// Thread-safe. kInvalidArgument: the options. Reply adds kUnimplemented: a response_schema, or a
// tool that is required.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<ChatModel>> MakeOfflineCallerModel(
    OfflineCallerOptions options);

// What may be said to it before its first words: for SessionOptions::opening. kInvalidArgument: the
// options.
DRAGOMAN_EXPORT absl::StatusOr<ReplyExpectation> OfflineCallerOpening(
    const OfflineCallerOptions& options);
// And after them: for other models that phone for the same errand.
DRAGOMAN_EXPORT absl::StatusOr<ReplyExpectation> OfflineCallerExpectation(
    const OfflineCallerOptions& options);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_OFFLINE_OFFLINE_CALLER_MODEL_H_
