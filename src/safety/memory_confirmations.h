// Questions in memory, on their own and as what a store-backed book answers from.
#ifndef DRAGOMAN_SRC_SAFETY_MEMORY_CONFIRMATIONS_H_
#define DRAGOMAN_SRC_SAFETY_MEMORY_CONFIRMATIONS_H_

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/confirmations.h"

namespace dragoman::safety {

inline constexpr std::size_t kMostOpenQuestions = 100;  // of one user at a time

class MemoryConfirmationBook : public ConfirmationBook {
 public:
  absl::StatusOr<Confirmation> Open(Confirmation confirmation, WallTime now) override {
    const MutexLock lock(mutex_);
    const std::string digest = DigestOf(confirmation.binding);
    std::size_t open = 0;
    for (const auto& [id, entry] : entries_) {
      if (StateOf(entry.confirmation, now) != ConfirmationState::kPending) continue;
      if (entry.binding_digest == digest) return entry.confirmation;
      if (entry.confirmation.binding.tenant == confirmation.binding.tenant &&
          entry.confirmation.binding.user == confirmation.binding.user) {
        ++open;
      }
    }
    if (open >= kMostOpenQuestions)
      return ResourceExhausted(open, " questions wait for this user; expected fewer than ",
                               kMostOpenQuestions);
    Forget(now);
    confirmation.state = ConfirmationState::kPending;
    const auto [at, added] = entries_.emplace(
        confirmation.id,
        Entry{.confirmation = confirmation, .binding_digest = digest, .number = ++last_});
    if (!added || confirmation.id.empty())
      return InvalidArgument("a confirmation needs an id of its own");
    return at->second.confirmation;
  }

  absl::Status Answer(std::string_view id, const OwnerAnswer& answer, WallTime now) override {
    const MutexLock lock(mutex_);
    if (!IsOwnersChannel(answer.channel))
      return MakeStatus(
          absl::StatusCode::kPermissionDenied,
          "only the owner's own channel can confirm; this answer came from elsewhere");
    const auto found = entries_.find(id);
    if (found == entries_.end()) return NotFound("no confirmation of this id");
    Confirmation& confirmation = found->second.confirmation;
    if (answer.tenant != confirmation.binding.tenant || answer.user != confirmation.binding.user)
      return MakeStatus(absl::StatusCode::kPermissionDenied, "this question is another user's");
    const ConfirmationState state = StateOf(confirmation, now);
    if (state != ConfirmationState::kPending)
      return FailedPrecondition("this question is ", Name(state), "; expected a pending one");
    confirmation.state = answer.yes ? ConfirmationState::kApproved : ConfirmationState::kDenied;
    return absl::OkStatus();
  }

  absl::StatusOr<Confirmation> Find(std::string_view id, WallTime now) const override {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return NotFound("no confirmation of this id");
    Confirmation confirmation = found->second.confirmation;
    confirmation.state = StateOf(confirmation, now);
    return confirmation;
  }

  std::optional<Confirmation> FindApproved(const Binding& binding, WallTime now) const override {
    const MutexLock lock(mutex_);
    const std::string digest = DigestOf(binding);
    for (const auto& [id, entry] : entries_) {
      if (entry.binding_digest == digest &&
          StateOf(entry.confirmation, now) == ConfirmationState::kApproved) {
        return entry.confirmation;
      }
    }
    return std::nullopt;
  }

  bool Refused(const Binding& binding, WallTime now) const override {
    const MutexLock lock(mutex_);
    const std::string digest = DigestOf(binding);
    return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
      return entry.second.binding_digest == digest && now < entry.second.confirmation.expires &&
             entry.second.confirmation.state == ConfirmationState::kDenied;
    });
  }

  absl::Status Consume(std::string_view id, const Binding& binding, WallTime now) override {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return NotFound("no confirmation of this id");
    Confirmation& confirmation = found->second.confirmation;
    if (DigestOf(binding, confirmation.expires, id) != confirmation.digest)
      return MakeStatus(absl::StatusCode::kPermissionDenied,
                        "this confirmation binds other arguments");
    const ConfirmationState state = StateOf(confirmation, now);
    if (state != ConfirmationState::kApproved)
      return FailedPrecondition("this confirmation is ", Name(state), "; expected an approved one");
    confirmation.state = ConfirmationState::kUsed;
    Cover(confirmation);
    return absl::OkStatus();
  }

  // As an earlier process left it, or as it was before a write that failed.
  void Restore(Confirmation confirmation) {
    const MutexLock lock(mutex_);
    Entry entry{.confirmation = confirmation,
                .binding_digest = DigestOf(confirmation.binding),
                .number = ++last_};
    const auto known = entries_.find(confirmation.id);
    if (known != entries_.end()) entry.number = known->second.number;
    entries_[confirmation.id] = std::move(entry);
    covered_.clear();
    for (const Confirmation& used : kept_) Cover(used);
    for (const auto& [id, one] : entries_) {
      if (one.confirmation.state == ConfirmationState::kUsed) Cover(one.confirmation);
    }
  }

  bool Covers(std::string_view tenant, std::string_view goal,
              std::string_view destination) const override {
    const MutexLock lock(mutex_);
    return covered_.contains(
        std::tuple{std::string(tenant), std::string(goal), std::string(destination)});
  }

  bool CoversItem(std::string_view tenant, std::string_view goal, std::string_view destination,
                  std::string_view item) const override {
    const MutexLock lock(mutex_);
    const auto found =
        covered_.find(std::tuple{std::string(tenant), std::string(goal), std::string(destination)});
    return found != covered_.end() && found->second.contains(std::string(item));
  }

  std::vector<Confirmation> Pending(std::string_view tenant, std::string_view user,
                                    WallTime now) const override {
    const MutexLock lock(mutex_);
    std::map<std::uint64_t, const Confirmation*> ordered;
    for (const auto& [id, entry] : entries_) {
      if (entry.confirmation.binding.tenant == tenant && entry.confirmation.binding.user == user &&
          StateOf(entry.confirmation, now) == ConfirmationState::kPending) {
        ordered[entry.number] = &entry.confirmation;
      }
    }
    std::vector<Confirmation> pending;
    for (const auto& [number, confirmation] : ordered) pending.push_back(*confirmation);
    return pending;
  }

 private:
  struct Entry {
    Confirmation confirmation;
    std::string binding_digest;
    std::uint64_t number = 0;
  };

  static ConfirmationState StateOf(const Confirmation& confirmation, WallTime now) {
    const bool open = confirmation.state == ConfirmationState::kPending ||
                      confirmation.state == ConfirmationState::kApproved;
    return open && now >= confirmation.expires ? ConfirmationState::kExpired : confirmation.state;
  }

  // What ended a day ago is of no use to anybody; what it covers stays.
  void Forget(WallTime now) DRAGOMAN_REQUIRES(mutex_) {
    for (auto at = entries_.begin(); at != entries_.end();) {
      Confirmation& confirmation = at->second.confirmation;
      if (confirmation.expires + std::chrono::hours(24) >= now) {
        ++at;
        continue;
      }
      if (confirmation.state == ConfirmationState::kUsed) kept_.push_back(std::move(confirmation));
      at = entries_.erase(at);
    }
  }

  void Cover(const Confirmation& confirmation) DRAGOMAN_REQUIRES(mutex_) {
    for (const std::string& destination : confirmation.destinations) {
      const std::tuple key{confirmation.binding.tenant, confirmation.binding.goal, destination};
      std::set<std::string>& items = covered_[key];
      items.insert(confirmation.personal_items.begin(), confirmation.personal_items.end());
    }
  }

  mutable Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ DRAGOMAN_GUARDED_BY(mutex_);
  std::map<std::tuple<std::string, std::string, std::string>, std::set<std::string>> covered_
      DRAGOMAN_GUARDED_BY(mutex_);
  std::vector<Confirmation> kept_ DRAGOMAN_GUARDED_BY(mutex_);  // used ones that were forgotten
  std::uint64_t last_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_MEMORY_CONFIRMATIONS_H_
