// Randomness as a dependency.
#ifndef DRAGOMAN_CORE_RANDOM_H_
#define DRAGOMAN_CORE_RANDOM_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

class DRAGOMAN_EXPORT Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;  // uniform over 64 bits

  std::uint64_t Below(std::uint64_t bound);  // uniform over [0, bound); 0 for bound 0
  // Uniform over [low, high].
  std::int64_t Between(std::int64_t low, std::int64_t high);
  bool Chance(std::uint32_t per_mille) { return Below(1000) < per_mille; }
};

// The same seed gives the same numbers on every machine (SplitMix64: Steele, Lea, Flood 2014).
// One thread at a time.
class DRAGOMAN_EXPORT SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() override;

 private:
  std::uint64_t state_;
};

// From the operating system; unguessable. Thread-safe.
class DRAGOMAN_EXPORT SystemRandom : public Random {
 public:
  std::uint64_t Next() override;
};

// "prefix" + 32 hexadecimal digits, in the shape of carriers' ids (CA..., MZ...).
DRAGOMAN_EXPORT std::string MakeId(std::string_view prefix, Random& random);

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_RANDOM_H_
