#include "src/safety/policy_table.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <toml.hpp>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/text.h"

namespace dragoman::safety {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr int kMaxDepth = 8;

const toml::value& Value(const void* value) { return *static_cast<const toml::value*>(value); }
int LineOfValue(const toml::value& value) { return static_cast<int>(value.location().line()); }

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

// The library draws arrows over several lines; the number before " | " is the line's.
int LineIn(std::string_view what) {
  const std::size_t bar = what.find(" | ");
  if (bar == std::string_view::npos) return 1;
  std::size_t begin = bar;
  while (begin > 0 && what[begin - 1] >= '0' && what[begin - 1] <= '9') --begin;
  return begin < bar ? std::atoi(std::string(what.substr(begin, bar - begin)).c_str()) : 1;
}

}  // namespace

struct PolicyTable::Node {
  std::shared_ptr<const toml::value> root;  // owns the file; `value` lies within
  const toml::value* value = nullptr;       // null: the table is not in the file
};

void PolicyErrors::Add(int line, std::string_view message) {
  if (first.ok()) first = InvalidArgument(file, ":", std::max(line, 1), ": ", message);
}

absl::StatusOr<PolicyTable> PolicyTable::Parse(std::string_view text, PolicyErrors& errors) {
  if (text.size() > kMaxBytes) {
    errors.Add(1, StrCat("the file has ", text.size(), " bytes; expected at most ", kMaxBytes));
  } else if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) {
    errors.Add(1, "the file is not UTF-8 text");
  } else if (TooDeep(text)) {
    errors.Add(1, StrCat("the file is nested deeper than ", kMaxDepth, " levels"));
  }
  if (!errors.first.ok()) return errors.first;
  try {
    std::istringstream in{std::string(text)};
    auto node = std::make_shared<Node>();
    node->root = std::make_shared<const toml::value>(toml::parse(in, errors.file));
    node->value = node->root.get();
    return PolicyTable(std::move(node), errors, "the file");
  } catch (const std::exception& error) {
    std::string_view what = error.what();
    const int line = LineIn(what);
    what = what.substr(0, what.find('\n'));
    if (what.starts_with("[error] ")) what.remove_prefix(8);
    errors.Add(line, StrCat("not TOML: ", EscapeLine(what.substr(0, 160))));
    return errors.first;
  }
}

PolicyTable::PolicyTable(std::shared_ptr<const Node> node, PolicyErrors& errors, std::string name)
    : node_(std::move(node)), errors_(errors), name_(std::move(name)) {}

PolicyTable PolicyTable::Sub(const void* value, std::string name) {
  auto node = std::make_shared<Node>();
  node->root = node_->root;
  node->value = static_cast<const toml::value*>(value);
  return PolicyTable(std::move(node), errors_, std::move(name));
}

const void* PolicyTable::Find(std::string_view key) {
  known_.emplace_back(key);
  if (node_->value == nullptr || !node_->value->is_table() || !ok()) return nullptr;
  const auto& table = node_->value->as_table(std::nothrow);
  const auto found = table.find(std::string(key));
  return found == table.end() ? nullptr : &found->second;
}

bool PolicyTable::Has(std::string_view key) { return Find(key) != nullptr; }

int PolicyTable::line() const { return node_->value == nullptr ? 0 : LineOfValue(*node_->value); }

int PolicyTable::LineOf(std::string_view key) const {
  if (node_->value == nullptr || !node_->value->is_table()) return 0;
  const auto& table = node_->value->as_table(std::nothrow);
  const auto found = table.find(std::string(key));
  return LineOfValue(found == table.end() ? *node_->value : found->second);
}

void PolicyTable::Read(std::string_view key, std::string& out) {
  const void* found = Find(key);
  if (found == nullptr) return;
  if (!Value(found).is_string())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected a string"));
  out = Value(found).as_string(std::nothrow).str;
}

void PolicyTable::Read(std::string_view key, bool& out) {
  const void* found = Find(key);
  if (found == nullptr) return;
  if (!Value(found).is_boolean())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected true or false"));
  out = Value(found).as_boolean(std::nothrow);
}

void PolicyTable::Read(std::string_view key, std::int64_t& out, std::int64_t low,
                       std::int64_t high) {
  const void* found = Find(key);
  if (found == nullptr) return;
  if (!Value(found).is_integer())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected an integer"));
  const std::int64_t value = Value(found).as_integer(std::nothrow);
  if (value < low || value > high)
    return Fail(key, StrCat(key, " is ", value, "; expected ", low, " to ", high));
  out = value;
}

void PolicyTable::Read(std::string_view key, int& out, int low, int high) {
  std::int64_t value = out;
  Read(key, value, low, high);
  out = static_cast<int>(value);
}

void PolicyTable::Read(std::string_view key, std::vector<std::string>& out) {
  const void* found = Find(key);
  if (found == nullptr) return;
  if (!Value(found).is_array())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected an array of strings"));
  std::vector<std::string> texts;
  for (const auto& item : Value(found).as_array(std::nothrow)) {
    if (!item.is_string())
      return Fail(key, StrCat(key, " holds ", TypeName(item), "; expected strings"));
    texts.push_back(item.as_string(std::nothrow).str);
  }
  out = std::move(texts);
}

void PolicyTable::ReadTable(std::string_view key, const std::function<void(PolicyTable&)>& read) {
  const void* found = Find(key);
  if (found != nullptr && !Value(found).is_table())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected a table"));
  PolicyTable table = Sub(found, StrCat("[", key, "]"));
  read(table);
  table.RefuseOthers();
}

void PolicyTable::ReadTables(std::string_view key, const std::function<void(PolicyTable&)>& read) {
  const void* found = Find(key);
  if (found == nullptr) return;
  if (!Value(found).is_array())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected [[", key, "]]"));
  for (const auto& item : Value(found).as_array(std::nothrow)) {
    if (!item.is_table())
      return Fail(key, StrCat(key, " holds ", TypeName(item), "; expected tables"));
    PolicyTable table = Sub(&item, StrCat("[[", key, "]]"));
    read(table);
    table.RefuseOthers();
  }
}

void PolicyTable::ReadNamed(
    std::string_view key, const std::function<void(const std::string& name, PolicyTable&)>& read) {
  const void* found = Find(key);
  if (found == nullptr) return;
  if (!Value(found).is_table())
    return Fail(key, StrCat(key, " is ", TypeName(Value(found)), "; expected [", key, ".<name>]"));
  std::map<std::string, const toml::value*> ordered;
  for (const auto& [name, value] : Value(found).as_table(std::nothrow)) ordered[name] = &value;
  for (const auto& [name, value] : ordered) {
    if (!value->is_table())
      return errors_.Add(LineOfValue(*value), StrCat(key, ".", EscapeLine(name), " is ",
                                                     TypeName(*value), "; expected a table"));
    PolicyTable table = Sub(value, StrCat("[", key, ".", EscapeLine(name), "]"));
    read(name, table);
    table.RefuseOthers();
  }
}

void PolicyTable::RefuseOthers() {
  if (node_->value == nullptr || !node_->value->is_table() || !ok()) return;
  std::vector<std::pair<int, std::string>> others;
  for (const auto& [name, value] : node_->value->as_table(std::nothrow)) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      others.emplace_back(LineOfValue(value), name);
  }
  if (others.empty()) return;
  const auto& [line, name] = *std::min_element(others.begin(), others.end());
  const std::vector<std::string_view> candidates(known_.begin(), known_.end());
  const std::string_view nearest = Nearest(name, candidates);
  errors_.Add(
      line, StrCat("unknown key \"", EscapeLine(name), "\" in ", name_,
                   nearest.empty() ? std::string() : StrCat("; did you mean \"", nearest, "\"?")));
}

}  // namespace dragoman::safety
