#include "dragoman/core/secret.h"

#include <string.h>

namespace dragoman {

Secret::~Secret() { explicit_bzero(value_.data(), value_.size()); }

bool Secret::Matches(std::string_view candidate) const {
  if (candidate.size() != value_.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < candidate.size(); ++i) {
    difference |= static_cast<unsigned char>(candidate[i] ^ value_[i]);
  }
  return difference == 0;
}

}  // namespace dragoman
