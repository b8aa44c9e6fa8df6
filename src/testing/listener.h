// Callbacks of a fake: called until the last, also when one of them destroys the fake.
#ifndef DRAGOMAN_SRC_TESTING_LISTENER_H_
#define DRAGOMAN_SRC_TESTING_LISTENER_H_

#include <memory>
#include <utility>

#include "dragoman/core/lifetime.h"

namespace dragoman {

// A member of the object that calls back. Only on its executor.
template <typename Callbacks>
class Listener {
 public:
  explicit Listener(Callbacks callbacks)
      : callbacks_(std::make_shared<Callbacks>(std::move(callbacks))) {}

  // False: the callback destroyed the object, which must be touched no more.
  template <typename Member, typename... Args>
  bool Call(Member member, Args&&... args) {
    return Invoke(callbacks_, member, std::forward<Args>(args)...);
  }
  // The last one. Nothing is called afterwards.
  template <typename Member, typename... Args>
  bool Finish(Member member, Args&&... args) {
    return Invoke(std::exchange(callbacks_, nullptr), member, std::forward<Args>(args)...);
  }
  bool finished() const { return callbacks_ == nullptr; }

 private:
  // By value: a running callback outlives the object that it destroys.
  template <typename Member, typename... Args>
  bool Invoke(std::shared_ptr<Callbacks> callbacks, Member member, Args&&... args) {
    if (callbacks == nullptr || !((*callbacks).*member)) return true;
    const auto alive = lifetime_.Watch();
    ((*callbacks).*member)(std::forward<Args>(args)...);
    return !alive.expired();
  }

  std::shared_ptr<Callbacks> callbacks_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_TESTING_LISTENER_H_
