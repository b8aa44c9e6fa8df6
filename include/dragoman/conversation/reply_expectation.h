// What an agent expects to hear next: helps recognisers and turn-taking, binds nobody.
#ifndef DRAGOMAN_CONVERSATION_REPLY_EXPECTATION_H_
#define DRAGOMAN_CONVERSATION_REPLY_EXPECTATION_H_

#include <chrono>
#include <string>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ReplyExpectation {
  std::string state;                 // name of the dialogue state, for logs: "ask_name"
  std::string grammar;               // JSGF 1.0 of what the state understands; empty: free speech
  std::vector<std::string> phrases;  // words worth a bias where there are no grammars, at most 100
  // Silence that ends a turn in this state; 0: the agent's own rule. Spelling and digits need more
  // than yes or no.
  std::chrono::milliseconds end_silence{0};
  friend bool operator==(const ReplyExpectation&, const ReplyExpectation&) = default;
};

}  // namespace dragoman

#endif  // DRAGOMAN_CONVERSATION_REPLY_EXPECTATION_H_
