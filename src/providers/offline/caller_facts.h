// An errand's facts, as they are said and as they are found again in what is heard.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_FACTS_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_FACTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/conversation/call_errand.h"
#include "src/providers/offline/caller_phrases.h"
#include "src/providers/offline/dates.h"
#include "src/providers/offline/times.h"

namespace dragoman::offline {

enum class FactKind { kText, kDate, kTime, kName, kDigits, kHandle };

struct CallerFact {
  std::string name;
  std::string value;
  FactKind kind = FactKind::kText;
  DateValue date;  // kDate; a range fits each of its days
  TimeValue time;  // kTime; a range fits each of its times
};

class CallerFacts {
 public:
  CallerFacts(const CallErrand& errand, sys_days today);

  const std::vector<CallerFact>& all() const { return facts_; }
  // The day and time that the errand is about; null: the errand leaves them open.
  const CallerFact* day() const;
  const CallerFact* time() const;
  // What answers a question of that kind; null: nothing may be told.
  const CallerFact* Answering(Cue cue) const;
  // Facts whose name is among `words`, whole.
  std::vector<const CallerFact*> NamedIn(const Words& words) const;
  // Values of the vault that are asked for in `words`, by their names or the last words of these:
  // "account pin" is a "pin".
  std::vector<const CallerFact*> SecretsIn(const Words& words) const;
  // The name to be written down: first and last, or what there is of it; lower case.
  std::string FullName() const;
  std::string LastName() const;
  std::string FirstName() const;
  bool IsOurName(std::string_view letters) const;  // spelled without blanks
  std::string DoctorName() const;                  // lower case surname; empty: open

  // What the owner settled during the call.
  void Settle(Cue what, const std::string& value);
  const std::vector<std::string>& settled() const { return settled_; }  // names

 private:
  static CallerFact Read(const std::string& name, const std::string& value, sys_days today);
  const CallerFact* Main(FactKind kind) const;

  sys_days today_;
  std::string principal_;
  std::vector<CallerFact> facts_;
  std::vector<std::string> settled_;
};

// "Tuesday the first of December", "ten thirty in the morning", "five five five, one two".
std::string SpokenFact(const CallerFact& fact);
// "Sierra, Mike, India, Tango, Hotel"
std::string NatoSpelling(std::string_view name);

// As the beginning of a sentence.
std::string Capitalised(std::string text);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_FACTS_H_
