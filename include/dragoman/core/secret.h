// A key that does not end up in a log.
#ifndef DRAGOMAN_CORE_SECRET_H_
#define DRAGOMAN_CORE_SECRET_H_

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/core/export.h"

namespace dragoman {

class DRAGOMAN_EXPORT Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret();  // overwrites the bytes

  bool empty() const { return value_.empty(); }
  std::string_view Reveal() const { return value_; }  // only where it goes on the wire

  // In constant time for equal lengths.
  bool Matches(std::string_view candidate) const;

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  std::string value_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_SECRET_H_
