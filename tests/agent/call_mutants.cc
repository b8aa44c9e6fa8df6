#include "tests/agent/call_mutants.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "dragoman/core/status.h"
#include "src/agent/call_checker.h"

namespace dragoman {
namespace {

constexpr int kSteps = 80;

void AddRowMutants(std::size_t index, std::vector<CallMutant>* out) {
  const CallTables& shipped = ShippedCallTables();
  const Row& row = shipped.rows[index];
  auto add = [&](std::string name, auto change) {
    CallMutant mutant{std::move(name), shipped, static_cast<int>(index)};
    change(&mutant.tables.rows);
    mutant.tables.Index();
    out->push_back(std::move(mutant));
  };
  add(StrCat("delete: ", Describe(row)), [&](std::vector<Row>* rows) {
    rows->erase(rows->begin() + static_cast<std::ptrdiff_t>(index));
  });
  const auto other = static_cast<std::uint8_t>((row.to + 1) % StateCount(row.region));
  add(StrCat("swap: ", Describe(row), ", now to ", StateName(row.region, other)),
      [&](std::vector<Row>* rows) { (*rows)[index].to = other; });
  for (std::size_t i = 0; i < row.actions.size() && row.actions[i] != Action::kNone; ++i) {
    add(StrCat("drop ", Name(row.actions[i]), ": ", Describe(row)), [&](std::vector<Row>* rows) {
      auto& actions = (*rows)[index].actions;
      for (std::size_t k = i; k + 1 < actions.size(); ++k) actions[k] = actions[k + 1];
      actions.back() = Action::kNone;
    });
  }
}

}  // namespace

std::vector<CallMutant> MakeCallMutants() {
  std::vector<CallMutant> mutants;
  const CallTables& shipped = ShippedCallTables();
  for (std::size_t i = 0; i < shipped.rows.size(); ++i) AddRowMutants(i, &mutants);
  for (std::size_t i = 0; i < std::variant_size_v<CallCommand>; ++i) {
    mutants.push_back({StrCat("command never given: ", CommandKindName(i)), shipped});
    mutants.back().tables.no_command[i] = true;
  }
  for (int i = 1; i < kCallTimers; ++i) {
    mutants.push_back({StrCat("timer never armed: ", Name(static_cast<CallTimer>(i))), shipped});
    mutants.back().tables.no_timer[static_cast<std::size_t>(i)] = true;
  }
  return mutants;
}

std::string WalkCall(const CallTables& tables, const Slice& slice, int walks) {
  CallExplorer explorer(tables, slice);
  std::vector<Choice> choices;
  std::uint64_t random = 1;
  auto below = [&random](std::size_t limit) {  // SplitMix64
    std::uint64_t z = random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>((z ^ (z >> 31)) % limit);
  };
  for (int walk = 0; walk < walks; ++walk) {
    explorer.Restart();
    for (int step = 0; step < kSteps && !explorer.finished(); ++step) {
      explorer.Choices(&choices);
      if (choices.empty()) return "nothing can happen any more";
      Choice choice = choices[below(choices.size())];
      // Most calls are not over at once.
      const bool ends =
          choice.kind == Choice::Kind::kClosed || choice.kind == Choice::Kind::kEndCall;
      const bool waits = choice.kind == Choice::Kind::kTimer;
      if ((ends && below(8) != 0) || (waits && below(3) != 0))
        choice = choices[below(choices.size())];
      if (std::string wrong = explorer.Happen(choice); !wrong.empty()) return wrong;
    }
    for (int step = 0; step < kSteps && !explorer.finished(); ++step) {
      Choice choice;
      if (!explorer.Silence(&choice)) return "nothing but the limit of its length ends the call";
      if (std::string wrong = explorer.Happen(choice); !wrong.empty()) return wrong;
    }
  }
  return {};
}

namespace {

// One slice of the shipped machine, searched breadth-first, and the mutants beside it.
class Comparison {
 public:
  Comparison(std::size_t slice, const std::vector<CallMutant>& mutants)
      : slice_(slice), mutants_(mutants), shipped_(ShippedCallTables(), CallSlices()[slice]) {
    found_.resize(mutants.size());
    likes_.resize(mutants.size());
    explorers_.resize(mutants.size());
    by_row_.resize(ShippedCallTables().rows.size());
    for (std::size_t i = 0; i < mutants.size(); ++i) {
      if (mutants[i].row >= 0) by_row_[static_cast<std::size_t>(mutants[i].row)].push_back(i);
    }
  }

  void Run(std::int64_t states) {
    Reach({});
    std::vector<Choice> choices;
    while (!frontier_.empty() && static_cast<std::int64_t>(known_.size()) < states) {
      const Item item = std::move(frontier_.front());
      frontier_.pop_front();
      shipped_.Load(item.universe);
      shipped_.Choices(&choices);
      for (const Choice& choice : choices) {
        shipped_.Load(item.universe);
        shipped_.CountRows();
        shipped_.Happen(choice);
        Compare(item, choice);
        Reach({item.number, choice});
      }
    }
  }

  const std::vector<Differences>& found() const { return found_; }

 private:
  struct Origin {
    std::uint32_t parent = 0;
    Choice choice;
  };
  struct Item {
    CallUniverse universe;
    std::uint32_t number = 0;
  };

  void Reach(const Origin& origin) {
    std::int8_t& known = known_[shipped_.Digest()];
    const auto fresh = static_cast<std::int8_t>(shipped_.fresh() + 1);
    if (known >= fresh) return;
    known = fresh;
    origins_.push_back(origin);
    if (shipped_.finished()) return;
    frontier_.push_back({shipped_.Save(), static_cast<std::uint32_t>(origins_.size() - 1)});
  }

  void Compare(const Item& item, const Choice& choice) {
    for (std::size_t row = 0; row < by_row_.size(); ++row) {
      if (!shipped_.rows_used()[row]) continue;
      for (std::size_t i : by_row_[row]) {
        Differences& found = found_[i];
        ++found.uses;
        if (found.ways.size() >= kWays) continue;
        auto& explorer = explorers_[i];
        if (!explorer) {
          explorer = std::make_unique<CallExplorer>(mutants_[i].tables, CallSlices()[slice_]);
        }
        explorer->Load(item.universe);
        explorer->Happen(choice);
        const bool told = explorer->commands() != shipped_.commands();
        // Once the line is gone, times and old words move nothing any more.
        const CallState& state = shipped_.state();
        const bool alike = state.hung_up || state.closed ? explorer->Digest() == shipped_.Digest()
                                                         : explorer->state() == state;
        const bool remembered = !told && !alike;
        if (!told && !remembered) continue;
        ++(told ? found.told : found.remembered);
        std::uint64_t like = static_cast<std::uint64_t>(choice.kind) << 8 | choice.arg;
        for (std::uint8_t state : item.universe.core.states) like = like << 4 | state;
        like = like << 1 | (told ? 1 : 0);
        if (likes_[i].insert(like).second) found.ways.push_back(Way(item.number, choice));
      }
    }
  }

  CallWay Way(std::uint32_t number, const Choice& last) const {
    CallWay way{slice_, {last}};
    for (; number != 0; number = origins_[number].parent) {
      way.choices.push_back(origins_[number].choice);
    }
    std::reverse(way.choices.begin(), way.choices.end());
    return way;
  }

  static constexpr std::size_t kWays = 24;

  const std::size_t slice_;
  const std::vector<CallMutant>& mutants_;
  CallExplorer shipped_;
  std::vector<Differences> found_;
  std::vector<std::unordered_set<std::uint64_t>> likes_;
  std::vector<std::unique_ptr<CallExplorer>> explorers_;
  std::vector<std::vector<std::size_t>> by_row_;
  std::unordered_map<std::uint64_t, std::int8_t> known_;
  std::vector<Origin> origins_;  // 0 is the start
  std::deque<Item> frontier_;
};

// Those in which `look` finds nothing wrong, in their order. On two threads.
template <typename Look>
std::vector<const CallMutant*> NotCaught(const std::vector<const CallMutant*>& mutants,
                                         const Look& look) {
  std::vector<char> lives(mutants.size(), 0);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < mutants.size(); i = next++) {
      lives[i] = look(*mutants[i]).empty() ? 1 : 0;
    }
  };
  std::thread other(work);
  work();
  other.join();
  std::vector<const CallMutant*> left;
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (lives[i] != 0) left.push_back(mutants[i]);
  }
  return left;
}

std::vector<const CallMutant*> Pointers(const std::vector<CallMutant>& mutants) {
  std::vector<const CallMutant*> pointers;
  for (const CallMutant& mutant : mutants) pointers.push_back(&mutant);
  return pointers;
}

// What is wrong within a search from the start of the call; empty: nothing.
std::string CatchFromStart(const CallMutant& mutant, std::int64_t states) {
  for (const Slice& slice : CallSlices()) {
    const CallCheckReport report = CheckCallSlices(mutant.tables, {slice}, {.max_states = states});
    if (!report.violation.empty()) return report.violation;
  }
  return {};
}

// What is wrong behind the places where it differs.
std::string CatchBehind(const CallMutant& mutant, const Differences& differences,
                        std::int64_t states) {
  for (const CallWay& way : differences.ways) {
    std::string wrong =
        SearchBehind(mutant.tables, CallSlices()[way.slice], way.choices, {.max_states = states});
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

std::vector<Differences> CompareMutants(const std::vector<CallMutant>& mutants,
                                        std::int64_t states) {
  std::vector<Differences> all(mutants.size());
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < CallSlices().size(); i = next++) {
      Comparison comparison(i, mutants);
      comparison.Run(states);
      const std::lock_guard lock(mutex);
      for (std::size_t k = 0; k < all.size(); ++k) {
        const Differences& found = comparison.found()[k];
        all[k].uses += found.uses;
        all[k].told += found.told;
        all[k].remembered += found.remembered;
        all[k].ways.insert(all[k].ways.end(), found.ways.begin(), found.ways.end());
      }
    }
  };
  std::thread other(work);
  work();
  other.join();
  return all;
}

MutantHunt HuntCallMutants(const std::vector<CallMutant>& mutants, const HuntBounds& bounds) {
  const std::vector<const CallMutant*> all = Pointers(mutants);
  std::vector<const CallMutant*> left = NotCaught(all, [&](const CallMutant& mutant) {
    return CatchFromStart(mutant, mutant.row < 0 ? bounds.without_row : bounds.from_start);
  });
  MutantHunt hunt;
  std::vector<CallMutant> compared;
  for (const CallMutant* mutant : left) compared.push_back(*mutant);
  const std::vector<Differences> differences = CompareMutants(compared, bounds.compared);
  left = Pointers(compared);
  for (std::int64_t states : bounds.behind) {
    left = NotCaught(left, [&](const CallMutant& mutant) {
      return CatchBehind(mutant, differences[static_cast<std::size_t>(&mutant - compared.data())],
                         states);
    });
  }
  for (const CallMutant* mutant : left) {
    const Differences& found = differences[static_cast<std::size_t>(mutant - compared.data())];
    const bool same = found.uses > 0 && found.told + found.remembered == 0;
    (same ? hunt.same : hunt.survivors).push_back(mutant->name);
  }
  std::sort(hunt.survivors.begin(), hunt.survivors.end());
  return hunt;
}

}  // namespace dragoman
