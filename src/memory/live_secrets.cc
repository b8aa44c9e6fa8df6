#include "src/memory/live_secrets.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/memory/vault_rules.h"

namespace dragoman::memory {

bool LiveSecrets::MayReceive(std::string_view handle, std::string_view sink,
                             std::string_view purpose) const {
  const auto name = SplitHandle(handle);
  if (!name) return false;
  const MutexLock lock(mutex_);
  const auto found = sinks_.find(MakeVaultHandle(name->first, name->second));
  return found != sinks_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const SecretSink& granted) {
           return granted.sink == sink && granted.purpose == purpose;
         });
}

std::vector<std::string> LiveSecrets::Declared(std::string_view handle) const {
  std::vector<std::string> declared;
  const auto name = SplitHandle(handle);
  if (!name) return declared;
  const MutexLock lock(mutex_);
  const auto found = sinks_.find(MakeVaultHandle(name->first, name->second));
  if (found == sinks_.end()) return declared;
  for (const SecretSink& sink : found->second) {
    declared.push_back(StrCat(sink.sink, " for ", sink.purpose));
  }
  return declared;
}

// Shared with searches that run while it is replaced.
std::shared_ptr<const SecretMatcher> LiveSecrets::Matcher() const {
  const MutexLock lock(mutex_);
  return matcher_;
}

std::vector<SecretHit> LiveSecrets::Find(std::string_view text, std::size_t from) const {
  const auto matcher = Matcher();
  return matcher == nullptr ? std::vector<SecretHit>() : matcher->Find(text, from);
}

std::vector<SecretHit> LiveSecrets::FindAll(std::string_view handle, std::string_view text,
                                            std::size_t from, std::size_t least_digits) const {
  const auto matcher = Matcher();
  return matcher == nullptr ? std::vector<SecretHit>()
                            : matcher->FindAll(handle, text, from, least_digits);
}

void LiveSecrets::Set(std::map<std::string, std::vector<SecretSink>, std::less<>> sinks,
                      std::vector<SecretValue> values) {
  std::shared_ptr<const SecretMatcher> matcher = MakeSecretMatcher(std::move(values));
  const MutexLock lock(mutex_);
  sinks_ = std::move(sinks);
  matcher_.swap(matcher);
}

void LiveSecrets::Revoke() {
  const MutexLock lock(mutex_);
  sinks_.clear();
}

}  // namespace dragoman::memory
