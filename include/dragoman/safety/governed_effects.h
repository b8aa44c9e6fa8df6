// The effect journal's way to the outside: what it arms was authorized a moment before, and what it
// sends is exactly what was authorized.
#ifndef DRAGOMAN_SAFETY_GOVERNED_EFFECTS_H_
#define DRAGOMAN_SAFETY_GOVERNED_EFFECTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/safety/goal_sessions.h"
#include "dragoman/safety/governor.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/store/effect_journal.h"
#include "dragoman/telephony/carrier.h"
#include "dragoman/tools/tool.h"

namespace dragoman {
namespace safety {
class GatedRun;
}

// All borrowed, must outlive the effects.
struct DRAGOMAN_EXPORT GovernedEffectsDependencies {
  Governor* governor = nullptr;
  Executor* executor = nullptr;  // the journal's
  const ToolRegistry* tools = nullptr;
  // Far sides that are more than a tool's run: they can be looked up and polled. By tool's name.
  // A tool without one is run, and its success is its confirmation.
  std::map<std::string, EffectSender*> senders;
  LogSink* log = &NullLog();
  // Of the governor, where they last: reservation and answer are committed with ARMED. Null: they
  // are in memory only.
  StoreLedgers* ledgers = nullptr;
  // Both or none: effects that are calls dial by this carrier, each in the session that was opened
  // under its client reference.
  Carrier* carrier = nullptr;
  GoalSessions* sessions = nullptr;
};

// An EffectSender for every tool, and the journal's `recheck`. Only on its executor.
//
// An intent is known by the request that its goal registered. Authorize asks the governor (which
// reserves, counts and uses up the confirmation) and keeps its decision as a ticket; Send without a
// ticket is refused and nothing leaves, except a keyed write that was armed before and may be
// repeated with its key. A ticket is good for one Send of exactly the arguments decided on.
class DRAGOMAN_EXPORT GovernedEffects : public EffectSender {
 public:
  static absl::StatusOr<std::unique_ptr<GovernedEffects>> Create(
      GovernedEffectsDependencies dependencies);
  ~GovernedEffects() override;

  // One more of GovernedEffectsDependencies::senders, borrowed as they are; before any effect.
  void AddSender(std::string tool, EffectSender* sender);

  // The goal is open and stands by this request; replaces an earlier one.
  void Register(const std::string& effect_id, EffectRequest request);
  // The goal lets go of it: what was not sent yet will not be.
  void Forget(const std::string& effect_id);
  // Effects for which something is reserved. After a restart those that have ended are to be
  // given to Ended once more: the process died before it could settle them.
  std::vector<std::string> Reserved() const;

  // EffectJournalDependencies::recheck. Not OK: kPermissionDenied with the rule.
  absl::StatusOr<std::vector<Change>> Authorize(const IntentRecord& intent);
  // Arming was refused by the store: what Authorize took is given back.
  void NotArmed(const std::string& effect_id);
  // The same, but arming will be tried again: the decision stands, and the next Authorize takes it
  // unless the goal was stopped meanwhile.
  void ArmLater(const std::string& effect_id);
  // EffectJournalDependencies::still_allowed.
  absl::Status StillAllowed(const IntentRecord& intent) const;
  // What its goal stands by; null: it is not registered.
  const EffectRequest* Find(const std::string& effect_id) const;
  // The dial of an effect that was authorized and is being sent: to the number that was decided on,
  // whatever `request` names, and once. The call gets the session of its client reference, hangs up
  // within a second of the kill switch, and its real minutes are settled at its end.
  // kPermissionDenied: nobody authorized it, it dialled before, it has no session.
  absl::StatusOr<std::unique_ptr<Dial>> DialFor(const IntentRecord& intent, DialRequest request,
                                                Carrier::Callbacks callbacks);
  // To be called from EffectJournalDependencies::on_final: settles what was reserved.
  void Ended(const IntentRecord& intent);

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override;
  void LookUp(const IntentRecord& intent, WallTime from_time, WallTime to_time,
              absl::AnyInvocable<void(LookupResult)> done) override;
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override;

 private:
  struct Entry;
  explicit GovernedEffects(GovernedEffectsDependencies dependencies);
  absl::StatusOr<std::vector<Change>> AuthorizeAgain(Entry& entry, const std::string& effect_id);
  void Settle(Entry& entry, const std::string& effect_id, bool nothing_happened);
  absl::Status MaySend(const IntentRecord& intent);
  void RunTool(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done);
  EffectSender* SenderOf(const IntentRecord& intent) const;

  GovernedEffectsDependencies with_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::unique_ptr<safety::GatedRun>> running_;  // tools at work, by effect id
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_GOVERNED_EFFECTS_H_
