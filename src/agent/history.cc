#include "src/agent/history.h"

namespace dragoman {

void History::Append(const call_command::AppendHistory& entry, const Message* reply) {
  Message message;
  message.role = entry.role;
  message.text = entry.text;
  message.tool_calls = entry.tool_calls;
  message.tool_call_id = entry.tool_call_id;
  message.tool_failed = entry.tool_failed;
  if (reply) {
    message.vendor = reply->vendor;
    message.vendor_state = reply->vendor_state;
  }
  entries_.push_back(std::move(message));
}

void History::Amend(const call_command::AmendHistory& change) {
  Message& message = entries_.at(static_cast<size_t>(change.entry));
  message.text = change.text;
  if (message.role == Role::kTool) message.tool_failed = change.tool_failed;
}

std::vector<Message> History::Request(const std::string& instructions,
                                      const std::string& provisional) const {
  std::vector<Message> messages;
  messages.reserve(entries_.size() + 2);
  if (!instructions.empty()) messages.push_back({.role = Role::kSystem, .text = instructions});
  for (const Message& entry : entries_) {
    if (entry.role == Role::kAssistant && entry.text.empty() && entry.tool_calls.empty()) continue;
    messages.push_back(entry);
  }
  if (!provisional.empty()) messages.push_back({.role = Role::kUser, .text = provisional});
  return messages;
}

}  // namespace dragoman
