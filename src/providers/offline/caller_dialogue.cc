#include "src/providers/offline/caller_dialogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/heard_text.h"
#include "src/providers/offline/turn_values.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

using Json = nlohmann::json;

constexpr int kMostOwnerQuestions = 6;

bool HasAnyWord(std::string_view text, std::initializer_list<std::string_view> wanted) {
  for (const std::string& word : WordsOf(text)) {
    if (OneOf(word, wanted)) return true;
  }
  return false;
}

// One line that ends like a sentence.
std::string Sentence(std::string_view text) {
  std::string sentence(Trim(text));
  std::replace(sentence.begin(), sentence.end(), '\n', ' ');
  if (sentence.size() > 300) sentence.resize(sentence.find_last_of(' ', 300));
  if (!sentence.empty() && !OneOf(sentence.substr(sentence.size() - 1), {".", "?", "!"})) {
    sentence += '.';
  }
  return sentence;
}

// The half of the day in which offices are open.
minutes LikelyTime(const TimeValue& time) {
  const bool late = time.half_day_open && time.from < minutes(7 * 60);
  return late ? time.from + minutes(12 * 60) : time.from;
}

bool SameHour(const TimeValue& a, const TimeValue& b) {
  if (a.half_day_open || b.half_day_open) {
    return a.from % minutes(12 * 60) == b.from % minutes(12 * 60);
  }
  return a.from == b.from;
}

}  // namespace

CallerDialogue::CallerDialogue(const CallErrand& errand, sys_days today,
                               std::vector<ToolSpec> tools)
    : errand_(errand), today_(today), tools_(std::move(tools)), facts_(errand, today) {
  cancelling_ = HasAnyWord(errand.request, {"cancel", "cancelling"});
  const bool acts =
      HasAnyWord(errand.request,
                 {"book", "make", "schedule", "reserve", "cancel", "move", "change", "reschedule",
                  "order", "arrange", "postpone", "cancelling", "booking", "reservation"});
  wants_done_ =
      errand.questions.empty() || acts || facts_.day() != nullptr || facts_.time() != nullptr;
}

void CallerDialogue::Replay(const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    switch (message.role) {
      case Role::kSystem:
        break;
      case Role::kUser:
        OnUser(message.text);
        break;
      case Role::kAssistant:
        OnAssistant(message);
        break;
      case Role::kTool:
        OnTool(message);
        break;
    }
  }
}

CallerAction CallerDialogue::Next() const {
  if (plan_ && !said_) return *plan_;
  if (reported_) return Goodbye();
  if (!request_said_) return Request();
  CallerAction again;
  again.text = last_text_.empty() ? errand_.request : last_text_;
  return again;
}

CallerAction CallerDialogue::Request() const {
  CallerAction action;
  action.request = true;
  action.text = Sentence(errand_.request);
  if (!wants_done_ && question_ < errand_.questions.size()) {
    action.asks = true;
    const std::string& question = errand_.questions[question_].second;
    const bool asked = action.text.ends_with('?') && errand_.questions.size() == 1;
    if (!asked && action.text.find(question) == std::string::npos) {
      action.text += StrCat(" ", question);
    }
  }
  return action;
}

CallerAction CallerDialogue::Goodbye() const {
  CallerAction action;
  action.text = goodbye_.empty() ? "Thank you very much. Goodbye." : goodbye_;
  if (HasTool("end_call")) action.call = Call("end_call", "{}");
  return action;
}

ToolCall CallerDialogue::Call(std::string_view name, const std::string& arguments) const {
  return {StrCat("call_", calls_ + 1), std::string(name), arguments};
}

bool CallerDialogue::HasTool(std::string_view name) const {
  return std::any_of(tools_.begin(), tools_.end(),
                     [&](const ToolSpec& tool) { return tool.name == name; });
}

void CallerDialogue::Plan(CallerAction action) {
  plan_ = std::move(action);
  said_ = false;
}

void CallerDialogue::Say(std::string text) {
  CallerAction action;
  action.text = std::move(text);
  Plan(std::move(action));
}

void CallerDialogue::AskOwner(OwnerQuestion about, const std::string& question) {
  owner_ = std::move(about);
  if (!HasTool(kAskOwnerTool) || owner_asks_ >= kMostOwnerQuestions) return OnOwnerAnswer("");
  ++owner_asks_;
  CallerAction action;
  action.text = "One moment, please.";
  action.call = Call(kAskOwnerTool, Json{{"question", question}}.dump(
                                        -1, ' ', false, Json::error_handler_t::replace));
  Plan(std::move(action));
}

void CallerDialogue::GiveUp(const std::string& why, const std::string& goodbye) {
  why_ = why;
  goodbye_ = goodbye.empty() ? "I am sorry. Thank you for your time. Goodbye." : goodbye;
  Report();
}

void CallerDialogue::Report() {
  if (!HasTool(kReportResultTool)) {
    reported_ = true;
    return Plan(Goodbye());
  }
  Json fields = Json::object();
  for (const auto& [name, text] : fields_) fields[name] = text;
  for (const std::string& name : facts_.settled()) {
    for (const CallerFact& fact : facts_.all()) {
      if (fact.name == name && why_.empty()) fields[name] = fact.value;
    }
  }
  if (!why_.empty()) fields["why"] = why_;
  Json arguments = {{"reached", why_.empty()}, {"fields", std::move(fields)}};
  if (why_.empty()) arguments["quote"] = quoted_turn_ ? quote_turn_ : quote_;
  CallerAction action;
  action.call =
      Call(kReportResultTool, arguments.dump(-1, ' ', false, Json::error_handler_t::replace));
  Plan(std::move(action));
}

void CallerDialogue::Reach(const std::string& quote, const std::string& turn) {
  quote_ = quote;
  quote_turn_ = turn;
}

void CallerDialogue::GoOn() {
  if (question_ < errand_.questions.size()) {
    CallerAction action;
    action.asks = true;
    action.text = StrCat("Thank you. ", errand_.questions[question_].second);
    return Plan(std::move(action));
  }
  Report();
}

void CallerDialogue::OnAssistant(const Message& message) {
  const CallerAction action = Next();
  if (!Trim(message.text).empty() && !action.text.empty()) {
    const std::size_t until = HeardUntil(action.text, 0, message.text);
    const bool most = until * 4 >= action.text.size() * 3;
    if (until > 0) last_text_ = action.text;
    if (until > 0 && action.accepts) accepted_ = Key();
    if (most) {
      request_said_ = request_said_ || action.request;
      question_asked_ = question_asked_ || action.asks;
      said_ = true;
    }
  }
  const auto told = [&](const CallerFact* fact) {
    return fact != nullptr && message.text.find(SpokenFact(*fact).substr(1)) != std::string::npos;
  };
  told_day_ = told_day_ || told(facts_.day());
  told_time_ = told_time_ || told(facts_.time());
  for (const ToolCall& call : message.tool_calls) {
    ++calls_;
    open_call_ = call;
    said_ = true;
  }
}

void CallerDialogue::OnTool(const Message& message) {
  if (!open_call_ || open_call_->id != message.tool_call_id) return;
  const ToolCall call = *std::exchange(open_call_, std::nullopt);
  if (call.name == kAskOwnerTool) {
    const Json result = Json::parse(message.text, nullptr, false);
    std::string answer;
    if (!message.tool_failed && result.is_object() && result.contains("answer") &&
        result["answer"].is_string()) {
      answer = result["answer"].get<std::string>();
    }
    return OnOwnerAnswer(std::string(Trim(answer)));
  }
  if (call.name == kReportResultTool) OnReport(message.tool_failed);
  if (call.name == kPressKeysTool) {
    Say(message.tool_failed ? "I am sorry, I cannot enter that." : "I have entered it.");
  }
}

void CallerDialogue::OnReport(bool refused) {
  if (refused && why_.empty()) {
    if (!quoted_turn_ && quote_turn_ != quote_ && !quote_turn_.empty()) {
      quoted_turn_ = true;
      return Report();
    }
    why_ = "what was said could not be quoted";
    return Report();
  }
  reported_ = true;
  Plan(Goodbye());
}

void CallerDialogue::OnOwnerAnswer(const std::string& answer) {
  if (!owner_) return;
  const OwnerQuestion about = *owner_;
  const std::string before = about.said_before.empty() ? "" : about.said_before + " ";
  switch (about.kind) {
    case OwnerQuestion::kOffer:
      return OnOfferAnswer(answer);
    case OwnerQuestion::kTopic:
    case OwnerQuestion::kFree:
      if (answer.empty()) {
        if (about.kind == OwnerQuestion::kTopic &&
            (about.topic == Cue::kAskDay || about.topic == Cue::kAskTime)) {
          return GiveUp(StrCat("nobody could answer: ", about.sentence));
        }
        return Say(before + (about.topic == Cue::kOblige ? "I am sorry, I cannot agree to that."
                                                         : "I am sorry, I cannot tell you that."));
      }
      if (about.topic == Cue::kAskDay || about.topic == Cue::kAskTime) {
        const Words words = WordsOf(answer);
        for (std::size_t i = 0; i < words.size(); ++i) {
          const DateMatch date = DateAt(words, i, {.today = today_});
          if (date.length > 0 && !date.value.range()) {
            facts_.Settle(Cue::kAskDay, IsoDate(date.value.first));
            break;
          }
        }
        for (std::size_t i = 0; i < words.size(); ++i) {
          const TimeMatch time = TimeAt(words, i, about.topic == Cue::kAskTime);
          if (time.length > 0 && !time.value.range() && !OrdinalAt(words, i)) {
            facts_.Settle(Cue::kAskTime, IsoTime(LikelyTime(time.value)));
            break;
          }
        }
      }
      return Say(before + Sentence(answer));
    case OwnerQuestion::kReadBack: {
      if (HasAnyWord(answer, {"yes", "okay", "sure", "fine", "good", "take", "accept"}) &&
          !HasAnyWord(answer, {"no", "not", "don't"})) {
        for (const CallerOffer& offer : about.offers) {
          if (offer.day) facts_.Settle(Cue::kAskDay, IsoDate(offer.day->value.first));
          if (offer.hour) facts_.Settle(Cue::kAskTime, IsoTime(LikelyTime(offer.hour->value)));
        }
        CallerAction yes;
        yes.text = "Yes, please.";
        yes.accepts = true;
        return Plan(std::move(yes));
      }
      return GiveUp(StrCat("not agreed to: ", about.sentence),
                    "No, thank you. I will not take that. Goodbye.");
    }
  }
}

void CallerDialogue::OnOfferAnswer(const std::string& answer) {
  const OwnerQuestion about = *owner_;
  const Words words = WordsOf(answer);
  std::vector<const CallerOffer*> chosen;
  bool named = false;
  for (const CallerOffer& offer : about.offers) {
    bool day_named = false;
    bool hour_named = false;
    bool day_fits = false;
    bool hour_fits = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const DateMatch date = DateAt(words, i, {.today = today_, .bare_ordinal = false});
      if (date.length > 0) {
        day_named = true;
        day_fits |= offer.day && PointsAt(date.value, offer.day->value.first);
      }
      const TimeMatch time = TimeAt(words, i, true);
      if (time.length > 0 && !time.value.range() && !OrdinalAt(words, i)) {
        hour_named = true;
        hour_fits |= offer.hour && SameHour(time.value, offer.hour->value);
      }
    }
    named = named || day_named || hour_named;
    const bool fits = (!day_named || day_fits || !offer.day) && (!hour_named || hour_fits);
    if ((day_named || hour_named) && fits) chosen.push_back(&offer);
  }
  if (!named && !HasAnyWord(answer, {"no", "not", "none", "neither", "don't"})) {
    const bool first = HasAnyWord(answer, {"first", "earlier", "earliest", "either", "any"});
    const bool last = HasAnyWord(answer, {"second", "later", "last", "latest"});
    const bool yes = HasAnyWord(answer, {"yes", "okay", "sure", "fine", "take", "good"});
    if (first || (yes && about.offers.size() == 1)) chosen.push_back(&about.offers.front());
    if (last && !first) chosen.push_back(&about.offers.back());
  }
  if (chosen.size() != 1 || HasAnyWord(answer, {"no", "not", "none", "neither"})) {
    return GiveUp(StrCat("offered instead: ", about.sentence),
                  "No, thank you. That does not suit. Goodbye.");
  }
  std::string text;
  if (chosen[0]->day && facts_.day() != nullptr && FitsDay(*chosen[0]->day, *facts_.day())) {
    text = SpokenFact(*facts_.day());
  } else if (chosen[0]->day) {
    facts_.Settle(Cue::kAskDay, IsoDate(chosen[0]->day->value.first));
    text = SpokenDate(chosen[0]->day->value.first);
  }
  if (chosen[0]->hour) {
    const minutes time = LikelyTime(chosen[0]->hour->value);
    facts_.Settle(Cue::kAskTime, IsoTime(time));
    text += StrCat(text.empty() ? "" : " at ", SpokenTime(time));
  }
  Say(StrCat(Capitalised(text), ", please."));
}

}  // namespace dragoman::offline
