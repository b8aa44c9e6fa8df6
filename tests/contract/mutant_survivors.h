// What the tests of machines with one thing wrong share: the list of those that are not caught, and
// the hunt on two threads.
#ifndef DRAGOMAN_TESTS_CONTRACT_MUTANT_SURVIVORS_H_
#define DRAGOMAN_TESTS_CONTRACT_MUTANT_SURVIVORS_H_

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dragoman {

// Lines "name | why it is harmless, or not seen"; '#' begins a comment.
inline std::map<std::string, std::string> ReadMutantSurvivors(const std::string& path) {
  std::map<std::string, std::string> reasons;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t bar = line.find(" | ");
    if (line.starts_with("#") || bar == std::string::npos) continue;
    reasons[line.substr(0, bar)] = line.substr(bar + 3);
  }
  return reasons;
}

// Names of those that `hunt` finds nothing wrong with, sorted. Hunt::Catch is thread-safe.
template <typename Hunt, typename Mutant>
std::vector<std::string> HuntMutants(const Hunt& hunt, const std::vector<Mutant>& mutants) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::vector<std::string> survivors;
  const auto work = [&] {
    for (std::size_t i = next++; i < mutants.size(); i = next++) {
      if (!hunt.Catch(mutants[i]).empty()) continue;
      const std::lock_guard lock(mutex);
      survivors.push_back(mutants[i].name);
    }
  };
  std::thread other(work);
  work();
  other.join();
  std::sort(survivors.begin(), survivors.end());
  return survivors;
}

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_CONTRACT_MUTANT_SURVIVORS_H_
