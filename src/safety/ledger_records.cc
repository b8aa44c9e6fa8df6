// Ledger records as bytes, and back.
#include "dragoman/store/digest.h"
#include "src/safety/store_ledgers_state.h"

namespace dragoman::safety {
namespace {

constexpr std::string_view kMoneyEnd = "/100";

absl::Status Strange() { return DataLoss("a record of the governor's ledgers cannot be read"); }

absl::StatusOr<std::int64_t> NumberIn(std::string_view piece) {
  if (piece.size() != 8) return Strange();
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(piece[i]);
  return static_cast<std::int64_t>(value);
}

std::string NumberPiece(std::int64_t number) { return FramedBytes().Add(number).bytes(); }

void PutAmounts(const Amounts& amounts, std::vector<std::string>& pieces) {
  const auto units = UnitsOf(amounts);
  pieces.push_back(NumberPiece(static_cast<std::int64_t>(units.size())));
  for (const auto& [unit, amount] : units) {
    pieces.push_back(unit);
    pieces.push_back(NumberPiece(amount));
  }
}

// Walks over pieces; the first thing that is missing makes everything after it missing.
class PieceReader {
 public:
  explicit PieceReader(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  std::string Text() {
    if (at_ == pieces_.size()) ok_ = false;
    return ok_ ? std::move(pieces_[at_++]) : std::string();
  }
  std::int64_t Number() {
    const absl::StatusOr<std::int64_t> number = NumberIn(Text());
    if (!number.ok()) ok_ = false;
    return number.value_or(0);
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (std::int64_t left = Number(); ok_ && left > 0; --left) texts.push_back(Text());
    return texts;
  }
  Amounts ReadAmounts() {
    Amounts amounts;
    for (std::int64_t left = Number(); ok_ && left > 0; --left) {
      const std::string unit = Text();
      AddUnit(amounts, unit, Number());
    }
    return amounts;
  }
  bool AtEnd() const { return ok_ && at_ == pieces_.size(); }

 private:
  std::vector<std::string> pieces_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void PutTexts(const std::vector<std::string>& texts, std::vector<std::string>& pieces) {
  pieces.push_back(NumberPiece(static_cast<std::int64_t>(texts.size())));
  pieces.insert(pieces.end(), texts.begin(), texts.end());
}

}  // namespace

std::string EncodePieces(const std::vector<std::string>& pieces) {
  FramedBytes bytes;
  for (const std::string& piece : pieces) bytes.Add(std::string_view(piece));
  return bytes.bytes();
}

absl::StatusOr<std::vector<std::string>> DecodePieces(std::string_view body) {
  std::vector<std::string> pieces;
  while (!body.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::int64_t size, NumberIn(body.substr(0, 8)));
    body.remove_prefix(8);
    if (size < 0 || static_cast<std::uint64_t>(size) > body.size()) return Strange();
    pieces.emplace_back(body.substr(0, static_cast<std::size_t>(size)));
    body.remove_prefix(static_cast<std::size_t>(size));
  }
  return pieces;
}

std::map<std::string, std::int64_t> UnitsOf(const Amounts& amounts) {
  std::map<std::string, std::int64_t> units;
  const std::pair<const char*, std::int64_t> rows[] = {{"calls", amounts.calls},
                                                       {"minutes", amounts.minutes},
                                                       {"messages", amounts.messages},
                                                       {"tokens", amounts.tokens},
                                                       {"steps", amounts.steps}};
  for (const auto& [unit, amount] : rows) {
    if (amount != 0) units[unit] = amount;
  }
  for (const Money& money : amounts.money) {
    if (money.hundredths != 0) units[StrCat(money.currency, kMoneyEnd)] += money.hundredths;
  }
  return units;
}

void AddUnit(Amounts& amounts, std::string_view unit, std::int64_t amount) {
  Amounts more;
  if (unit.ends_with(kMoneyEnd)) {
    more.money.push_back({amount, std::string(unit.substr(0, unit.size() - kMoneyEnd.size()))});
  } else if (unit == "calls") {
    more.calls = amount;
  } else if (unit == "minutes") {
    more.minutes = amount;
  } else if (unit == "messages") {
    more.messages = amount;
  } else if (unit == "tokens") {
    more.tokens = amount;
  } else if (unit == "steps") {
    more.steps = amount;
  }
  amounts = Add(amounts, more);
}

std::int64_t LimitOf(const BudgetLimits& limits, std::string_view unit) {
  const Amounts as_amounts{.money = limits.money,
                           .calls = limits.calls,
                           .minutes = limits.minutes,
                           .messages = limits.messages,
                           .tokens = limits.tokens,
                           .steps = limits.steps};
  const auto units = UnitsOf(as_amounts);
  const auto found = units.find(std::string(unit));
  return found == units.end() || found->second < 0 ? 0 : found->second;
}

std::string EncodeReservation(const StoredReservation& reservation) {
  std::vector<std::string> pieces = {reservation.id, reservation.effect_id};
  PutTexts(reservation.held.accounts, pieces);
  PutAmounts(reservation.held.amounts, pieces);
  return EncodePieces(pieces);
}

absl::StatusOr<StoredReservation> DecodeReservation(std::string_view body) {
  DRAGOMAN_ASSIGN_OR_RETURN(std::vector<std::string> pieces, DecodePieces(body));
  PieceReader reader(std::move(pieces));
  StoredReservation reservation;
  reservation.id = reader.Text();
  reservation.effect_id = reader.Text();
  reservation.held.accounts = reader.Texts();
  reservation.held.amounts = reader.ReadAmounts();
  if (!reader.AtEnd()) return Strange();
  return reservation;
}

std::string EncodeConfirmation(const Confirmation& confirmation) {
  const Binding& binding = confirmation.binding;
  std::vector<std::string> pieces = {
      confirmation.id,      binding.tool,           binding.schema_hash,
      binding.arguments,    binding.destinations,   binding.caller_identity,
      binding.cost_ceiling, binding.goal,           binding.tenant,
      binding.user,         binding.policy_version, confirmation.text,
      confirmation.digest};
  pieces.push_back(NumberPiece(confirmation.expires.time_since_epoch().count()));
  PutTexts(confirmation.destinations, pieces);
  PutTexts(confirmation.personal_items, pieces);
  return EncodePieces(pieces);
}

absl::StatusOr<Confirmation> DecodeConfirmation(std::string_view body) {
  DRAGOMAN_ASSIGN_OR_RETURN(std::vector<std::string> pieces, DecodePieces(body));
  PieceReader reader(std::move(pieces));
  Confirmation confirmation;
  Binding& binding = confirmation.binding;
  for (std::string* text : {&confirmation.id, &binding.tool, &binding.schema_hash,
                            &binding.arguments, &binding.destinations, &binding.caller_identity,
                            &binding.cost_ceiling, &binding.goal, &binding.tenant, &binding.user,
                            &binding.policy_version, &confirmation.text, &confirmation.digest}) {
    *text = reader.Text();
  }
  confirmation.expires = WallTime(std::chrono::microseconds(reader.Number()));
  confirmation.destinations = reader.Texts();
  confirmation.personal_items = reader.Texts();
  // A record that somebody wrote by hand binds nothing.
  if (!reader.AtEnd() ||
      DigestOf(binding, confirmation.expires, confirmation.id) != confirmation.digest) {
    return Strange();
  }
  return confirmation;
}

}  // namespace dragoman::safety
