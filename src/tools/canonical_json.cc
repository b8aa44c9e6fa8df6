#include "dragoman/tools/canonical_json.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "dragoman/core/status.h"
#include "src/tools/json_limits.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kExact = std::int64_t{1} << 53;

// nlohmann keeps the last of equal keys; a reader of the raw text may keep the first.
class TwinFinder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    open_.emplace_back();
    return true;
  }
  bool key(string_t& name) override {
    if (open_.back().insert(name).second) return true;
    twin_ = name;
    return false;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
  const std::string& twin() const { return twin_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string twin_;
};

void AppendString(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// ECMAScript's Number::toString: the shortest digits that read back as the same double.
void AppendDouble(double value, std::string& out) {
  if (value == 0) {
    out += '0';  // also for -0
    return;
  }
  std::array<char, 40> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value),
                                     std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::string_view tail = text.substr(e + 1);
  if (tail.starts_with('+')) tail.remove_prefix(1);
  std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
  std::string digits;
  for (char c : text.substr(0, e)) {
    if (c != '.') digits += c;
  }
  const int n = exponent + 1;  // where the point stands behind the first digit
  const int k = static_cast<int>(digits.size());
  if (value < 0) out += '-';
  if (k <= n && n <= 21) {
    out += digits + std::string(static_cast<std::size_t>(n - k), '0');
  } else if (0 < n && n <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(n)) + "." +
           digits.substr(static_cast<std::size_t>(n));
  } else if (-6 < n && n <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
  } else {
    out += digits.substr(0, 1);
    if (k > 1) out += "." + digits.substr(1);
    out += n > 0 ? "e+" : "e-";
    out += std::to_string(std::abs(n - 1));
  }
}

// Keys are ordered by UTF-16 code units: characters beyond the basic plane, which begin with a
// surrogate, stand before U+E000 to U+FFFF.
std::u16string Utf16(std::string_view text) {
  std::u16string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    std::uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
    for (int k = 1; k <= more; ++k)
      point = (point << 6) | (static_cast<unsigned char>(text[i + static_cast<unsigned>(k)]) & 63u);
    i += static_cast<std::size_t>(more) + 1;
    if (point < 0x10000) {
      out += static_cast<char16_t>(point);
    } else {
      out += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
      out += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return out;
}

using Member = std::pair<std::string, const Json*>;

std::vector<Member> Ordered(const Json& object) {
  std::vector<std::pair<std::u16string, Member>> keyed;
  for (const auto& [key, value] : object.items()) keyed.push_back({Utf16(key), {key, &value}});
  std::sort(keyed.begin(), keyed.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Member> ordered;
  for (auto& [key, member] : keyed) ordered.push_back(std::move(member));
  return ordered;
}

absl::Status Append(const Json& value, std::string& out) {
  switch (value.type()) {
    case Json::value_t::string:
      AppendString(value.get_ref<const std::string&>(), out);
      return absl::OkStatus();
    case Json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(kExact)) break;
      out += std::to_string(value.get<std::uint64_t>());
      return absl::OkStatus();
    case Json::value_t::number_integer:
      if (value.get<std::int64_t>() > kExact || value.get<std::int64_t>() < -kExact) break;
      out += std::to_string(value.get<std::int64_t>());
      return absl::OkStatus();
    case Json::value_t::number_float:
      if (!std::isfinite(value.get<double>())) break;
      AppendDouble(value.get<double>(), out);
      return absl::OkStatus();
    case Json::value_t::array: {
      out += '[';
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ',';
        DRAGOMAN_RETURN_IF_ERROR(Append(value[i], out));
      }
      out += ']';
      return absl::OkStatus();
    }
    case Json::value_t::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : Ordered(value)) {
        if (!first) out += ',';
        first = false;
        AppendString(key, out);
        out += ':';
        DRAGOMAN_RETURN_IF_ERROR(Append(*member, out));
      }
      out += '}';
      return absl::OkStatus();
    }
    default:
      out += value.dump();  // null, true, false
      return absl::OkStatus();
  }
  return InvalidArgument("the number ", value.dump(),
                         " is not held exactly; expected one up to 2^53");
}

absl::StatusOr<Json> Parse(std::string_view json) {
  DRAGOMAN_RETURN_IF_ERROR(CheckJsonLimits("the JSON", json, {}));
  TwinFinder twins;
  if (!Json::sax_parse(json, &twins)) {
    if (!twins.twin().empty())
      return InvalidArgument("the key ", JsonString(twins.twin().substr(0, 64)),
                             " occurs twice; expected each key once");
    return InvalidArgument("the text is not JSON");
  }
  Json value = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return InvalidArgument("the text is not JSON");
  return value;
}

}  // namespace

std::string JsonString(std::string_view utf8) {
  std::string out;
  AppendString(utf8, out);
  return out;
}

absl::StatusOr<std::string> CanonicalJson(std::string_view json) {
  DRAGOMAN_ASSIGN_OR_RETURN(const Json value, Parse(json));
  std::string out;
  DRAGOMAN_RETURN_IF_ERROR(Append(value, out));
  return out;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> CanonicalMembers(
    std::string_view object) {
  DRAGOMAN_ASSIGN_OR_RETURN(const Json value, Parse(object));
  if (!value.is_object()) return InvalidArgument("the JSON is no object");
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [key, member] : Ordered(value)) {
    std::string text;
    DRAGOMAN_RETURN_IF_ERROR(Append(*member, text));
    members.emplace_back(key, std::move(text));
  }
  return members;
}

absl::StatusOr<std::vector<std::string>> TextsOf(std::string_view canonical) {
  DRAGOMAN_ASSIGN_OR_RETURN(const Json value, Parse(canonical));
  if (value.is_string()) return std::vector<std::string>{value.get<std::string>()};
  if (value.is_number() || value.is_boolean()) {
    return std::vector<std::string>{std::string(canonical)};
  }
  if (!value.is_array()) return InvalidArgument("expected a text or an array of texts");
  std::vector<std::string> texts;
  for (const Json& element : value) {
    if (!element.is_string()) return InvalidArgument("expected a text or an array of texts");
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::string Sha256Hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  std::string out;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    return out;  // out of memory; an empty digest equals nothing that was bound
  for (unsigned int i = 0; i < size; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

std::string ToolFingerprint(const ToolSpec& spec) {
  const absl::StatusOr<std::string> schema = CanonicalJson(spec.parameters);
  std::string text =
      StrCat("{\"effect\":", static_cast<int>(spec.effect), ",\"name\":", JsonString(spec.name),
             ",\"risk\":", JsonString(Name(spec.risk)), ",\"roles\":[");
  for (const ArgumentSpec& argument : spec.roles) {
    text += StrCat(text.back() == '[' ? "" : ",", JsonString(argument.name), ",",
                   JsonString(Name(argument.role)));
  }
  text += StrCat("],\"result\":[", JsonString(Name(spec.result_integrity)), ",",
                 JsonString(Name(spec.result_confidentiality)), "],\"proves\":[");
  for (const std::string& proof : spec.proves)
    text += StrCat(text.back() == '[' ? "" : ",", JsonString(proof));
  if (spec.quarantines) text += "],\"quarantines\":[true";
  if (spec.labels_results) text += "],\"labels_results\":[true";
  text += StrCat("],\"schema\":", schema.ok() ? *schema : JsonString(spec.parameters), "}");
  return Sha256Hex(text);
}

}  // namespace dragoman
