// Values of the vault on a call: what passes the speech gate by handle, what is said then, and what
// of the other party's words is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/safety/gates.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/memory_log.h"
#include "src/safety/heard_cards.h"
#include "src/safety/spoken_value.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kBank[] = "tel:+12015550123";
constexpr char kPinSentence[] = "The PIN is {{vault:bank/pin}}, thank you.";

class BankOnly : public SecretGrants {
 public:
  bool MayReceive(std::string_view handle, std::string_view sink,
                  std::string_view purpose) const override {
    return !revoked && (handle == "bank/pin" || handle == "bank/card") && sink == kBank &&
           purpose == "authenticate";
  }
  bool revoked = false;
};

class ScriptedSource : public SecretSource {
 public:
  void Reveal(const std::string& user, const std::string& handle, const std::string& sink,
              const std::string& purpose, Revealed done) override {
    asked.push_back(user + " " + handle + " " + sink + " " + purpose);
    if (silent) return;
    executor->Post([done = std::move(done), answer = answer]() mutable { done(answer); });
  }
  ManualExecutor* executor = nullptr;
  bool silent = false;
  absl::StatusOr<Secret> answer = Secret("4271");
  std::vector<std::string> asked;
};

struct Rig {
  Rig() {
    source.executor = &executor;
    auto made = MakeGoverningSpeechGate({.synthesizer = &synthesizer,
                                         .sessions = &sessions,
                                         .secrets = matcher.get(),
                                         .log = &log,
                                         .grants = &grants,
                                         .source = &source,
                                         .decisions = &decisions,
                                         .clock = &executor});
    EXPECT_THAT(made, IsOk());
    gate = *std::move(made);
    Open("c1", kBank, {"bank/pin"});
  }
  void Open(const std::string& id, const std::string& sink, std::vector<std::string> secrets,
            const std::string& purpose = "authenticate") {
    GoalSession session;
    session.scope = {.tenant = "t1", .user = "u1", .goal = "g1", .secret_purpose = purpose};
    session.context = std::make_shared<GoalContext>();
    session.session_sink = sink;
    session.secrets = std::move(secrets);
    EXPECT_THAT(sessions.Open(id, session), IsOk());
  }
  // Speaks what the gate let pass; what was told of it.
  struct Spoken {
    std::vector<SpokenWord> words;
    std::vector<std::string> replaced;
    absl::Status status = absl::UnknownError("not done");
    std::size_t samples = 0;
    std::size_t samples_at_replacement = 1;
  };
  Spoken Speak(const std::string& sentence, const std::string& call = "c1") {
    const SpokenText checked = gate->Check(call, sentence);
    Spoken spoken;
    auto stream = gate->Synthesize(
        checked, {}, executor,
        {.on_audio = [&](const PcmFrame& frame) { spoken.samples += frame.samples.size(); },
         .on_words =
             [&](const std::vector<SpokenWord>& words) {
               spoken.words.insert(spoken.words.end(), words.begin(), words.end());
             },
         .on_done = [&](absl::Status status) { spoken.status = std::move(status); },
         .on_replaced =
             [&](std::string_view text) {
               spoken.replaced.emplace_back(text);
               spoken.samples_at_replacement = spoken.samples;
             }});
    EXPECT_THAT(stream, IsOk());
    executor.RunFor(5s);
    return spoken;
  }

  ManualExecutor executor;
  FakeSpeechSynthesizer synthesizer;
  GoalSessions sessions;
  BankOnly grants;
  ScriptedSource source;
  MemoryDecisionLog decisions;
  std::unique_ptr<SecretMatcher> matcher =
      MakeSecretMatcher({{"vault:bank/pin", Secret("4271")},
                         {"vault:bank/card", Secret("4111111111111111")},
                         {"vault:mail/password", Secret("correct horse")}});
  MemoryLog log;
  std::unique_ptr<SpeechGate> gate;
};

TEST(SecretSpeechTest, AGrantedHandlePassesAndItsValueGoesToTheSynthesizerAlone_G1) {
  Rig rig;
  const SpokenText checked = rig.gate->Check("c1", kPinSentence);
  EXPECT_FALSE(checked.replaced);
  EXPECT_TRUE(checked.confidential);
  EXPECT_EQ(checked.text, kPinSentence);
  const Rig::Spoken spoken = rig.Speak(kPinSentence);
  EXPECT_THAT(spoken.status, IsOk());
  EXPECT_THAT(rig.synthesizer.texts(), ElementsAre("The PIN is four two seven one, thank you."));
  EXPECT_TRUE(rig.synthesizer.spoken()[0].options.confidential);
  EXPECT_THAT(rig.source.asked, ElementsAre("u1 bank/pin tel:+12015550123 authenticate"));
  EXPECT_THAT(rig.log.text(), AllOf(Not(HasSubstr("4271")), Not(HasSubstr("four two"))));
  EXPECT_THAT(rig.decisions.records(), IsEmpty());
  // The next sentence is looked at as if the handle had been said.
  EXPECT_FALSE(rig.gate->Check("c1", "Anything else?").replaced);
}

TEST(SecretSpeechTest, TheWordsOfAValueAreToldAsOne_G1) {
  Rig rig;
  const Rig::Spoken spoken = rig.Speak(kPinSentence);
  const std::string text = kPinSentence;
  std::vector<std::string> words;
  for (const SpokenWord& word : spoken.words) {
    words.push_back(text.substr(word.text_begin, word.text_end - word.text_begin));
  }
  ASSERT_THAT(words, SizeIs(6));
  EXPECT_THAT(words[3], HasSubstr("{{vault:bank/pin}}"));
  EXPECT_THAT(words[4], HasSubstr("thank"));
  EXPECT_THAT(words[5], HasSubstr("you"));
  EXPECT_LE(spoken.words[3].end, spoken.words[4].start);
  EXPECT_GT(spoken.words[3].end - spoken.words[3].start, 500ms);  // four digits of 60 ms a letter
}

struct Refused {
  const char* what;
  const char* sink;
  std::vector<std::string> secrets;
  const char* purpose;
  const char* sentence;
};

TEST(SecretSpeechTest, AHandleThatIsNotThisCallsIsASafeLineADenyAndInTheAudit_G1_G2) {
  const Refused cases[] = {
      {"another number", "tel:+12015550199", {"bank/pin"}, "authenticate", kPinSentence},
      {"another purpose", kBank, {"bank/pin"}, "pay", kPinSentence},
      {"not of this call", kBank, {}, "authenticate", kPinSentence},
      {"nobody declared it",
       kBank,
       {"mail/password"},
       "authenticate",
       "It is {{vault:mail/password}}."},
      {"another value of the bank",
       kBank,
       {"bank/pin"},
       "authenticate",
       "The card is {{vault:bank/card}}."},
      {"one of two",
       kBank,
       {"bank/pin"},
       "authenticate",
       "It is {{vault:bank/pin}} and {{vault:bank/card}}."},
      {"half a handle", kBank, {"bank/pin"}, "authenticate", "It is {{vault:bank/pin"},
      {"nobody on the line", "", {"bank/pin"}, "authenticate", kPinSentence}};
  for (const Refused& one : cases) {
    Rig rig;
    rig.Open("c2", one.sink, one.secrets, one.purpose);
    const SpokenText checked = rig.gate->Check("c2", one.sentence);
    EXPECT_TRUE(checked.replaced) << one.what;
    EXPECT_FALSE(checked.confidential) << one.what;
    EXPECT_THAT(checked.text, HasSubstr("not able to share")) << one.what;
    ASSERT_THAT(rig.decisions.records(), SizeIs(1)) << one.what;
    const DecisionRecord record = rig.decisions.records()[0];
    EXPECT_EQ(record.verdict, Verdict::kDeny);
    EXPECT_EQ(record.rule, "vault_sink");
    EXPECT_EQ(record.destination, one.sink);
    EXPECT_THAT(rig.source.asked, IsEmpty()) << one.what;
  }
}

TEST(SecretSpeechTest, ACallWithoutASessionAndAFrozenOneHearNoValue_G1_G8) {
  Rig rig;
  EXPECT_THAT(rig.gate->Check("who", kPinSentence).text, HasSubstr("not able to share"));
  rig.sessions.Freeze("c1", "a mailbox answered");
  EXPECT_THAT(rig.gate->Check("c1", kPinSentence).text, HasSubstr("not able to share"));
}

TEST(SecretSpeechTest, TextThatWasMadeUpAndAGrantThatIsGoneSpeakNothing_G1) {
  Rig rig;
  EXPECT_THAT(rig.gate->Synthesize({.text = kPinSentence}, {}, rig.executor, {}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(rig.gate->Synthesize({.text = kPinSentence, .confidential = true, .call_id = "c9"},
                                   {}, rig.executor, {}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const SpokenText checked = rig.gate->Check("c1", kPinSentence);
  rig.grants.revoked = true;
  EXPECT_THAT(rig.gate->Synthesize(checked, {}, rig.executor, {}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(rig.source.asked, IsEmpty());
  EXPECT_THAT(rig.synthesizer.texts(), IsEmpty());
}

TEST(SecretSpeechTest, AVaultThatRefusesIsSilentOrSaysNonsenseEndsInTheSafeLine_G1) {
  for (int kind = 0; kind < 3; ++kind) {
    Rig rig;
    if (kind == 0) rig.source.answer = absl::PermissionDeniedError("4271 is not for you");
    if (kind == 1) rig.source.silent = true;
    if (kind == 2) rig.source.answer = Secret("  ");
    const Rig::Spoken spoken = rig.Speak(kPinSentence);
    ASSERT_THAT(spoken.replaced, SizeIs(1)) << kind;
    EXPECT_EQ(spoken.samples_at_replacement, 0u);
    EXPECT_THAT(spoken.replaced[0], HasSubstr("not able to share"));
    EXPECT_THAT(rig.synthesizer.texts(), ElementsAre(spoken.replaced[0]));
    EXPECT_THAT(spoken.status, IsOk());
    EXPECT_THAT(rig.log.text(), Not(HasSubstr("4271")));
    EXPECT_FALSE(rig.sessions.Told("c1", "bank/pin"));
  }
}

TEST(SecretSpeechTest, ASynthesizersComplaintDoesNotRepeatTheValue) {
  Rig rig;
  rig.synthesizer.Enqueue(
      {.refusal = absl::InvalidArgumentError("cannot say 'four two seven one'")});
  EXPECT_THAT(rig.Speak(kPinSentence).status,
              StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("four"))));
  rig.synthesizer.Enqueue({.failure = absl::UnavailableError("lost 'four two seven one'")});
  EXPECT_THAT(rig.Speak(kPinSentence).status,
              StatusIs(absl::StatusCode::kUnavailable, Not(HasSubstr("four"))));
}

TEST(SecretSpeechTest, AStreamThatIsCancelledOrDestroyedWhileTheVaultThinksSpeaksNothing) {
  Rig rig;
  const SpokenText checked = rig.gate->Check("c1", kPinSentence);
  absl::Status ended = absl::UnknownError("not done");
  auto stream = rig.gate->Synthesize(checked, {}, rig.executor,
                                     {.on_audio = {},
                                      .on_words = {},
                                      .on_done = [&](absl::Status status) { ended = status; },
                                      .on_replaced = {}});
  ASSERT_THAT(stream, IsOk());
  (*stream)->Cancel();
  rig.executor.RunFor(5s);
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kCancelled));
  auto other = rig.gate->Synthesize(checked, {}, rig.executor, {});
  ASSERT_THAT(other, IsOk());
  other->reset();
  rig.executor.RunFor(5s);
  EXPECT_THAT(rig.synthesizer.texts(), IsEmpty());
}

TEST(SpokenValueTest, DigitsComeOneByOneInGroupsAndWordsAsWords) {
  const std::map<std::string, std::string> said = {
      {"4271", "four two seven one"},
      {"428193", "four two eight, one nine three"},
      {"12345", "one two three, four five"},
      {"1234567", "one two three, four five six seven"},
      {"4111111111111111", "four one one one, one one one one, one one one one, one one one one"},
      {"4111 1111-1111.1111",
       "four one one one, one one one one, one one one one, one one one one"},
      {"correct horse", "correct, horse"},
      {"Rover", "Rover"},
      {"DE89", "D, E, eight nine"},
      {"aB3!", "A, capital B, three, exclamation mark"},
      {"ab-12", "A, B, dash, one two"}};
  for (const auto& [value, text] : said) {
    EXPECT_EQ(safety::SpokenValue(value, "en-US").Reveal(), text) << value;
  }
  EXPECT_EQ(safety::SpokenValue("4271", "de").Reveal(), "4 2 7 1");
}

struct Masked {
  const char* heard;
  const char* kept;
};

TEST(HeardValuesTest, AValueInAnySpellingIsItsHandle_G22_P13) {
  const Masked cases[] = {
      {"so that is four two seven one", "so that is vault:bank/pin"},
      {"4271, right?", "vault:bank/pin, right?"},
      {"4 2 7 1", "vault:bank/pin"},
      {"forty-two seventy-one it is", "vault:bank/pin it is"},
      {"for two seven won", "vault:bank/pin"},
      {"one seven two four backwards", "vault:bank/pin backwards"},
      {"your balance is forty seven dollars", "your balance is forty seven dollars"},
      {"at ten thirty on the fourth", "at ten thirty on the fourth"}};
  for (const Masked& one : cases) {
    Rig rig;
    const HeardText heard = rig.gate->Hear("c1", one.heard, true);
    EXPECT_EQ(heard.text, one.kept);
    EXPECT_EQ(heard.masked, std::string(one.heard) != one.kept);
  }
}

TEST(HeardValuesTest, WhatWasToldIsNotSeenToGrowDigitByDigit_P13) {
  Rig rig;
  EXPECT_EQ(rig.gate->Hear("c1", "so that is four two seven", false).text,
            "so that is four two seven");  // nobody was told: a number like any other
  rig.Speak(kPinSentence);
  ASSERT_TRUE(rig.sessions.Told("c1", "bank/pin"));
  EXPECT_EQ(rig.gate->Hear("c1", "so that is four two", false).text, "so that is vault:bank/pin");
  EXPECT_EQ(rig.gate->Hear("c1", "so that is four two seven", true).text,
            "so that is vault:bank/pin");
  EXPECT_EQ(rig.gate->Hear("c1", "see you at nine thirty", true).text, "see you at nine thirty");
}

TEST(HeardValuesTest, AValueSplitOverTwoTurnsReachesBack_P13) {
  Rig rig;
  EXPECT_FALSE(rig.gate->Hear("c1", "four two", true).masked);
  const HeardText heard = rig.gate->Hear("c1", "seven one", true);
  EXPECT_TRUE(heard.masked);
  EXPECT_TRUE(heard.reaches_back);
  EXPECT_EQ(heard.text, "vault:bank/pin");
}

TEST(HeardValuesTest, ALongValueIsTakenOutWhole_P13) {
  Rig rig;
  rig.Open("c2", kBank, {"bank/card"});
  EXPECT_EQ(rig.gate->Hear("c2", "I have 4111 1111 1111 1111 here", true).text,
            "I have vault:bank/card here");
  EXPECT_EQ(
      rig.gate
          ->Hear("c2", "four one one one, one one one one, one one one one, one one one one ok",
                 true)
          .text,
      "vault:bank/card ok");
}

// Card numbers below are the payment networks' published test numbers.
HeardText HearCards(const std::string& text, bool is_final = true) {
  return safety::MaskCards("", text, is_final);
}

TEST(HeardCardsTest, CardNumbersInAnySpellingAndTheirCodesAreTakenOut_P13) {
  const Masked cases[] = {
      {"it is 4111 1111 1111 1111 thanks", "it is [card number] thanks"},
      {"4111-1111-1111-1111", "[card number]"},
      {"four one one one one one one one one one one one one one one one", "[card number]"},
      {"forty-one eleven eleven eleven eleven eleven eleven eleven", "[card number]"},
      {"four triple one, then double one double one, and one one one one double one double one",
       "[card number]"},
      {"378282246310005, ok", "[card number], ok"},
      {"5555555555554444 and the security code is 123",
       "[card number] and the security code is [card code]"},
      {"4111 1111 1111 1111 12 27 456", "[card number] 12 27 [card code]"},
      {"the CVV is nine eight seven", "the CVV is [card code]"}};
  for (const Masked& one : cases) {
    const HeardText heard = HearCards(one.heard);
    EXPECT_EQ(heard.text, one.kept) << one.heard;
    EXPECT_TRUE(heard.masked) << one.heard;
  }
}

TEST(HeardCardsTest, OtherNumbersStay_P13) {
  for (const char* said :
       {"your order is 4111 1111 1111 1112", "call 201 555 0123", "on the twelfth at ten thirty",
        "that is forty seven dollars", "order 12345678", "reference 9111 1111 1111 1111",
        "1 4111 1111 1111 111"}) {
    const HeardText heard = HearCards(said);
    EXPECT_EQ(heard.text, said);
    EXPECT_FALSE(heard.masked) << said;
  }
}

TEST(HeardCardsTest, ANumberThatGrowsIsNotShownDigitByDigit_P13) {
  EXPECT_EQ(HearCards("it is 4111 11", false).text, "it is 4111 11");
  const HeardText growing = HearCards("it is 4111 1111 1111", false);
  EXPECT_EQ(growing.text, "it is [number]");
  EXPECT_FALSE(growing.masked);  // it may be an order's: its audio is decided by the final
  EXPECT_EQ(HearCards("call 201 555 0123", true).text, "call 201 555 0123");
}

TEST(HeardCardsTest, ACardThatIsSaidInTwoTurnsReachesBack_P13) {
  const HeardText heard = safety::MaskCards("four one one one one one one one",
                                            "one one one one one one one one", true);
  EXPECT_EQ(heard.text, "[card number]");
  EXPECT_TRUE(heard.masked);
  EXPECT_TRUE(heard.reaches_back);
  EXPECT_EQ(safety::MaskCards("the card is 4111 1111 1111 1111", "one two three", true).text,
            "[card code]");
}

TEST(HeardCardsTest, PlacedCallsAreWatchedForCardsAndAnsweredOnesAreNot_P13) {
  Rig rig;
  GoalSession placed;
  placed.context = std::make_shared<GoalContext>();
  placed.disclosure = "Hello, this is an A.I. assistant.";
  EXPECT_THAT(rig.sessions.Open("placed", placed), IsOk());
  EXPECT_TRUE(rig.gate->Guards("placed"));
  EXPECT_EQ(rig.gate->Hear("placed", "4111 1111 1111 1111", true).text, "[card number]");
  rig.Open("answered", "", {});
  EXPECT_FALSE(rig.gate->Guards("answered"));
}

TEST(HeardValuesTest, OnlyGrantedCallsAreWatchedAndOnlyForTheirOwnValues) {
  Rig rig;
  rig.Open("c2", kBank, {});
  EXPECT_TRUE(rig.gate->Guards("c1"));
  EXPECT_FALSE(rig.gate->Guards("c2"));
  EXPECT_FALSE(rig.gate->Guards("who"));
  EXPECT_EQ(rig.gate->Hear("c2", "4271", true).text, "4271");
  EXPECT_THAT(rig.gate->Hear("c1", "correct horse", true).text, "correct horse");
}

}  // namespace
}  // namespace dragoman
