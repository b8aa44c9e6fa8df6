#include "tests/tasks/simulation_choices.h"

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): a value for each place, whatever was drawn before.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

constexpr std::array<std::string_view, kFaults> kNames = {
    "far side answers late",
    "far side answers after the limit",
    "far side takes it and tells the end later",
    "far side rejects for good",
    "far side rejects for now",
    "request is lost",
    "answer is lost",
    "far side fails after doing it",
    "far side fails before doing it",
    "far side answers twice",
    "far side contradicts itself",
    "far side does it later",
    "far side sees a key again",
    "lookup is down for 20 minutes",
    "lookup finds several",
    "lookup is silent",
    "lookup answers after the limit",
    "lookup fails once",
    "lookup answers twice",
    "poll ends in a rejection",
    "poll fails",
    "poll is silent",
    "poll is down for 20 minutes",
    "call asks its owner",
    "call asks its owner again and again",
    "call goes on for too long",
    "line drops",
    "line is lost with its process",
    "call is hung up before it is done",
    "end of a call is not told",
    "end of a call is told twice",
    "end of a call is told late",
    "end of a call is told before its beginning",
    "news of a call come after its end",
    "read fails for good",
    "read fails for now",
    "read hangs",
    "read lacks a member",
    "owner is silent",
    "owner is late",
    "owner declines",
    "owner gives up",
    "owner skips",
    "owner retries",
    "owner replans",
    "owner cancels",
    "owner escalates",
    "owner leaves a call waiting",
    "owner answers a call too late",
    "owner answers twice",
    "owner answers another question",
    "a stranger says yes",
    "commit: locked",
    "commit: disk full",
    "commit: queue full",
    "commit: slow",
    "read of the store is refused",
    "read of the store fails",
    "read of the store is slow",
    "store is down for minutes",
    "commit is kept but reported failed",
    "commit is lost and reported failed",
    "governor denies: budget",
    "governor denies: kill switch",
    "decision cannot be recorded",
    "kill switch for all",
    "kill switch for a goal",
    "process dies at a turn",
    "process dies while recovering",
    "process dies before ARMED",
    "process dies when ARMED",
    "process dies after sending",
    "process dies with the answer",
    "process dies before a commit",
    "process dies after a commit",
    "process is down for hours",
    "process is down for days",
    "wall clock jumps ahead",
    "wall clock jumps back",
};

}  // namespace

std::string_view Name(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

int Choices::Made(int stream, int value, int index) {
  if (keep_ && value != 0) made_[{stream, index}] = value;
  return value;
}

int Choices::Pick(int stream, int options) {
  const auto at = static_cast<std::size_t>(stream);
  if (next_.size() <= at) next_.resize(at + 1);
  const int index = next_[at]++;
  if (script_ != nullptr) {
    const auto found = script_->find({stream, index});
    return Made(stream, found == script_->end() ? 0 : found->second % options, index);
  }
  const std::uint64_t place = Mix(seed_) ^ Mix((static_cast<std::uint64_t>(stream) << 32) +
                                               static_cast<std::uint64_t>(index));
  return Made(stream, static_cast<int>(Mix(place) % static_cast<std::uint64_t>(options)), index);
}

bool Choices::Chance(int stream, int per_mille) {
  const auto at = static_cast<std::size_t>(stream);
  if (next_.size() <= at) next_.resize(at + 1);
  const int index = next_[at]++;
  if (script_ != nullptr) {
    const auto found = script_->find({stream, index});
    return Made(stream, found != script_->end() ? 1 : 0, index) != 0;
  }
  const std::uint64_t place = Mix(seed_) ^ Mix((static_cast<std::uint64_t>(stream) << 32) +
                                               static_cast<std::uint64_t>(index));
  return Made(stream, Mix(place) % 1000 < static_cast<std::uint64_t>(per_mille) ? 1 : 0, index) !=
         0;
}

bool Choices::Strikes(int stream, Fault fault, int per_mille) {
  if (calm_ || !Chance(stream, per_mille)) return false;
  Fired(stream, fault);
  return true;
}

void Choices::Fired(int stream, Fault fault) {
  ++fired_[static_cast<std::size_t>(fault)];
  Note(stream, std::string(Name(fault)));
}

void Choices::Note(int stream, std::string what) {
  if (!keep_) return;
  what = what.substr(0, what.find('\n'));  // one line each: they become comments
  trace_.push_back(stream < kFirstGoalStream
                       ? std::move(what)
                       : StrCat("goal ", stream - kFirstGoalStream, ": ", what));
}

}  // namespace dragoman
