// G.711: the eight-bit companded audio of the telephone network, mu-law (PCMU) and A-law (PCMA).
#ifndef DRAGOMAN_AUDIO_G711_H_
#define DRAGOMAN_AUDIO_G711_H_

#include <cstdint>
#include <span>

#include "dragoman/core/export.h"

namespace dragoman {

// ITU-T G.711 with truncation, as Sun's reference C code has it: bit-exact with Python's audioop;
// SoX rounds, so its bytes differ at segment borders (at most 1020 of 65536 inputs).
//
// 8000 samples a second, one byte each. Fill a gap with the silence byte, never with 0x00, which is
// full-scale negative in mu-law: a loud click.
inline constexpr std::uint8_t kMulawSilence = 0xff;  // decodes to 0
inline constexpr std::uint8_t kAlawSilence = 0xd5;   // decodes to 8: A-law has no zero

// Range of the result: -32124 to 32124.
DRAGOMAN_EXPORT std::int16_t DecodeMulaw(std::uint8_t code);
DRAGOMAN_EXPORT std::uint8_t EncodeMulaw(std::int16_t sample);
// Range of the result: -32256 to 32256.
DRAGOMAN_EXPORT std::int16_t DecodeAlaw(std::uint8_t code);
DRAGOMAN_EXPORT std::uint8_t EncodeAlaw(std::int16_t sample);

// Blocks. `out` holds at least as many elements as the input; what is beyond is left alone. Input
// and output do not overlap. No allocation.
DRAGOMAN_EXPORT void DecodeMulaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> out);
DRAGOMAN_EXPORT void EncodeMulaw(std::span<const std::int16_t> samples,
                                 std::span<std::uint8_t> out);
DRAGOMAN_EXPORT void DecodeAlaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> out);
DRAGOMAN_EXPORT void EncodeAlaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> out);

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_G711_H_
