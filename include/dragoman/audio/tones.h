// The tones of the telephone: keys, ringing, busy, answering machines' beeps, fax machines.
#ifndef DRAGOMAN_AUDIO_TONES_H_
#define DRAGOMAN_AUDIO_TONES_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class ToneKind {
  kDtmf,        // two of 697/770/852/941 and 1209/1336/1477/1633 Hz (ITU-T Q.23)
  kBeep,        // one steady tone, then quiet: a machine begins to record
  kRingback,    // 440+480 (North America), 400+450 (UK), 425 Hz for a second (Europe)
  kBusy,        // 480+620, or 425 Hz on and off
  kDial,        // 350+440, or 425 Hz without end
  kFaxCalling,  // CNG, 1100 Hz for half a second (ITU-T T.30)
  kFaxAnswer,   // CED or ANSam, 2100 Hz (ITU-T T.30, V.8)
};
DRAGOMAN_EXPORT std::string_view ToneName(ToneKind kind);  // "dtmf", "beep", ...

struct DRAGOMAN_EXPORT ToneEvent {
  ToneKind kind = ToneKind::kDtmf;
  char digit = 0;                      // kDtmf: 0-9 * # A-D
  int hz = 0;                          // single tones: measured, within 1 % in a quiet line
  std::chrono::milliseconds start{0};  // from the first sample pushed, to about 10 ms
  std::chrono::milliseconds end{0};    // of the tone (kBeep, kFaxCalling), else of what is certain
};

struct DRAGOMAN_EXPORT DtmfOptions {
  int sample_rate_hz = 8000;           // 8000 to 48000
  std::chrono::milliseconds on{100};   // of a key; 40 to 2000
  std::chrono::milliseconds off{100};  // after each key; 40 to 2000
  double level_dbfs = -9;              // of both tones together, peak of a sine at 0; -40 to -6
  absl::Status Validate() const;
};

// kInvalidArgument naming the first character that is no key: 0-9 * # A-D.
DRAGOMAN_EXPORT absl::StatusOr<std::vector<std::int16_t>> RenderDtmf(std::string_view digits,
                                                                     const DtmfOptions& options);

// `length` of a tone with its cadence, 8 kHz, about -12 dBFS. kBeep is 1000 Hz, kRingback 2 s of
// 440+480 in 6 s, kBusy 0.5 s in 1 s, kFaxCalling 0.5 s in 3.5 s; not for kDtmf, which gives
// silence.
DRAGOMAN_EXPORT std::vector<std::int16_t> RenderTone(ToneKind kind,
                                                     std::chrono::milliseconds length);

// Finds tones in a line of 8 kHz audio. One thread at a time; no allocation in Process; about a
// microsecond per 20 ms frame. Each event comes once:
//   kDtmf       within 50 ms of the key's start; held, it is still one press. Keys of 40 ms and
//   more,
//               not those of 23 ms and less; twist -8 to +4 dB; at 10 dB over noise (ITU-T Q.24)
//   kBeep       100 ms after its end: 120 ms to 5 s long, 400 to 2200 Hz, nothing tonal around it.
//   A
//               pair of tones is no beep, nor is 425 Hz, which networks use
//   kFaxCalling at its end; kFaxAnswer after 500 ms
//   kRingback, kBusy, kDial  300 ms into each burst of a pair; of 425 Hz when its cadence is known
class DRAGOMAN_EXPORT ToneDetector {
 public:
  ToneDetector();
  // Any length; 8 kHz only. The events, at most kMaxEvents, are valid until the next call.
  std::span<const ToneEvent> Process(std::span<const std::int16_t> samples);
  void Reset();

  static constexpr std::size_t kMaxEvents = 8;  // per call; a frame of 20 ms has two at most

 private:
  static constexpr std::size_t kBlock = 80;  // 10 ms: all decisions are made per block
  static constexpr std::size_t kKeyTones = 8;
  static constexpr std::size_t kCallTones = 6;
  static constexpr std::size_t kTones = kKeyTones + kCallTones;
  static constexpr std::size_t kLongBlocks = 10;  // 100 ms tell 440 from 480 Hz

  struct Correlation {
    float re = 0;
    float im = 0;
  };
  struct Block {
    std::array<Correlation, kTones> tones;
    float energy = 0;
  };
  struct Run {  // of blocks that are one steady tone
    int blocks = 0;
    std::int64_t start_block = 0;
    float hz = 0;
    float last_energy = 0;
    bool after_tone = false;
    bool reported = false;
  };

  void ProcessBlock();
  void DetectKeys();
  void DetectPairs();
  void DetectSingle();
  void EndRun();
  void ClassifyShort425(const Run& run);
  float KeyPower(std::size_t tone) const;
  float PairPower(std::size_t tone) const;
  void Report(ToneKind kind, std::int64_t start_block, std::int64_t end_block, char digit,
              float hz);
  const Block& Recent(std::size_t blocks_ago) const {
    return blocks_[(next_ + kLongBlocks - 1 - blocks_ago) % kLongBlocks];
  }

  std::array<std::int16_t, kBlock + 2> samples_;  // and two before them
  std::size_t filled_;
  std::array<Block, kLongBlocks> blocks_;
  std::size_t next_;
  std::int64_t block_;  // index of the one being looked at

  char key_;  // candidate, 0: none
  int key_hits_;
  int key_misses_;
  bool key_reported_;
  int pair_;  // index of the pair that is sounding, -1: none
  int pair_blocks_;
  bool pair_reported_;
  std::int64_t last_tonal_block_;  // of any tone, one or two
  Run run_;
  Run beep_;  // ended, waits for its quiet
  int quiet_after_beep_;
  std::int64_t last_425_end_;
  int bursts_425_;

  std::array<ToneEvent, kMaxEvents> events_;
  std::size_t event_count_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_TONES_H_
