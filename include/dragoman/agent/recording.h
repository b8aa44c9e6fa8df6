// A call's stereo recording, made from its log and the audio kept beside it.
#ifndef DRAGOMAN_AGENT_RECORDING_H_
#define DRAGOMAN_AGENT_RECORDING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class AudioChannel { kCaller = 0, kAgent = 1 };  // left, right

// Where a stretch of audio lies: in the file beside the log (signed 16-bit little-endian), and in
// the recording. Written to the log for every second of each side that has sound to keep.
struct DRAGOMAN_EXPORT AudioPiece {
  AudioChannel channel = AudioChannel::kCaller;
  std::int64_t start_sample = 0;  // in the recording, which begins with the first frame received
  std::uint64_t file_offset = 0;  // bytes
  std::int64_t samples = 0;
  std::uint32_t crc32c = 0;  // of its bytes in the file
  friend bool operator==(const AudioPiece&, const AudioPiece&) = default;
};

struct DRAGOMAN_EXPORT RecordingInfo {
  std::int64_t frames = 0;  // stereo samples
  int sample_rate_hz = 8000;
};

// Writes a stereo WAV file (the other party left, the agent as it was heard right). Blocks.
// kDataLoss names the first piece whose bytes are missing or differ from what the log says.
DRAGOMAN_EXPORT absl::StatusOr<RecordingInfo> RenderRecording(const std::vector<AudioPiece>& pieces,
                                                              int sample_rate_hz,
                                                              const std::string& audio_path,
                                                              const std::string& wav_path);

}  // namespace dragoman

#endif  // DRAGOMAN_AGENT_RECORDING_H_
