// WAV files: a reader for what phones, recorders and vendors write, and a writer for recordings.
#ifndef DRAGOMAN_AUDIO_WAV_H_
#define DRAGOMAN_AUDIO_WAV_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class WavEncoding { kPcm16, kMulaw, kAlaw };

// A parsed file; borrows its bytes.
struct DRAGOMAN_EXPORT WavView {
  WavEncoding encoding = WavEncoding::kPcm16;
  int channels = 1;                    // 1 to 8
  int sample_rate_hz = 8000;           // 4000 to 192000
  std::span<const std::uint8_t> data;  // whole sample frames, little-endian, channels interleaved

  std::size_t frame_bytes() const {
    return static_cast<std::size_t>(channels) * (encoding == WavEncoding::kPcm16 ? 2 : 1);
  }
  std::size_t frames() const { return data.size() / frame_bytes(); }
};

struct DRAGOMAN_EXPORT WavAudio {
  int channels = 1;
  int sample_rate_hz = 8000;
  std::vector<std::int16_t> samples;  // channels interleaved

  std::size_t frames() const { return samples.size() / static_cast<std::size_t>(channels); }
  std::vector<std::int16_t> Channel(int channel) const;  // 0 is the first (left)
};

// Reads the headers (RIFF, little-endian; PCM16, mu-law, A-law, also as WAVE_FORMAT_EXTENSIBLE).
// Unknown chunks are skipped. A data size of 0, 0xFFFFFFFF or beyond the file is that of a stream
// whose writer never came back: the audio goes on to the end. Half a sample frame at the end is
// left out. kInvalidArgument: not such a file; says what is wrong and where.
DRAGOMAN_EXPORT absl::StatusOr<WavView> ParseWav(std::span<const std::uint8_t> file);

// ParseWav, then to linear.
DRAGOMAN_EXPORT absl::StatusOr<WavAudio> DecodeWav(std::span<const std::uint8_t> file);

// Blocks. kNotFound, kInvalidArgument (not a WAV file), kResourceExhausted: larger than
// `max_bytes`.
DRAGOMAN_EXPORT absl::StatusOr<WavAudio> ReadWavFile(const std::string& path,
                                                     std::size_t max_bytes = 256u << 20);

// Streams PCM16 to a file: memory does not grow with the recording. Until Close the header says
// "unknown length", so that a file whose writer was killed can still be read. One thread at a time;
// methods block on the disk: not for a media thread.
class DRAGOMAN_EXPORT WavWriter {
 public:
  // Creates or overwrites. kInvalidArgument: channels not 1 or 2, rate not 4000 to 192000.
  // kFailedPrecondition: the file cannot be created.
  static absl::StatusOr<std::unique_ptr<WavWriter>> Create(const std::string& path,
                                                           int sample_rate_hz, int channels);
  ~WavWriter();  // closes; an error is lost, so call Close
  WavWriter(const WavWriter&) = delete;
  WavWriter& operator=(const WavWriter&) = delete;

  // Interleaved when stereo: kInvalidArgument for half a frame. kResourceExhausted: the format ends
  // at 4 GiB; nothing was written. kUnavailable: the disk refused; every later call says so too.
  // kFailedPrecondition: after Close.
  absl::Status Write(std::span<const std::int16_t> samples);
  // Stereo only; the shorter side is filled with silence.
  absl::Status WriteStereo(std::span<const std::int16_t> left, std::span<const std::int16_t> right);
  // Completes the header. Idempotent; returns the first error of the writer's life.
  absl::Status Close();

  std::int64_t frames_written() const { return frames_; }

 private:
  class File;
  WavWriter(std::unique_ptr<File> file, int sample_rate_hz, int channels);
  absl::Status WriteBytes(std::span<const std::uint8_t> bytes);

  std::unique_ptr<File> file_;  // null after Close
  int sample_rate_hz_;
  int channels_;
  std::int64_t frames_ = 0;
  absl::Status status_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_WAV_H_
