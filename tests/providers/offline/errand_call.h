// The calling side in text: the offline caller, its tools, and whoever is called.
#ifndef DRAGOMAN_TESTS_PROVIDERS_OFFLINE_ERRAND_CALL_H_
#define DRAGOMAN_TESTS_PROVIDERS_OFFLINE_ERRAND_CALL_H_

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/conversation/call_errand.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/offline/offline_caller_model.h"
#include "dragoman/testing/manual_executor.h"

namespace dragoman {

// Now is Monday 5 January 2026, 09:00, where nothing else is set.
class ErrandCall {
 public:
  explicit ErrandCall(CallErrand errand) : errand_(std::move(errand)) {
    auto made = MakeOfflineCallerModel({.errand = errand_});
    EXPECT_TRUE(made.ok()) << made.status();
    model_ = *std::move(made);
    history.push_back({.role = Role::kSystem, .text = ErrandInstructions(errand_)});
    history.push_back(
        {.role = Role::kAssistant,
         .text = StrCat("Hello, this is an A.I. assistant calling for ", errand_.principal, ".")});
  }

  // The other party says `text`; the caller's words after all the tools they took.
  std::string Hear(std::string_view text) {
    if (ended) return "";
    history.push_back({.role = Role::kUser, .text = std::string(text)});
    return Answer();
  }

  std::string Answer() {
    std::string said;
    for (int round = 0; round < 8 && !ended; ++round) {
      const ChatResult result = Reply();
      if (result.expects) expects = *result.expects;
      EXPECT_FALSE(result.message.text.empty() && result.message.tool_calls.empty());
      said += StrCat(said.empty() || result.message.text.empty() ? "" : " ", result.message.text);
      history.push_back(result.message);
      if (result.message.tool_calls.empty()) return said;
      for (const ToolCall& call : result.message.tool_calls) RunTool(call);
    }
    EXPECT_TRUE(ended) << "no end to the tool calls";
    return said;
  }

  ChatResult Reply() {
    ChatRequest request;
    request.messages = history;
    for (std::string_view tool : tools) {
      request.tools.push_back({.name = std::string(tool), .parameters = R"({"type":"object"})"});
    }
    request.now = now;
    std::optional<absl::StatusOr<ChatResult>> done;
    ChatModel::Callbacks callbacks;
    callbacks.on_done = [&](absl::StatusOr<ChatResult> result) { done = std::move(result); };
    auto stream = model_->Reply(request, executor_, std::move(callbacks));
    EXPECT_TRUE(stream.ok()) << stream.status();
    executor_.RunUntilIdle();
    EXPECT_TRUE(done.has_value() && done->ok());
    return **done;
  }

  bool reached() const { return report && report->value("reached", false); }
  std::string Field(const std::string& name) const {
    if (!report) return "";
    const auto& fields = (*report)["fields"];
    return fields.contains(name) ? fields[name].get<std::string>() : "";
  }
  // Whether somebody on the other side said these words.
  bool WasSaid(const std::string& quote) const {
    for (const Message& message : history) {
      if (message.role == Role::kUser && message.text.find(quote) != std::string::npos) return true;
    }
    return false;
  }
  std::string Transcript() const {
    std::string text;
    for (const Message& message : history) {
      if (message.role == Role::kUser) text += StrCat("  them: ", message.text, "\n");
      if (message.role == Role::kTool) text += StrCat("  tool: ", message.text, "\n");
      if (message.role != Role::kAssistant) continue;
      text += StrCat("  us:   ", message.text);
      for (const ToolCall& call : message.tool_calls) {
        text += StrCat(" {", call.name, " ", call.arguments, "}");
      }
      text += "\n";
    }
    return text;
  }

  std::vector<Message> history;
  std::vector<std::string_view> tools = {kReportResultTool, kAskOwnerTool, "end_call"};
  std::function<std::string(const std::string&)> owner = [](const std::string&) { return ""; };
  std::vector<std::string> owner_questions;
  std::chrono::sys_seconds now =
      std::chrono::sys_days(std::chrono::year(2026) / 1 / 5) + std::chrono::hours(9);
  ReplyExpectation expects;
  std::optional<nlohmann::json> report;
  int reports = 0;
  bool ended = false;

 private:
  void RunTool(const ToolCall& call) {
    Message result{.role = Role::kTool, .tool_call_id = call.id};
    const auto arguments = nlohmann::json::parse(call.arguments, nullptr, false);
    if (call.name == "end_call") {
      ended = true;
      result.text = "the call ends now";
    } else if (call.name == kAskOwnerTool) {
      owner_questions.push_back(arguments.value("question", ""));
      result.text = nlohmann::json{{"answer", owner(owner_questions.back())}}.dump();
    } else if (call.name == kReportResultTool) {
      ++reports;
      const std::string quote = arguments.value("quote", "");
      if (arguments.value("reached", false) && (quote.empty() || !WasSaid(quote))) {
        result.text = "nobody said that";
        result.tool_failed = true;
      } else {
        report = arguments;
        result.text = "{}";
      }
    } else if (call.name == kPressKeysTool) {
      result.text = nlohmann::json{{"pressed", arguments.value("keys", "")}}.dump();
    } else {
      ADD_FAILURE() << "unknown tool " << call.name;
    }
    history.push_back(std::move(result));
  }

  const CallErrand errand_;
  ManualExecutor executor_;
  std::unique_ptr<ChatModel> model_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_OFFLINE_ERRAND_CALL_H_
