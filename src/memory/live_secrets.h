// The two faces of a user's vault that gates look at, from any thread.
#ifndef DRAGOMAN_SRC_MEMORY_LIVE_SECRETS_H_
#define DRAGOMAN_SRC_MEMORY_LIVE_SECRETS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/memory/vault.h"
#include "dragoman/store/secret_matcher.h"

namespace dragoman::memory {

class LiveSecrets : public SecretGrants, public SecretMatcher {
 public:
  bool MayReceive(std::string_view handle, std::string_view sink,
                  std::string_view purpose) const override;
  std::vector<std::string> Declared(std::string_view handle) const override;
  std::vector<SecretHit> Find(std::string_view text, std::size_t from) const override;
  std::vector<SecretHit> FindAll(std::string_view handle, std::string_view text, std::size_t from,
                                 std::size_t least_digits) const override;

  void Set(std::map<std::string, std::vector<SecretSink>, std::less<>> sinks,
           std::vector<SecretValue> values);
  // Nothing may be received any more; what is known is still recognised.
  void Revoke();

 private:
  std::shared_ptr<const SecretMatcher> Matcher() const;

  mutable Mutex mutex_;
  std::map<std::string, std::vector<SecretSink>, std::less<>> sinks_ DRAGOMAN_GUARDED_BY(mutex_);
  // Shared with searches that run while it is replaced.
  std::shared_ptr<const SecretMatcher> matcher_ DRAGOMAN_GUARDED_BY(mutex_);
};

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_LIVE_SECRETS_H_
