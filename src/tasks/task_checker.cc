#include "src/tasks/task_checker.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

class TaskSearch {
 public:
  TaskSearch(const TaskTables& tables, const TaskSlice& slice) : explorer_(tables, slice) {
    report_.refused.resize(static_cast<std::size_t>(kTaskStates) * kTaskEvents);
  }

  TaskCheckReport Run() {
    Reach({}, 0);
    std::vector<TaskChoice> choices;
    while (!frontier_.empty() && report_.violation.empty()) {
      const Item item = std::move(frontier_.front());
      frontier_.pop_front();
      Expand(item, &choices);
    }
    if (report_.violation.empty()) FindCircle();
    report_.rows_used = explorer_.rows_used();
    return std::move(report_);
  }
  void Keys(std::unordered_set<std::string>* keys) const {
    for (const auto& [key, number] : known_) keys->insert(key);
  }

 private:
  struct Origin {
    std::uint32_t parent = 0;
    TaskChoice choice;
  };
  struct Item {
    TaskUniverse universe;
    std::uint32_t number = 0;
    std::int64_t depth = 0;
  };

  void Expand(const Item& item, std::vector<TaskChoice>* choices) {
    explorer_.Load(item.universe);
    if (std::string wrong = explorer_.Refuse(&report_.refused); !wrong.empty()) {
      return Fault(wrong, item.number);
    }
    if (explorer_.finished()) return;
    explorer_.Choices(choices);
    for (const TaskChoice& choice : *choices) {
      explorer_.Load(item.universe);
      ++report_.transitions;
      if (std::string wrong = explorer_.Happen(choice); !wrong.empty()) {
        origins_.push_back({item.number, choice});
        return Fault(wrong, static_cast<std::uint32_t>(origins_.size() - 1));
      }
      const std::uint32_t to = Reach({item.number, choice}, item.depth + 1);
      using E = TaskEventKind;
      const E kind = choice.event.kind;
      const bool rearmed =
          std::any_of(explorer_.commands().begin(), explorer_.commands().end(),
                      [](const TaskCommand& c) { return c.kind == TaskCommandKind::kArmTimer; });
      // A call that asks again and again stays where it is, while its timers run on.
      const bool stays = to == item.number && kind == E::kCallAsks && !rearmed;
      if (kind != E::kRecovered && kind != E::kReplan && !stays) {
        edges_.push_back({item.number, to});
      }
    }
  }

  // The explorer has come to a state: its number.
  std::uint32_t Reach(const Origin& origin, std::int64_t depth) {
    const auto number = static_cast<std::uint32_t>(origins_.size());
    const auto [known, fresh] = known_.emplace(explorer_.Key(), number);
    if (!fresh) return known->second;
    ++report_.states;
    report_.depth = std::max(report_.depth, depth);
    origins_.push_back(origin);
    frontier_.push_back({explorer_.universe(), number, depth});
    return number;
  }

  // Kahn's algorithm: whatever is left over stands on a circle, or behind one.
  void FindCircle() {
    std::vector<std::uint32_t> open(origins_.size());
    std::sort(edges_.begin(), edges_.end());
    for (const auto& [from, to] : edges_) ++open[to];
    std::vector<std::uint32_t> free;
    for (std::uint32_t i = 0; i < open.size(); ++i) {
      if (open[i] == 0) free.push_back(i);
    }
    std::size_t taken = 0;
    while (!free.empty()) {
      const std::uint32_t from = free.back();
      free.pop_back();
      ++taken;
      for (auto edge = std::lower_bound(edges_.begin(), edges_.end(), std::pair(from, 0u));
           edge != edges_.end() && edge->first == from; ++edge) {
        if (--open[edge->second] == 0) free.push_back(edge->second);
      }
    }
    if (taken == origins_.size()) return;
    for (std::uint32_t i = 0; i < open.size(); ++i) {
      if (open[i] != 0) return Fault(Broken(TaskPromise::kNoCircle, "it goes on for ever"), i);
    }
  }

  // Tells the way to the state of that number.
  void Fault(const std::string& what, std::uint32_t number) {
    report_.violation = what;
    std::vector<TaskChoice> way;
    for (; number != 0; number = origins_[number].parent) way.push_back(origins_[number].choice);
    explorer_.Restart();
    for (auto choice = way.rbegin(); choice != way.rend(); ++choice) {
      report_.trace.push_back(explorer_.Describe(*choice));
      explorer_.Happen(*choice);
      for (const TaskCommand& command : explorer_.commands()) {
        report_.trace.push_back(StrCat("  -> ", Name(command.kind), " ", command.step, "/",
                                       command.attempt, " ", command.reference));
      }
      report_.trace.push_back(StrCat("  = ", explorer_.DescribeState()));
    }
  }

  TaskExplorer explorer_;
  TaskCheckReport report_;
  std::unordered_map<std::string, std::uint32_t> known_;
  std::vector<Origin> origins_;  // by number
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_;
  std::deque<Item> frontier_;
};

}  // namespace

TaskCheckReport CheckTaskSlice(const TaskTables& tables, const TaskSlice& slice,
                               std::unordered_set<std::string>* keys) {
  TaskSearch search(tables, slice);
  TaskCheckReport report = search.Run();
  if (keys != nullptr) search.Keys(keys);
  return report;
}

}  // namespace dragoman
