#include "src/cli/fork_view.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

constexpr std::size_t kColumn = 52;
constexpr std::size_t kMostDetail = 160;  // of what came out

// What happened at a moment: the first line says what, the rest what came of it.
struct Entry {
  std::string what;  // compared without its time
  std::string time;
  std::string detail;
  bool operator==(const Entry& other) const { return what == other.what && detail == other.detail; }
};

std::string Elapsed(std::int64_t us) {
  char text[32];
  std::snprintf(text, sizeof(text), "+%.1f s", static_cast<double>(us) / 1e6);
  return text;
}

std::string ShortDetail(std::string_view text) {
  std::string clean = CleanText(text);
  if (clean.size() <= kMostDetail) return clean;
  std::size_t end = kMostDetail;
  while (end > 0 && (static_cast<unsigned char>(clean[end]) & 0xC0) == 0x80) --end;
  return clean.substr(0, end) + "...";
}

std::string Padded(std::string text) {
  if (text.size() < kColumn) text.resize(kColumn, ' ');
  return text;
}

std::vector<std::string> Lines(const Entry* entry) {
  if (entry == nullptr) return {};
  std::vector<std::string> lines;
  for (const std::string& line : WrapText(StrCat(entry->time, "  ", entry->what), kColumn - 1)) {
    lines.push_back(lines.empty() ? line : "    " + line);
  }
  if (!entry->detail.empty()) {
    for (const std::string& line : WrapText(entry->detail, kColumn - 5))
      lines.push_back("    " + line);
  }
  return lines;
}

std::string SideBySide(const std::vector<Entry>& left, const std::vector<Entry>& right) {
  std::string out = StrCat("  ", Padded("RECORDED"), "| FORKED\n  ", std::string(kColumn, '-'), "+",
                           std::string(kColumn, '-'), "\n");
  const std::size_t count = std::max(left.size(), right.size());
  bool apart = false;
  for (std::size_t i = 0; i < count; ++i) {
    const Entry* one = i < left.size() ? &left[i] : nullptr;
    const Entry* other = i < right.size() ? &right[i] : nullptr;
    const bool differs = one == nullptr || other == nullptr || !(*one == *other);
    const std::vector<std::string> a = Lines(one), b = Lines(other);
    for (std::size_t line = 0; line < std::max(a.size(), b.size()); ++line) {
      // Where they part is marked once.
      const char* const mark = line == 0 && differs && !apart ? "> " : "  ";
      out += StrCat(mark, Padded(line < a.size() ? a[line] : ""), "| ",
                    line < b.size() ? b[line] : "", "\n");
    }
    apart |= differs;
  }
  if (!apart) out += "  Both are the same.\n";
  return out;
}

std::vector<Entry> GoalEntries(const GoalLog& log, std::int64_t at) {
  std::vector<Entry> entries;
  const std::int64_t begin = log.rows[static_cast<std::size_t>(at)].at_us;
  std::string state = log.rows[static_cast<std::size_t>(at)].state;
  for (std::size_t i = static_cast<std::size_t>(at) + 1; i < log.rows.size(); ++i) {
    const GoalLogRow& row = log.rows[i];
    // That another process took it up changes nothing.
    if (row.action == "recovered") continue;
    Entry entry{.what = CleanText(row.action), .time = Elapsed(row.at_us - begin), .detail = {}};
    if (row.state != state) entry.what += StrCat(" -> ", row.state);
    state = row.state;
    const auto step = DecodeTaskStep(row.delta);
    if (step.ok() && step->event.kind != TaskEventKind::kSummarized) {
      entry.detail = ShortDetail(step->event.detail);
      if (entry.detail.empty() && step->event.choice != OwnerChoice::kText) {
        entry.detail = Name(step->event.choice);
      }
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<Entry> GoalEnd(const GoalLog& log, const std::string& waits_for) {
  std::vector<Entry> entries;
  const auto replayed = ReplayGoalLog(log);
  if (!replayed.ok()) return entries;
  const TaskProgress& end = replayed->progress;
  entries.push_back({.what = StrCat("ends in ", Name(end.state)),
                     .time = "=",
                     .detail = ShortDetail(end.reason)});
  if (!waits_for.empty()) entries.back().what = StrCat("waits for its owner: ", waits_for);
  for (const TaskStepProgress& step : end.steps) {
    entries.push_back(
        {.what = StrCat(step.step.id, ": ", Name(step.status)), .time = "=", .detail = {}});
  }
  return entries;
}

using Kind = SessionEvent::Kind;

std::vector<Entry> CallEntries(const std::vector<SessionEvent>& events, std::int64_t after_us) {
  std::vector<Entry> entries;
  for (const SessionEvent& event : events) {
    if (event.at.count() <= after_us) continue;
    Entry entry{.what = {}, .time = Elapsed(event.at.count() - after_us), .detail = {}};
    switch (event.kind) {
      case Kind::kUserSaid:
        entry.what = StrCat("caller: ", CleanText(event.text));
        break;
      case Kind::kAgentHeard:
        entry.what = StrCat("agent: ", CleanText(event.text), event.ok ? "" : " -");
        break;
      case Kind::kToolCalled:
        entry.what = StrCat("runs ", CleanText(event.name));
        entry.detail = ShortDetail(event.text);
        break;
      case Kind::kToolReturned:
        entry.what = StrCat(CleanText(event.name), event.ok ? " says" : " failed");
        entry.detail = ShortDetail(event.text);
        break;
      case Kind::kEnded:
        entry.what = StrCat("ends: ", event.name);
        entry.detail = ShortDetail(event.text);
        break;
      default:
        continue;
    }
    if (event.kind == Kind::kAgentHeard && Trim(event.text).empty()) continue;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

std::string RenderPoint(std::int64_t event, std::string_view what, std::string_view changes) {
  char number[32];
  std::snprintf(number, sizeof(number), "%6lld  ", static_cast<long long>(event));
  return StrCat(number, Padded(ShortDetail(what).substr(0, kColumn - 1)), "  ", changes, "\n");
}

std::string RenderGoalFutures(const GoalLog& recorded, const GoalLog& forked, std::int64_t at,
                              const std::string& waits_for) {
  std::vector<Entry> left = GoalEntries(recorded, at), right = GoalEntries(forked, at);
  std::string out = SideBySide(left, right);
  const auto waits = recorded.rows.back().waiting_on;
  return out + "\n" +
         SideBySide(GoalEnd(recorded, recorded.rows.back().final ? "" : waits),
                    GoalEnd(forked, waits_for));
}

std::string RenderCallFutures(const std::vector<SessionEvent>& recorded,
                              const std::vector<SessionEvent>& forked, std::int64_t after_us) {
  return SideBySide(CallEntries(recorded, after_us), CallEntries(forked, after_us));
}

}  // namespace dragoman::cli
