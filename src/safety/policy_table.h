// A TOML file read key by key, so that whatever nobody asked for is found. toml11 itself is seen by
// policy_table.cc only.
#ifndef DRAGOMAN_SRC_SAFETY_POLICY_TABLE_H_
#define DRAGOMAN_SRC_SAFETY_POLICY_TABLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/status.h"

namespace dragoman::safety {

// The first error of a file is kept; after it every read leaves its target alone.
struct PolicyErrors {
  std::string file;
  absl::Status first;
  void Add(int line, std::string_view message);
};

class PolicyTable {
 public:
  struct Node;
  static absl::StatusOr<PolicyTable> Parse(std::string_view text, PolicyErrors& errors);
  PolicyTable(std::shared_ptr<const Node> node, PolicyErrors& errors, std::string name);

  bool Has(std::string_view key);
  int line() const;
  int LineOf(std::string_view key) const;  // of the table where the key is not there
  bool ok() const { return errors_.first.ok(); }

  void Read(std::string_view key, std::string& out);
  void Read(std::string_view key, bool& out);
  void Read(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high);
  void Read(std::string_view key, int& out, int low, int high);
  void Read(std::string_view key, std::vector<std::string>& out);
  void ReadTable(std::string_view key, const std::function<void(PolicyTable&)>& read);
  void ReadTables(std::string_view key, const std::function<void(PolicyTable&)>& read);
  // Each [key.<name>], in the order of the names.
  void ReadNamed(std::string_view key,
                 const std::function<void(const std::string& name, PolicyTable&)>& read);

  void Fail(std::string_view key, std::string_view message) { errors_.Add(LineOf(key), message); }
  // When all keys are read: names the first that nobody asked for, and the nearest known one.
  void RefuseOthers();

 private:
  const void* Find(std::string_view key);
  PolicyTable Sub(const void* value, std::string name);

  std::shared_ptr<const Node> node_;
  PolicyErrors& errors_;
  std::string name_;
  std::vector<std::string> known_;
};

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_POLICY_TABLE_H_
