// Text for the owner, rendered from the arguments and nothing else.
#include <array>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/safety/facts.h"

namespace dragoman {
namespace {

// Characters that are not seen or that turn the text around: U+200B..U+200F, U+2028..U+202E,
// U+2060..U+206F, U+FEFF, U+00AD, U+061C, tag characters U+E0000..U+E007F.
bool Hides(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x61c ||
         (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
         (point >= 0xe0000 && point <= 0xe007f);
}

void AppendEscape(std::uint32_t point, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string digits;
  for (int shift = 20; shift >= 0; shift -= 4) {
    const char digit = kHex[(point >> shift) & 15];
    if (digit != '0' || !digits.empty() || shift == 0) digits += digit;
  }
  out += StrCat("\\u{", digits, "}");
}

}  // namespace

std::string ShownText(std::string_view text, std::size_t most) {
  std::string out = "\"";
  std::size_t i = 0;
  const bool valid = IsValidUtf8(text);
  while (i < text.size() && out.size() <= most) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t length = !valid || lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k)
      point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 63u);
    if (Hides(point) || (!valid && lead >= 0x80)) {
      AppendEscape(point, out);
    } else {
      if (point == '"' || point == '\\') out += '\\';
      out += text.substr(i, length);
    }
    i += length;
  }
  out += '"';
  if (i < text.size()) out += StrCat(" and ", text.size() - i, " bytes more");
  return out;
}

namespace safety {

std::string DescribeAmounts(const Amounts& amounts) {
  std::string out;
  const auto add = [&](std::string part) { out += (out.empty() ? "" : ", ") + part; };
  const auto count = [&](std::int64_t number, std::string_view one) {
    if (number != 0) add(StrCat(number, " ", one, number == 1 ? "" : "s"));
  };
  for (const Money& money : amounts.money) {
    if (money.hundredths != 0) add(FormatMoney(money));
  }
  count(amounts.calls, "call");
  count(amounts.minutes, "minute");
  count(amounts.messages, "message");
  count(amounts.tokens, "token");
  return out.empty() ? "nothing" : out;
}

std::string FormatUtc(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time - day).count();
  const auto two = [](std::int64_t n) { return StrCat(n < 10 ? "0" : "", n); };
  return StrCat(static_cast<int>(date.year()), "-", two(static_cast<unsigned>(date.month())), "-",
                two(static_cast<unsigned>(date.day())), " ", two(minutes / 60), ":",
                two(minutes % 60), " UTC");
}

std::string ConfirmationText(const Facts& facts, const std::vector<RuleResult>& chain,
                             WallTime expires) {
  const EffectRequest& request = *facts.request;
  std::string text = StrCat("Run ", request.tool.name, " (", Name(request.tool.risk), ")?\n");
  for (const auto& [name, value] : facts.members) {
    text += StrCat("  ", EscapeLine(name), ": ", ShownText(value), "\n");
  }
  for (const std::string& sink : facts.sinks) text += StrCat("  reaches: ", ShownText(sink), "\n");
  if (!request.caller_identity.empty())
    text += StrCat("  as: ", ShownText(request.caller_identity, 80), "\n");
  text += StrCat("  costs at most: ", DescribeAmounts(facts.worst), "\n");
  for (const RuleResult& result : chain) {
    if (result.outcome == RuleOutcome::kConfirm)
      text += StrCat("  asked because: ", EscapeLine(result.why), "\n");
  }
  text += StrCat("  for the goal: ", ShownText(request.scope.title, 200), "\n");
  text += StrCat("  one time, until ", FormatUtc(expires), "; no answer means no\n");
  return text;
}

}  // namespace safety
}  // namespace dragoman
