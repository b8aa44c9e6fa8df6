#include "dragoman/runtime/operator_host.h"

#include <filesystem>
#include <future>
#include <utility>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/memory/memories.h"
#include "dragoman/memory/vault.h"
#include "dragoman/providers/notes/memory_tools.h"
#include "dragoman/runtime/call_steps.h"
#include "dragoman/runtime/policy_tools.h"
#include "dragoman/safety/governed_effects.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/tasks/goal_plan.h"
#include "dragoman/tasks/operator.h"
#include "src/runtime/dry_run.h"
#include "src/runtime/erasure.h"
#include "src/runtime/loopback_phones.h"
#include "src/runtime/mail_settings.h"
#include "src/runtime/operator_requests.h"
#include "src/runtime/owned_directory.h"

namespace dragoman {
namespace {

// A tool for the catalogue whose effect is a sender's; it never runs by itself.
absl::StatusOr<std::unique_ptr<Tool>> ToolOfSender(ToolSpec spec) {
  return MakeInlineTool(std::move(spec), [](const std::string&) -> absl::StatusOr<std::string> {
    return FailedPrecondition("runs through the effect journal only");
  });
}

class Host : public OperatorHost {
 public:
  Host(OperatorHostOptions options, LogSink& log) : options_(std::move(options)), log_(log) {}

  absl::Status Open() {
    DRAGOMAN_RETURN_IF_ERROR(OpenDirectory());
    DRAGOMAN_ASSIGN_OR_RETURN(policy_,
                              ReadPolicyFiles(options_.policy_file, options_.calling_rules_file));
    DRAGOMAN_ASSIGN_OR_RETURN(retention_, ReadRetention(options_.data_dir + "/settings.toml"));
    DRAGOMAN_ASSIGN_OR_RETURN(pool_, MakeThreadWorkPool({.threads = 2}));
    DRAGOMAN_RETURN_IF_ERROR(OpenTools());
    DRAGOMAN_RETURN_IF_ERROR(OpenSecrets());
    if (options_.calls.loopback) {
      DRAGOMAN_ASSIGN_OR_RETURN(
          phones_, LoopbackPhones::Open(options_.calls, options_.data_dir,
                                        {.pool = pool_.get(), .clock = &clock_, .log = &log_}));
    }
    if (options_.work) {
      DRAGOMAN_ASSIGN_OR_RETURN(predecessor_died_, owned_->files().BeginWork());
    }
    absl::Status status = absl::UnknownError("not opened");
    RunAndWait(*executor_, [&] { status = OpenOperator(); });
    DRAGOMAN_RETURN_IF_ERROR(status);
    if (options_.work) {
      DRAGOMAN_RETURN_IF_ERROR(StartOperator());
      owned_->StartSweeping(retention_, options_.user);
    }
    if (!options_.listen) return absl::OkStatus();
    return owned_->Listen(
        [this](std::string request, Reply reply) { Handle(std::move(request), std::move(reply)); });
  }

  ~Host() override {
    if (owned_ == nullptr) return;
    RunAndWait(*executor_, [this] {
      if (requests_ != nullptr) requests_->End();
      requests_.reset();
      erasure_.reset();
      agent_.reset();
      calls_.reset();
      effects_.reset();
      governor_.reset();
      secrets_ = {};
      source_.reset();
      vault_.reset();
      memories_.reset();
    });
    owned_->Stop();
    phones_.reset();
    pool_.reset();
    if (options_.work) owned_->files().EndWork();
  }

  void Drain(std::chrono::milliseconds patience) override {
    const auto drained = std::make_shared<std::promise<void>>();
    std::future<void> done = drained->get_future();
    executor_->Post([this, patience, drained] {
      agent_->Drain();
      if (calls_ == nullptr) return drained->set_value();
      calls_->Drain(patience, [drained] { drained->set_value(); });
    });
    done.wait();
  }

  void Handle(std::string request, Reply reply) override {
    executor_->Post([this, request = std::move(request), reply = std::move(reply)] {
      if (requests_ == nullptr) return reply(R"({"error":{"message":"it ends"}})", true);
      requests_->Handle(request, reply);
    });
  }

 private:
  absl::Status OpenDirectory() {
    DRAGOMAN_ASSIGN_OR_RETURN(
        owned_, OwnedDirectory::Open(options_.data_dir,
                                     {.clock = &clock_, .random = &random_, .log = &log_}));
    store_ = &owned_->store();
    executor_ = &owned_->executor();
    ledgers_ = &owned_->ledgers();
    return absl::OkStatus();
  }

  absl::Status OpenTools() {
    DRAGOMAN_ASSIGN_OR_RETURN(
        memories_,
        Memories::Create({}, {.store = store_, .executor = executor_, .random = &random_}));
    for (std::unique_ptr<Tool>& tool : MakeMemoryTools(*memories_)) {
      DRAGOMAN_RETURN_IF_ERROR(tools_.Add(std::move(tool)));
    }
    MailOptions mail;
    if (options_.mail.smtp_url.empty()) {
      mail_ = std::make_unique<DryRunSender>("send a mail", *executor_);
    } else {
      DRAGOMAN_ASSIGN_OR_RETURN(mail, ReadMailSettings(options_.mail));
      DRAGOMAN_ASSIGN_OR_RETURN(mail_,
                                MakeMailSender(mail, {.executor = executor_, .pool = pool_.get()}));
    }
    DRAGOMAN_ASSIGN_OR_RETURN(std::unique_ptr<Tool> send_email, ToolOfSender(SendEmailSpec(mail)));
    DRAGOMAN_RETURN_IF_ERROR(tools_.Add(std::move(send_email)));
    DRAGOMAN_ASSIGN_OR_RETURN(std::unique_ptr<Tool> place_call, ToolOfSender(PlaceCallSpec()));
    return tools_.Add(std::move(place_call));
  }

  // There is a vault where somebody made one, and then it must open.
  absl::Status OpenSecrets() {
    DRAGOMAN_ASSIGN_OR_RETURN(const bool made, HasVault());
    if (!made) return absl::OkStatus();
    using Opened = absl::StatusOr<std::unique_ptr<Vault>>;
    DRAGOMAN_ASSIGN_OR_RETURN(vault_, owned_->Await<Opened>([this](auto done) {
      OpenVault(VaultPlace(), VaultParts(), std::move(done));
    }));
    using Watched = absl::StatusOr<VaultSecrets>;
    DRAGOMAN_ASSIGN_OR_RETURN(secrets_, owned_->Await<Watched>([this](auto done) {
      vault_->WatchSecrets(options_.user, std::move(done));
    }));
    source_ = MakeSecretSource(*vault_);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> HasVault() {
    if (std::filesystem::exists(VaultPlace().key_file)) return true;
    auto any = std::make_shared<bool>(false);
    const absl::Status read = owned_->Await<absl::Status>([this, any](auto done) {
      const absl::Status taken = store_->Read(
          [any](StoreView& view) {
            DRAGOMAN_ASSIGN_OR_RETURN(*any, dragoman::HasVault(view));
            return absl::OkStatus();
          },
          *executor_, done);
      if (!taken.ok()) done(taken);
    });
    if (!read.ok()) return read;
    return *any;
  }

  VaultOptions VaultPlace() const {
    return {.tenant = std::string(kLocalTenant),
            .key_file = options_.data_dir + "/vault.keys",
            .witness_file = options_.data_dir + "/vault.witness"};
  }
  VaultDependencies VaultParts() {
    return {.store = store_, .executor = executor_, .random = &random_};
  }

  absl::Status OpenOperator() {
    DRAGOMAN_ASSIGN_OR_RETURN(governor_,
                              MakeGovernor(policy_, {.clock = &clock_,
                                                     .random = &random_,
                                                     .budgets = &ledgers_->budgets(),
                                                     .calls = &ledgers_->calls(),
                                                     .repeats = &ledgers_->repeats(),
                                                     .confirmations = &ledgers_->confirmations(),
                                                     .decisions = &ledgers_->decisions(),
                                                     .kill = &ledgers_->kill(),
                                                     .secrets = secrets_.matcher.get(),
                                                     .grants = secrets_.grants.get()}));
    DRAGOMAN_ASSIGN_OR_RETURN(
        effects_, GovernedEffects::Create({.governor = governor_.get(),
                                           .executor = executor_,
                                           .tools = &tools_,
                                           .senders = {{"send_email", mail_.get()}},
                                           .log = &log_,
                                           .ledgers = ledgers_,
                                           .carrier = Phones(),
                                           .sessions = Phones() ? &sessions_ : nullptr}));
    DRAGOMAN_RETURN_IF_ERROR(OpenCalls());
    DRAGOMAN_ASSIGN_OR_RETURN(agent_,
                              Operator::Create({.tenant = std::string(kLocalTenant),
                                                .caller_identity = options_.mail.from,
                                                .calling_number = options_.calls.from,
                                                .calls_disclose = true,
                                                .predecessor_died = predecessor_died_},
                                               {.store = store_,
                                                .executor = executor_,
                                                .governor = governor_.get(),
                                                .confirmations = &ledgers_->confirmations(),
                                                .tools = &tools_,
                                                .effects = effects_.get(),
                                                .calls = calls_.get(),
                                                .random = &random_,
                                                .log = &log_,
                                                .on_update = [this](const GoalUpdate& update) {
                                                  if (requests_ != nullptr)
                                                    requests_->OnUpdate(update);
                                                }}));
    OpenForgetting();
    requests_ = std::make_unique<OperatorRequests>(OperatorRequests::Parts{
        .agent = agent_.get(),
        .store = store_,
        .executor = executor_,
        .tools = &tools_,
        .memories = memories_.get(),
        .vault = vault_.get(),
        .init_vault =
            [this](Vault::Ended done) { InitVault(VaultPlace(), VaultParts(), std::move(done)); },
        .ledgers = ledgers_,
        .erasure = erasure_.get(),
        .tenant = std::string(kLocalTenant),
        .user = options_.user,
        .calls_folder = owned_->files().calls(),
        .calls_under_way = [this] { return CallsUnderWay(); }});
    return absl::OkStatus();
  }

  std::size_t CallsUnderWay() const { return calls_ == nullptr ? 0 : calls_->active_calls(); }

  void OpenForgetting() {
    erasure_ = std::make_unique<Erasure>(
        Erasure::Parts{.agent = agent_.get(),
                       .calls_under_way = [this] { return CallsUnderWay(); },
                       .store = store_,
                       .memories = memories_.get(),
                       .vault = vault_.get(),
                       .executor = executor_,
                       .calls_folder = owned_->files().calls(),
                       .loopback_folder = owned_->files().other_party_calls()});
  }

  Carrier* Phones() const { return phones_ == nullptr ? nullptr : &phones_->carrier(); }

  absl::Status OpenCalls() {
    if (phones_ == nullptr) {
      effects_->AddSender(std::string(kPlaceCallTool),
                          &dry_calls_.emplace("place a call", *executor_));
      return absl::OkStatus();
    }
    DRAGOMAN_ASSIGN_OR_RETURN(calls_, phones_->MakeCalls({.executor = executor_,
                                                          .effects = effects_.get(),
                                                          .sessions = &sessions_,
                                                          .governor = governor_.get(),
                                                          .numbers = &ledgers_->calls(),
                                                          .recognizer = nullptr,
                                                          .speech = nullptr,
                                                          .mind = nullptr,
                                                          .pool = pool_.get(),
                                                          .log = &log_,
                                                          .grants = secrets_.grants.get(),
                                                          .secrets = source_.get()},
                                                         {.secrets = secrets_.matcher.get(),
                                                          .decisions = &ledgers_->decisions()},
                                                         owned_->files().calls()));
    effects_->AddSender(std::string(kPlaceCallTool), calls_.get());
    return absl::OkStatus();
  }

  absl::Status StartOperator() {
    DRAGOMAN_RETURN_IF_ERROR(
        owned_->Await<absl::Status>([this](auto done) { agent_->Start(std::move(done)); }));
    // Switched on while nobody worked.
    if (const auto stopped = ledgers_->kill().Stopped(kLocalTenant, "")) {
      log_.Write(LogLevel::kWarning, "operator", StrCat("the kill switch is on: ", *stopped));
      executor_->Post([this, why = *stopped] { agent_->StopAll(why); });
    }
    return absl::OkStatus();
  }

  const OperatorHostOptions options_;
  LogSink& log_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<OwnedDirectory> owned_;
  Store* store_ = nullptr;  // of it, like the next two
  ThreadExecutor* executor_ = nullptr;
  StoreLedgers* ledgers_ = nullptr;
  bool predecessor_died_ = false;
  Policy policy_;
  RetentionSettings retention_;
  std::unique_ptr<WorkPool> pool_;
  std::unique_ptr<EffectSender> mail_;
  std::unique_ptr<LoopbackPhones> phones_;  // null: calls are a dry run
  std::optional<DryRunSender> dry_calls_;
  GoalSessions sessions_;
  ToolRegistry tools_;
  // On the executor:
  std::unique_ptr<Memories> memories_;
  std::unique_ptr<Vault> vault_;  // null: nobody made one
  VaultSecrets secrets_;
  std::unique_ptr<SecretSource> source_;  // of the vault
  std::unique_ptr<Governor> governor_;
  std::unique_ptr<GovernedEffects> effects_;
  std::unique_ptr<CallSteps> calls_;  // null: a dry run
  std::unique_ptr<Operator> agent_;
  std::unique_ptr<Erasure> erasure_;
  std::unique_ptr<OperatorRequests> requests_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorHost>> OperatorHost::Create(OperatorHostOptions options,
                                                                   LogSink& log) {
  if (options.data_dir.empty()) {
    return InvalidArgument("goals must last: name a data directory (--data, DRAGOMAN_DATA)");
  }
  auto host = std::make_unique<Host>(std::move(options), log);
  DRAGOMAN_RETURN_IF_ERROR(host->Open());
  return host;
}

}  // namespace dragoman
