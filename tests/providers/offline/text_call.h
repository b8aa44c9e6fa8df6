// A whole call in text: the offline model, the gate and the clinic's real tools, in virtual time.
#ifndef DRAGOMAN_TESTS_PROVIDERS_OFFLINE_TEXT_CALL_H_
#define DRAGOMAN_TESTS_PROVIDERS_OFFLINE_TEXT_CALL_H_

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/clinic/clinic.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/offline/offline_chat_model.h"
#include "dragoman/safety/gates.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// Virtual time begins on Monday 5 January 2026, 09:00.
class TextCall {
 public:
  explicit TextCall(bool busy = false) {
    auto opened = OpenClinic({.busy = busy}, {.pool = &pool_, .clock = &executor});
    EXPECT_TRUE(opened.ok()) << opened.status();
    clinic = *std::move(opened);
    EXPECT_TRUE(clinic->AddTools(tools_).ok());
    gate_ = MakeAllowingEffectGate(tools_, nullptr, NullLog());
  }

  // The caller says `text`; the answer after all the tools it took.
  std::string Say(std::string_view text) {
    history.push_back({.role = Role::kUser, .text = std::string(text)});
    return Answer();
  }

  // The agent speaks first.
  std::string Begin() {
    if (history.empty()) history.push_back({.role = Role::kSystem, .text = "instructions"});
    return Answer();
  }

  // The caller cut in: only the first `words` words of the last reply were heard.
  void HearOnly(std::size_t words) {
    Message& last = history.back();
    ASSERT_EQ(last.role, Role::kAssistant);
    std::string heard;
    for (std::string_view word : SplitWords(last.text)) {
      if (words == 0) break;
      heard += StrCat(heard.empty() ? "" : " ", word);
      --words;
    }
    last.text = heard;
    if (heard.empty()) history.pop_back();
  }
  // Heard up to the end of `phrase`.
  void HearUntil(std::string_view phrase) {
    Message& last = history.back();
    const std::size_t at = last.text.find(phrase);
    ASSERT_NE(at, std::string::npos) << last.text;
    last.text.resize(at + phrase.size());
  }

  ChatResult Reply() {
    ChatRequest request;
    request.messages = history;
    request.tools = gate_->tools();
    request.tools.push_back({.name = "end_call", .parameters = R"({"type":"object"})"});
    if (request.messages.empty()) request.messages.push_back({.role = Role::kSystem});
    request.now = std::chrono::floor<std::chrono::seconds>(executor.WallNow());
    std::optional<absl::StatusOr<ChatResult>> done;
    std::string streamed;
    ChatModel::Callbacks callbacks;
    callbacks.on_text = [&](std::string_view piece) { streamed += piece; };
    callbacks.on_done = [&](absl::StatusOr<ChatResult> result) { done = std::move(result); };
    auto stream = model_.Reply(request, executor, std::move(callbacks));
    EXPECT_TRUE(stream.ok()) << stream.status();
    executor.RunUntilIdle();
    EXPECT_TRUE(done.has_value() && done->ok());
    EXPECT_EQ(streamed, (*done)->message.text);
    return **done;
  }

  // What a tool answers instead of the real one, by name; nothing: the real one runs.
  std::function<std::optional<absl::StatusOr<std::string>>(const ToolCall&)> instead =
      [](const ToolCall&) { return std::nullopt; };

  // A tool run that is not part of this call.
  absl::StatusOr<std::string> RunForOthers(const ToolCall& call) {
    std::optional<absl::StatusOr<std::string>> result;
    auto run = gate_->Run(call, {.call_id = "other", .effect_key = call.id}, executor,
                          [&](absl::StatusOr<std::string> done) { result = std::move(done); });
    while (!result && executor.AdvanceToNextTimer()) {
    }
    if (!result) return Internal("the tool never ended");
    return *std::move(result);
  }

  std::vector<ClinicAppointment> Booked() {
    auto all = clinic->Appointments();
    EXPECT_TRUE(all.ok()) << all.status();
    return *all;
  }

  ManualExecutor executor;
  std::unique_ptr<Clinic> clinic;
  std::vector<Message> history;
  ReplyExpectation expects;
  std::vector<ToolCall> calls;  // all that were made
  bool ended = false;

 private:
  // It keeps nothing between requests, so one serves all calls.
  static ChatModel& SharedModel() {
    static const auto* model = new absl::StatusOr<std::unique_ptr<ChatModel>>(
        MakeOfflineChatModel({.agent = ClinicReceptionist({})}));
    EXPECT_TRUE(model->ok()) << model->status();
    return ***model;
  }

  std::string Answer() {
    std::string said;
    for (int round = 0; round < 8; ++round) {
      ChatResult result = Reply();
      if (result.expects) expects = *result.expects;
      said += result.message.text;
      if (!result.message.text.empty() || !result.message.tool_calls.empty()) {
        history.push_back(result.message);
      }
      if (result.message.tool_calls.empty()) return said;
      for (const ToolCall& call : result.message.tool_calls) RunTool(call);
      if (ended) return said;
    }
    ADD_FAILURE() << "no end to the tool calls";
    return said;
  }

  void RunTool(const ToolCall& call) {
    calls.push_back(call);
    if (call.name == "end_call") {
      ended = true;
      history.push_back(
          {.role = Role::kTool, .text = "the call ends now", .tool_call_id = call.id});
      return;
    }
    auto result = instead(call);
    if (!result) {
      auto run = gate_->Run(call, {.call_id = "c1", .effect_key = "c1:" + call.id}, executor,
                            [&](absl::StatusOr<std::string> done) { result = std::move(done); });
      while (!result && executor.AdvanceToNextTimer()) {
      }
    }
    ASSERT_TRUE(result.has_value());
    Message message{.role = Role::kTool, .tool_call_id = call.id};
    message.tool_failed = !result->ok();
    message.text = result->ok() ? **result : std::string(MessageOf(result->status()));
    history.push_back(std::move(message));
  }

  ManualWorkPool pool_{executor};
  ToolRegistry tools_;
  std::unique_ptr<EffectGate> gate_;
  ChatModel& model_ = SharedModel();
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_OFFLINE_TEXT_CALL_H_
