// The conversation as the machine decided it was heard.
#ifndef DRAGOMAN_SRC_AGENT_HISTORY_H_
#define DRAGOMAN_SRC_AGENT_HISTORY_H_

#include <string>
#include <vector>

#include "dragoman/agent/call_events.h"
#include "dragoman/conversation/message.h"

namespace dragoman {

class History {
 public:
  // `reply` is the model's whole turn that an assistant entry stems from (for the vendor's state);
  // null: not a model's.
  void Append(const call_command::AppendHistory& entry, const Message* reply);
  void Amend(const call_command::AmendHistory& change);

  // Without empty entries; the system message first when `instructions` is not empty, a user
  // message last when `provisional` is not.
  std::vector<Message> Request(const std::string& instructions,
                               const std::string& provisional) const;
  const std::vector<Message>& entries() const { return entries_; }

 private:
  std::vector<Message> entries_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_HISTORY_H_
