// Which field of a record stands in which column; one list for writing and reading.
#ifndef DRAGOMAN_SRC_PROVIDERS_SQLITE_FIELDS_H_
#define DRAGOMAN_SRC_PROVIDERS_SQLITE_FIELDS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "dragoman/core/status.h"
#include "dragoman/store/records.h"
#include "src/providers/sqlite/database.h"

namespace dragoman::sqlite {

// kName, kKeys (how many of the first columns are the key) and Visit(record, visitor).
template <typename Record>
struct Table;

template <>
struct Table<UserRecord> {
  static constexpr std::string_view kName = "users";
  static constexpr int kKeys = 1;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("id", r.id);
    v("display_name", r.display_name);
    v("time_zone", r.time_zone);
    v("settings", r.settings);
    v("created", r.created);
  }
};

template <>
struct Table<PlanRecord> {
  static constexpr std::string_view kName = "plans";
  static constexpr int kKeys = 2;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("goal_id", r.goal_id);
    v("version", r.version);
    v.Blob("body", r.body);
    v("created", r.created);
  }
};

template <>
struct Table<IntentRecord> {
  static constexpr std::string_view kName = "intents";
  static constexpr int kKeys = 1;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("effect_id", r.effect_id);
    v("goal_id", r.goal_id);
    v("step", r.step);
    v("attempt_group", r.attempt_group);
    v("tool", r.tool);
    v("effect", r.effect);
    v("arguments", r.arguments);
    v("client_reference", r.client_reference);
    v("provider_reference", r.provider_reference);
    v("recipient", r.to);
    v("sender", r.from);
    v("key_window", r.key_window);
    v("approval_id", r.approval_id);
    v("budget_account", r.budget_account);
    v("budget_unit", r.budget_unit);
    v("budget_reserved", r.budget_reserved);
    v("fence", r.fence);
    v("state", r.state);
    v("expires", r.expires);
    v("armed", r.armed);
    v("last_answer", r.last_answer);
    v("first_negative", r.first_negative);
    v("not_before", r.not_before);
    v("next_at", r.next_at);
    v("failures", r.failures);
    v("detail", r.detail);
    v("revision", r.revision);
  }
};

template <>
struct Table<ApprovalRecord> {
  static constexpr std::string_view kName = "approvals";
  static constexpr int kKeys = 1;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("id", r.id);
    v("goal_id", r.goal_id);
    v("user_id", r.user_id);
    v.Blob("digest", r.digest);
    v("words", r.text);
    v("state", r.state);
    v("asked", r.asked);
    v("expires", r.expires);
    v("resolved", r.resolved);
  }
};

template <>
struct Table<ContactRecord> {
  static constexpr std::string_view kName = "contacts";
  static constexpr int kKeys = 2;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("user_id", r.user_id);
    v("id", r.id);
    v("name", r.name);
    v("address", r.address);
    v("labels", r.labels);
    v("note", r.note);
    v("updated", r.updated);
  }
};

template <>
struct Table<VaultRecord> {
  static constexpr std::string_view kName = "vault";
  static constexpr int kKeys = 3;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("user_id", r.user_id);
    v("record", r.record);
    v("field", r.field);
    v("version", r.version);
    v("key_generation", r.key_generation);
    v.Blob("sealed", r.sealed);
    v("updated", r.updated);
  }
};

template <>
struct Table<UserKeyRecord> {
  static constexpr std::string_view kName = "user_keys";
  static constexpr int kKeys = 1;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("user_id", r.user_id);
    v("generation", r.generation);
    v("master_version", r.master_version);
    v.Blob("wrapped", r.wrapped);
  }
};

template <>
struct Table<MemoryRecord> {
  static constexpr std::string_view kName = "memories";
  static constexpr int kKeys = 2;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("user_id", r.user_id);
    v("id", r.id);
    v("kind", r.kind);
    v.Blob("body", r.body);
    v("labels", r.labels);
    v("quarantined", r.quarantined);
    v("created", r.created);
    v("expires", r.expires);
    v("goal_id", r.goal_id);
    v("step", r.step);
  }
};

template <>
struct Table<HoldRecord> {
  static constexpr std::string_view kName = "holds";
  static constexpr int kKeys = 2;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("user_id", r.user_id);
    v("goal_id", r.goal_id);
    v("since", r.since);
  }
};

template <>
struct Table<BudgetRecord> {
  static constexpr std::string_view kName = "budgets";
  static constexpr int kKeys = 2;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("account", r.account);
    v("unit", r.unit);
    v("reserved", r.reserved);
    v("spent", r.spent);
  }
};

template <>
struct Table<LogRecord> {
  static constexpr std::string_view kName = "task_logs";
  static constexpr int kKeys = 1;
  template <typename R, typename V>
  static void Visit(R& r, V& v) {
    v("id", r.index);
    v("goal_id", r.goal_id);
    v("version", r.version);
    v("at", r.at);
    v("actor", r.actor);
    v("action", r.action);
    v("state", r.state);
    v("waiting_on", r.waiting_on);
    v("final", r.final);
    v.Blob("delta", r.delta);
    v("topic", r.topic);
    v.Blob("event", r.event);
    v.Blob("delta_digest", r.delta_digest);
    v.Blob("event_digest", r.event_digest);
    v.Blob("hash", r.hash);
  }
};

// --- visitors ----------------------------------------------------------------------------------

// "id, goal_id, ..." and how many.
class ColumnNames {
 public:
  template <typename T>
  void operator()(std::string_view name, const T&) {
    if (count_++ > 0) text_ += ", ";
    text_ += name;
    if (count_ <= keys_) key_text_ = text_;
  }
  void Blob(std::string_view name, const std::string& bytes) { (*this)(name, bytes); }
  explicit ColumnNames(int keys) : keys_(keys) {}
  const std::string& text() const { return text_; }
  const std::string& key_text() const { return key_text_; }
  int count() const { return count_; }

 private:
  const int keys_;
  int count_ = 0;
  std::string text_, key_text_;
};

class Binder {
 public:
  explicit Binder(Statement& statement) : statement_(statement) {}
  void operator()(std::string_view, const std::string& value) { statement_.Text(value); }
  void operator()(std::string_view, WallTime value) { statement_.Time(value); }
  void operator()(std::string_view, const std::optional<WallTime>& value) {
    statement_.Time(value);
  }
  void operator()(std::string_view, std::chrono::seconds value) { statement_.Int(value.count()); }
  template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void operator()(std::string_view, T value) {
    statement_.Int(static_cast<std::int64_t>(value));
  }
  void Blob(std::string_view, const std::string& value) { statement_.Blob(value); }

 private:
  Statement& statement_;
};

class Reader {
 public:
  explicit Reader(const Statement& statement) : statement_(statement) {}
  void operator()(std::string_view, std::string& value) { value = statement_.TextAt(next_++); }
  void operator()(std::string_view, WallTime& value) { value = TimeAt(next_++); }
  void operator()(std::string_view, std::optional<WallTime>& value) {
    value.reset();
    if (!statement_.IsNull(next_)) value = TimeAt(next_);
    ++next_;
  }
  void operator()(std::string_view, std::chrono::seconds& value) {
    value = std::chrono::seconds(statement_.IntAt(next_++));
  }
  template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void operator()(std::string_view, T& value) {
    value = static_cast<T>(statement_.IntAt(next_++));
  }
  void Blob(std::string_view, std::string& value) { value = statement_.TextAt(next_++); }

 private:
  WallTime TimeAt(int column) const {
    return WallTime(std::chrono::microseconds(statement_.IntAt(column)));
  }
  const Statement& statement_;
  int next_ = 0;
};

template <typename Record>
const ColumnNames& ColumnsOf() {
  static const ColumnNames columns = [] {
    ColumnNames names(Table<Record>::kKeys);
    const Record record{};
    Table<Record>::Visit(record, names);
    return names;
  }();
  return columns;
}

template <typename Record>
std::string SelectSql(std::string_view rest) {
  return StrCat("SELECT ", ColumnsOf<Record>().text(), " FROM ", Table<Record>::kName, " ", rest);
}

// `verb`: "INSERT" or "INSERT OR REPLACE".
template <typename Record>
std::string InsertSql(std::string_view verb) {
  std::string marks = "?";
  for (int i = 1; i < ColumnsOf<Record>().count(); ++i) marks += ", ?";
  return StrCat(verb, " INTO ", Table<Record>::kName, "(", ColumnsOf<Record>().text(), ") VALUES (",
                marks, ")");
}

template <typename Record>
Record ReadRow(const Statement& statement) {
  Record record{};
  Reader reader(statement);
  Table<Record>::Visit(record, reader);
  return record;
}

}  // namespace dragoman::sqlite
#endif  // DRAGOMAN_SRC_PROVIDERS_SQLITE_FIELDS_H_
