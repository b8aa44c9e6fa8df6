#include "dragoman/lab/clinic_agent.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dragoman/agent/replay.h"
#include "dragoman/agent/session_agent.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/lab/faults.h"
#include "dragoman/providers/clinic/clinic.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/offline/offline_chat_model.h"
#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"
#include "dragoman/runtime/answering_rules.h"
#include "dragoman/runtime/clinic_session.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/store/event_log.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/tools/tool.h"
#include "src/lab/dry_book.h"

namespace dragoman::lab {
namespace {

// A tool of another registry, which outlives it.
class BorrowedTool : public Tool {
 public:
  explicit BorrowedTool(Tool& tool) : tool_(tool) {}
  const ToolSpec& spec() const override { return tool_.spec(); }
  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    return tool_.Run(std::move(arguments), context, executor, std::move(on_done));
  }

 private:
  Tool& tool_;
};

class PreparedClinic : public PreparedAgent {
 public:
  PreparedClinic(const ClinicAgentOptions& options, AgentEnvironment environment)
      : options_(options), environment_(std::move(environment)) {}

  absl::Status Prepare() {
    DRAGOMAN_RETURN_IF_ERROR(OpenBook());
    DRAGOMAN_RETURN_IF_ERROR(OpenSpeech());
    DRAGOMAN_RETURN_IF_ERROR(OpenModel());
    DRAGOMAN_ASSIGN_OR_RETURN(logs_, MakeFileEventLogStore(environment_.folder));
    DRAGOMAN_ASSIGN_OR_RETURN(rules_, AnsweringRules::Create({.mandate = RuntimeOptions().mandate},
                                                             {.tools = &tools_,
                                                              .synthesizer = faulty_voice_.get(),
                                                              .clock = environment_.executor,
                                                              .log = options_.log}));
    return OpenAgent();
  }

  CallAgent& agent() override { return *agent_; }

  absl::StatusOr<std::vector<Booking>> Bookings() override {
    DRAGOMAN_ASSIGN_OR_RETURN(auto appointments, clinic_->Appointments());
    std::vector<Booking> bookings;
    for (std::size_t i = taken_; i < appointments.size(); ++i) {
      const ClinicAppointment& one = appointments[i];
      bookings.push_back({ToLowerAscii(one.name), one.date, one.time});
    }
    return bookings;
  }

  std::string event_log() const override {
    return call_id_.empty() ? "" : environment_.folder + "/" + call_id_ + ".log";
  }

  absl::Status CheckReplay() override {
    if (call_id_.empty()) return FailedPrecondition("the agent never had a call");
    DRAGOMAN_ASSIGN_OR_RETURN(EventLogReader log, EventLogReader::Open(event_log()));
    DRAGOMAN_ASSIGN_OR_RETURN(ReplayResult replay, ReplayCall(std::move(log)));
    if (replay.verdict != ReplayVerdict::kIdentical) return Internal(replay.first_difference);
    if (!replay.finished) return DataLoss("the log ends before the call does");
    return absl::OkStatus();
  }

 private:
  const Scenario& scenario() const { return *environment_.scenario; }

  ClinicOptions BookOptions() const {
    ClinicOptions options;
    options.path = environment_.folder + "/clinic.sqlite";
    return options;
  }

  absl::Status OpenBook() {
    DRAGOMAN_RETURN_IF_ERROR(TakeSlots());
    ClinicDependencies dependencies;
    dependencies.pool = environment_.pool;
    dependencies.clock = environment_.executor;
    DRAGOMAN_ASSIGN_OR_RETURN(clinic_, OpenClinic(BookOptions(), dependencies));
    DRAGOMAN_ASSIGN_OR_RETURN(auto before, clinic_->Appointments());
    taken_ = before.size();
    DRAGOMAN_RETURN_IF_ERROR(RunPast());
    DRAGOMAN_RETURN_IF_ERROR(clinic_->AddTools(clinic_tools_));
    for (const ToolSpec& spec : clinic_tools_.Specs()) {
      auto tool = std::make_unique<BorrowedTool>(*clinic_tools_.Find(spec.name));
      DRAGOMAN_RETURN_IF_ERROR(tools_.Add(WithFaults(std::move(tool), scenario().faults)));
    }
    return absl::OkStatus();
  }

  // What the recorded call did by then, in the same book.
  absl::Status RunPast() {
    if (options_.past == nullptr) return absl::OkStatus();
    ManualExecutor executor;
    executor.SetWallStart(options_.past->header.started);
    ManualWorkPool pool(executor);
    DRAGOMAN_ASSIGN_OR_RETURN(auto clinic, OpenClinic(BookOptions(), {&pool, &executor}));
    ToolRegistry tools;
    DRAGOMAN_RETURN_IF_ERROR(clinic->AddTools(tools));
    RecordedCall past{.header = options_.past->header, .steps = PastSteps()};
    int number = 0;
    for (const RecordedRun& done : ToolRuns(past)) {
      Tool* const tool = tools.Find(done.call.name);
      if (tool == nullptr || !done.ok) continue;
      ToolContext context;
      context.call_id = "past";
      context.effect_key = StrCat("past-", ++number);
      const auto run =
          tool->Run(done.call.arguments, context, executor, [](absl::StatusOr<std::string>) {});
      executor.RunFor(std::chrono::seconds(1));
    }
    return absl::OkStatus();
  }

  std::vector<CallStep> PastSteps() const {
    if (options_.past == nullptr) return {};
    const auto& steps = options_.past->steps;
    return {steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(
                                               std::min(options_.past_events, steps.size()))};
  }

  // Books the scenario's taken slots as other people, in a virtual time of their own. What cannot
  // be booked is taken already, which is as good.
  absl::Status TakeSlots() {
    ManualExecutor executor;
    executor.SetWallStart(scenario().now);
    ManualWorkPool pool(executor);
    DRAGOMAN_ASSIGN_OR_RETURN(auto clinic, OpenClinic(BookOptions(), {&pool, &executor}));
    ToolRegistry tools;
    DRAGOMAN_RETURN_IF_ERROR(clinic->AddTools(tools));
    Tool* book = tools.Find("book_appointment");
    if (!book) return Internal("the clinic has no tool book_appointment");
    int number = 0;
    for (const Booking& slot : scenario().taken) {
      ToolContext context;
      context.call_id = "lab";
      context.effect_key = StrCat("lab-", ++number);
      auto run = book->Run(StrCat("{\"name\":\"", slot.name, "\",\"date\":\"", slot.date,
                                  "\",\"time\":\"", slot.time, "\"}"),
                           context, executor, [](absl::StatusOr<std::string>) {});
      executor.RunFor(std::chrono::seconds(1));
    }
    return absl::OkStatus();
  }

  absl::Status OpenSpeech() {
    recognizer_ = environment_.recognizer;
    if (!recognizer_) {
      PocketSphinxOptions options;
      options.decoders = 1;
      DRAGOMAN_ASSIGN_OR_RETURN(
          own_recognizer_, MakePocketSphinxRecognizer(options, {environment_.pool, options_.log}));
      recognizer_ = own_recognizer_.get();
    }
    SpeechSynthesizer* voice = environment_.synthesizer;
    if (!voice) {
      FliteOptions options;
      options.voice = options_.voice;
      DRAGOMAN_ASSIGN_OR_RETURN(own_voice_, MakeFliteSynthesizer(options, {environment_.pool}));
      voice = own_voice_.get();
    }
    faulty_recognizer_ = WithFaults(*recognizer_, scenario().faults);
    faulty_voice_ = WithFaults(*voice, scenario().faults);
    return absl::OkStatus();
  }

  absl::Status OpenModel() {
    definition_ = ClinicReceptionist({});
    ChatModel* model = options_.model;
    if (!model) {
      OfflineChatModelOptions options;
      options.agent = definition_;
      DRAGOMAN_ASSIGN_OR_RETURN(own_model_, MakeOfflineChatModel(std::move(options)));
      model = own_model_.get();
    }
    faulty_model_ = WithFaults(*model, scenario().faults);
    return absl::OkStatus();
  }

  absl::Status OpenAgent() {
    SessionAgentOptions options;
    // The audio is kept beside the log, as a server keeps it: `replay --audio` checks and renders
    // it.
    DRAGOMAN_ASSIGN_OR_RETURN(
        options.session, ClinicSession({.recording_folder = environment_.folder}, definition_));
    if (options_.past != nullptr) {
      options.session.machine = options_.past->header.options;
      options.session.past = PastSteps();
      options.session.recording_folder.clear();  // the past has no audio here
    }
    SessionDependencies dependencies;
    dependencies.recognizer = faulty_recognizer_.get();
    dependencies.speech = &rules_->speech();
    dependencies.model = faulty_model_.get();
    dependencies.effects = &rules_->effects();
    dependencies.logs = logs_.get();
    dependencies.pool = environment_.pool;
    dependencies.log = options_.log;
    auto follow = [this](const CallInfo& info) {
      call_id_ = info.id;
      Session::Callbacks callbacks;
      callbacks.on_event = [this](const SessionEvent& event) { environment_.on_event(event); };
      callbacks.on_done = [this](CallReport report) { environment_.on_report(report); };
      Session::Callbacks followed = rules_->Follow(info, std::move(callbacks));
      for (const RecordedRun& done : ToolRuns({.header = {}, .steps = PastSteps()})) {
        if (done.ok) rules_->RememberDone(info.id, done.call.name);
      }
      return followed;
    };
    DRAGOMAN_ASSIGN_OR_RETURN(agent_,
                              SessionAgent::Create(std::move(options), dependencies, follow));
    return absl::OkStatus();
  }

  const ClinicAgentOptions options_;
  const AgentEnvironment environment_;
  AgentDefinition definition_;
  std::unique_ptr<Clinic> clinic_;
  std::size_t taken_ = 0;
  ToolRegistry clinic_tools_;
  ToolRegistry tools_;
  SpeechRecognizer* recognizer_ = nullptr;
  std::unique_ptr<SpeechRecognizer> own_recognizer_;
  std::unique_ptr<SpeechSynthesizer> own_voice_;
  std::unique_ptr<ChatModel> own_model_;
  std::unique_ptr<SpeechRecognizer> faulty_recognizer_;
  std::unique_ptr<SpeechSynthesizer> faulty_voice_;
  std::unique_ptr<ChatModel> faulty_model_;
  std::unique_ptr<EventLogStore> logs_;
  std::unique_ptr<AnsweringRules> rules_;
  std::string call_id_;
  std::unique_ptr<SessionAgent> agent_;
};

class ClinicAgent : public AgentUnderTest {
 public:
  explicit ClinicAgent(ClinicAgentOptions options) : options_(std::move(options)) {}
  absl::StatusOr<std::unique_ptr<PreparedAgent>> Prepare(AgentEnvironment environment) override {
    auto prepared = std::make_unique<PreparedClinic>(options_, std::move(environment));
    DRAGOMAN_RETURN_IF_ERROR(prepared->Prepare());
    return prepared;
  }

 private:
  ClinicAgentOptions options_;
};

}  // namespace

std::unique_ptr<AgentUnderTest> MakeClinicAgent(ClinicAgentOptions options) {
  return std::make_unique<ClinicAgent>(std::move(options));
}

}  // namespace dragoman::lab
