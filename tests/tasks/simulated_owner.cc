// Goals and those who want them: plans, answers, silence, second thoughts.
#include <cstdlib>
#include <iterator>
#include <utility>

#include "dragoman/core/status.h"
#include "tests/tasks/simulated_world.h"

namespace dragoman {
namespace {

using std::chrono::seconds;

constexpr char kWords[] = "goal ";

}  // namespace

// Every goal says its number, so that one that was taken although its taker heard otherwise is
// known too.
int SimulatedWorld::StreamOf(const std::string& goal) {
  const auto found = known_.find(goal);
  if (found != known_.end()) return kFirstGoalStream + found->second.number;
  std::string words;
  store_
      .Look([&](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const auto record, view.FindGoal(goal));
        if (record) words = record->request;
        return absl::OkStatus();
      })
      .IgnoreError();
  if (!words.starts_with(kWords)) return kProcessStream;
  const int number = atoi(words.c_str() + sizeof(kWords) - 1);
  known_[goal].number = number;
  return kFirstGoalStream + number;
}

std::string SimulatedWorld::PlanText(int number, bool second) {
  const int stream = kFirstGoalStream + number;
  const int steps = 1 + choices_.Pick(stream, 5);
  std::string toml = "countries = [\"US\"]\n";
  std::vector<std::string> asks, looks;
  for (int i = 0; i < steps; ++i) {
    const std::string id = StrCat(second ? "t" : "s", i);
    const int kind = choices_.Pick(stream, 9);
    const bool optional = choices_.Chance(stream, 200);
    std::string text = "hello";
    if (!asks.empty() && choices_.Chance(stream, 500)) text += StrCat(" ${", asks.back(), "}");
    if (!looks.empty() && choices_.Chance(stream, 500)) {
      text += StrCat(" ${", looks.back(), ".price}");
    }
    const std::string mail = StrCat("a", number, "@example.org");
    const std::string phone = StrCat("+1212555", 1000 + (number * 5 + i) % 9000);
    std::string tool = "send_email";
    std::string arguments = StrCat("to = \"", mail, "\", body = \"", text, " ", id, "\"");
    switch (kind) {
      case 1:
        tool = "ask_user";
        arguments = StrCat("question = \"which, ", text, "?\"");
        asks.push_back(id);
        break;
      case 2:
      case 3:
        tool = "look_up";
        arguments = StrCat("what = \"price of ", id, "\"");
        looks.push_back(id);
        break;
      case 4:
        tool = "take_note";
        arguments = StrCat("text = \"", text, " ", id, "\"");
        break;
      case 5:
        tool = "post_letter";
        break;
      case 6:
      case 8:
        tool = "place_call";
        arguments = StrCat("to = \"", phone, "\", aim = \"", text, "\"");
        break;
      case 7:
        tool = "pay";
        arguments = StrCat("to = \"iban:DE89370400440532013000\", amount = \"", 1 + i, ".00 EUR\"");
        break;
      default:
        break;
    }
    toml += StrCat("[[step]]\nid = \"", id, "\"\ntool = \"", tool, "\"\n",
                   optional ? "optional = true\n" : "", "arguments = { ", arguments, " }\n");
    if (i > 0 && choices_.Chance(stream, 200)) {
      toml += StrCat("needs = [\"", second ? "t" : "s", i - 1, "\"]\n");
    }
  }
  return toml;
}

void SimulatedWorld::Arrive(int number) {
  const int stream = kFirstGoalStream + number;
  if (!choices_.Chance(stream, 1000)) {  // a script may leave it out
    goals_[static_cast<std::size_t>(number)].settled = true;
    return;
  }
  executor_.RunAfter(seconds(number * 600 + choices_.Pick(stream, 600)),
                     [this, number] { NewGoal(number); });
}

void SimulatedWorld::NewGoal(int number) {
  Goal& goal = goals_[static_cast<std::size_t>(number)];
  if (goal.settled) return;
  const int stream = kFirstGoalStream + number;
  const auto again = [this, number](seconds after) {
    executor_.RunAfter(after, [this, number] { NewGoal(number); });
  };
  if (!started_) return again(seconds(600));
  const auto plan = ParseGoalPlan(PlanText(number, false), "plan.toml", tools_);
  if (!plan.ok()) return Break(StrCat("a plan is refused: ", MessageOf(plan.status())));
  std::optional<WallTime> deadline;
  if (choices_.Chance(stream, 600)) {
    deadline = executor_.WallNow() + std::chrono::minutes(60 + choices_.Pick(stream, 4260));
  }
  std::string parent;
  if (choices_.Chance(stream, 150)) {
    for (const auto& [id, other] : known_) {
      if (agent_->progress(id) != nullptr && other.number / 4 == number / 4) parent = id;
    }
  }
  const int priority = choices_.Pick(stream, 10);
  const std::vector<std::string> after = WaitsFor(number);
  // Whether it was taken is heard, or not: who hears nothing asks again.
  auto heard = std::make_shared<bool>(false);
  executor_.RunAfter(seconds(120), [heard, again] {
    if (!*heard) again(seconds(1));
  });
  agent_->NewGoal({.user = StrCat("owner-", number / 4),
                   .words = StrCat(kWords, number),
                   .plan = *plan,
                   .priority = priority,
                   .deadline = deadline,
                   .parent = parent,
                   .after = after},
                  [this, number, heard, again, after](absl::StatusOr<std::string> made) {
                    *heard = true;
                    if (made.ok()) {
                      CheckAfter(*made, after);
                      return Taken(number, *made);
                    }
                    Goal& goal = goals_[static_cast<std::size_t>(number)];
                    if (++goal.tries < 20) return again(seconds(60));
                    CountDenial(kFirstGoalStream + number, MessageOf(made.status()));
                    choices_.Note(kFirstGoalStream + number,
                                  StrCat("is not taken: ", MessageOf(made.status())));
                    ++result_.refused;
                    goal.settled = true;
                  });
}

// One or two goals that were taken before and are open.
std::vector<std::string> SimulatedWorld::WaitsFor(int number) {
  const int stream = kFirstGoalStream + number;
  std::vector<std::string> after;
  if (!choices_.Chance(stream, 250)) return after;
  std::map<int, std::string> open;  // by their numbers: ids are in no order
  for (const auto& [id, other] : known_) {
    if (other.number != number && agent_->progress(id) != nullptr) open[other.number] = id;
  }
  for (int i = 1 + choices_.Pick(stream, 2); i > 0 && !open.empty(); --i) {
    const int which = choices_.Pick(stream, static_cast<int>(open.size()));
    after.push_back(open.extract(std::next(open.begin(), which)).mapped());
  }
  return after;
}

void SimulatedWorld::CheckAfter(const std::string& goal, const std::vector<std::string>& after) {
  if (!after.empty()) ++result_.waited;
  const absl::Status read = store_.Look([&](StoreView& view) {
    if (AfterOf(view, goal) != after) Break("a goal waits for others than it was told to");
    return absl::OkStatus();
  });
  if (!read.ok()) Break(StrCat("the store cannot be read: ", MessageOf(read)));
}

void SimulatedWorld::Taken(int number, const std::string& id) {
  const int stream = kFirstGoalStream + number;
  goals_[static_cast<std::size_t>(number)].settled = true;
  known_[id].number = number;
  choices_.Note(stream, "is taken");
  const auto nothing = [](const absl::Status&) {};
  if (choices_.Strikes(stream, Fault::kOwnerCancels, 60)) {
    Later(seconds(choices_.Pick(stream, 300)),
          [this, id, nothing] { agent_->Cancel(id, "changed my mind", nothing); });
  }
  if (choices_.Strikes(stream, Fault::kOwnerEscalates, 40)) {
    Later(seconds(choices_.Pick(stream, 300)),
          [this, id, nothing] { agent_->Escalate(id, "I do it myself", nothing); });
  }
  if (choices_.Strikes(stream, Fault::kKillSwitchForAGoal, 30)) {
    Later(seconds(choices_.Pick(stream, 120)),
          [this, id] { kill_.StopGoal("local", id, "stop this one"); });
  }
  if (choices_.Strikes(stream, Fault::kKillSwitchForAll, 25)) {
    Later(seconds(choices_.Pick(stream, 120)), [this, stream] {
      kill_.StopAll("stop");
      Later(seconds(30 + choices_.Pick(stream, 900)), [this] { kill_.Resume(); });
    });
  }
}

// When a process is there to hear it.
void SimulatedWorld::Later(seconds after, std::function<void()> what, int tries) {
  executor_.RunAfter(after, [this, what = std::move(what), tries] {
    if (started_) return what();
    if (tries > 0) Later(seconds(60), what, tries - 1);
  });
}

void SimulatedWorld::CountDenial(int stream, std::string_view why) {
  if (why.find("rule budget") != std::string_view::npos) {
    choices_.Fired(stream, Fault::kDeniedForBudget);
  }
  if (why.find("rule kill_switch") != std::string_view::npos) {
    choices_.Fired(stream, Fault::kDeniedByKillSwitch);
  }
}

void SimulatedWorld::Heard(const GoalUpdate& update) {
  const int stream = StreamOf(update.goal);
  choices_.Note(stream, StrCat(Name(update.state), " after '", Name(update.event), "'",
                               update.step.empty() ? "" : StrCat(" of ", update.step),
                               update.detail.empty() ? "" : StrCat(": ", update.detail)));
  if (update.event == TaskEventKind::kRefused) CountDenial(stream, update.detail);
  Known& known = known_[update.goal];
  if (std::exchange(known.ended, known.ended || IsFinal(update.state))) {
    Break(StrCat("goal ", known.number, " had ended, and '", Name(update.event), "' changed it"));
  }
  if (known.ended) phone_.CheckHungUp(update.goal);
  CheckCallHears(update);
  if (update.event == TaskEventKind::kConnected &&
      choices_.Strikes(stream, Fault::kOwnerCancels, 100)) {
    Later(seconds(choices_.Pick(stream, 200)), [this, goal = update.goal] {
      agent_->Cancel(goal, "not any more", [](const absl::Status&) {});
    });
  }
  if (!update.question.empty()) Asked(update);
}

// Each answer reaches the call that asked, and nothing else does but the news that there is none.
void SimulatedWorld::CheckCallHears(const GoalUpdate& update) {
  Known& known = known_[update.goal];
  const std::vector<std::string> heard = phone_.Heard(update.goal);
  using K = TaskEventKind;
  const bool back = known.call_waits && update.state == TaskState::kCallInProgress &&
                    (update.event == K::kAnswered || update.event == K::kTimerFired);
  const bool refused = update.event == K::kCallAsks && update.state == TaskState::kCallInProgress;
  const std::string words = update.event == K::kAnswered ? update.detail : "";
  if ((back || refused) && (heard.empty() || heard.back() != words)) {
    Break(StrCat("goal ", known.number, ": its call does not hear '", words, "'"));
  }
  for (const std::string& one : heard) {
    if (!one.empty() && (!back || one != words)) {
      Break(StrCat("goal ", known.number, ": its call hears what nobody said"));
    }
  }
  if (update.state != TaskState::kAwaitingUserInput) known.call_waits = false;
  if (update.about == TaskWait::kCallQuestion && !update.question.empty()) known.call_waits = true;
}

void SimulatedWorld::Answer(const std::string& goal, const std::string& question,
                            OwnerChoice choice, std::string text) {
  agent_->Answer(goal, question, choice, std::move(text), [](const absl::Status&) {});
}

void SimulatedWorld::Approve(const std::string& goal, const std::string& question, bool yes,
                             AnswerChannel channel) {
  const std::string user = StrCat("owner-", known_[goal].number / 4);
  agent_->Approve(goal, question, {.channel = channel, .tenant = "local", .user = user, .yes = yes},
                  [this, goal, channel](const absl::Status& status) {
                    if (status.ok() && channel == AnswerChannel::kMail) {
                      Break(StrCat("goal ", goal, " took a stranger's yes"));
                    }
                  });
}

void SimulatedWorld::Asked(const GoalUpdate& update) {
  const int stream = StreamOf(update.goal);
  const std::string goal = update.goal, question = update.question, step = update.step;
  seconds after(1 + choices_.Pick(stream, 300));
  if (update.about == TaskWait::kUnclear) {
    return Later(after, [=, this] { TellTruth(goal, step, question); });
  }
  if (update.about == TaskWait::kCallQuestion) return AskedByCall(update, stream);
  if (choices_.Strikes(stream, Fault::kOwnerIsSilent, 60)) return;
  if (choices_.Strikes(stream, Fault::kOwnerIsLate, 60))
    after = std::chrono::minutes(11 + choices_.Pick(stream, 300));
  if (choices_.Strikes(stream, Fault::kOwnerReplans, 50)) {
    return Later(after, [=, this] { Replan(goal); });
  }
  if (choices_.Strikes(stream, Fault::kOwnerAnswersAnotherQuestion, 40)) {
    Later(seconds(1), [=, this] { Answer(goal, "q-unknown", OwnerChoice::kText, "yes"); });
  }
  const bool twice = choices_.Strikes(stream, Fault::kOwnerAnswersTwice, 50);
  for (int i = 0; i < (twice ? 2 : 1); ++i) {
    if (update.about == TaskWait::kApproval) {
      if (i == 0 && choices_.Strikes(stream, Fault::kStrangerSaysYes, 80)) {
        Later(seconds(0), [=, this] { Approve(goal, question, true, AnswerChannel::kMail); });
      }
      const bool yes = !choices_.Strikes(stream, Fault::kOwnerDeclines, 150);
      Later(after, [=, this] { Approve(goal, question, yes, AnswerChannel::kOwnerConsole); });
    } else if (update.about == TaskWait::kFailure) {
      AnswerFailure(update, stream, after);
    } else {
      Later(after, [=, this] { Answer(goal, question, OwnerChoice::kText, "Smith"); });
    }
  }
}

// Somebody holds the line meanwhile.
void SimulatedWorld::AskedByCall(const GoalUpdate& update, int stream) {
  seconds after(1 + choices_.Pick(stream, 50));
  if (choices_.Strikes(stream, Fault::kOwnerLeavesCallWaiting, 250)) return;
  if (choices_.Strikes(stream, Fault::kOwnerAnswersCallLate, 300)) {
    after = seconds(61 + choices_.Pick(stream, 240));
  }
  const std::string words = StrCat("the ", 1 + choices_.Pick(stream, 2), ".");
  Later(after, [this, goal = update.goal, question = update.question, words] {
    Answer(goal, question, OwnerChoice::kText, words);
  });
}

void SimulatedWorld::AnswerFailure(const GoalUpdate& update, int stream, seconds after) {
  OwnerChoice choice = OwnerChoice::kRetry;
  Fault fault = Fault::kOwnerRetries;
  if (const int one = choices_.Pick(stream, 3); one > 0) {
    choice = one == 1 ? OwnerChoice::kSkip : OwnerChoice::kGiveUp;
    fault = one == 1 ? Fault::kOwnerSkips : Fault::kOwnerGivesUp;
  }
  choices_.Fired(stream, fault);
  known_[update.goal].skips |= choice == OwnerChoice::kSkip;
  Later(after, [this, goal = update.goal, question = update.question, choice] {
    Answer(goal, question, choice, "");
  });
}

// The owner looks for himself, and says what is so. Where it is still under way he waits.
void SimulatedWorld::TellTruth(const std::string& goal, const std::string& step,
                               const std::string& question) {
  std::string reference;
  store_
      .Look([&](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const auto effects, view.ListIntents(goal));
        for (const IntentRecord& effect : effects) {
          if (effect.step == step && effect.state == IntentState::kNeedsHuman) {
            reference = effect.client_reference;
          }
        }
        return absl::OkStatus();
      })
      .IgnoreError();
  if (reference.empty()) return;
  const SimulatedFarSide::Deed& deed = far_.At(reference);
  if (deed.undecided_until != TimePoint{}) {
    return Later(seconds(300), [=, this] { TellTruth(goal, step, question); });
  }
  Answer(goal, question, deed.done ? OwnerChoice::kItHappened : OwnerChoice::kItDidNot, "");
}

void SimulatedWorld::Replan(const std::string& goal) {
  if (agent_->progress(goal) == nullptr) return;
  const auto plan = ParseGoalPlan(PlanText(known_[goal].number, true), "plan.toml", tools_);
  if (!plan.ok()) return Break(StrCat("a plan is refused: ", MessageOf(plan.status())));
  agent_->Replan(goal, *plan, [](const absl::Status&) {});
}

}  // namespace dragoman
