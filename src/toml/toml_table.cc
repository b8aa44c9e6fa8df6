#include "src/toml/toml_table.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <toml.hpp>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr int kMaxDepth = 8;

const toml::value& Value(const void* value) { return *static_cast<const toml::value*>(value); }

int LineOfValue(const toml::value& value) {
  return static_cast<int>(value.location().line());  // 0 where the library does not know
}

std::string_view TypeName(const toml::value& value) {
  if (value.is_table()) return "a table";
  if (value.is_array()) return "an array";
  if (value.is_string()) return "a string";
  if (value.is_integer()) return "an integer";
  if (value.is_floating()) return "a fraction";
  if (value.is_boolean()) return "true or false";
  return "a date or time";
}

// toml11 parses brackets, braces and dotted keys by recursion: refuse what is too deep before.
bool TooDeep(std::string_view text) {
  int depth = 0;
  int dots = 0;
  for (char c : text) {
    if (c == '[' || c == '{') depth = std::min(depth + 1, 1000);
    if (c == ']' || c == '}') depth = std::max(depth - 1, 0);
    if (c == '\n') dots = 0;
    if (c == '.') ++dots;
    if (depth > kMaxDepth || dots > 200) return true;
  }
  return false;
}

// The library's messages span lines and draw arrows: the words are in its first line, the place
// behind " --> ".
std::pair<int, std::string> Explain(std::string_view what) {
  std::string_view first = what.substr(0, what.find('\n'));
  if (first.starts_with("[error] ")) first.remove_prefix(8);
  if (first.starts_with("toml::")) first.remove_prefix(6);
  int line = 1;
  std::size_t bar = what.find(" | ");
  if (bar != std::string_view::npos) {
    std::size_t begin = bar;
    while (begin > 0 && std::isdigit(static_cast<unsigned char>(what[begin - 1]))) --begin;
    if (begin < bar) line = std::atoi(std::string(what.substr(begin, bar - begin)).c_str());
  }
  return {line, EscapeLine(first.substr(0, 160))};
}

nlohmann::json JsonOf(const toml::value& value) {
  if (value.is_boolean()) return value.as_boolean(std::nothrow);
  if (value.is_integer()) return value.as_integer(std::nothrow);
  if (value.is_floating()) return value.as_floating(std::nothrow);
  if (value.is_string()) return value.as_string(std::nothrow).str;
  if (value.is_array()) {
    nlohmann::json array = nlohmann::json::array();
    for (const toml::value& item : value.as_array(std::nothrow)) array.push_back(JsonOf(item));
    return array;
  }
  if (value.is_table()) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [name, item] : value.as_table(std::nothrow)) object[name] = JsonOf(item);
    return object;
  }
  std::ostringstream text;  // a date or a time
  text << value;
  return text.str();
}

}  // namespace

struct TomlTable::Node {
  std::shared_ptr<const toml::value> root;  // owns the file; `value` lies within
  const toml::value* value = nullptr;       // null: the table is not in the file
};

void TomlErrors::Add(int line, std::string_view message) {
  if (first.ok()) first = InvalidArgument(file, ":", std::max(line, 1), ": ", message);
}

absl::StatusOr<TomlTable> TomlTable::Parse(std::string_view text, TomlErrors& errors) {
  if (text.size() > kMaxBytes) {
    errors.Add(1, StrCat("the file has ", text.size(), " bytes; expected at most ", kMaxBytes));
  } else if (!IsValidUtf8(text)) {
    errors.Add(1, "the file is not valid UTF-8");
  } else if (text.find('\0') != std::string_view::npos) {
    errors.Add(1, "the file holds a zero byte; expected TOML");
  } else if (TooDeep(text)) {
    errors.Add(1, StrCat("the file is nested deeper than ", kMaxDepth, " levels"));
  }
  if (!errors.first.ok()) return errors.first;
  try {
    std::istringstream in{std::string(text)};
    auto node = std::make_shared<Node>();
    node->root = std::make_shared<const toml::value>(toml::parse(in, errors.file));
    node->value = node->root.get();
    return TomlTable(std::move(node), errors, "the file");
  } catch (const std::exception& error) {
    auto [line, words] = Explain(error.what());
    errors.Add(line, StrCat("not TOML: ", words));
    return errors.first;
  }
}

TomlTable::TomlTable(std::shared_ptr<const Node> node, TomlErrors& errors, std::string name)
    : node_(std::move(node)), errors_(errors), name_(std::move(name)) {}

TomlTable TomlTable::Sub(const void* value, std::string name) const {
  auto node = std::make_shared<Node>();
  node->root = node_->root;
  node->value = static_cast<const toml::value*>(value);
  return TomlTable(std::move(node), errors_, std::move(name));
}

int TomlTable::line() const { return node_->value ? LineOfValue(*node_->value) : 0; }

const void* TomlTable::Find(std::string_view key) {
  known_.emplace_back(key);
  if (!node_->value || !node_->value->is_table() || !errors_.first.ok()) return nullptr;
  const auto& table = node_->value->as_table(std::nothrow);
  auto found = table.find(std::string(key));
  return found == table.end() ? nullptr : &found->second;
}

bool TomlTable::Has(std::string_view key) { return Find(key) != nullptr; }

int TomlTable::LineOf(std::string_view key) const {
  if (!node_->value || !node_->value->is_table()) return 0;
  const auto& table = node_->value->as_table(std::nothrow);
  auto found = table.find(std::string(key));
  return LineOfValue(found == table.end() ? *node_->value : found->second);
}

void TomlTable::Read(std::string_view key, std::string& out) {
  const void* found = Find(key);
  if (!found) return;
  const auto& value = Value(found);
  if (!value.is_string())
    return Fail(key, StrCat(key, " is ", TypeName(value), "; expected a string"));
  out = value.as_string(std::nothrow).str;
}

void TomlTable::Read(std::string_view key, bool& out) {
  const void* found = Find(key);
  if (!found) return;
  const auto& value = Value(found);
  if (!value.is_boolean())
    return Fail(key, StrCat(key, " is ", TypeName(value), "; expected true or false"));
  out = value.as_boolean(std::nothrow);
}

void TomlTable::Read(std::string_view key, int& out, int low, int high) {
  std::int64_t number = out;
  Read(key, number, std::int64_t{low}, std::int64_t{high});
  out = static_cast<int>(number);
}

void TomlTable::Read(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high) {
  const void* found = Find(key);
  if (!found) return;
  const auto& value = Value(found);
  if (!value.is_integer())
    return Fail(key, StrCat(key, " is ", TypeName(value), "; expected ", low, " to ", high));
  std::int64_t number = value.as_integer(std::nothrow);
  if (number < low || number > high)
    return Fail(key, StrCat(key, " is ", number, "; expected ", low, " to ", high));
  out = number;
}

void TomlTable::Read(std::string_view key, std::uint64_t& out) {
  const void* found = Find(key);
  if (!found) return;
  const auto& value = Value(found);
  if (!value.is_integer() || value.as_integer(std::nothrow) < 0)
    return Fail(key, StrCat(key, " is not a number; expected 0 to 2^63 - 1"));
  out = static_cast<std::uint64_t>(value.as_integer(std::nothrow));
}

void TomlTable::Read(std::string_view key, milliseconds& out, milliseconds low, milliseconds high) {
  std::string text;
  Read(key, text);
  if (!Has(key) || !ok()) return;
  auto length = ParseLength(text);
  if (!length.ok())
    return Fail(key, StrCat(key, " is \"", EscapeLine(text.substr(0, 40)),
                            "\"; expected a length of time such as \"700 ms\" or \"1.5 s\""));
  if (*length < low || *length > high)
    return Fail(key, StrCat(key, " is ", *length, "; expected ", low, " to ", high));
  out = *length;
}

void TomlTable::Read(std::string_view key, std::vector<std::string>& out) {
  const void* found = Find(key);
  if (!found) return;
  const auto& value = Value(found);
  if (value.is_string()) {
    out = {value.as_string(std::nothrow).str};
    return;
  }
  if (!value.is_array())
    return Fail(key, StrCat(key, " is ", TypeName(value), "; expected an array of strings"));
  std::vector<std::string> texts;
  for (const auto& item : value.as_array(std::nothrow)) {
    if (!item.is_string())
      return Fail(key, StrCat(key, " holds ", TypeName(item), "; expected strings only"));
    texts.push_back(item.as_string(std::nothrow).str);
  }
  out = std::move(texts);
}

void TomlTable::ReadWallTime(std::string_view key,
                             std::chrono::sys_time<std::chrono::microseconds>& out) {
  std::string text;
  Read(key, text);
  if (!Has(key) || !ok()) return;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  char end = 0;
  int fields =
      std::sscanf(text.c_str(), "%4d-%2d-%2d %2d:%2d%c", &year, &month, &day, &hour, &minute, &end);
  auto date = std::chrono::year(year) / month / day;
  if (fields != 5 || year < 2000 || year > 2099 || !date.ok() || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59)
    return Fail(key, StrCat(key, " is \"", EscapeLine(text.substr(0, 40)),
                            "\"; expected a UTC time such as \"2026-01-05 09:00\""));
  out = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

void TomlTable::ReadChoice(std::string_view key, const std::vector<std::string_view>& names,
                           int& out) {
  std::string text;
  Read(key, text);
  if (!Has(key) || !errors_.first.ok()) return;
  auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) {
    out = static_cast<int>(found - names.begin());
    return;
  }
  std::string list;
  for (std::string_view name : names) list += StrCat(list.empty() ? "" : ", ", name);
  Fail(key, StrCat(key, " is \"", EscapeLine(text.substr(0, 40)), "\"; expected one of ", list));
}

void TomlTable::ReadTable(std::string_view key, const std::function<void(TomlTable&)>& read) {
  const void* found = Find(key);
  if (found && !Value(found).is_table())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected a table"));
  TomlTable table = Sub(found, StrCat("[", key, "]"));
  read(table);
  table.RefuseOthers();
}

void TomlTable::ReadTables(std::string_view key, const std::function<void(TomlTable&)>& read) {
  const void* found = Find(key);
  if (!found) return;
  if (!Value(found).is_array())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected [[", key, "]]"));
  for (const auto& item : Value(found).as_array(std::nothrow)) {
    if (!item.is_table())
      return Fail(key, StrCat(key, " holds ", TypeName(item), "; expected tables"));
    TomlTable table = Sub(&item, StrCat("[[", key, "]]"));
    read(table);
    table.RefuseOthers();
  }
}

void TomlTable::ReadNamed(std::string_view key,
                          const std::function<void(const std::string& name, TomlTable&)>& read) {
  const void* found = Find(key);
  if (!found) return;
  if (!Value(found).is_table())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected [", key, ".<name>]"));
  std::map<std::string, const toml::value*> ordered;
  for (const auto& [name, value] : Value(found).as_table(std::nothrow)) ordered[name] = &value;
  for (const auto& [name, value] : ordered) {
    if (!value->is_table())
      return errors_.Add(LineOfValue(*value), StrCat(key, ".", EscapeLine(name), " is ",
                                                     TypeName(*value), "; expected a table"));
    TomlTable table = Sub(value, StrCat("[", key, ".", EscapeLine(name), "]"));
    read(name, table);
    table.RefuseOthers();
  }
}

void TomlTable::ReadCounts(std::string_view key,
                           const std::function<void(const std::string&, std::int64_t, int)>& read) {
  const void* found = Find(key);
  if (!found) return;
  if (!Value(found).is_table())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected a table of numbers"));
  for (const auto& [name, value] : Value(found).as_table(std::nothrow)) {
    if (!value.is_integer())
      return Fail(
          key, StrCat(key, ".", EscapeLine(name), " is ", TypeName(value), "; expected a number"));
    read(name, value.as_integer(std::nothrow), LineOfValue(value));
  }
}

void TomlTable::ReadJson(std::string_view key, std::string& out) {
  const void* found = Find(key);
  if (!found) return;
  if (!Value(found).is_table())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected a table"));
  out = JsonOf(Value(found)).dump();
}

void TomlTable::RefuseOthers() {
  if (!node_->value || !node_->value->is_table() || !errors_.first.ok()) return;
  std::vector<std::pair<int, std::string>> others;
  for (const auto& [name, value] : node_->value->as_table(std::nothrow)) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      others.emplace_back(LineOfValue(value), name);
  }
  if (others.empty()) return;
  const auto& [line, name] = *std::min_element(others.begin(), others.end());
  std::vector<std::string_view> candidates(known_.begin(), known_.end());
  std::string_view nearest = Nearest(name, candidates);
  std::string hint = nearest.empty() ? "" : StrCat("; did you mean \"", nearest, "\"?");
  errors_.Add(line, StrCat("unknown key \"", EscapeLine(name), "\" in ", name_, hint));
}

absl::StatusOr<milliseconds> ParseLength(std::string_view text) {
  text = Trim(text);
  std::size_t at = 0;
  std::int64_t micro = 0;  // of the unit
  std::int64_t scale = 0;  // 0: before the point
  int digits = 0;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '.' && scale == 0 && digits > 0) {
      scale = 1'000'000;
      continue;
    }
    if (c < '0' || c > '9') break;
    if (++digits > 9) return InvalidArgument("too many digits in a length of time");
    if (scale == 0) {
      micro = micro * 10 + (c - '0') * 1'000'000;
    } else if (scale > 1) {
      scale /= 10;
      micro += (c - '0') * scale;
    }
  }
  std::string_view unit = Trim(text.substr(at));
  if (digits == 0) return InvalidArgument("a length of time begins with a number");
  if (unit == "ms") return milliseconds(micro / 1'000'000);
  if (unit == "s") return milliseconds(micro / 1'000);
  if (unit == "min") return milliseconds(micro * 60 / 1'000);
  return InvalidArgument("unknown unit; expected ms, s or min");
}

}  // namespace dragoman
