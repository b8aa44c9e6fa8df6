#include "src/wire/twilio_media.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxDigits = 18;  // fits 64 bits with room

std::optional<std::uint64_t> ParseDigits(std::string_view text) {
  if (text.empty() || text.size() > kMaxDigits) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// Refuses what a recursive or quadratic reader could choke on, before one sees it.
absl::Status CheckNesting(std::string_view text, int max_depth, int max_fields) {
  int depth = 0;
  int separators = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',') ++separators;
    if (depth > max_depth) return InvalidArgument("nested deeper than ", max_depth);
    if (separators > max_fields) return InvalidArgument("more than ", max_fields, " fields");
  }
  return absl::OkStatus();
}

absl::Status ReadString(const Json& object, std::string_view where, const char* key, bool required,
                        std::string& out) {
  out.clear();
  auto found = object.find(key);
  if (found == object.end()) {
    if (required) return InvalidArgument(where, key, " is missing");
    return absl::OkStatus();
  }
  if (!found->is_string()) {
    return InvalidArgument(where, key, " is a ", found->type_name(), "; expected a string");
  }
  out = found->get_ref<const std::string&>();
  return absl::OkStatus();
}

absl::Status ReadDigits(const Json& object, std::string_view where, const char* key, bool required,
                        std::uint64_t& out) {
  out = 0;
  auto found = object.find(key);
  if (found == object.end()) {
    if (required) return InvalidArgument(where, key, " is missing");
    return absl::OkStatus();
  }
  if (!found->is_string()) {
    return InvalidArgument(where, key, " is a ", found->type_name(),
                           "; expected a string of digits");
  }
  std::optional<std::uint64_t> value = ParseDigits(found->get_ref<const std::string&>());
  if (!value) return InvalidArgument(where, key, " is not a string of 1 to 18 digits");
  out = *value;
  return absl::OkStatus();
}

absl::Status ReadInt(const Json& object, std::string_view where, const char* key, int& out) {
  auto found = object.find(key);
  if (found == object.end()) return InvalidArgument(where, key, " is missing");
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() > 1'000'000) {
    return InvalidArgument(where, key, " is not a number from 0 to 1000000");
  }
  out = found->get<int>();
  return absl::OkStatus();
}

absl::Status FindObject(const Json& object, const char* key, const Json*& out) {
  auto found = object.find(key);
  if (found == object.end()) return InvalidArgument(key, " is missing");
  if (!found->is_object()) {
    return InvalidArgument(key, " is a ", found->type_name(), "; expected an object");
  }
  out = &*found;
  return absl::OkStatus();
}

absl::Status OnlyKeys(const Json& object, std::string_view where,
                      std::initializer_list<std::string_view> allowed) {
  for (auto item = object.begin(); item != object.end(); ++item) {
    if (std::find(allowed.begin(), allowed.end(), item.key()) == allowed.end()) {
      return InvalidArgument(where, item.key(), " is not a field of this message");
    }
  }
  return absl::OkStatus();
}

TwilioEvent EventNamed(std::string_view name) {
  if (name == "media") return TwilioEvent::kMedia;
  if (name == "mark") return TwilioEvent::kMark;
  if (name == "connected") return TwilioEvent::kConnected;
  if (name == "start") return TwilioEvent::kStart;
  if (name == "dtmf") return TwilioEvent::kDtmf;
  if (name == "stop") return TwilioEvent::kStop;
  if (name == "clear") return TwilioEvent::kClear;
  return TwilioEvent::kUnknown;
}

absl::Status ReadTracks(const Json& start, std::vector<std::string>& tracks) {
  tracks.clear();
  auto found = start.find("tracks");
  if (found == start.end()) return absl::OkStatus();
  if (!found->is_array()) return InvalidArgument("start.tracks is not an array");
  for (const Json& track : *found) {
    if (!track.is_string()) return InvalidArgument("start.tracks holds something not a string");
    tracks.push_back(track.get<std::string>());
  }
  return absl::OkStatus();
}

// Parameters are what the application itself put into its TwiML: strings, but numbers and booleans
// have been seen from compatible carriers and keep their JSON text.
absl::Status ReadParameters(const Json& start, TwilioStart& out) {
  out.custom_parameters.clear();
  auto found = start.find("customParameters");
  if (found == start.end() || found->is_null()) return absl::OkStatus();
  if (!found->is_object()) return InvalidArgument("start.customParameters is not an object");
  for (auto item = found->begin(); item != found->end(); ++item) {
    out.custom_parameters.emplace_back(item.key(),
                                       item->is_string() ? item->get<std::string>() : item->dump());
  }
  return absl::OkStatus();
}

absl::Status ReadStart(const Json& root, TwilioMessage& message) {
  const Json* start = nullptr;
  DRAGOMAN_RETURN_IF_ERROR(FindObject(root, "start", start));
  TwilioStart& out = message.start;
  DRAGOMAN_RETURN_IF_ERROR(ReadString(*start, "start.", "accountSid", false, out.account_sid));
  DRAGOMAN_RETURN_IF_ERROR(ReadString(*start, "start.", "callSid", true, out.call_sid));
  DRAGOMAN_RETURN_IF_ERROR(ReadString(*start, "start.", "streamSid", false, out.stream_sid));
  if (out.stream_sid.empty()) out.stream_sid = message.stream_sid;
  if (out.stream_sid != message.stream_sid) {
    return InvalidArgument("start.streamSid differs from streamSid");
  }
  DRAGOMAN_RETURN_IF_ERROR(ReadTracks(*start, out.tracks));
  const Json* format = nullptr;
  if (auto status = FindObject(*start, "mediaFormat", format); !status.ok()) {
    return InvalidArgument("start.", MessageOf(status));
  }
  DRAGOMAN_RETURN_IF_ERROR(
      ReadString(*format, "start.mediaFormat.", "encoding", true, out.encoding));
  DRAGOMAN_RETURN_IF_ERROR(
      ReadInt(*format, "start.mediaFormat.", "sampleRate", out.sample_rate_hz));
  DRAGOMAN_RETURN_IF_ERROR(ReadInt(*format, "start.mediaFormat.", "channels", out.channels));
  return ReadParameters(*start, out);
}

absl::Status ReadDtmf(const Json& root, TwilioMessage& message) {
  const Json* dtmf = nullptr;
  DRAGOMAN_RETURN_IF_ERROR(FindObject(root, "dtmf", dtmf));
  std::string digit;
  DRAGOMAN_RETURN_IF_ERROR(ReadString(*dtmf, "dtmf.", "digit", true, digit));
  static constexpr std::string_view kDigits = "0123456789*#ABCD";
  if (digit.size() != 1 || kDigits.find(digit[0]) == std::string_view::npos) {
    return InvalidArgument("dtmf.digit is not one of 0-9 * # A-D");
  }
  message.digit = digit[0];
  return absl::OkStatus();
}

void Reset(TwilioMessage& message) {
  message.event = TwilioEvent::kUnknown;
  message.sequence_number = 0;
  message.stream_sid.clear();
  message.track = TwilioTrack::kInbound;
  message.chunk = 0;
  message.timestamp_ms = 0;
  message.payload = {};
  message.digit = 0;
  message.mark.clear();
  message.start = {};
  message.protocol.clear();
  message.version.clear();
}

}  // namespace

absl::Status TwilioMediaDecoder::Decode(std::string_view text, TwilioMessage& message) {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    if (shapes_[i].count == 0 || !DecodeByShape(shapes_[i], text, message)) continue;
    if (i != 0) std::swap(shapes_[0], shapes_[i]);
    ++shape_hits_;
    return absl::OkStatus();
  }
  Reset(message);
  if (text.size() > limits_.max_message_bytes) {
    return InvalidArgument("message has ", text.size(), " bytes; expected at most ",
                           limits_.max_message_bytes);
  }
  DRAGOMAN_RETURN_IF_ERROR(DecodeStrictly(text, message));
  if (message.event == TwilioEvent::kMedia && limits_.shape_cache) Learn(text, message);
  return absl::OkStatus();
}

bool TwilioMediaDecoder::DecodeByShape(const Shape& shape, std::string_view text,
                                       TwilioMessage& message) {
  if (text.size() > limits_.max_message_bytes) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t numbers[3] = {0, 0, 0};
  std::string_view payload;
  for (std::size_t i = 0;; ++i) {
    const std::string& piece = shape.pieces[i];
    if (static_cast<std::size_t>(end - at) < piece.size() ||
        std::memcmp(at, piece.data(), piece.size()) != 0) {
      return false;
    }
    at += piece.size();
    if (i == shape.count) break;
    const auto* quote =
        static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    if (quote == nullptr) return false;
    std::string_view value(at, static_cast<std::size_t>(quote - at));
    if (shape.slots[i] == Shape::kPayload) {
      payload = value;
    } else {
      std::optional<std::uint64_t> number = ParseDigits(value);
      if (!number) return false;
      numbers[shape.slots[i]] = *number;
    }
    at = quote;
  }
  if (at != end) return false;
  // The strict base64 decoder refuses escapes and anything else that is not payload.
  if (message.event != TwilioEvent::kMedia) Reset(message);
  if (!DecodePayload(payload, message)) return false;
  message.event = TwilioEvent::kMedia;
  message.sequence_number = numbers[Shape::kSequenceNumber];
  message.stream_sid = shape.stream_sid;
  message.track = shape.track;
  message.chunk = numbers[Shape::kChunk];
  message.timestamp_ms = numbers[Shape::kTimestamp];
  return true;
}

bool TwilioMediaDecoder::DecodePayload(std::string_view base64, TwilioMessage& message) {
  const std::size_t most = Base64MaxDecodedSize(base64.size());
  if (most > limits_.max_payload_bytes + 2) return false;  // padding hides up to two bytes
  if (payload_.size() < most) payload_.resize(most);
  std::optional<std::size_t> size = DecodeBase64(base64, payload_);
  if (!size || *size > limits_.max_payload_bytes) return false;
  message.payload = std::span(payload_.data(), *size);
  return true;
}

absl::Status TwilioMediaDecoder::DecodeStrictly(std::string_view text, TwilioMessage& message) {
  DRAGOMAN_RETURN_IF_ERROR(CheckNesting(text, limits_.max_depth, limits_.max_fields));
  Json root;
  try {
    root = Json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    return InvalidArgument("not JSON at byte ", error.byte);
  } catch (const nlohmann::json::exception&) {
    return InvalidArgument("JSON holds a number out of range");
  }
  if (!root.is_object()) return InvalidArgument("message is not a JSON object");
  std::string event;
  DRAGOMAN_RETURN_IF_ERROR(ReadString(root, "", "event", true, event));
  message.event = EventNamed(event);

  const bool from_twilio = sender_ == Sender::kTwilio;
  const bool towards_only = message.event == TwilioEvent::kClear;
  const bool both = message.event == TwilioEvent::kMedia || message.event == TwilioEvent::kMark;
  if (from_twilio ? towards_only : !both && !towards_only) message.event = TwilioEvent::kUnknown;
  if (message.event == TwilioEvent::kUnknown) {
    if (from_twilio) return absl::OkStatus();
    return InvalidArgument("event \"", event, "\" is not media, mark or clear");
  }
  if (message.event == TwilioEvent::kConnected) {
    DRAGOMAN_RETURN_IF_ERROR(ReadString(root, "", "protocol", false, message.protocol));
    return ReadString(root, "", "version", false, message.version);
  }
  DRAGOMAN_RETURN_IF_ERROR(ReadString(root, "", "streamSid", true, message.stream_sid));
  if (from_twilio) {
    DRAGOMAN_RETURN_IF_ERROR(
        ReadDigits(root, "", "sequenceNumber", false, message.sequence_number));
  } else {
    DRAGOMAN_RETURN_IF_ERROR(OnlyKeys(root, "", {"event", "streamSid", event}));
  }

  switch (message.event) {
    case TwilioEvent::kStart:
      return ReadStart(root, message);
    case TwilioEvent::kDtmf:
      return ReadDtmf(root, message);
    case TwilioEvent::kMark: {
      const Json* mark = nullptr;
      DRAGOMAN_RETURN_IF_ERROR(FindObject(root, "mark", mark));
      if (!from_twilio) DRAGOMAN_RETURN_IF_ERROR(OnlyKeys(*mark, "mark.", {"name"}));
      return ReadString(*mark, "mark.", "name", true, message.mark);
    }
    case TwilioEvent::kStop: {
      const Json* stop = nullptr;
      DRAGOMAN_RETURN_IF_ERROR(FindObject(root, "stop", stop));
      DRAGOMAN_RETURN_IF_ERROR(
          ReadString(*stop, "stop.", "accountSid", false, message.start.account_sid));
      return ReadString(*stop, "stop.", "callSid", false, message.start.call_sid);
    }
    case TwilioEvent::kMedia:
      break;
    default:
      return absl::OkStatus();
  }

  const Json* media = nullptr;
  DRAGOMAN_RETURN_IF_ERROR(FindObject(root, "media", media));
  if (from_twilio) {
    std::string track;
    DRAGOMAN_RETURN_IF_ERROR(ReadString(*media, "media.", "track", false, track));
    if (!track.empty() && track != "inbound" && track != "outbound") {
      return InvalidArgument("media.track is neither inbound nor outbound");
    }
    message.track = track == "outbound" ? TwilioTrack::kOutbound : TwilioTrack::kInbound;
    DRAGOMAN_RETURN_IF_ERROR(ReadDigits(*media, "media.", "chunk", false, message.chunk));
    DRAGOMAN_RETURN_IF_ERROR(ReadDigits(*media, "media.", "timestamp", true, message.timestamp_ms));
  } else {
    DRAGOMAN_RETURN_IF_ERROR(OnlyKeys(*media, "media.", {"payload"}));
  }
  auto payload = media->find("payload");
  if (payload == media->end()) return InvalidArgument("media.payload is missing");
  if (!payload->is_string()) return InvalidArgument("media.payload is not a string");
  if (!DecodePayload(payload->get_ref<const std::string&>(), message)) {
    return InvalidArgument("media.payload is not base64 of at most ", limits_.max_payload_bytes,
                           " bytes");
  }
  return absl::OkStatus();
}

// Sound because keys are found by text only where text cannot deceive: without a backslash no
// string contains a quote, so `"chunk"` that occurs once and is followed by a colon is a key, and
// the value that the parser read elsewhere under that name can only be this one.
void TwilioMediaDecoder::Learn(std::string_view text, const TwilioMessage& message) {
  if (text.find('\\') != std::string_view::npos) return;
  struct Found {
    std::size_t begin, end;
    Shape::Slot slot;
  };
  std::array<Found, Shape::kMaxSlots> found{};
  std::size_t count = 0;
  static constexpr std::pair<std::string_view, Shape::Slot> kKeys[] = {
      {"\"sequenceNumber\"", Shape::kSequenceNumber},
      {"\"chunk\"", Shape::kChunk},
      {"\"timestamp\"", Shape::kTimestamp},
      {"\"payload\"", Shape::kPayload}};
  for (const auto& [key, slot] : kKeys) {
    std::size_t at = text.find(key);
    if (at == std::string_view::npos) continue;
    if (text.find(key, at + 1) != std::string_view::npos) return;
    if (slot == Shape::kSequenceNumber && message.sequence_number == 0) return;
    if (slot == Shape::kChunk && message.chunk == 0) return;
    at += key.size();
    auto skip_blanks = [&] { at = std::min(text.find_first_not_of(" \t\r\n", at), text.size()); };
    skip_blanks();
    if (at >= text.size() || text[at] != ':') return;
    ++at;
    skip_blanks();
    if (at >= text.size() || text[at] != '"') return;
    const std::size_t end = text.find('"', at + 1);
    if (end == std::string_view::npos) return;
    found[count++] = {at + 1, end, slot};
  }
  std::sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Found& a, const Found& b) { return a.begin < b.begin; });

  std::swap(shapes_[0], shapes_[1]);  // the least recently used one goes
  Shape& shape = shapes_[0];
  std::size_t from = 0;
  for (std::size_t i = 0; i < count; ++i) {
    shape.pieces[i] = text.substr(from, found[i].begin - from);
    shape.slots[i] = found[i].slot;
    from = found[i].end;
  }
  shape.pieces[count] = text.substr(from);
  shape.count = count;
  shape.stream_sid = message.stream_sid;
  shape.track = message.track;
}

}  // namespace dragoman
