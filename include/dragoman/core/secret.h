// A key that does not end up in a log.
#ifndef DRAGOMAN_CORE_SECRET_H_
#define DRAGOMAN_CORE_SECRET_H_

#include <ostream>
#include <string>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

class DRAGOMAN_EXPORT Secret {
 public:
  Secret() = default;
  // A string given up by its owner is overwritten where its bytes do not move along.
  explicit Secret(std::string&& value);
  explicit Secret(const std::string& value) : value_(value) {}
  explicit Secret(std::string_view value) : value_(value) {}
  explicit Secret(const char* value) : value_(value) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();  // overwrites the bytes, those of an earlier, longer value too

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
