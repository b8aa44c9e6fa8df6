// Tells a call, live or from its log: who said what and when, how fast it was answered, which tools
// ran; as the rows of its page and as a transcript.
#ifndef DRAGOMAN_SERVER_CALL_STORY_H_
#define DRAGOMAN_SERVER_CALL_STORY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/call_events.h"
#include "dragoman/agent/call_log.h"
#include "dragoman/agent/narrator.h"
#include "dragoman/core/export.h"
#include "dragoman/server/call_page.h"

namespace dragoman {

// One call. One thread at a time. Tell it either the steps of the call's log or the events of its
// session, in their order. Steps know where on the recording each word lies; a session's events do
// not, so from them the agent's turns begin when they were asked for.
class DRAGOMAN_EXPORT CallStory {
 public:
  // From a log, without running anything. Blocks to read the file. A torn tail is left out.
  static absl::StatusOr<CallStory> FromLog(const std::string& path);

  void Tell(const CallStep& step);
  void Tell(const SessionEvent& event);

  // Fills duration, outcome, turns, waterfalls, tools, moments and events; leaves the rest alone.
  void FillPage(CallPageInput* page) const;
  // One line for each turn, tool call and moment, by time: "0:07.9    caller  I would like to ...".
  std::string Transcript() const;
  // The latest one that is complete; null: there is none yet. Valid until the next Tell.
  const CallPageWaterfall* latest_waterfall() const;

 private:
  using Ms = std::chrono::milliseconds;

  struct Utterance {
    CallPageTurn turn;
    Ms total{0};           // given to the line so far
    bool started = false;  // some of its audio was given to the line
  };

  void Observe(const CallEvent& event);
  void Observe(const CallCommand& command);
  void TakeAudio(const call_event::SpeechAudio& audio);
  void TakeResult(const call_event::ToolResult& result);
  void TakeKey();
  void AddUserTurn(const std::string& text);
  void Begin(const call_command::Speak& speak);
  void Settle(const call_command::Settled& settled);
  void TellNotice(const call_command::Notice& notice);
  bool TellMark(const call_command::Notice& notice);
  void End(std::string_view name, std::string_view detail);
  void AddEvent(std::string_view name, std::string text);
  std::vector<CallPageTurn> Turns() const;  // by start

  Ms now_{0};
  std::string outcome_;
  std::vector<CallPageTurn> caller_;
  std::map<UtteranceId, Utterance> agent_;
  std::map<std::int64_t, CallPageWaterfall> waterfalls_;  // by turn
  std::map<ToolRunId, CallPageTool> tools_;
  std::vector<CallPageMoment> moments_;
  std::vector<CallPageEvent> events_;
  std::map<std::int64_t, std::size_t> user_entries_;  // history entry to index in caller_
  std::int64_t entries_ = 0;                          // in the history
  Ms agent_end_{0};                                   // of all the agent's audio so far
  Ms speech_start_{-1};                               // of the caller's open turn; -1: none yet
  Ms speech_end_{-1};
  bool keypad_ = false;  // keys were pressed in the open turn
};

}  // namespace dragoman

#endif  // DRAGOMAN_SERVER_CALL_STORY_H_
