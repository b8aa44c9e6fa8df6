// A TOML table read key by key: what is misspelt, of the wrong type or out of range is named with
// its file and line. toml11 itself is seen by toml_table.cc only.
#ifndef DRAGOMAN_SRC_TOML_TOML_TABLE_H_
#define DRAGOMAN_SRC_TOML_TOML_TABLE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/status.h"

namespace dragoman {

// The first error of a file is kept; after it every read leaves its target alone.
struct TomlErrors {
  std::string file;
  absl::Status first;
  void Add(int line, std::string_view message);
};

class TomlTable {
 public:
  struct Node;
  // The whole file. kInvalidArgument: not TOML, with the line; larger than 64 KiB; not UTF-8;
  // nested deeper than 8. Each is also the first of `errors`.
  static absl::StatusOr<TomlTable> Parse(std::string_view text, TomlErrors& errors);

  TomlTable(std::shared_ptr<const Node> node, TomlErrors& errors, std::string name);

  bool ok() const { return errors_.first.ok(); }
  int line() const;
  bool Has(std::string_view key);
  int LineOf(std::string_view key) const;  // of the table when the key is not there

  void Read(std::string_view key, std::string& out);
  void Read(std::string_view key, bool& out);
  void Read(std::string_view key, int& out, int low, int high);
  void Read(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high);
  void Read(std::string_view key, std::uint64_t& out);
  // "700 ms", "1.5 s", "2 min"; from `low` to `high`.
  void Read(std::string_view key, std::chrono::milliseconds& out, std::chrono::milliseconds low,
            std::chrono::milliseconds high);
  // An array of strings, or one string alone.
  void Read(std::string_view key, std::vector<std::string>& out);
  // A date and time, "2026-01-05 09:00".
  void ReadWallTime(std::string_view key, std::chrono::sys_time<std::chrono::microseconds>& out);
  // One of `names`; `out` becomes its index.
  void ReadChoice(std::string_view key, const std::vector<std::string_view>& names, int& out);
  // [key]; an absent one is an empty table.
  void ReadTable(std::string_view key, const std::function<void(TomlTable&)>& read);
  // [[key]], each.
  void ReadTables(std::string_view key, const std::function<void(TomlTable&)>& read);
  // Each [key.<name>], in the order of the names.
  void ReadNamed(std::string_view key,
                 const std::function<void(const std::string& name, TomlTable&)>& read);
  // Every key with an integer value, whatever its name.
  void ReadCounts(std::string_view key,
                  const std::function<void(const std::string& name, std::int64_t, int line)>& read);

  // A table with whatever keys and values, as a JSON object; absent: `out` is left alone. Dates are
  // their text.
  void ReadJson(std::string_view key, std::string& out);

  void Fail(std::string_view key, std::string_view message) { errors_.Add(LineOf(key), message); }
  // To be called when all keys are read: names the first that nobody asked for, and the nearest
  // known one.
  void RefuseOthers();

 private:
  const void* Find(std::string_view key);
  TomlTable Sub(const void* value, std::string name) const;

  std::shared_ptr<const Node> node_;
  TomlErrors& errors_;
  std::string name_;  // "[caller]", or "the file"
  std::vector<std::string> known_;
};

// "700 ms", "1.5 s", "2 min", "0.25s".
absl::StatusOr<std::chrono::milliseconds> ParseLength(std::string_view text);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_TOML_TOML_TABLE_H_
