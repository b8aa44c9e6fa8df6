#include <charconv>

#include "dragoman/core/base64.h"
#include "src/wire/twilio_media.h"

namespace dragoman {
namespace {

void AppendEscaped(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
}

// "key":"value"
void AppendField(std::string_view key, std::string_view value, std::string& out) {
  out += '"';
  out += key;
  out += "\":\"";
  AppendEscaped(value, out);
  out += '"';
}

void AppendNumber(std::uint64_t value, std::string& out) {
  char digits[20];
  auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  out.append(digits, end);
}

void AppendBase64(std::span<const std::uint8_t> bytes, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t added = Base64EncodedSize(bytes.size());
  out.resize(before + added);
  EncodeBase64(bytes, std::span(out.data() + before, added));
}

}  // namespace

TwilioApplicationEncoder::TwilioApplicationEncoder(std::string_view stream_sid) {
  std::string sid;
  AppendEscaped(stream_sid, sid);
  media_ = R"({"event":"media","streamSid":")" + sid + R"(","media":{"payload":")";
  mark_ = R"({"event":"mark","streamSid":")" + sid + R"(","mark":{"name":")";
  clear_ = R"({"event":"clear","streamSid":")" + sid + R"("})";
}

void TwilioApplicationEncoder::Media(std::span<const std::uint8_t> mulaw, std::string& out) const {
  out = media_;
  AppendBase64(mulaw, out);
  out += "\"}}";
}

void TwilioApplicationEncoder::Mark(std::string_view name, std::string& out) const {
  out = mark_;
  AppendEscaped(name, out);
  out += "\"}}";
}

void TwilioApplicationEncoder::Clear(std::string& out) const { out = clear_; }

TwilioCarrierEncoder::TwilioCarrierEncoder(TwilioStart start) : start_(std::move(start)) {}

void TwilioCarrierEncoder::SetNextNumbers(std::uint64_t sequence_number, std::uint64_t chunk) {
  sequence_number_ = sequence_number - 1;
  chunk_[0] = chunk_[1] = chunk - 1;
}

void TwilioCarrierEncoder::AppendSequenceNumber(std::string& out) {
  out += R"("sequenceNumber":")";
  AppendNumber(++sequence_number_, out);
  out += '"';
}

void TwilioCarrierEncoder::AppendStreamSid(std::string& out) const {
  AppendField("streamSid", start_.stream_sid, out);
}

void TwilioCarrierEncoder::Connected(std::string& out) const {
  out = R"({"event":"connected","protocol":"Call","version":"1.0.0"})";
}

void TwilioCarrierEncoder::Start(std::string& out) {
  out = R"({"event":"start",)";
  AppendSequenceNumber(out);
  out += R"(,"start":{)";
  AppendField("accountSid", start_.account_sid, out);
  out += ',';
  AppendStreamSid(out);
  out += ',';
  AppendField("callSid", start_.call_sid, out);
  out += R"(,"tracks":[)";
  for (std::size_t i = 0; i < start_.tracks.size(); ++i) {
    out += i == 0 ? "\"" : ",\"";
    AppendEscaped(start_.tracks[i], out);
    out += '"';
  }
  out += R"(],"mediaFormat":{)";
  AppendField("encoding", start_.encoding, out);
  out += R"(,"sampleRate":)";
  AppendNumber(static_cast<std::uint64_t>(start_.sample_rate_hz), out);
  out += R"(,"channels":)";
  AppendNumber(static_cast<std::uint64_t>(start_.channels), out);
  out += R"(},"customParameters":{)";
  bool first = true;
  for (const auto& [name, value] : start_.custom_parameters) {
    out += first ? "\"" : ",\"";
    AppendEscaped(name, out);
    out += "\":\"";
    AppendEscaped(value, out);
    out += '"';
    first = false;
  }
  out += "}},";
  AppendStreamSid(out);
  out += '}';
}

void TwilioCarrierEncoder::Media(TwilioTrack track, std::uint64_t timestamp_ms,
                                 std::span<const std::uint8_t> mulaw, std::string& out) {
  out = R"({"event":"media",)";
  AppendSequenceNumber(out);
  out += track == TwilioTrack::kInbound ? R"(,"media":{"track":"inbound","chunk":")"
                                        : R"(,"media":{"track":"outbound","chunk":")";
  AppendNumber(++chunk_[static_cast<int>(track)], out);
  out += R"(","timestamp":")";
  AppendNumber(timestamp_ms, out);
  out += R"(","payload":")";
  AppendBase64(mulaw, out);
  out += "\"},";
  AppendStreamSid(out);
  out += '}';
}

void TwilioCarrierEncoder::Dtmf(char digit, std::string& out) {
  out = R"({"event":"dtmf",)";
  AppendStreamSid(out);
  out += ',';
  AppendSequenceNumber(out);
  out += R"(,"dtmf":{"track":"inbound_track",)";
  AppendField("digit", std::string_view(&digit, 1), out);
  out += "}}";
}

void TwilioCarrierEncoder::Mark(std::string_view name, std::string& out) {
  out = R"({"event":"mark",)";
  AppendSequenceNumber(out);
  out += ',';
  AppendStreamSid(out);
  out += R"(,"mark":{)";
  AppendField("name", name, out);
  out += "}}";
}

void TwilioCarrierEncoder::Stop(std::string& out) {
  out = R"({"event":"stop",)";
  AppendSequenceNumber(out);
  out += R"(,"stop":{)";
  AppendField("accountSid", start_.account_sid, out);
  out += ',';
  AppendField("callSid", start_.call_sid, out);
  out += "},";
  AppendStreamSid(out);
  out += '}';
}

}  // namespace dragoman
