#include "dragoman/agent/session.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/agent/call_log.h"
#include "dragoman/audio/wav.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/memory_log.h"
#include "dragoman/testing/pcm.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A whole conversation in virtual time: the real session and machine; the parties around are fakes.
class SessionTest : public ::testing::Test {
 protected:
  SessionTest()
      : pool_(executor_),
        effects_(MakeAllowingEffectGate(tools_, nullptr, NullLog())),
        speech_(MakeAllowingSpeechGate(synthesizer_, NullLog())) {
    options_.instructions = "You are a receptionist.";
    options_.machine.greeting = "Good morning.";
  }

  void Start() {
    FakeCallEnds ends = MakeFakeCall(executor_);
    caller_ = std::move(ends.caller);
    auto session = Session::Start(
        std::move(ends.call), options_,
        {.recognizer = &recognizer_,
         .speech = speech_.get(),
         .model = &model_,
         .effects = effects_.get(),
         .turns = nullptr,
         .logs = &logs_,
         .pool = &pool_},
        {.on_event = [this](const SessionEvent& event) { events_.push_back(event); },
         .on_done = [this](CallReport report) { reports_.push_back(std::move(report)); }});
    ASSERT_THAT(session, IsOk());
    session_ = *std::move(session);
  }

  // The caller says something: sound on the line, the words as a recogniser hears them.
  void CallerSays(std::string_view words, std::chrono::milliseconds length = 900ms) {
    caller_->Speak(Buzz(length));
    executor_.RunFor(length);
    recognizer_.HearPartial(words);
    executor_.RunFor(1500ms);
  }

  std::vector<std::string> Said() const { return synthesizer_.texts(); }
  bool Saw(SessionEvent::Kind kind, std::string_view name_or_text) const {
    for (const SessionEvent& event : events_) {
      if (event.kind == kind && (event.name == name_or_text || event.text == name_or_text)) {
        return true;
      }
    }
    return false;
  }

  ManualExecutor executor_;
  ManualWorkPool pool_;
  FakeSpeechRecognizer recognizer_;
  FakeSpeechSynthesizer synthesizer_;
  FakeChatModel model_;
  ToolRegistry tools_;
  MemoryEventLogStore logs_;
  std::unique_ptr<EffectGate> effects_;
  std::unique_ptr<SpeechGate> speech_;
  SessionOptions options_;
  std::unique_ptr<FakeCaller> caller_;
  std::vector<SessionEvent> events_;
  std::vector<CallReport> reports_;
  std::unique_ptr<Session> session_;
};

TEST_F(SessionTest, GreetsListensAndAnswers) {
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(2s);
  EXPECT_THAT(Said(), ElementsAre("Good morning."));
  CallerSays("I would like an appointment.");
  executor_.RunFor(3s);
  EXPECT_THAT(Said(), ElementsAre("Good morning.", "Certainly."));
  EXPECT_TRUE(Saw(SessionEvent::Kind::kUserSaid, "I would like an appointment."));
  EXPECT_TRUE(Saw(SessionEvent::Kind::kAgentHeard, "Certainly."));
}

TEST_F(SessionTest, TheModelSeesInstructionsHistoryAndTheToolThatEndsTheCall) {
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(2s);
  CallerSays("Hello there, I need help.");
  ASSERT_THAT(model_.requests(), Not(IsEmpty()));
  const ChatRequest request = model_.requests().back();
  ASSERT_THAT(request.messages, SizeIs(3));
  EXPECT_EQ(request.messages[0].text, "You are a receptionist.");
  EXPECT_EQ(request.messages[1].text, "Good morning.");
  EXPECT_EQ(request.messages[2].text, "Hello there, I need help.");
  EXPECT_THAT(request.tools, Contains(Field(&ToolSpec::name, "end_call")));
}

TEST_F(SessionTest, AnInterruptedReplyEntersTheHistoryOnlyAsFarAsItWasHeard) {
  const std::string reply =
      "We have a free appointment on Monday at nine, on Tuesday at ten and on Friday at noon.";
  model_.Enqueue(ScriptedReply::Say(reply));
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Monday then."); });
  Start();
  executor_.RunFor(2s);
  CallerSays("When is something free?");
  // 60 ms a character: some 20 characters are out when the caller comes in.
  executor_.RunFor(500ms);
  caller_->Speak(Buzz(1200ms));
  executor_.RunFor(400ms);
  recognizer_.HearPartial("no wait take Monday");
  executor_.RunFor(4s);
  EXPECT_GE(caller_->clears(), 1);
  const std::vector<Message> messages = model_.requests().back().messages;
  std::string heard;
  for (const Message& message : messages) {
    if (message.role == Role::kAssistant && message.text.starts_with("We have")) {
      heard = message.text;
    }
  }
  EXPECT_THAT(heard, Not(IsEmpty()));
  EXPECT_TRUE(reply.starts_with(heard));
  EXPECT_LT(heard.size(), reply.size());
  // What the line really played bounds what may be claimed: 60 ms a character.
  EXPECT_LE(heard.size() * 60, static_cast<size_t>(caller_->heard().duration() / 1ms));
}

TEST_F(SessionTest, AToolRunsOnceAndItsResultReachesTheModel) {
  auto tool = std::make_unique<FakeTool>(FakeTool::Spec("lookup"),
                                         ScriptedRun{.result = std::string("{\"free\":true}")});
  FakeTool* lookup = tool.get();
  ASSERT_THAT(tools_.Add(std::move(tool)), IsOk());
  model_.AnswerWith([](const ChatRequest& request) {
    return request.messages.back().role == Role::kTool ? ScriptedReply::Say("It is free.")
                                                       : ScriptedReply::Call("c1", "lookup", "{}");
  });
  options_.machine.speculate = false;
  Start();
  executor_.RunFor(2s);
  CallerSays("Is Monday free?");
  executor_.RunFor(3s);
  EXPECT_THAT(lookup->runs(), SizeIs(1));
  EXPECT_EQ(model_.requests().back().messages.back().text, "{\"free\":true}");
  EXPECT_THAT(Said(), Contains("It is free."));
  EXPECT_TRUE(Saw(SessionEvent::Kind::kToolCalled, "lookup"));
  EXPECT_TRUE(Saw(SessionEvent::Kind::kToolReturned, "lookup"));
}

TEST_F(SessionTest, SpeculationNeverRunsAToolTwice) {
  auto tool = std::make_unique<FakeTool>(FakeTool::Spec("book"));
  FakeTool* book = tool.get();
  ASSERT_THAT(tools_.Add(std::move(tool)), IsOk());
  model_.AnswerWith([](const ChatRequest& request) {
    return request.messages.back().role == Role::kTool ? ScriptedReply::Say("Booked.")
                                                       : ScriptedReply::Call("c1", "book", "{}");
  });
  Start();
  executor_.RunFor(2s);
  CallerSays("Yes, please book that.");
  executor_.RunFor(3s);
  EXPECT_THAT(book->runs(), SizeIs(1));
}

TEST_F(SessionTest, TheGoodbyeIsHeardBeforeTheLineGoes) {
  model_.AnswerWith([](const ChatRequest&) {
    return ScriptedReply::Call("c1", "end_call", R"({"goodbye":"Have a nice day."})");
  });
  options_.machine.speculate = false;
  Start();
  executor_.RunFor(2s);
  CallerSays("That is all, thank you.");
  executor_.RunFor(6s);
  EXPECT_TRUE(caller_->agent_hung_up());
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].end, CallEnd::kAgentHungUp);
  EXPECT_EQ(events_.back().kind, SessionEvent::Kind::kEnded);
  // Everything that was said to the end was played to the end.
  EXPECT_EQ(caller_->heard().samples.size(), caller_->played().samples.size());
}

TEST_F(SessionTest, ACallerWhoHangsUpEndsTheSession) {
  Start();
  executor_.RunFor(300ms);
  caller_->HangUp();
  executor_.RunFor(1s);
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].end, CallEnd::kCallerHungUp);
}

TEST_F(SessionTest, ALostSocketIsNotAHangUp) {
  Start();
  executor_.RunFor(300ms);
  caller_->Drop(absl::UnavailableError("connection reset"));
  executor_.RunFor(1s);
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].end, CallEnd::kMediaLost);
}

TEST_F(SessionTest, ARecogniserThatDiesIsOpenedAgainAndHearsTheLastTwoSeconds) {
  recognizer_.Enqueue({.failure = absl::UnavailableError("gone"), .failure_at = 3s});
  Start();
  executor_.RunFor(3500ms);
  ASSERT_THAT(recognizer_.streams(), SizeIs(2));
  EXPECT_GE(recognizer_.streams()[1].pushed, 2s);
}

TEST_F(SessionTest, ARecogniserThatDiesInATurnHearsAllOfItAgain) {
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  recognizer_.Enqueue({});
  recognizer_.Enqueue(ScriptedHearing::Words("I would like to book for Monday please", 500ms, 4s));
  Start();
  executor_.RunFor(3s);
  caller_->Speak(Buzz(4500ms));
  executor_.RunFor(3s);
  recognizer_.HearPartial("I would like to");
  executor_.RunFor(500ms);
  recognizer_.Fail(absl::UnavailableError("gone"));
  executor_.RunFor(20ms);
  ASSERT_THAT(recognizer_.streams(), SizeIs(2));
  EXPECT_GE(recognizer_.streams()[1].pushed, 3500ms);  // since the turn began
  executor_.RunFor(3s);
  ASSERT_THAT(model_.requests(), SizeIs(1));
  EXPECT_EQ(model_.requests()[0].messages.back().text, "I would like to book for Monday please");
}

TEST_F(SessionTest, WordsOfATurnThatIsTooLongToBeHeardAgainStand) {
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(3s);
  caller_->Speak(Buzz(16s));
  executor_.RunFor(500ms);
  for (std::string_view words :
       {"I", "I would", "I would like", "I would like to", "I would like to book",
        "I would like to book for", "I would like to book for Monday"}) {
    recognizer_.HearPartial(words);
    executor_.RunFor(2s);
  }
  recognizer_.Fail(absl::UnavailableError("gone"));
  executor_.RunFor(100ms);
  ASSERT_THAT(recognizer_.streams(), SizeIs(2));
  recognizer_.HearPartial("if you please");
  executor_.RunFor(4s);
  ASSERT_THAT(model_.requests(), SizeIs(1));
  EXPECT_EQ(model_.requests()[0].messages.back().text,
            "I would like to book for Monday if you please");
}

TEST_F(SessionTest, WordsOfAnAnsweredTurnAreNotHeardAgain) {
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(3s);
  CallerSays("I would like an appointment.");
  ASSERT_THAT(model_.requests(), SizeIs(1));
  recognizer_.Fail(absl::UnavailableError("gone"));
  executor_.RunFor(20ms);
  ASSERT_THAT(recognizer_.streams(), SizeIs(2));
  EXPECT_EQ(recognizer_.streams()[1].loud_samples, 0);
}

TEST_F(SessionTest, WordsThatComeAfterTheirTurnsDeadlineAreAnsweredAllTheSame) {
  // The recogniser says nothing until it is asked, and then takes longer than the turn waits.
  recognizer_.Enqueue({.flushes = {{.text = "I would like an appointment.", .delay = 1800ms}}});
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(2s);
  caller_->Speak(Buzz(900ms));
  executor_.RunFor(6s);
  EXPECT_TRUE(Saw(SessionEvent::Kind::kUserSaid, "I would like an appointment."));
  EXPECT_THAT(Said(), ElementsAre("Good morning.", "Certainly."));
  EXPECT_THAT(model_.requests(), SizeIs(1));
}

TEST_F(SessionTest, DestroyingTheSessionHangsUpAndSaysNothingMore) {
  Start();
  executor_.RunFor(500ms);
  const size_t events = events_.size();
  session_.reset();
  executor_.RunFor(2s);
  EXPECT_TRUE(caller_->agent_hung_up());
  EXPECT_THAT(events_, SizeIs(events));
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(SessionTest, ItMayBeDestroyedInsideAnyOfItsEvents) {
  for (int at = 1; at <= 12; ++at) {
    FakeCallEnds ends = MakeFakeCall(executor_, {.info = {.id = "call-" + std::to_string(at)}});
    model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
    int seen = 0;
    std::unique_ptr<Session> session;
    auto started = Session::Start(std::move(ends.call), options_,
                                  {.recognizer = &recognizer_,
                                   .speech = speech_.get(),
                                   .model = &model_,
                                   .effects = effects_.get()},
                                  {.on_event = [&](const SessionEvent&) {
                                    if (++seen == at) session.reset();
                                  }});
    ASSERT_THAT(started, IsOk());
    session = *std::move(started);
    executor_.RunFor(2s);
    ends.caller->Speak(Buzz(900ms));
    executor_.RunFor(900ms);
    recognizer_.HearPartial("I would like an appointment.");
    executor_.RunFor(3s);
    EXPECT_EQ(seen, at);
    EXPECT_TRUE(ends.caller->agent_hung_up());
  }
}

TEST_F(SessionTest, EveryStepIsInTheLog) {
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(2s);
  CallerSays("Good morning to you.");
  executor_.RunFor(2s);
  caller_->HangUp();
  executor_.RunFor(1s);
  ASSERT_THAT(reports_, SizeIs(1));
  auto bytes = EventLogReader::FromBytes(logs_.Bytes("fake-call"));
  ASSERT_THAT(bytes, IsOk());
  auto log = CallLogReader::Create(*std::move(bytes));
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->header().options, options_.machine);
  EXPECT_EQ(log->header().call_id, "fake-call");
  // The log alone tells the same story that the session told.
  Narrator narrator;
  std::vector<SessionEvent> told;
  bool finished = false;
  while (true) {
    auto record = log->Next();
    if (!record.ok()) {
      EXPECT_EQ(record.status().code(), absl::StatusCode::kOutOfRange);
      break;
    }
    const auto& step = std::get<CallStep>(*record);
    narrator.Tell(step.event, step.commands, &told);
    for (const CallCommand& command : step.commands) {
      finished |= std::holds_alternative<call_command::Finish>(command);
    }
  }
  EXPECT_TRUE(finished);
  EXPECT_EQ(told, events_);
}

TEST_F(SessionTest, TheRecordingHoldsBothSidesAsTheyWereHeard) {
  std::string folder = (std::filesystem::temp_directory_path() / "dragoman-call-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  options_.recording_folder = folder;
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Certainly."); });
  Start();
  executor_.RunFor(2s);
  CallerSays("Good morning to you.");
  executor_.RunFor(3s);
  caller_->HangUp();
  executor_.RunFor(1s);
  ASSERT_THAT(reports_, SizeIs(1));
  auto recording = ReadWavFile(folder + "/fake-call.wav");
  ASSERT_THAT(recording, IsOk());
  EXPECT_EQ(recording->channels, 2);
  auto loud = [](const std::vector<std::int16_t>& samples) {
    std::int64_t count = 0;
    for (std::int16_t sample : samples) count += sample > 500 || sample < -500;
    return count;
  };
  // 900 ms of the caller's buzz; everything of the agent that the line played, in both within 5 %.
  EXPECT_NEAR(static_cast<double>(loud(recording->Channel(0))),
              static_cast<double>(loud(Buzz(900ms).samples)), 400);
  EXPECT_NEAR(static_cast<double>(loud(recording->Channel(1))),
              static_cast<double>(loud(caller_->heard().samples)), 400);
  std::filesystem::remove_all(folder);
}

TEST_F(SessionTest, MissingDependenciesAreNamed) {
  FakeCallEnds ends = MakeFakeCall(executor_);
  EXPECT_THAT(Session::Start(std::move(ends.call), options_, {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("recognizer")));
  EXPECT_TRUE(ends.caller->ended());
}

TEST_F(SessionTest, ARecogniserThatIsNotFreeHangsUp) {
  recognizer_.Enqueue({.refusal = absl::ResourceExhaustedError("no decoder is free")});
  FakeCallEnds ends = MakeFakeCall(executor_);
  EXPECT_THAT(Session::Start(std::move(ends.call), options_,
                             {.recognizer = &recognizer_,
                              .speech = speech_.get(),
                              .model = &model_,
                              .effects = effects_.get()},
                             {}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(ends.caller->ended());
}

}  // namespace
}  // namespace dragoman
