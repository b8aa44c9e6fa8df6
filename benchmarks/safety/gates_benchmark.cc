// What a sentence and a decision pay for being governed. The reference arm of the speech gate is
// the least that any gate can do: a search for the values as they are written, ignoring case.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/text.h"
#include "dragoman/safety/gates.h"
#include "dragoman/safety/governor.h"
#include "dragoman/safety/speech_rules.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

constexpr std::array<std::string_view, 8> kSentences = {
    "Good morning, I am calling about the appointment of next Tuesday.",
    "We can pay up to forty euros a month, if the contract runs for a year at most.",
    "Could you tell me whether the doctor has a free slot on Thursday at half past nine?",
    "Thank you very much, that is all I needed to know for now.",
    "My customer has been with you for six years and would like to stay.",
    "The number is two zero one, five five five, zero one two three.",
    "I'm sorry, I didn't quite catch that; could you say it again, more slowly please?",
    "Then let's take the later one, at a quarter to five, and thank you for your patience."};

std::vector<SecretValue> Vault(int count) {
  std::vector<SecretValue> values;
  SeededRandom random(7);
  for (int i = 0; i < count; ++i) {
    std::string value;
    for (int k = 0; k < 4 + i % 17; ++k)
      value += i % 2 == 0 ? static_cast<char>('0' + random.Below(10))
                          : static_cast<char>('a' + random.Below(26));
    values.push_back({"secret-" + std::to_string(i), Secret(value)});
  }
  return values;
}

void BM_SpeechGate(benchmark::State& state) {
  FakeSpeechSynthesizer synthesizer;
  GoalSessions sessions;
  GoalSession session;
  session.context = std::make_shared<GoalContext>();
  session.mandate = *ParseMandate("up to 45 a month, no contract over 12 months");
  if (!sessions.Open("c", session).ok()) std::abort();
  const auto matcher = MakeSecretMatcher(Vault(static_cast<int>(state.range(0))));
  auto gate = MakeGoverningSpeechGate({.synthesizer = &synthesizer,
                                       .sessions = &sessions,
                                       .secrets = matcher.get(),
                                       .log = &NullLog()});
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize((*gate)->Check("c", kSentences[i++ & 7]));
}
BENCHMARK(BM_SpeechGate)->Arg(1)->Arg(50)->Arg(500);

// What a granted call pays for each transcript of the other party: its value was told already.
void BM_Hear(benchmark::State& state) {
  FakeSpeechSynthesizer synthesizer;
  GoalSessions sessions;
  GoalSession session;
  session.context = std::make_shared<GoalContext>();
  session.secrets = {"secret-0"};
  if (!sessions.Open("c", session).ok()) std::abort();
  sessions.NoteTold("c", "secret-0");
  const auto matcher = MakeSecretMatcher(Vault(static_cast<int>(state.range(0))));
  auto gate = MakeGoverningSpeechGate({.synthesizer = &synthesizer,
                                       .sessions = &sessions,
                                       .secrets = matcher.get(),
                                       .log = &NullLog()});
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize((*gate)->Hear("c", kSentences[i++ & 7], true));
}
BENCHMARK(BM_Hear)->Arg(1)->Arg(50)->Arg(500);

// A sentence with a handle that its call was granted.
class GrantsAll : public SecretGrants {
 public:
  bool MayReceive(std::string_view, std::string_view, std::string_view) const override {
    return true;
  }
};
class NoSource : public SecretSource {
 public:
  void Reveal(const std::string&, const std::string&, const std::string&, const std::string&,
              Revealed) override {}
};
void BM_GrantedHandle(benchmark::State& state) {
  FakeSpeechSynthesizer synthesizer;
  GoalSessions sessions;
  GoalSession session;
  session.context = std::make_shared<GoalContext>();
  session.session_sink = "tel:+12015550123";
  session.secrets = {"secret-0"};
  if (!sessions.Open("c", session).ok()) std::abort();
  GrantsAll grants;
  NoSource source;
  const auto matcher = MakeSecretMatcher(Vault(static_cast<int>(state.range(0))));
  auto gate = MakeGoverningSpeechGate({.synthesizer = &synthesizer,
                                       .sessions = &sessions,
                                       .secrets = matcher.get(),
                                       .log = &NullLog(),
                                       .grants = &grants,
                                       .source = &source});
  for (auto _ : state)
    benchmark::DoNotOptimize((*gate)->Check("c", "The account pin is {{vault:secret-0}}."));
}
BENCHMARK(BM_GrantedHandle)->Arg(1)->Arg(50)->Arg(500);

void BM_PlainSearch(benchmark::State& state) {
  std::vector<std::string> values;
  for (const SecretValue& value : Vault(static_cast<int>(state.range(0))))
    values.emplace_back(value.value.Reveal());
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string lower = ToLowerAscii(kSentences[i++ & 7]);
    bool found = false;
    for (const std::string& value : values) found |= lower.find(value) != std::string::npos;
    benchmark::DoNotOptimize(found);
  }
}
BENCHMARK(BM_PlainSearch)->Arg(1)->Arg(50)->Arg(500);

void BM_Mandate(benchmark::State& state) {
  const Mandate mandate = *ParseMandate("up to 45 a month, no contract over 12 months");
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string_view sentence = kSentences[i++ & 7];
    benchmark::DoNotOptimize(BeyondMandate(sentence, mandate, "44 a month"));
    benchmark::DoNotOptimize(ClaimedActions(sentence));
  }
}
BENCHMARK(BM_Mandate);

void BM_Authorize(benchmark::State& state) {
  ManualExecutor clock;
  clock.SetWallStart(std::chrono::sys_days(std::chrono::year(2026) / 1 / 6) +
                     std::chrono::hours(18));
  SystemRandom random;
  Policy policy = *DefaultPolicy();
  policy.identical_calls = 1'000'000'000;
  policy.steps_per_goal = 1'000'000'000;
  for (BudgetLimits* limits : {&policy.goal, &policy.user_day, &policy.tenant_day}) {
    limits->messages = limits->steps = limits->calls = limits->minutes = 1'000'000'000;
    limits->money = {{1'000'000'000, "EUR"}};
  }
  const bool call = state.range(0) != 0;
  policy.calls_per_number_per_hour = policy.calls_per_number_per_day = policy.calls_per_hour =
      policy.calls_per_day = 1'000'000'000;
  auto budgets = MakeMemoryBudgetLedger();
  auto calls = MakeMemoryCallLedger();
  auto repeats = MakeMemoryRepeatLedger();
  auto book = MakeMemoryConfirmationBook();
  MemoryDecisionLog decisions(1000);
  KillSwitch kill;
  auto governor = MakeGovernor(policy, {.clock = &clock,
                                        .random = &random,
                                        .budgets = budgets.get(),
                                        .calls = calls.get(),
                                        .repeats = repeats.get(),
                                        .confirmations = book.get(),
                                        .decisions = &decisions,
                                        .kill = &kill});
  EffectRequest request;
  request.tool = {.name = "t",
                  .parameters = R"({"type":"object"})",
                  .risk = ToolRisk::kOutward,
                  .roles = {{"to", call ? ArgumentRole::kPhone : ArgumentRole::kMail}}};
  request.scope = {.tenant = "t", .user = "u", .goal = "g", .purpose = CallPurpose::kErrand};
  request.scope.tools["t"] = ToolFingerprint(request.tool);
  request.arguments =
      call ? R"({"body":"hello","to":"+12015550123"})" : R"({"body":"hello","to":"a@example.org"})";
  request.labels = {{"to", UserLabel()}, {"body", UserLabel()}};
  request.untrusted_input = false;
  request.call.discloses = true;
  for (auto _ : state) {
    const Decision decision =
        call ? (*governor)->Explain(request) : (*governor)->Authorize(request);
    if (decision.verdict != Verdict::kAllow) state.SkipWithError("not allowed");
    (*governor)->Settle(decision, {}).IgnoreError();
  }
}
BENCHMARK(BM_Authorize)->Arg(0)->Arg(1);

}  // namespace
}  // namespace dragoman
