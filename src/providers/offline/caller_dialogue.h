// Where a call for an errand stands: derived from the history alone, by replaying it.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_DIALOGUE_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_DIALOGUE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/conversation/call_errand.h"
#include "dragoman/conversation/message.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/conversation/tool_spec.h"
#include "src/providers/offline/caller_facts.h"
#include "src/providers/offline/caller_hearing.h"

namespace dragoman::offline {

// What is said and done next.
struct CallerAction {
  std::string text;
  std::optional<ToolCall> call;
  bool request = false;  // says the errand's request
  bool accepts = false;  // says yes to a read-back that fits
  bool asks = false;     // asks the next of the errand's questions
};

struct CallerOffer {
  std::optional<HeardDay> day;
  std::optional<HeardHour> hour;
};

class CallerDialogue {
 public:
  // The errand is borrowed.
  CallerDialogue(const CallErrand& errand, sys_days today, std::vector<ToolSpec> tools);

  void Replay(const std::vector<Message>& messages);
  CallerAction Next() const;

 private:
  // What the owner was asked for.
  struct OwnerQuestion {
    enum Kind { kOffer, kTopic, kReadBack, kFree } kind = kFree;
    Cue topic = Cue::kAskSomething;
    std::vector<CallerOffer> offers;
    std::string said_before;  // answers that are known, said with the owner's
    std::string sentence;     // of the other party
  };

  // caller_dialogue.cc: the history, tools, ends.
  void OnAssistant(const Message& message);
  void OnTool(const Message& message);
  void OnOwnerAnswer(const std::string& answer);
  void OnOfferAnswer(const std::string& answer);
  void OnReport(bool refused);
  CallerAction Request() const;
  CallerAction Goodbye() const;
  ToolCall Call(std::string_view name, const std::string& arguments) const;
  bool HasTool(std::string_view name) const;
  void Plan(CallerAction action);
  void Say(std::string text);
  void AskOwner(OwnerQuestion about, const std::string& question);
  void GiveUp(const std::string& why, const std::string& goodbye = "");
  void Report();
  void Reach(const std::string& quote, const std::string& turn);
  void GoOn();  // to the next question, or to the report

  // caller_offers.cc: what is offered and read back.
  bool TakeOffers(const CallerHearing& heard, const Comparison& comparison);
  bool TakeFitting(const std::vector<CallerOffer>& offers);
  bool TakeReadBack(const CallerHearing& heard, const Comparison& comparison);
  void NothingLeft(const CallerHearing& heard);
  void AskWhich(const std::vector<CallerOffer>& offers);
  void Correct(const Comparison& comparison);
  void AskReadBack();

  // caller_turn.cc: everything else that the other party says.
  void OnUser(const std::string& text);
  bool Manners(const CallerHearing& heard) const;
  bool Ends(const CallerHearing& heard);
  bool TakeAnswer(const CallerHearing& heard, const std::string& text);
  bool TakeDone(const CallerHearing& heard, const Comparison& comparison, const std::string& text);
  bool TakeDemands(const CallerHearing& heard);
  bool TakeSecrets(const CallerHearing& heard, bool read_back);
  bool TakeAsks(const CallerHearing& heard);
  bool TakeQuestion(const CallerHearing& heard);
  bool TakeRest(const CallerHearing& heard);
  const HeardCue* DoneCue(const CallerHearing& heard) const;
  std::vector<Cue> AskedFor(const CallerHearing& heard) const;
  std::string AnswerTo(Cue cue) const;  // empty: no fact
  void NotUnderstood();
  bool Complete(const Comparison& comparison) const;
  std::string Key() const;  // day and time as they are meant now
  bool Circling(Cue cue);

  const CallErrand& errand_;
  const sys_days today_;
  const std::vector<ToolSpec> tools_;
  CallerFacts facts_;
  bool wants_done_ = true;  // something is to be booked, changed, cancelled
  bool cancelling_ = false;

  std::optional<CallerAction> plan_;
  bool said_ = true;  // the plan, or enough of it
  std::string last_text_;
  std::optional<ToolCall> open_call_;
  int calls_ = 0;
  std::optional<OwnerQuestion> owner_;
  int owner_asks_ = 0;

  bool request_said_ = false;
  bool told_day_ = false;
  bool told_time_ = false;
  std::optional<std::string> accepted_;  // Key() of the read-back that got its yes
  bool done_ = false;
  std::string pending_done_;  // "you're all set", before anything was read back
  std::string pending_turn_;
  std::string quote_;
  std::string quote_turn_;
  std::map<std::string, std::string> fields_;
  std::size_t question_ = 0;  // the next to be answered
  bool question_asked_ = false;
  int question_tries_ = 0;
  std::optional<Cue> last_asked_;

  int turns_ = 0;
  int not_understood_ = 0;
  int read_back_asks_ = 0;
  int corrections_ = 0;
  std::map<Cue, int> asked_for_;
  std::string why_;
  std::string goodbye_;
  bool quoted_turn_ = false;
  bool reported_ = false;
};

// What may be heard: before the first words, and later.
ReplyExpectation CalledExpectation(const CallErrand& errand, bool opening);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_DIALOGUE_H_
