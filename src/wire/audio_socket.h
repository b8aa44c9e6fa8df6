// Asterisk's AudioSocket frames, without I/O.
//
// Source: docs.asterisk.org "AudioSocket" and the CyCoreSystems/audiosocket README (2026). A frame
// is a type byte, a big-endian length of the payload, the payload. Audio is signed linear 16 bit,
// little-endian, mono, at a rate that the type names.
#ifndef DRAGOMAN_SRC_WIRE_AUDIO_SOCKET_H_
#define DRAGOMAN_SRC_WIRE_AUDIO_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dragoman {

enum class AudioSocketEvent { kUuid, kAudio, kDtmf, kHangUp, kError };

struct AudioSocketFrame {
  AudioSocketEvent event = AudioSocketEvent::kHangUp;
  std::string uuid;                       // kUuid: lower case, with hyphens
  std::span<const std::int16_t> samples;  // kAudio: valid until the decoder's next call
  int sample_rate_hz = 0;                 // kAudio
  char digit = 0;                         // kDtmf: 0-9 * # A-D
  int error_code = 0;                     // kError: 0 when there was none
};

// Bytes in, frames out. Frames of unknown types are skipped by their length. One thread at a time.
class AudioSocketDecoder {
 public:
  // Late 2025 releases of Asterisk sent 16 kHz as type 0x11, which the documentation of 2026 gives
  // to 12 kHz.
  explicit AudioSocketDecoder(int rate_of_type_11_hz = 12'000)
      : rate_of_type_11_hz_(rate_of_type_11_hz) {}

  void Append(std::string_view bytes);
  // True: `frame` holds the next one. False: more bytes are needed. kInternal: the peer broke the
  // protocol (a length that its type cannot have), and nothing after it can be read.
  absl::StatusOr<bool> Next(AudioSocketFrame& frame);

  std::int64_t skipped_frames() const { return skipped_frames_; }

 private:
  absl::Status Read(std::uint8_t type, std::span<const std::uint8_t> payload,
                    AudioSocketFrame& frame, bool& known);

  const int rate_of_type_11_hz_;
  std::vector<std::uint8_t> buffer_;
  std::size_t read_ = 0;
  std::vector<std::int16_t> samples_;
  std::int64_t skipped_frames_ = 0;
};

// Encoders append to `out`.
// `uuid` as Asterisk writes it, 32 hexadecimal digits with hyphens anywhere. kInvalidArgument: not
// one.
absl::Status AppendAudioSocketUuid(std::string_view uuid, std::string& out);
// kInvalidArgument: a rate that no type has, or more than 32,767 samples.
absl::Status AppendAudioSocketAudio(std::span<const std::int16_t> samples, int sample_rate_hz,
                                    std::string& out);
void AppendAudioSocketDtmf(char digit, std::string& out);
void AppendAudioSocketHangUp(std::string& out);
void AppendAudioSocketError(int code, std::string& out);

// Lower case with hyphens; kInvalidArgument: not a UUID.
absl::StatusOr<std::string> NormalizeUuid(std::string_view uuid);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_WIRE_AUDIO_SOCKET_H_
