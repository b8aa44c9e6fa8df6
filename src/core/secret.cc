#include "dragoman/core/secret.h"

#include <string.h>

#include <utility>

namespace dragoman {

namespace {

// All that it has room for: a short string lies in the object itself, and a moved-from one keeps
// its bytes there.
void Overwrite(std::string& text) {
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace

Secret::Secret(std::string&& value) : value_(std::move(value)) { Overwrite(value); }

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  Overwrite(other.value_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    Overwrite(value_);
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Overwrite(value_);
    value_ = std::move(other.value_);
    Overwrite(other.value_);
  }
  return *this;
}

Secret::~Secret() { Overwrite(value_); }

bool Secret::Matches(std::string_view candidate) const {
  if (candidate.size() != value_.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < candidate.size(); ++i) {
    difference |= static_cast<unsigned char>(candidate[i] ^ value_[i]);
  }
  return difference == 0;
}

}  // namespace dragoman
