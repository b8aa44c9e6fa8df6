#include "src/memory/vault_rules.h"

#include <algorithm>
#include <array>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace memory {
namespace {

constexpr std::array<std::string_view, 10> kKinds = {
    "password", "pin",    "account-number", "card-number", "identity-number",
    "answer",   "apikey", "other",          "cvv",         "one-time-code"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

absl::Status Refused(std::string_view rule, std::string_view why) {
  return MakeStatus(absl::StatusCode::kPermissionDenied,
                    StrCat("not stored by rule ", rule, ": ", why));
}

// Words of a name: "card.CVV2" -> "card", "cvv".
std::vector<std::string> WordsOf(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    if (IsLetter(c)) {
      words.back() += ToLowerAscii({&c, 1});
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

bool NamesACode(std::string_view name) {
  constexpr std::array<std::string_view, 14> kWords = {
      "cvv",  "cvc",  "cid", "csc",  "cvn",    "cav",     "otp",
      "totp", "hotp", "tan", "mtan", "smstan", "chiptan", "phototan"};
  const std::vector<std::string> words = WordsOf(name);
  for (const std::string& word : words) {
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
  }
  std::string joined;
  for (const std::string& word : words) joined += word;
  for (std::string_view phrase : {"onetime", "verificationcode", "securitycode", "smscode"}) {
    if (joined.find(phrase) != std::string::npos) return true;
  }
  return false;
}

// Runs of digits, over single blanks and hyphens as cards are written.
std::vector<std::string> DigitGroups(std::string_view text) {
  std::vector<std::string> groups(1);
  for (const char c : text) {
    if (IsDigit(c)) {
      groups.back() += c;
    } else if (!groups.back().empty()) {
      groups.emplace_back();
    }
  }
  if (groups.back().empty()) groups.pop_back();
  return groups;
}

// A card number of one or more groups, then a group of three or four digits.
bool IsCardWithCode(std::string_view text) {
  const std::vector<std::string> groups = DigitGroups(text);
  for (std::size_t from = 0; from < groups.size(); ++from) {
    std::string digits;
    for (std::size_t to = from; to + 1 < groups.size() && digits.size() < 20; ++to) {
      digits += groups[to];
      const std::size_t next = groups[to + 1].size();
      if (IsLuhnValid(digits) && (next == 3 || next == 4)) return true;
    }
  }
  return false;
}

}  // namespace

bool IsLuhnValid(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19 ||
      !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return false;
  }
  int sum = 0;
  bool twice = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, twice = !twice) {
    const int digit = (*at - '0') * (twice ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

bool IsVaultName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-';
  });
}

std::optional<std::pair<std::string, std::string>> SplitHandle(std::string_view handle) {
  constexpr std::string_view kScheme = "vault:";
  if (handle.starts_with(kScheme)) handle.remove_prefix(kScheme.size());
  const std::size_t slash = handle.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view record = handle.substr(0, slash);
  const std::string_view field = handle.substr(slash + 1);
  if (!IsVaultName(record) || !IsVaultName(field)) return std::nullopt;
  return std::pair{std::string(record), std::string(field)};
}

absl::Status CheckSink(const SecretSink& sink) {
  const auto is_host = [](std::string_view host) {
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.back() != '.' &&
           std::all_of(host.begin(), host.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '.' || c == '-';
           });
  };
  const std::string_view text = sink.sink;
  bool fits = false;
  if (text.starts_with("tel:+")) {
    const std::string_view digits = text.substr(5);
    fits = digits.size() >= 4 && digits.size() <= 15 &&
           std::all_of(digits.begin(), digits.end(), IsDigit);
  } else if (text.starts_with("host:")) {
    fits = is_host(text.substr(5));
  } else if (text.starts_with("mailto:")) {
    const std::size_t at = text.rfind('@');
    fits = at != std::string_view::npos && at > 7 && at - 7 <= 64 && is_host(text.substr(at + 1)) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  }
  if (!fits) {
    return InvalidArgument("sink is '", text.substr(0, 80),
                           "'; expected tel:+<digits>, host:<lower-case name> or mailto:<address>");
  }
  const std::string_view purpose = sink.purpose;
  if (purpose.empty() || purpose.size() > 64 ||
      !std::all_of(purpose.begin(), purpose.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-' || c == '_';
      })) {
    return InvalidArgument("purpose is '", purpose.substr(0, 80),
                           "'; expected 1 to 64 of a-z, 0-9, '-' and '_'");
  }
  return absl::OkStatus();
}

bool CouldBeCardCode(std::string_view value) {
  const std::string_view trimmed = Trim(value);
  return (trimmed.size() == 3 || trimmed.size() == 4) &&
         std::all_of(trimmed.begin(), trimmed.end(), IsDigit);
}

absl::Status CheckNeighbour(SecretKind kind, bool could_be_code, SecretKind other_kind,
                            bool other_could_be_code) {
  // A card's PIN has four digits too; who says that it is one is believed.
  const bool code = could_be_code && kind != SecretKind::kPin;
  const bool other_code = other_could_be_code && other_kind != SecretKind::kPin;
  if ((code && other_kind == SecretKind::kCardNumber) ||
      (other_code && kind == SecretKind::kCardNumber)) {
    return Refused("code_beside_card",
                   "three or four digits in a record with a card number are taken for its code");
  }
  return absl::OkStatus();
}

}  // namespace memory

std::string_view Name(SecretKind kind) { return memory::kKinds[static_cast<std::size_t>(kind)]; }

absl::StatusOr<SecretKind> ParseSecretKind(std::string_view name) {
  for (std::size_t i = 0; i < memory::kKinds.size(); ++i) {
    if (memory::kKinds[i] == name) return static_cast<SecretKind>(i);
  }
  const std::string_view near = Nearest(name, {memory::kKinds.begin(), memory::kKinds.end()});
  return InvalidArgument("kind is '", name.substr(0, 80), "'",
                         near.empty() ? "" : StrCat("; did you mean '", near, "'?"));
}

std::string MakeVaultHandle(std::string_view record, std::string_view field) {
  return StrCat("vault:", record, "/", field);
}

absl::Status VaultValue::Validate() const {
  using memory::Refused;
  if (!memory::IsVaultName(record) || !memory::IsVaultName(field)) {
    return InvalidArgument(memory::IsVaultName(record) ? "field" : "record",
                           " is no name; expected 1 to 64 letters, digits, '.', '_' and '-'");
  }
  if (kind < SecretKind::kPassword || kind > SecretKind::kOneTimeCode) {
    return InvalidArgument("kind is unknown");
  }
  if (confidentiality < Confidentiality::kPublic || confidentiality > Confidentiality::kSecret) {
    return InvalidArgument("confidentiality is unknown");
  }
  if (kind == SecretKind::kCardVerification || kind == SecretKind::kOneTimeCode) {
    return Refused("kind", "card verification values and one-time codes are never kept");
  }
  if (memory::NamesACode(record) || memory::NamesACode(field)) {
    return Refused("name", "it is named like a card verification value or a one-time code");
  }
  const std::string_view text = value.Reveal();
  if (text.size() > kMaxSecretBytes) {
    return InvalidArgument("value has ", text.size(), " bytes; expected at most ", kMaxSecretBytes);
  }
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) {
    return InvalidArgument("value is not UTF-8 text without NUL");
  }
  const auto symbols = std::count_if(text.begin(), text.end(), [](char c) {
    return memory::IsLetter(c) || IsDigit(c) || static_cast<unsigned char>(c) >= 0xc0;
  });
  if (symbols < 4) {
    return InvalidArgument("value has ", static_cast<std::int64_t>(symbols),
                           " letters and digits; expected at least 4: speech and mail cannot be "
                           "scanned for less");
  }
  if (memory::IsCardWithCode(text)) {
    return Refused("card_with_code", "three or four digits stand behind a card number");
  }
  if (kind == SecretKind::kCardNumber) {
    std::string digits;
    for (const char c : text) {
      if (IsDigit(c)) {
        digits += c;
      } else if (c != ' ' && c != '-') {
        digits += 'x';  // no card number
      }
    }
    const bool valid = memory::IsLuhnValid(digits);
    const Secret wiped(std::move(digits));
    if (!valid) {
      return InvalidArgument("value is no card number; expected 13 to 19 digits with a right last");
    }
  }
  if (sinks.size() > kMaxSecretSinks) {
    return InvalidArgument("sinks has ", sinks.size(), " entries; expected at most ",
                           kMaxSecretSinks);
  }
  for (const SecretSink& sink : sinks) DRAGOMAN_RETURN_IF_ERROR(memory::CheckSink(sink));
  return absl::OkStatus();
}

}  // namespace dragoman
