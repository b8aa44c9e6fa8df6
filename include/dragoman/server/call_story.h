// Gathers what a session tells into the page and the transcript of its call.
#ifndef DRAGOMAN_SERVER_CALL_STORY_H_
#define DRAGOMAN_SERVER_CALL_STORY_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/narrator.h"
#include "dragoman/core/export.h"
#include "dragoman/server/call_page.h"

namespace dragoman {

// One call. One thread at a time.
class DRAGOMAN_EXPORT CallStory {
 public:
  // The story of a call from its log, without running anything. Blocks to read the file.
  static absl::StatusOr<CallStory> FromLog(const std::string& path);

  void Tell(const SessionEvent& event);

  // Fills turns, waterfalls, tools, moments, events, outcome and duration.
  void FillPage(CallPageInput* page) const;
  // One line a turn: "00:04.2  caller  I would like an appointment".
  std::string Transcript() const;

  // The latest complete waterfall, for a line in a terminal; null: there is none yet.
  const CallPageWaterfall* latest_waterfall() const;

 private:
  void TellNotice(const SessionEvent& event);
  CallPageWaterfall& Waterfall(std::int64_t turn);

  std::chrono::milliseconds end_{0};
  std::string outcome_;
  std::chrono::milliseconds turn_began_{-1};
  std::chrono::milliseconds last_heard_{0};  // when the agent's last utterance ended
  std::string keys_;
  std::map<std::int64_t, CallPageTurn> speaking_;         // by utterance
  std::map<std::int64_t, CallPageTool> running_;          // by run
  std::map<std::int64_t, CallPageWaterfall> waterfalls_;  // by turn
  std::vector<CallPageTurn> turns_;
  std::vector<CallPageTool> tools_;
  std::vector<CallPageMoment> moments_;
  std::vector<CallPageEvent> events_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SERVER_CALL_STORY_H_
