#include "dragoman/core/random.h"

#include <sys/random.h>

#include <random>

namespace dragoman {

std::uint64_t Random::Below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // Rejects the incomplete last block, so that every value is equally likely.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = Next();
  while (value >= limit) value = Next();
  return value % bound;
}

std::int64_t Random::Between(std::int64_t low, std::int64_t high) {
  if (high <= low) return low;
  return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low) + 1));
}

std::uint64_t SeededRandom::Next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t SystemRandom::Next() {
  std::uint64_t value = 0;
  if (getrandom(&value, sizeof(value), 0) == sizeof(value)) return value;
  std::random_device device;  // a kernel without getrandom
  return (std::uint64_t{device()} << 32) | device();
}

std::string MakeId(std::string_view prefix, Random& random) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id(prefix);
  for (int half = 0; half < 2; ++half) {
    std::uint64_t bits = random.Next();
    for (int digit = 0; digit < 16; ++digit, bits >>= 4) id += kHex[bits & 15];
  }
  return id;
}

}  // namespace dragoman
