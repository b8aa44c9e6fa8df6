#include "dragoman/agent/call_checker.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "dragoman/core/status.h"
#include "src/agent/call_checker.h"

namespace dragoman {
namespace {

constexpr int kMaxSilence = 400;  // timers until a call that nobody touches has ended
constexpr int kShownSilence = 8;  // of those that go on for ever

class CallSearch {
 public:
  CallSearch(const CallTables& tables, const Slice& slice, const CallCheckOptions& options)
      : options_(options), explorer_(tables, slice) {
    explorer_.CountRows();
    result_.name = slice.name;
  }

  void Run() {
    Reach({}, 0);
    Search();
  }

  // From where `way` leads, as far as it can be gone.
  void RunBehind(const std::vector<Choice>& way) {
    std::vector<Choice> choices;
    for (const Choice& choice : way) {
      explorer_.Choices(&choices);
      if (std::find(choices.begin(), choices.end(), choice) == choices.end()) break;
      violation_ = explorer_.Happen(choice);
      if (!violation_.empty()) return;
      before_.push_back(choice);
    }
    Reach({}, 0);
    if (violation_.empty()) Search();
  }

  const CallCheckSlice& result() const { return result_; }
  const std::string& violation() const { return violation_; }
  const std::vector<std::string>& trace() const { return trace_; }
  const std::vector<bool>& rows_used() const { return explorer_.rows_used(); }

 private:
  void Search() {
    std::vector<Choice> choices;
    while (!frontier_.empty() && violation_.empty()) {
      if (result_.states >= options_.max_states) return;
      const Item item = std::move(frontier_.front());
      frontier_.pop_front();
      explorer_.Load(item.universe);
      explorer_.Choices(&choices);
      for (const Choice& choice : choices) {
        explorer_.Load(item.universe);
        const Origin origin{item.number, choice};
        ++result_.transitions;
        if (std::string wrong = explorer_.Happen(choice); !wrong.empty()) {
          return Fault(wrong, origin);
        }
        Reach(origin, item.depth + 1);
        if (!violation_.empty()) return;
      }
    }
    result_.complete = frontier_.empty() && violation_.empty();
  }

  struct Origin {
    std::uint32_t parent = 0;
    Choice choice;
  };
  struct Item {
    CallUniverse universe;
    std::uint32_t number = 0;
    std::int64_t depth = 0;
  };

  // The explorer has come to a state.
  void Reach(const Origin& origin, std::int64_t depth) {
    std::int8_t& known = known_[explorer_.Digest()];
    const auto fresh = static_cast<std::int8_t>(explorer_.fresh() + 1);
    if (known >= fresh) return;
    if (known == 0) ++result_.states;
    known = fresh;
    origins_.push_back(origin);
    result_.depth = std::max(result_.depth, depth);
    if (explorer_.finished()) return;
    frontier_.push_back({explorer_.Save(), static_cast<std::uint32_t>(origins_.size() - 1), depth});
    EndsBySilence(origin);
  }

  // Nobody ever does anything again: the machine's own timers must end the call.
  void EndsBySilence(const Origin& origin) {
    way_.clear();
    for (int i = 0; i < kMaxSilence; ++i) {
      const std::uint64_t digest = explorer_.Digest();
      if (explorer_.finished() || ends_.contains(digest)) {
        ends_.insert(way_.begin(), way_.end());
        return;
      }
      way_.push_back(digest);
      Choice choice;
      if (!explorer_.Silence(&choice)) {
        return Fault("nothing but the limit of its length would end the call", origin, i);
      }
      ++result_.transitions;
      if (std::string wrong = explorer_.Happen(choice); !wrong.empty()) {
        return Fault(wrong, origin, i + 1);
      }
    }
    Fault("the call does not end by its timers", origin, kShownSilence);
  }

  // Tells the way to `origin` and `silent` timers on.
  void Fault(const std::string& what, Origin origin, int silent = 0) {
    violation_ = what;
    std::vector<Choice> way = {origin.choice};
    while (origin.parent != 0) {
      origin = origins_[origin.parent];
      way.push_back(origin.choice);
    }
    explorer_.Restart();
    for (const Choice& choice : before_) Show("", choice);
    if (origins_.size() <= 1) way.clear();  // it is wrong where the search begins
    for (auto choice = way.rbegin(); choice != way.rend(); ++choice) {
      Show("", *choice);
    }
    Choice choice;
    for (int i = 0; i < silent && explorer_.Silence(&choice); ++i) {
      Show("(nobody does anything) ", choice);
    }
  }

  void Show(std::string_view before, const Choice& choice) {
    trace_.push_back(StrCat(before, explorer_.Describe(choice)));
    explorer_.Happen(choice);
    for (const CallCommand& command : explorer_.commands()) {
      trace_.push_back(StrCat("  -> ", ToString(command)));
    }
    trace_.push_back(StrCat("  = ", explorer_.DescribeState()));
  }

  CallCheckOptions options_;
  CallExplorer explorer_;
  CallCheckSlice result_;
  std::string violation_;
  std::vector<std::string> trace_;
  std::vector<Choice> before_;  // the way to where the search begins
  // How a state was looked at: 0 not at all, else one more than the rare things before it.
  std::unordered_map<std::uint64_t, std::int8_t> known_;
  std::unordered_set<std::uint64_t> ends_;
  std::vector<std::uint64_t> way_;
  std::vector<Origin> origins_;  // by the number of a visit; 0 is the start
  std::deque<Item> frontier_;
};

}  // namespace

CallCheckReport CheckCallSlices(const CallTables& tables, const std::vector<Slice>& slices,
                                const CallCheckOptions& options) {
  CallCheckReport report;
  report.complete = true;
  std::vector<bool> used(tables.rows.size());
  for (const Slice& slice : slices) {
    CallSearch search(tables, slice, options);
    search.Run();
    report.slices.push_back(search.result());
    report.states += search.result().states;
    report.transitions += search.result().transitions;
    report.complete = report.complete && search.result().complete;
    for (std::size_t row = 0; row < used.size(); ++row) {
      used[row] = used[row] || search.rows_used()[row];
    }
    if (search.violation().empty()) continue;
    report.violation = StrCat(slice.name, ": ", search.violation());
    report.trace = search.trace();
    break;
  }
  for (std::size_t row = 0; row < used.size(); ++row) {
    if (!used[row]) report.unused_rows.push_back(Describe(tables.rows[row]));
  }
  return report;
}

std::string SearchBehind(const CallTables& tables, const Slice& slice,
                         const std::vector<Choice>& way, const CallCheckOptions& options) {
  CallSearch search(tables, slice, options);
  search.RunBehind(way);
  return search.violation();
}

CallCheckReport CheckCallMachine(const CallCheckOptions& options) {
  return CheckCallSlices(ShippedCallTables(), CallSlices(), options);
}

}  // namespace dragoman
