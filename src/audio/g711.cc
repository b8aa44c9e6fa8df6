#include "dragoman/audio/g711.h"

#include <bit>
#include <cassert>
#include <cstddef>

namespace dragoman {
namespace {

// A companded code is a small float: three bits of exponent (the segment), four of mantissa. The
// conversions go through the bits of an IEEE float, which has the same shape: exact for these
// ranges, free of branches and of table look-ups, so that the compiler vectorises the loops below.
constexpr int kMantissaShift = 19;  // the four highest of a float's 23 bits of mantissa
constexpr int kBias = 127;

constexpr int Lesser(int a, int b) {
  const int difference = a - b;
  return b + (difference & (difference >> 31));
}

constexpr int TopBits(int magnitude) {
  return std::bit_cast<std::int32_t>(static_cast<float>(magnitude)) >> kMantissaShift;
}

// 2^(segment + 7) * (1 + mantissa/16 + 1/32): the middle of the code's interval.
constexpr int Middle(int segment_and_mantissa) {
  const std::int32_t bits =
      ((segment_and_mantissa + ((kBias + 7) << 4)) << kMantissaShift) | (1 << (kMantissaShift - 1));
  return static_cast<int>(std::bit_cast<float>(bits));
}

// The highest bit of a code is set for positive samples.
constexpr int Signed(int magnitude, int code) {
  const int negative = ((code >> 7) & 1) - 1;
  return (magnitude ^ negative) - negative;
}

constexpr std::int16_t MulawToLinear(int code) {
  const int magnitude = Middle(~code & 0x7f) - 132;
  return static_cast<std::int16_t>(Signed(magnitude, code));
}

constexpr std::uint8_t LinearToMulaw(int sample) {
  const int v = sample >> 2;
  const int sign = v >> 31;  // all ones below 0
  // 8158 and not the standard's 8159: that one lies in no segment and gets the code of 8158.
  const int clipped = Lesser((v ^ sign) - sign, 8158);
  const int code = TopBits(clipped + 33) - ((kBias + 5) << 4);
  return static_cast<std::uint8_t>(code ^ 0xff ^ (sign & 0x80));
}

constexpr std::int16_t AlawToLinear(int code) {
  const int plain = (code ^ 0x55) & 0x7f;
  // Segment 0 is linear: segment 1 with its offset of 256 taken away.
  const int linear = (plain - 16) >> 31;  // all ones in segment 0
  const int magnitude = Middle(plain + (linear & 16)) - (linear & 256);
  return static_cast<std::int16_t>(Signed(magnitude, code));
}

constexpr std::uint8_t LinearToAlaw(int sample) {
  const int v = sample >> 3;
  const int sign = v >> 31;
  const int magnitude = v ^ sign;
  const int linear = (magnitude - 32) >> 31;  // all ones in segment 0
  const int code =
      (linear & (magnitude >> 1)) | (~linear & (TopBits(magnitude) - ((kBias + 4) << 4)));
  return static_cast<std::uint8_t>(code ^ 0xd5 ^ (sign & 0x80));
}

static_assert(MulawToLinear(0xff) == 0 && MulawToLinear(0x80) == 32124);
static_assert(AlawToLinear(0xd5) == 8 && AlawToLinear(0x2a) == -32256);

template <auto Convert, typename From, typename To>
void ConvertBlock(std::span<const From> from, std::span<To> to) {
  assert(to.size() >= from.size());
  const From* __restrict source = from.data();
  To* __restrict target = to.data();
  const size_t size = from.size() < to.size() ? from.size() : to.size();
  for (size_t i = 0; i < size; ++i) target[i] = Convert(source[i]);
}

}  // namespace

std::int16_t DecodeMulaw(std::uint8_t code) { return MulawToLinear(code); }
std::uint8_t EncodeMulaw(std::int16_t sample) { return LinearToMulaw(sample); }
std::int16_t DecodeAlaw(std::uint8_t code) { return AlawToLinear(code); }
std::uint8_t EncodeAlaw(std::int16_t sample) { return LinearToAlaw(sample); }

void DecodeMulaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> out) {
  ConvertBlock<MulawToLinear>(codes, out);
}
void EncodeMulaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) {
  ConvertBlock<LinearToMulaw>(samples, out);
}
void DecodeAlaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> out) {
  ConvertBlock<AlawToLinear>(codes, out);
}
void EncodeAlaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) {
  ConvertBlock<LinearToAlaw>(samples, out);
}

}  // namespace dragoman
