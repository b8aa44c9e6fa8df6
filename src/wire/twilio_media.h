// Twilio Media Streams, the messages of both sides, without I/O.
//
// Source: Twilio documentation "Media Streams - WebSocket Messages" (read 2026-08). Every message
// is a JSON object in a text frame. Twilio speaks `connected`, `start`, `media`, `dtmf`, `mark`,
// `stop`; the application answers with `media`, `mark`, `clear`. Sequence numbers, chunk numbers
// and timestamps are strings of digits; the media format's numbers are numbers. Payloads are base64
// of raw mu-law, 8000 Hz, mono.
#ifndef DRAGOMAN_SRC_WIRE_TWILIO_MEDIA_H_
#define DRAGOMAN_SRC_WIRE_TWILIO_MEDIA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace dragoman {

enum class TwilioEvent {
  kConnected,
  kStart,
  kMedia,
  kDtmf,
  kMark,
  kStop,
  kClear,
  kUnknown,  // well-formed, of a kind this decoder does not know: ignore it
};

enum class TwilioTrack { kInbound, kOutbound };  // what the other party says; what it hears

struct TwilioStart {
  std::string account_sid;
  std::string stream_sid;
  std::string call_sid;
  std::vector<std::string> tracks{"inbound"};
  std::string encoding = "audio/x-mulaw";
  int sample_rate_hz = 8000;
  int channels = 1;
  std::vector<std::pair<std::string, std::string>> custom_parameters;  // in the order sent
  friend bool operator==(const TwilioStart&, const TwilioStart&) = default;
};

// One message. Which fields count depends on `event`; the others are empty.
struct TwilioMessage {
  TwilioEvent event = TwilioEvent::kUnknown;
  std::uint64_t sequence_number = 0;  // 0: absent
  std::string stream_sid;
  // kMedia
  TwilioTrack track = TwilioTrack::kInbound;
  std::uint64_t chunk = 0;                // 0: absent
  std::uint64_t timestamp_ms = 0;         // since the stream began; 0 towards Twilio
  std::span<const std::uint8_t> payload;  // mu-law; in the decoder, valid until its next Decode
  char digit = 0;                         // kDtmf: 0-9 * # A-D
  std::string mark;                       // kMark: its name
  TwilioStart start;                      // kStart; kStop fills account_sid and call_sid
  std::string protocol;                   // kConnected
  std::string version;
};

// Decodes what one side of one stream sends. A media frame costs a comparison with the shape of the
// frames before it and a base64 decode; whatever looks different (other keys, another order,
// escapes) goes through a JSON parser, with the same result. One thread at a time.
class TwilioMediaDecoder {
 public:
  enum class Sender { kTwilio, kApplication };
  struct Limits {
    std::size_t max_message_bytes = 256 * 1024;
    std::size_t max_payload_bytes = 64 * 1024;  // mu-law: 8 s
    int max_depth = 16;
    int max_fields = 512;
    bool shape_cache = true;  // false: the JSON parser sees every message; for tests
  };

  explicit TwilioMediaDecoder(Sender sender) : TwilioMediaDecoder(sender, Limits()) {}
  TwilioMediaDecoder(Sender sender, const Limits& limits) : sender_(sender), limits_(limits) {}

  // Fills `message`, reusing its memory. kInvalidArgument: not such a message, with the reason;
  // `message` then holds unspecified values. Unknown events and, from Twilio, unknown fields are
  // accepted; towards Twilio unknown fields are refused, as Twilio does (error 31951).
  absl::Status Decode(std::string_view text, TwilioMessage& message);

  // How many messages took the short way; for benchmarks and tests.
  std::uint64_t shape_hits() const { return shape_hits_; }

 private:
  // The text of a media frame with its values cut out: piece, value, piece, value, ..., piece.
  struct Shape {
    enum Slot : std::uint8_t { kSequenceNumber, kChunk, kTimestamp, kPayload };
    static constexpr std::size_t kMaxSlots = 4;
    std::array<std::string, kMaxSlots + 1> pieces;
    std::array<Slot, kMaxSlots> slots{};
    std::size_t count = 0;  // of slots; 0: nothing learned
    std::string stream_sid;
    TwilioTrack track = TwilioTrack::kInbound;
  };

  bool DecodeByShape(const Shape& shape, std::string_view text, TwilioMessage& message);
  absl::Status DecodeStrictly(std::string_view text, TwilioMessage& message);
  bool DecodePayload(std::string_view base64, TwilioMessage& message);
  void Learn(std::string_view text, const TwilioMessage& message);

  Sender sender_;
  Limits limits_;
  std::array<Shape, 2> shapes_;  // 0: the last one that matched
  std::vector<std::uint8_t> payload_;
  std::uint64_t shape_hits_ = 0;
};

// Encoders replace what `out` holds and keep its memory. Keys stand in the order in which Twilio's
// documentation shows them. Names and ids are valid UTF-8; they are escaped.

// The application's side, towards Twilio.
class TwilioApplicationEncoder {
 public:
  explicit TwilioApplicationEncoder(std::string_view stream_sid);
  void Media(std::span<const std::uint8_t> mulaw, std::string& out) const;
  void Mark(std::string_view name, std::string& out) const;
  void Clear(std::string& out) const;

 private:
  std::string media_;  // everything before the payload
  std::string mark_;   // everything before the name
  std::string clear_;
};

// Twilio's side, as a simulated caller speaks it; it counts sequence and chunk numbers.
class TwilioCarrierEncoder {
 public:
  explicit TwilioCarrierEncoder(TwilioStart start);
  void Connected(std::string& out) const;
  void Start(std::string& out);  // sequence number 1; call it before those below
  void Media(TwilioTrack track, std::uint64_t timestamp_ms, std::span<const std::uint8_t> mulaw,
             std::string& out);
  void Dtmf(char digit, std::string& out);
  void Mark(std::string_view name, std::string& out);
  void Stop(std::string& out);

  // For scripts that play one message out of the middle of a stream.
  void SetNextNumbers(std::uint64_t sequence_number, std::uint64_t chunk);

 private:
  void AppendSequenceNumber(std::string& out);
  void AppendStreamSid(std::string& out) const;

  TwilioStart start_;
  std::uint64_t sequence_number_ = 0;
  std::uint64_t chunk_[2] = {0, 0};  // per track
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_WIRE_TWILIO_MEDIA_H_
