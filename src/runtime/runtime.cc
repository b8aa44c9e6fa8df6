#include "dragoman/runtime/runtime.h"

#include <atomic>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/clinic/clinic.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"
#include "dragoman/runtime/answering_rules.h"
#include "dragoman/runtime/clinic_session.h"
#include "dragoman/runtime/models.h"
#include "dragoman/store/event_log.h"
#include "src/runtime/answering_directory.h"
#include "src/runtime/data_directory.h"
#include "src/runtime/tracked_pool.h"

namespace dragoman {
namespace {

// The agent as carriers get it: nobody is taken while the rules say that everything is stopped.
class StoppableAgent : public SessionAgent {
 public:
  // `pool` may be null.
  StoppableAgent(std::unique_ptr<SessionAgent> agent, AnsweringRules& rules, TrackedPool* pool,
                 LogSink& log)
      : agent_(std::move(agent)), rules_(rules), pool_(pool), log_(log) {}

  void Accept(std::unique_ptr<Call> call) override {
    if (const auto why = rules_.Stopped()) {
      ++refused_;
      log_.Write(LogLevel::kWarning, "agent",
                 StrCat("call ", call->info().id, " refused: ", EscapeLine(*why)));
      return;  // destroying the call hangs it up
    }
    agent_->Accept(rules_.Watch(std::move(call)));
  }
  int active_calls() const override { return agent_->active_calls(); }
  std::int64_t refused_calls() const override { return refused_ + agent_->refused_calls(); }
  void Stop(std::chrono::milliseconds patience, absl::AnyInvocable<void()> done) override {
    agent_->Stop(patience, [this, done = std::move(done)]() mutable {
      // Calls are over while their last sentence is still being made; its answer goes to their
      // loop.
      if (pool_ != nullptr) pool_->WaitUntilIdle();
      if (done) done();
    });
  }

 private:
  const std::unique_ptr<SessionAgent> agent_;
  AnsweringRules& rules_;
  TrackedPool* const pool_;
  LogSink& log_;
  std::atomic<std::int64_t> refused_ = 0;
};

class RuntimeImpl : public Runtime {
 public:
  RuntimeImpl(RuntimeOptions options, RuntimeDependencies& dependencies)
      : options_(std::move(options)),
        log_(dependencies.log ? *dependencies.log : NullLog()),
        clock_(dependencies.clock ? dependencies.clock : &system_clock_),
        pool_(dependencies.pool),
        recognizer_(dependencies.recognizer),
        synthesizer_(dependencies.synthesizer),
        model_(dependencies.model) {}

  ~RuntimeImpl() override {
    if (house_) house_->StopListening();  // commands ask about the agent
  }

  absl::Status Open(RuntimeDependencies& dependencies) {
    if (!pool_) {
      DRAGOMAN_ASSIGN_OR_RETURN(auto pool, MakeThreadWorkPool({.threads = options_.work_threads}));
      own_pool_ = std::make_unique<TrackedPool>(std::move(pool));
      pool_ = own_pool_.get();
    }
    if (!options_.data_dir.empty()) {
      if (options_.managed) {
        DRAGOMAN_ASSIGN_OR_RETURN(house_, AnsweringDirectory::Open(options_.data_dir, log_));
      } else {
        DRAGOMAN_ASSIGN_OR_RETURN(folder_, DataDirectory::Open(options_.data_dir));
      }
      DRAGOMAN_ASSIGN_OR_RETURN(logs_, MakeFileEventLogStore(data()->calls()));
    } else {
      log_.Write(LogLevel::kInfo, "runtime", "no data_dir: logs and the book are in memory only");
    }
    DRAGOMAN_RETURN_IF_ERROR(OpenTools(dependencies.tools));
    DRAGOMAN_RETURN_IF_ERROR(OpenSpeech());
    DRAGOMAN_RETURN_IF_ERROR(OpenModel());
    DRAGOMAN_ASSIGN_OR_RETURN(
        rules_,
        AnsweringRules::Create({.policy_file = options_.policy_file, .mandate = options_.mandate},
                               {.tools = &tools_,
                                .synthesizer = synthesizer_,
                                .clock = clock_,
                                .log = &log_,
                                .kill = house_ ? &house_->kill() : nullptr}));
    DRAGOMAN_ASSIGN_OR_RETURN(session_, ClinicSession(options_.session, ClinicReceptionist({})));
    if (data() && options_.record) session_.recording_folder = data()->calls();
    DRAGOMAN_ASSIGN_OR_RETURN(
        auto agent, SessionAgent::Create({.session = session_, .max_calls = options_.max_calls},
                                         SessionParts(), Follow(std::move(dependencies.follow))));
    agent_ = std::make_unique<StoppableAgent>(std::move(agent), *rules_, own_pool_.get(), log_);
    if (house_) {
      house_->CountCalls([this] { return static_cast<std::size_t>(agent_->active_calls()); });
    }
    return absl::OkStatus();
  }

  SessionAgent& agent() override { return *agent_; }
  absl::StatusOr<std::unique_ptr<Session>> StartSession(std::unique_ptr<Call> call,
                                                        Session::Callbacks callbacks) override {
    if (const auto why = stopped()) return FailedPrecondition(*why);
    Session::Callbacks followed = rules_->Follow(call->info(), std::move(callbacks));
    return Session::Start(rules_->Watch(std::move(call)), session_, SessionParts(),
                          std::move(followed));
  }
  std::string_view model_name() const override { return model_->name(); }
  std::optional<std::string> stopped() const override { return rules_->Stopped(); }
  std::string calls_folder() const override { return data() ? data()->calls() : std::string(); }
  WorkPool& pool() override { return *pool_; }

 private:
  const DataDirectory* data() const { return house_ ? &house_->files() : folder_.get(); }

  absl::Status OpenTools(std::vector<std::unique_ptr<Tool>>& tools) {
    if (!tools.empty()) {
      for (std::unique_ptr<Tool>& tool : tools) {
        DRAGOMAN_RETURN_IF_ERROR(tools_.Add(std::move(tool)));
      }
      return absl::OkStatus();
    }
    ClinicOptions book;
    if (data()) book.path = data()->clinic_book();
    DRAGOMAN_ASSIGN_OR_RETURN(clinic_, OpenClinic(book, {.pool = pool_, .clock = clock_}));
    return clinic_->AddTools(tools_);
  }

  absl::Status OpenSpeech() {
    if (!recognizer_) {
      DRAGOMAN_ASSIGN_OR_RETURN(own_recognizer_,
                                MakePocketSphinxRecognizer({.decoders = options_.recognizers},
                                                           {.pool = pool_, .log = &log_}));
      recognizer_ = own_recognizer_.get();
    }
    if (!synthesizer_) {
      FliteOptions voice;
      if (!options_.voice.empty()) voice.voice = options_.voice;
      DRAGOMAN_ASSIGN_OR_RETURN(own_synthesizer_, MakeFliteSynthesizer(voice, {.pool = pool_}));
      synthesizer_ = own_synthesizer_.get();
    }
    return absl::OkStatus();
  }

  absl::Status OpenModel() {
    if (model_) return absl::OkStatus();
    DRAGOMAN_ASSIGN_OR_RETURN(own_model_, MakeModel(options_, *clock_, log_));
    model_ = own_model_.get();
    return absl::OkStatus();
  }

  SessionAgent::Follow Follow(SessionAgent::Follow follow) {
    return [this, follow = std::move(follow)](const CallInfo& call) mutable {
      return rules_->Follow(call, follow ? follow(call) : Session::Callbacks{});
    };
  }

  SessionDependencies SessionParts() {
    return {.recognizer = recognizer_,
            .speech = &rules_->speech(),
            .model = model_,
            .effects = &rules_->effects(),
            .turns = nullptr,
            .logs = logs_.get(),
            .pool = pool_,
            .log = &log_};
  }

  const RuntimeOptions options_;
  LogSink& log_;
  SystemClock system_clock_;
  const Clock* clock_;
  WorkPool* pool_;
  SpeechRecognizer* recognizer_;
  SpeechSynthesizer* synthesizer_;
  ChatModel* model_;
  SessionOptions session_;

  // In the order they need each other: the last goes first.
  std::unique_ptr<AnsweringDirectory> house_;  // one of the two, or none
  std::unique_ptr<DataDirectory> folder_;
  std::unique_ptr<EventLogStore> logs_;
  std::unique_ptr<Clinic> clinic_;
  ToolRegistry tools_;
  std::unique_ptr<SpeechRecognizer> own_recognizer_;
  std::unique_ptr<SpeechSynthesizer> own_synthesizer_;
  std::unique_ptr<ChatModel> own_model_;
  std::unique_ptr<AnsweringRules> rules_;
  std::unique_ptr<SessionAgent> agent_;
  std::unique_ptr<TrackedPool>
      own_pool_;  // its threads use all of the above: joined before they go
};

}  // namespace

absl::Status RuntimeOptions::Validate() const {
  if (recognizers < 1 || recognizers > 64) {
    return InvalidArgument("recognizers is ", recognizers, "; expected 1 to 64");
  }
  if (work_threads < 1 || work_threads > 256) {
    return InvalidArgument("work_threads is ", work_threads, "; expected 1 to 256");
  }
  if (max_calls < 1 || max_calls > 100'000) {
    return InvalidArgument("max_calls is ", max_calls, "; expected 1 to 100000");
  }
  return session.Validate();
}

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Create(RuntimeOptions options,
                                                         RuntimeDependencies dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  auto runtime = std::make_unique<RuntimeImpl>(std::move(options), dependencies);
  DRAGOMAN_RETURN_IF_ERROR(runtime->Open(dependencies));
  return std::unique_ptr<Runtime>(std::move(runtime));
}

}  // namespace dragoman
