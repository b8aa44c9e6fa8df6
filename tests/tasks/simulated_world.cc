#include "tests/tasks/simulated_world.h"

#include <cstdlib>

#include "dragoman/core/status.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

constexpr std::int64_t kMostTurns = 2'000'000;  // a world that takes more does not end
constexpr char kTenant[] = "local";

std::unique_ptr<Store> MemoryStore() {
  auto made = MakeSqliteStore({.path = "", .on_calling_thread = true});
  return made.ok() ? *std::move(made) : nullptr;
}

std::string DecisionKey(std::string_view goal, std::string_view tool, std::string_view digest) {
  return StrCat(goal, " ", tool, " ", digest);
}

}  // namespace

class SimulatedWorld::Decisions : public DecisionLog {
 public:
  explicit Decisions(SimulatedWorld& world) : world_(world) {}
  absl::Status Record(const DecisionRecord& record) override {
    if (world_.started_ && world_.choices_.Strikes(kStoreStream, Fault::kDecisionNotRecorded, 10)) {
      return absl::UnavailableError("the disk does not answer");
    }
    world_.CheckOrder(record.goal, StrCat(record.tool, " is decided"));
    const absl::Status kept = world_.ledgers_->decisions().Record(record);
    if (kept.ok() && record.verdict == Verdict::kAllow) {
      ++world_.allowed_[DecisionKey(record.goal, record.tool, record.arguments_digest)];
    }
    return kept;
  }

 private:
  SimulatedWorld& world_;
};

class SimulatedWorld::TwiceMail : public EffectSender {
 public:
  explicit TwiceMail(SimulatedFarSide& far) : far_(far) {}
  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    far_.Send(intent, std::move(done));
    if (far_.At(intent.client_reference).done) return;
    far_.Send(intent, [](SendResult) {});  // "it did not work, once more"
  }
  void LookUp(const IntentRecord& intent, WallTime from, WallTime to,
              absl::AnyInvocable<void(LookupResult)> done) override {
    far_.LookUp(intent, from, to, std::move(done));
  }
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override {
    far_.Poll(intent, std::move(done));
  }

 private:
  SimulatedFarSide& far_;
};

SimulatedWorld::SimulatedWorld(Choices& choices, std::uint64_t seed,
                               const SimulationOptions& options)
    : choices_(choices),
      options_(options),
      random_(seed),
      store_(MemoryStore(), executor_, choices),
      far_(
          executor_, choices, [this](const std::string& goal) { return StreamOf(goal); },
          [this](const IntentRecord& intent, const SimulatedFarSide::Deed& deed) {
            Check(intent, deed);
          }),
      phone_(
          executor_, choices, far_, store_,
          [this](const std::string& goal) { return StreamOf(goal); },
          [this](std::string what) { Break(std::move(what)); }),
      twice_(std::make_unique<TwiceMail>(far_)),
      policy_(*DefaultPolicy()),
      // In half of the worlds so few that goals wait for a place.
      most_running_(choices.Chance(kProcessStream, 500)
                        ? static_cast<std::size_t>(1 + choices.Pick(kProcessStream, 2))
                        : 16),
      goals_(static_cast<std::size_t>(options.goals)) {
  phone_.never_hangs_up = options.broken == BrokenPart::kNeverHangsUp;
  far_.on_call = [this](const IntentRecord& intent) { phone_.Dial(intent); };
  for (ToolSpec& spec : SimulatedSpecs()) {
    tools_.Add(std::make_unique<FakeTool>(std::move(spec))).IgnoreError();
  }
  auto look = std::make_unique<SimulatedLook>(
      executor_, choices, [this](const std::string& goal) { return StreamOf(goal); });
  look_ = look.get();
  tools_.Add(std::move(look)).IgnoreError();
  // At any hour; a day's budget that several goals of one owner use up.
  for (HoursRule& rule : policy_.calling.hours) rule.until = rule.since;
  policy_.calling.hours.push_back({.place = "*",
                                   .windows = {DayWindow{}, DayWindow{}, DayWindow{}, DayWindow{}},
                                   .source = "simulated"});
  policy_.calls_per_day = policy_.calls_per_hour = 10'000;
  policy_.user_day.messages = 3;
  policy_.tenant_day = {.money = {{.hundredths = 100'000'000, .currency = "EUR"}},
                        .calls = 100'000,
                        .minutes = 1'000'000,
                        .messages = 100'000,
                        .tokens = 100'000'000,
                        .steps = 1'000'000};
}

SimulatedWorld::~SimulatedWorld() {
  agent_.reset();
  effects_.reset();
  governor_.reset();
  decisions_.reset();
  ledgers_.reset();
}

void SimulatedWorld::Break(std::string what) {
  choices_.Note(kProcessStream, StrCat("BREAK: ", what));
  if (result_.breaks.size() < 20) result_.breaks.push_back(std::move(what));
}

// --- processes -----------------------------------------------------------------------------------

void SimulatedWorld::StartUp() {
  ++generation_;
  ++result_.processes;
  fuse_ = calm_ ? 0 : choices_.Pick(kProcessStream, 900);  // 0: it lives
  if (!calm_ && deaths_in_a_row_ < 4 &&
      choices_.Strikes(kProcessStream, Fault::kDiesWhileRecovering, 150)) {
    fuse_ = 1 + choices_.Pick(kProcessStream, 25);
    ++deaths_in_a_row_;
  } else {
    deaths_in_a_row_ = 0;
  }
  store_.may_die = false;
  StoreLedgers::Open(
      {.store = &store_, .executor = &executor_, .clock = &executor_, .random = &random_},
      [this, mine = generation_](auto opened) {
        if (mine != generation_) return;
        if (!opened.ok()) throw ProcessDies();
        StartOperator(*std::move(opened));
      });
}

void SimulatedWorld::StartOperator(std::unique_ptr<StoreLedgers> ledgers) {
  ledgers_ = std::move(ledgers);
  decisions_ = std::make_unique<Decisions>(*this);
  auto governor = MakeGovernor(policy_, {.clock = &executor_,
                                         .random = &random_,
                                         .budgets = &ledgers_->budgets(),
                                         .calls = &ledgers_->calls(),
                                         .repeats = &ledgers_->repeats(),
                                         .confirmations = &ledgers_->confirmations(),
                                         .decisions = decisions_.get(),
                                         .kill = &kill_});
  if (!governor.ok()) return Break(std::string(MessageOf(governor.status())));
  governor_ = *std::move(governor);
  std::map<std::string, EffectSender*> senders;
  for (const ToolSpec& spec : SimulatedSpecs()) senders[spec.name] = &far_;
  if (options_.broken == BrokenPart::kSendsMailTwice) senders["send_email"] = twice_.get();
  auto effects = GovernedEffects::Create({.governor = governor_.get(),
                                          .executor = &executor_,
                                          .tools = &tools_,
                                          .senders = std::move(senders),
                                          .ledgers = ledgers_.get()});
  if (!effects.ok()) return Break(std::string(MessageOf(effects.status())));
  effects_ = *std::move(effects);
  auto agent =
      Operator::Create({.tenant = kTenant, .calls_disclose = true, .max_running = most_running_},
                       {.store = &store_,
                        .executor = &executor_,
                        .governor = governor_.get(),
                        .confirmations = &ledgers_->confirmations(),
                        .tools = &tools_,
                        .effects = effects_.get(),
                        .calls = &phone_,
                        .random = &random_,
                        .on_update = [this](const GoalUpdate& update) { Heard(update); },
                        .probe = [this](std::string_view point) { Probe(point); }});
  if (!agent.ok()) return Break(std::string(MessageOf(agent.status())));
  agent_ = *std::move(agent);
  agent_->Start([this](const absl::Status& status) {
    if (!status.ok()) throw ProcessDies();  // whoever runs it starts it again
    started_ = true;
    store_.may_die = !calm_;
  });
}

// Nothing is said to anybody; the far sides go on.
void SimulatedWorld::Die(std::string_view why) {
  choices_.Note(kProcessStream, StrCat("the process dies: ", why));
  ++generation_;
  started_ = store_.may_die = false;
  fuse_ = 0;
  agent_.reset();
  phone_.ProcessDied();
  effects_.reset();
  governor_.reset();
  decisions_.reset();
  ledgers_.reset();
  store_.Reopen();  // nobody writes until the next one does
  std::chrono::seconds down(choices_.Pick(kProcessStream, 60));
  if (choices_.Strikes(kProcessStream, Fault::kDownForHours, 60)) {
    down = std::chrono::minutes(60 + choices_.Pick(kProcessStream, 600));
  } else if (choices_.Strikes(kProcessStream, Fault::kDownForDays, 30)) {
    down = std::chrono::minutes(1440 + choices_.Pick(kProcessStream, 1440));
  }
  if (choices_.Strikes(kProcessStream, Fault::kWallClockAhead, 60)) {
    executor_.SetOffset(std::chrono::seconds(1 + choices_.Pick(kProcessStream, 3600)));
  } else if (choices_.Strikes(kProcessStream, Fault::kWallClockBehind, 60)) {
    executor_.SetOffset(-std::chrono::seconds(1 + choices_.Pick(kProcessStream, 3600)));
  }
  down_.push_back({executor_.Now(), executor_.Now() + down});
  executor_.RunAfter(down, [this] { StartUp(); });
}

// A process may die at each named moment of the journal, in the middle of it.
void SimulatedWorld::Probe(std::string_view point) {
  if (!started_ || calm_) return;
  Fault fault = Fault::kCount;
  if (point == "before ARMED") fault = Fault::kDiesBeforeArmed;
  if (point == "durable ARMED") fault = Fault::kDiesWhenArmed;
  if (point == "after send") fault = Fault::kDiesAfterSending;
  if (point == "answer to send") fault = Fault::kDiesWithTheAnswer;
  if (fault != Fault::kCount && choices_.Strikes(kProcessStream, fault, 25)) throw ProcessDies();
}

void SimulatedWorld::Drive() {
  try {
    const bool turned = executor_.Turn();
    if (store_.dying()) return Die("at a commit");
    if (!turned) return Break(StrCat("nothing is left to do, but", WhatIsOpen()));
    // What broke the store ends the process soon: nothing can be written any more.
    if (store_.broken() && (fuse_ == 0 || fuse_ > 20)) fuse_ = 20;
    if (fuse_ == 0 || --fuse_ > 0) return;
  } catch (const ProcessDies&) {
    return Die("where it stands");
  }
  choices_.Fired(kProcessStream, Fault::kDiesAtATurn);
  Die("at a turn");
}

std::string SimulatedWorld::WhatIsOpen() {
  std::string open;
  for (std::size_t i = 0; i < goals_.size(); ++i) {
    if (!goals_[i].settled) open += StrCat(" goal ", i, " was never taken;");
  }
  store_
      .Look([&](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const auto goals, view.ListGoals("", true, "", 100));
        for (const GoalRecord& goal : goals) {
          open += StrCat(
              " goal ", StreamOf(goal.id) - kFirstGoalStream, " is ", goal.state,
              agent_ != nullptr && agent_->progress(goal.id) != nullptr ? ";" : " and lost;");
        }
        DRAGOMAN_ASSIGN_OR_RETURN(const auto intents, view.ListOpenIntents("", 100));
        for (const IntentRecord& intent : intents) {
          open += StrCat(" ", intent.tool, " of goal ", StreamOf(intent.goal_id) - kFirstGoalStream,
                         " is ", Name(intent.state), ";");
        }
        return absl::OkStatus();
      })
      .IgnoreError();
  return open;
}

bool SimulatedWorld::Finished() {
  if (!started_ || agent_->open() > 0 || !executor_.idle()) return false;
  for (const Goal& goal : goals_) {
    if (!goal.settled) return false;
  }
  bool open = true;
  store_
      .Look([&](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const auto goals, view.ListGoals("", true, "", 1));
        DRAGOMAN_ASSIGN_OR_RETURN(const auto intents, view.ListOpenIntents("", 1));
        open = !goals.empty() || !intents.empty();
        return absl::OkStatus();
      })
      .IgnoreError();
  return !open;
}

SimulationResult SimulatedWorld::Run() {
  StartUp();
  for (int i = 0; i < options_.goals; ++i) Arrive(i);
  const auto drive = [&] {
    while (result_.breaks.empty() && !Finished()) {
      Drive();
      if (++result_.turns > kMostTurns) Break("the world does not end");
    }
  };
  drive();
  // A last process, in which nothing fails, settles what the others could not write.
  calm_ = true;
  choices_.Calm();
  kill_.Resume();
  if (result_.breaks.empty()) Die("for the last time");
  drive();
  if (result_.breaks.empty()) {
    for (int i = 0; i < 10'000 && !executor_.idle(); ++i) Drive();
    CheckAll(result_);
  }
  result_.fired = choices_.fired();
  result_.made = choices_.made();
  result_.trace = choices_.trace();
  result_.commits = store_.commits;
  result_.dispatches = far_.dispatches;
  result_.calls = phone_.calls;
  result_.answers = phone_.answers;
  return std::move(result_);
}

// What a goal waits for, as it was kept with its first plan.
const std::vector<std::string>& SimulatedWorld::AfterOf(StoreView& view, const std::string& goal) {
  StreamOf(goal);
  auto& after = known_[goal].after;
  if (after) return *after;
  const auto record = view.FindPlan(goal, 1);
  if (!record.ok() || !*record) {
    static const std::vector<std::string> kNothing;
    return kNothing;  // not kept yet
  }
  const auto plan = GoalPlanFromJson((*record)->body);
  if (!plan.ok()) Break(StrCat("a plan cannot be read: ", MessageOf(plan.status())));
  return after.emplace(plan.ok() ? plan->after : std::vector<std::string>());
}

// Nothing of a goal comes before the ends of those that it waits for.
void SimulatedWorld::CheckOrder(const std::string& goal, std::string_view what) {
  const absl::Status read = store_.Look([&](StoreView& view) {
    for (const std::string& other : AfterOf(view, goal)) {
      DRAGOMAN_ASSIGN_OR_RETURN(const auto record, view.FindGoal(other));
      if (record && record->final) continue;
      Break(StrCat("goal ", StreamOf(goal) - kFirstGoalStream, ": ", what,
                   ", but it waits for goal ", StreamOf(other) - kFirstGoalStream));
    }
    return absl::OkStatus();
  });
  if (!read.ok()) Break(StrCat("the store cannot be read: ", MessageOf(read)));
}

// --- at each dispatch ----------------------------------------------------------------------------

void SimulatedWorld::Check(const IntentRecord& intent, const SimulatedFarSide::Deed& deed) {
  const std::string what =
      StrCat(intent.tool, " of goal ", StreamOf(intent.goal_id) - kFirstGoalStream, ", step ",
             intent.step, ", attempt ", intent.attempt_group);
  choices_.Note(StreamOf(intent.goal_id), StrCat("sends ", intent.tool, ", step ", intent.step));
  if (store_.dying()) throw ProcessDies();
  CheckOrder(intent.goal_id, StrCat(intent.tool, " is sent"));
  const bool again = deed.dispatches > 0;
  if (again && intent.effect != EffectClass::kKeyedWrite) Break(StrCat(what, ": sent twice"));
  if (intent.client_reference != intent.effect_id) Break(StrCat(what, ": sent with another key"));
  const absl::Status read = store_.Look([&](StoreView& view) {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto stored, view.FindIntent(intent.effect_id));
    if (!stored || stored->state != IntentState::kArmed) {
      Break(StrCat(what, ": sent while the store says ",
                   stored ? Name(stored->state) : std::string_view("nothing")));
    }
    DRAGOMAN_ASSIGN_OR_RETURN(const auto goal, view.FindGoal(intent.goal_id));
    if (!again && (!goal || goal->final)) {
      Break(StrCat(what, ": sent when the goal was ", goal ? goal->state : "gone"));
    }
    if (intent.tool == "pay" && intent.approval_id.empty()) {
      Break(StrCat(what, ": sent without an approval"));
    }
    if (!intent.approval_id.empty()) {
      DRAGOMAN_ASSIGN_OR_RETURN(const auto approval, view.FindApproval(intent.approval_id));
      if (!approval || approval->state != ApprovalState::kUsed) {
        Break(StrCat(what, ": its approval is not used up in the store"));
      }
    }
    return absl::OkStatus();
  });
  if (!read.ok()) Break(StrCat(what, ": ", MessageOf(read)));
  const std::string key = DecisionKey(intent.goal_id, intent.tool, Sha256Hex(intent.arguments));
  if (!again && ++used_[key] > allowed_[key]) Break(StrCat(what, ": no decision allowed it"));
}

}  // namespace dragoman
