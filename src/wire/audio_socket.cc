#include "src/wire/audio_socket.h"

#include <bit>
#include <cstring>
#include <optional>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

enum Type : std::uint8_t {
  kHangUp = 0x00,
  kUuid = 0x01,
  kDtmf = 0x03,
  kAudio8 = 0x10,
  kError = 0xff,
};
constexpr std::uint8_t kType11 = 0x11;
constexpr std::uint8_t kLastAudio = 0x18;
constexpr int kRates[] = {8'000, 12'000, 16'000, 24'000, 32'000, 44'100, 48'000, 96'000, 192'000};
constexpr std::size_t kHeader = 3;
constexpr std::size_t kUuidBytes = 16;
constexpr std::string_view kDigits = "0123456789*#ABCD";
constexpr char kHex[] = "0123456789abcdef";

void AppendHeader(std::uint8_t type, std::size_t length, std::string& out) {
  out += static_cast<char>(type);
  out += static_cast<char>(length >> 8);
  out += static_cast<char>(length & 0xff);
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> ParseUuid(std::string_view uuid) {
  std::string bytes;
  int high = -1;
  for (char c : uuid) {
    if (c == '-') continue;
    const int value = HexValue(c);
    if (value < 0) return std::nullopt;
    if (high < 0) {
      high = value;
    } else {
      bytes += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  if (bytes.size() != kUuidBytes || high >= 0) return std::nullopt;
  return bytes;
}

std::string FormatUuid(std::span<const std::uint8_t> bytes) {
  std::string uuid;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += kHex[bytes[i] >> 4];
    uuid += kHex[bytes[i] & 15];
  }
  return uuid;
}

absl::Status WrongLength(std::string_view what, std::size_t length, std::string_view expected) {
  return Internal("audiosocket: ", what, " frame of ", length, " bytes; expected ", expected);
}

}  // namespace

void AudioSocketDecoder::Append(std::string_view bytes) {
  if (read_ == buffer_.size()) {
    buffer_.clear();
  } else {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(read_));
  }
  read_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

absl::StatusOr<bool> AudioSocketDecoder::Next(AudioSocketFrame& frame) {
  while (buffer_.size() - read_ >= kHeader) {
    const std::uint8_t* header = buffer_.data() + read_;
    const std::size_t length = static_cast<std::size_t>(header[1]) << 8 | header[2];
    const std::uint8_t type = header[0];
    // A length that the type cannot have is refused before its payload has come.
    if (type >= kAudio8 && type <= kLastAudio && length % 2 != 0) {
      return WrongLength("audio", length, "an even number");
    }
    if (buffer_.size() - read_ - kHeader < length) return false;
    read_ += kHeader + length;
    bool known = true;
    DRAGOMAN_RETURN_IF_ERROR(Read(type, {header + kHeader, length}, frame, known));
    if (known) return true;
    ++skipped_frames_;
  }
  return false;
}

absl::Status AudioSocketDecoder::Read(std::uint8_t type, std::span<const std::uint8_t> payload,
                                      AudioSocketFrame& frame, bool& known) {
  if (type >= kAudio8 && type <= kLastAudio) {
    frame.event = AudioSocketEvent::kAudio;
    frame.sample_rate_hz = type == kType11 ? rate_of_type_11_hz_ : kRates[type - kAudio8];
    samples_.resize(payload.size() / 2);
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      samples_[i] = static_cast<std::int16_t>(payload[2 * i] | payload[2 * i + 1] << 8);
    }
    frame.samples = samples_;
    return absl::OkStatus();
  }
  switch (type) {
    case kHangUp:
      frame.event = AudioSocketEvent::kHangUp;
      if (!payload.empty()) return WrongLength("hang-up", payload.size(), "0");
      return absl::OkStatus();
    case kUuid:
      frame.event = AudioSocketEvent::kUuid;
      if (payload.size() != kUuidBytes) return WrongLength("UUID", payload.size(), "16");
      frame.uuid = FormatUuid(payload);
      return absl::OkStatus();
    case kDtmf:
      frame.event = AudioSocketEvent::kDtmf;
      if (payload.size() != 1) return WrongLength("DTMF", payload.size(), "1");
      frame.digit = static_cast<char>(payload[0]);
      if (frame.digit == '\0' || kDigits.find(frame.digit) == std::string_view::npos) {
        return Internal("audiosocket: DTMF digit is byte ", int{payload[0]},
                        "; expected one of 0-9 * # A-D");
      }
      return absl::OkStatus();
    case kError:
      frame.event = AudioSocketEvent::kError;
      if (payload.size() > 1) return WrongLength("error", payload.size(), "at most 1");
      frame.error_code = payload.empty() ? 0 : payload[0];
      return absl::OkStatus();
    default:
      known = false;
      return absl::OkStatus();
  }
}

absl::Status AppendAudioSocketUuid(std::string_view uuid, std::string& out) {
  std::optional<std::string> bytes = ParseUuid(uuid);
  if (!bytes) return InvalidArgument("\"", uuid, "\" is not a UUID");
  AppendHeader(kUuid, kUuidBytes, out);
  out += *bytes;
  return absl::OkStatus();
}

absl::Status AppendAudioSocketAudio(std::span<const std::int16_t> samples, int sample_rate_hz,
                                    std::string& out) {
  std::uint8_t type = kAudio8;
  for (int rate : kRates) {
    if (rate == sample_rate_hz) break;
    ++type;
  }
  if (type > kLastAudio) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; AudioSocket has no such rate");
  }
  if (samples.size() > 32'767) {
    return InvalidArgument("frame of ", samples.size(), " samples; expected at most 32767");
  }
  AppendHeader(type, samples.size() * 2, out);
  const std::size_t at = out.size();
  out.resize(at + samples.size() * 2);
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out.data() + at, samples.data(), samples.size() * 2);
  } else {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      out[at + 2 * i] = static_cast<char>(samples[i] & 0xff);
      out[at + 2 * i + 1] = static_cast<char>(samples[i] >> 8);
    }
  }
  return absl::OkStatus();
}

void AppendAudioSocketDtmf(char digit, std::string& out) {
  AppendHeader(kDtmf, 1, out);
  out += digit;
}

void AppendAudioSocketHangUp(std::string& out) { AppendHeader(kHangUp, 0, out); }

void AppendAudioSocketError(int code, std::string& out) {
  AppendHeader(kError, 1, out);
  out += static_cast<char>(code);
}

absl::StatusOr<std::string> NormalizeUuid(std::string_view uuid) {
  std::optional<std::string> bytes = ParseUuid(uuid);
  if (!bytes) return InvalidArgument("\"", uuid, "\" is not a UUID");
  return FormatUuid({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
}

}  // namespace dragoman
