#include "tests/agent/call_mutants.h"

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

MutantHunt::MutantHunt(std::vector<std::int64_t> bounds, int walks)
    : bounds_(std::move(bounds)), walks_(walks) {
  for (std::int64_t bound : bounds_) {
    auto& slices = used_.emplace_back();
    for (const Slice& slice : CallSlices()) {
      slices.push_back(RowsUsed(slice, {.max_states = bound}));
    }
  }
}

std::string MutantHunt::Catch(const CallMutant& mutant) const {
  for (std::size_t bound = 0; bound < bounds_.size(); ++bound) {
    for (std::size_t i = 0; i < CallSlices().size(); ++i) {
      // Where the shipped machine never uses the row, the mutant is the same machine.
      if (mutant.row >= 0 && !used_[bound][i][static_cast<std::size_t>(mutant.row)]) continue;
      const CallCheckReport report =
          CheckCallSlices(mutant.tables, {CallSlices()[i]}, {.max_states = bounds_[bound]});
      if (!report.violation.empty()) return report.violation;
    }
  }
  for (const Slice& slice : CallSlices()) {
    if (std::string wrong = WalkCall(mutant.tables, slice, walks_); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace dragoman
