// Writes random tool calls with the state around them and what the governor decides of each, as
// JSON lines: random_calls COUNT SEED. tests/safety/reference_policy.py decides them again.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/safety/governor.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

constexpr const char* kNumbers[] = {"+12015550123",
                                    "(201) 555-0147",
                                    "+14155550123",
                                    "415-555-0188",
                                    "+13055550123",
                                    "+12145550123",
                                    "+12055550123",
                                    "1 305 555 0100",
                                    "+18005550199",
                                    "+19005550123",
                                    "900-555-0123",
                                    "+442079460958",
                                    "011 44 20 7946 0958",
                                    "+449098790000",
                                    "+447012345678",
                                    "+4930901820",
                                    "+499001234567",
                                    "+491802123456",
                                    "+18769221234",
                                    "+14165550123",
                                    "+881612345678",
                                    "+870773111632",
                                    "+979123456789",
                                    "+88812345678",
                                    "011870773111632",
                                    "911",
                                    "112",
                                    "999",
                                    "000",
                                    "+49112",
                                    "411",
                                    "72345",
                                    "*725550123",
                                    "#31#2015550123",
                                    "+1201555",
                                    "1-800-FLOWERS",
                                    "",
                                    "+12015550123 ext 4",
                                    "++12015550123",
                                    "not a number"};
constexpr const char* kMails[] = {
    "anna@example.org", "Anna@EXAMPLE.org", "eve@evil.example.com", "anna", "a@b",
    "A <a@example.org>"};
constexpr const char* kUrls[] = {"https://example.org/a",     "http://news.example.com/",
                                 "https://127.0.0.1/",        "ftp://example.org/",
                                 "https://user@example.org/", "https://example.org:8443/"};
constexpr const char* kPayees[] = {"Acme Ltd", " ACME  ltd", "Eve", " "};
constexpr const char* kAmounts[] = {"1.00 EUR", "24.99 EUR", "25.01 EUR",
                                    "9 USD",    "5.00 CHF",  "lots"};
constexpr const char* kDigits[] = {
    "1", "0123456789#", "*72", "*7212", "12a", "123456789012345678901234567890123", ""};
constexpr const char* kBodies[] = {"hello", "see you at nine", "the PIN is 4516",
                                   "use {{vault:pin}}", "use {{vault:other}}"};
constexpr const char* kSinks[] = {"tel:+12015550123", "tel:+14155550123", "mailto:anna@example.org",
                                  "payee:acme ltd",   "host:example.org", "tel:+13055550123"};

struct Kind {
  const char* name;
  ToolRisk risk;
  const char* argument;  // nullptr: none
  ArgumentRole role;
};
constexpr Kind kKinds[] = {
    {"place_call", ToolRisk::kOutward, "to", ArgumentRole::kPhone},
    {"send_sms", ToolRisk::kOutward, "to", ArgumentRole::kSms},
    {"send_email", ToolRisk::kOutward, "to", ArgumentRole::kMail},
    {"fetch", ToolRisk::kRead, "url", ArgumentRole::kUrl},
    {"post_form", ToolRisk::kOutward, "url", ArgumentRole::kUrl},
    {"search", ToolRisk::kRead, "query", ArgumentRole::kQuery},
    {"pay", ToolRisk::kMoney, "payee", ArgumentRole::kPayee},
    {"sign", ToolRisk::kContract, "to", ArgumentRole::kMail},
    {"log_in", ToolRisk::kIdentity, "url", ArgumentRole::kUrl},
    {"press_keys", ToolRisk::kOutward, "digits", ArgumentRole::kDigits},
    {"note", ToolRisk::kLocal, nullptr, ArgumentRole::kPayload},
    {"look_up", ToolRisk::kRead, nullptr, ArgumentRole::kPayload},
    {"remember", ToolRisk::kLearn, nullptr, ArgumentRole::kPayload},
    {"transfer", ToolRisk::kTransfer, "to", ArgumentRole::kPhone},
    {"raise_budget", ToolRisk::kAdministrative, nullptr, ArgumentRole::kPayload},
    {"mystery", ToolRisk::kUndeclared, nullptr, ArgumentRole::kPayload},
};

class Grants : public SecretGrants {
 public:
  bool MayReceive(std::string_view handle, std::string_view sink, std::string_view) const override {
    return handle == "pin" && sink == "tel:+12015550123";
  }
};

template <std::size_t kSize>
const char* Pick(Random& random, const char* const (&from)[kSize]) {
  return from[random.Below(kSize)];
}

std::string BoolJson(bool value) { return value ? "true" : "false"; }

std::string ListJson(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += StrCat(out == "[" ? "" : ",", JsonString(text));
  return out + "]";
}

class Case {
 public:
  Case(const Policy& policy, const SecretMatcher& matcher, Random& random)
      : policy_(policy), matcher_(matcher), random_(random) {}

  std::string Run() {
    MakeRequest();
    MakeState();
    auto governor = MakeGovernor(policy_, {.clock = &clock_,
                                           .random = &random_,
                                           .budgets = budgets_.get(),
                                           .calls = calls_.get(),
                                           .repeats = repeats_.get(),
                                           .confirmations = book_.get(),
                                           .decisions = &log_,
                                           .kill = &kill_,
                                           .secrets = &matcher_,
                                           .grants = &grants_});
    if (!governor.ok()) std::abort();
    const std::string answer = MakeAnswer(**governor);
    const Verdict dry = (*governor)->Explain(request_).verdict;
    const std::size_t recorded = log_.records().size();
    const Decision decision = (*governor)->Authorize(request_);
    if (decision.verdict != dry || log_.records().size() != recorded + 1 ||
        log_.records().back().verdict != decision.verdict) {
      std::fprintf(stderr, "the dry run or the record differs: %s\n",
                   RenderDecision(decision).c_str());
      std::abort();
    }
    return StrCat("{", json_, ",\"utc\":", clock_.WallNow().time_since_epoch().count() / 1'000'000,
                  ",\"answer\":", JsonString(answer),
                  ",\"verdict\":", JsonString(Name(decision.verdict)),
                  ",\"rule\":", JsonString(decision.rule), "}");
  }

 private:
  void Tell(std::string_view key, std::string value) {
    json_ += StrCat(json_.empty() ? "" : ",", JsonString(key), ":", value);
  }

  Label RandomLabel() {
    Label label;
    // Mostly benign, so that the later rules are reached too.
    label.integrity = static_cast<Integrity>(random_.Chance(600) ? 4 : random_.Below(5));
    label.confidentiality =
        static_cast<Confidentiality>(random_.Chance(600) ? 0 : random_.Below(4));
    const std::uint64_t readers = random_.Below(3);
    if (readers == 0 || label.confidentiality == Confidentiality::kPublic)
      label.readers = Readers::Everyone();
    if (label.confidentiality != Confidentiality::kPublic && readers == 1) {
      std::vector<std::string> sinks;
      for (const char* sink : kSinks) {
        if (random_.Chance(500)) sinks.push_back(sink);
      }
      label.readers = Readers::Only(sinks);
    }
    return label;
  }

  std::string Value(ArgumentRole role) {
    switch (role) {
      case ArgumentRole::kPhone:
      case ArgumentRole::kSms:
        return JsonString(random_.Chance(500) ? kNumbers[random_.Below(9)]
                                              : Pick(random_, kNumbers));
      case ArgumentRole::kMail:
        if (random_.Chance(150)) return ListJson({Pick(random_, kMails), Pick(random_, kMails)});
        return JsonString(random_.Chance(700) ? kMails[0] : Pick(random_, kMails));
      case ArgumentRole::kUrl:
        return JsonString(random_.Chance(700) ? kUrls[0] : Pick(random_, kUrls));
      case ArgumentRole::kPayee:
        return JsonString(Pick(random_, kPayees));
      case ArgumentRole::kDigits:
        return JsonString(Pick(random_, kDigits));
      default:
        return JsonString(Pick(random_, kBodies));
    }
  }

  void AddArgument(const std::string& name, const std::string& value, ArgumentRole role) {
    arguments_ += StrCat(arguments_.empty() ? "" : ",", JsonString(name), ":", value);
    if (role != ArgumentRole::kPayload) request_.tool.roles.push_back({name, role});
    roles_ += StrCat(roles_.empty() ? "" : ",", JsonString(name), ":", JsonString(Name(role)));
    if (random_.Chance(20)) return;  // nobody labelled it
    const Label label = RandomLabel();
    request_.labels[name] = label;
    labels_ += StrCat(
        labels_.empty() ? "" : ",", JsonString(name),
        ":{\"integrity\":", JsonString(Name(label.integrity)),
        ",\"confidentiality\":", JsonString(Name(label.confidentiality)), ",\"readers\":",
        label.readers.everyone() ? std::string("\"*\"") : ListJson(label.readers.sinks()), "}");
  }

  void MakeRequest() {
    const Kind& kind = kKinds[random_.Below(std::size(kKinds))];
    request_.tool.name = kind.name;
    request_.tool.risk = kind.risk;
    request_.tool.parameters = R"({"type":"object"})";
    if (kind.argument != nullptr && !random_.Chance(20))
      AddArgument(kind.argument, Value(kind.role), kind.role);
    if (kind.risk == ToolRisk::kMoney && !random_.Chance(50))
      AddArgument("amount", JsonString(Pick(random_, kAmounts)), ArgumentRole::kMoney);
    if (kind.role == ArgumentRole::kPhone && random_.Chance(300))
      AddArgument("minutes", random_.Chance(900) ? StrCat(random_.Between(0, 70)) : "1.5",
                  ArgumentRole::kMinutes);
    if (random_.Chance(700))
      AddArgument(
          "body",
          JsonString(random_.Chance(800) ? kBodies[random_.Below(2)] : Pick(random_, kBodies)),
          ArgumentRole::kPayload);
    std::string text = "{" + arguments_ + "}";
    if (random_.Chance(5)) text = "{\"body\":1,\"body\":2}";
    if (random_.Chance(5)) text = "{\"n\":9007199254740993}";
    if (random_.Chance(5)) text = "[]";
    request_.arguments = text;
    request_.scope = {.tenant = "t", .user = "u", .goal = "g", .title = "a goal"};
    const std::uint64_t pinned = random_.Below(100);
    if (pinned >= 2) request_.scope.tools[kind.name] = ToolFingerprint(request_.tool);
    if (pinned == 2) request_.scope.tools[kind.name] = "other";
    request_.untrusted_input = random_.Chance(400);
    request_.private_data = random_.Chance(400);
    if (random_.Chance(700)) request_.session_sink = kSinks[0];
    request_.call.discloses = !random_.Chance(100);
    if (random_.Chance(200)) request_.scope.countries = {"GB"};
    if (random_.Chance(200)) request_.scope.declared_digits = {"*72"};
    request_.scope.purpose = random_.Chance(700)   ? CallPurpose::kErrand
                             : random_.Chance(500) ? CallPurpose::kPersonal
                                                   : CallPurpose::kMarketing;
    Tell("tool", JsonString(kind.name));
    Tell("risk", JsonString(Name(kind.risk)));
    Tell("roles", "{" + roles_ + "}");
    Tell("labels", "{" + labels_ + "}");
    Tell("arguments", JsonString(text));
    Tell("pinned", JsonString(pinned < 2 ? "absent" : pinned == 2 ? "changed" : "same"));
    Tell("untrusted_input", BoolJson(request_.untrusted_input));
    Tell("private_data", BoolJson(request_.private_data));
    Tell("session_sink", JsonString(request_.session_sink));
    Tell("discloses", BoolJson(request_.call.discloses));
    Tell("countries", ListJson(request_.scope.countries));
    Tell("declared_digits", ListJson(request_.scope.declared_digits));
    Tell("purpose", JsonString(Name(request_.scope.purpose)));
  }

  void MakeState() {
    // Any minute of 2026.
    clock_.SetWallStart(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) +
                        std::chrono::minutes(random_.Chance(500)
                                                 ? 18 * 60 + 24 * 60 * random_.Below(365)
                                                 : random_.Below(365 * 24 * 60)));
    const bool killed = random_.Chance(20);
    if (killed) kill_.StopGoal("t", "g", "drill");
    Tell("killed", BoolJson(killed));
    const std::uint64_t repeats = random_.Chance(900) ? random_.Below(3) : 3;
    const auto canonical = CanonicalJson(request_.arguments);
    for (std::uint64_t i = 0; canonical.ok() && i < repeats; ++i) {
      repeats_
          ->TryCall(R"(goal "t" "u" "g")", Sha256Hex(JsonString(request_.tool.name) + *canonical),
                    100)
          .IgnoreError();
    }
    Tell("repeats", StrCat(repeats));
    Amounts used;
    if (random_.Chance(300)) {
      used = {.money = {{static_cast<std::int64_t>(random_.Below(2501)), "EUR"}},
              .calls = static_cast<std::int64_t>(random_.Below(11)),
              .minutes = static_cast<std::int64_t>(random_.Below(61)),
              .messages = static_cast<std::int64_t>(random_.Below(21)),
              .steps = static_cast<std::int64_t>(random_.Below(31))};
    }
    const bool open = random_.Chance(50);
    BudgetLimits all{.money = {{1'000'000, "EUR"}},
                     .calls = 1000,
                     .minutes = 1000,
                     .messages = 1000,
                     .tokens = 1000,
                     .steps = 1000};
    const std::vector<BudgetAccount> account = {{.key = R"(goal "t" "u" "g")", .limits = all}};
    auto reserved = budgets_->Reserve(account, used);
    if (!reserved.ok() || !budgets_->Settle(*reserved, used).ok()) std::abort();
    if (open && !budgets_->Reserve(account, {.calls = 1}).ok()) std::abort();
    Tell("used", StrCat("{\"eur\":", used.money.empty() ? 0 : used.money[0].hundredths,
                        ",\"calls\":", used.calls + (open ? 1 : 0), ",\"minutes\":", used.minutes,
                        ",\"messages\":", used.messages, ",\"steps\":", used.steps, "}"));
    Tell("open_call", BoolJson(open));
    const std::uint64_t hour = random_.Chance(800) ? 0 : random_.Below(4);
    const std::uint64_t day = random_.Chance(800) ? 0 : random_.Below(4);
    const bool blocked = random_.Chance(30);
    const auto consent = static_cast<ConsentClass>(random_.Below(3));
    const bool revoked = random_.Chance(100);
    for (const char* number :
         {"+12015550123", "+12015550147", "+14155550123", "+14155550188", "+13055550123",
          "+13055550100", "+12145550123", "+12055550123", "+18005550199", "+442079460958"}) {
      AddCalls(number, hour, std::chrono::minutes(10));
      AddCalls(number, day, std::chrono::hours(5));
      if (blocked) calls_->Block("t", number, "asked", clock_.WallNow()).IgnoreError();
      calls_->RecordConsent("t", number, {.given = consent, .source = "form", .revoked = revoked})
          .IgnoreError();
    }
    Tell("calls_last_hour", StrCat(hour));
    Tell("calls_five_hours_ago", StrCat(day));
    Tell("blocked", BoolJson(blocked));
    Tell("consent", JsonString(Name(consent)));
    Tell("revoked", BoolJson(revoked));
  }

  // By another user, so that only the caps of the number are in play.
  void AddCalls(const char* number, std::uint64_t count, std::chrono::minutes ago) {
    const AttemptCaps any{1000, 1000, 1000, 1000};
    for (std::uint64_t i = 0; i < count; ++i)
      calls_->TryAttempt("t", "another", number, any, clock_.WallNow() - ago).IgnoreError();
  }

  // What the owner had said before; "none" where there was nothing to ask.
  std::string MakeAnswer(Governor& governor) {
    const std::uint64_t kind = random_.Below(10);
    if (kind > 3) return "none";
    EffectRequest asked = request_;
    if (kind == 2) {
      asked.scope.title = "another";
      asked.caller_identity = "another";  // binds something else
    }
    if (governor.Explain(asked).verdict != Verdict::kConfirm) return "none";
    const Decision question = governor.Authorize(asked);
    if (!question.confirmation) std::abort();
    const OwnerAnswer answer{
        .channel = AnswerChannel::kOwnerConsole, .tenant = "t", .user = "u", .yes = kind != 1};
    if (!book_->Answer(question.confirmation->id, answer, clock_.WallNow()).ok()) std::abort();
    if (kind >= 2 || random_.Chance(500)) request_.confirmation = question.confirmation->id;
    if (kind == 3) clock_.RunFor(std::chrono::minutes(10));
    return kind == 0 ? "yes" : kind == 1 ? "no" : kind == 2 ? "other" : "expired";
  }

  const Policy& policy_;
  const SecretMatcher& matcher_;
  Random& random_;
  ManualExecutor clock_;
  std::unique_ptr<BudgetLedger> budgets_ = MakeMemoryBudgetLedger();
  std::unique_ptr<CallLedger> calls_ = MakeMemoryCallLedger();
  std::unique_ptr<RepeatLedger> repeats_ = MakeMemoryRepeatLedger();
  std::unique_ptr<ConfirmationBook> book_ = MakeMemoryConfirmationBook();
  MemoryDecisionLog log_;
  KillSwitch kill_;
  Grants grants_;
  EffectRequest request_;
  std::string json_, arguments_, roles_, labels_;
};

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1000;
  dragoman::SeededRandom random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  const auto policy = dragoman::DefaultPolicy();
  const auto matcher = dragoman::MakeSecretMatcher({{"pin", dragoman::Secret("4516")}});
  if (!policy.ok()) return 1;
  for (long i = 0; i < count; ++i) {
    dragoman::Case one(*policy, *matcher, random);
    std::puts(one.Run().c_str());
  }
  return 0;
}
