// Callbacks that fall silent when their owner is gone.
#ifndef DRAGOMAN_CORE_LIFETIME_H_
#define DRAGOMAN_CORE_LIFETIME_H_

#include <memory>
#include <type_traits>
#include <utility>

namespace dragoman {

// A member of the owner, declared last so that it goes first. A callback wrapped by it does nothing
// after the owner was destroyed, or after Renew(). Only on the owner's executor: both the callback
// and the destruction run there.
class Lifetime {
 public:
  template <typename Function>
  auto Wrap(Function function) const {
    return [alive = std::weak_ptr<const char>(token_),
            function = std::move(function)](auto&&... args) mutable {
      // Not lock(): a held token would hide from Watch() that the callback destroyed the owner.
      if (!alive.expired()) function(std::forward<decltype(args)>(args)...);
    };
  }
  // Silences everything wrapped so far.
  void Renew() { token_ = std::make_shared<char>(); }

  // To learn inside a callback whether it destroyed its owner: watch before, expired() after.
  std::weak_ptr<const char> Watch() const { return token_; }

 private:
  std::shared_ptr<const char> token_ = std::make_shared<char>();
};

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_LIFETIME_H_
