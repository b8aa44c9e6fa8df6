// What MasterKeys holds.
#ifndef DRAGOMAN_SRC_MEMORY_KEY_STORE_H_
#define DRAGOMAN_SRC_MEMORY_KEY_STORE_H_

#include <cstdint>
#include <map>

#include "dragoman/memory/master_keys.h"
#include "src/memory/locked_bytes.h"

namespace dragoman {

struct MasterKeys::Held {
  memory::LockedBytes witness;
  std::map<std::int64_t, memory::LockedBytes> versions;  // not empty

  const memory::LockedBytes* Find(std::int64_t version) const {
    const auto found = versions.find(version);
    return found == versions.end() ? nullptr : &found->second;
  }
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_MEMORY_KEY_STORE_H_
