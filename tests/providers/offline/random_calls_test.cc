// Hundreds of calls with other names, days, times and wordings each, through the real tools. One
// kind of caller listens to the read-back, the other says yes to everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dragoman/core/random.h"
#include "tests/providers/offline/text_call.h"

namespace dragoman {
namespace {

// What the caller wants, how the agent would say it, and ways of asking for it. Today is Monday
// 5 January 2026; worked out with a calendar.
struct Day {
  const char* iso;
  const char* read_back;
  std::vector<const char*> ways;
};
struct Hour {
  const char* iso;
  const char* read_back;
  std::vector<const char*> ways;
};

const std::vector<Day>& Days() {
  static const auto* days = new std::vector<Day>{
      {"2026-01-07",
       "Wednesday the seventh of January",
       {"on wednesday", "the day after tomorrow"}},
      {"2026-01-09", "Friday the ninth of January", {"this friday", "friday", "on the ninth"}},
      {"2026-01-10", "Saturday the tenth of January", {"saturday", "the 10th"}},
      {"2026-01-15", "Thursday the fifteenth of January", {"thursday next week", "next thursday"}},
      {"2026-01-19", "Monday the nineteenth of January", {"in two weeks", "january nineteenth"}},
      {"2026-02-03", "Tuesday the third of February", {"the third of february", "february 3rd"}},
      {"2026-02-20", "Friday the twentieth of February", {"february twentieth", "2/20"}},
      {"2026-03-12", "Thursday the twelfth of March", {"march twelfth", "thursday march twelfth"}},
      {"2026-05-29", "Friday the twenty ninth of May", {"the twenty ninth of may", "may 29"}},
  };
  return *days;
}

const std::vector<Hour>& Hours() {
  static const auto* hours = new std::vector<Hour>{
      {"09:00", "nine in the morning", {"at nine", "nine o'clock", "9 am"}},
      {"09:30", "nine thirty in the morning", {"half past nine", "at nine thirty", "9:30"}},
      {"10:00", "ten in the morning", {"at ten", "ten a m", "ten in the morning"}},
      {"11:30", "eleven thirty in the morning", {"eleven thirty", "half eleven", "at 11.30"}},
      {"12:00", "noon", {"at noon", "twelve o'clock", "midday"}},
      {"12:30", "twelve thirty in the afternoon", {"at twelve thirty", "half past twelve"}},
  };
  return *hours;
}

constexpr const char* kNames[] = {"Osei",  "Vu",       "Quist", "Hjelm", "Zielinski", "Eze",
                                  "Della", "Petrakis", "Tully", "Imada", "Macleod",   "Rao"};

struct Wish {
  const Day* day;
  const Hour* hour;
  std::string name;
};

class Caller {
  template <typename List>
  const auto& Pick(const List& list) {
    return list[random_.Below(std::size(list))];
  }

 public:
  explicit Caller(std::uint64_t seed) : random_(seed) {
    wish_ = {&Pick(Days()), &Pick(Hours()), Pick(kNames)};
  }
  const Wish& wish() const { return wish_; }

  std::string Opening() {
    static constexpr const char* kOpenings[] = {"i'd like to book an appointment",
                                                "hi um can i get an appointment please",
                                                "hello i need to see a doctor"};
    std::string text = Pick(kOpenings);
    if (random_.Chance(500)) text += StrCat(" ", SayDay());
    if (random_.Chance(300)) text += StrCat(" ", SayHour());
    return text;
  }

  // Sometimes the wrong one first, corrected in the same breath.
  std::string SayDay() { return Corrected(Pick(wish_.day->ways), Pick(Pick(Days()).ways)); }
  std::string SayHour() { return Corrected(Pick(wish_.hour->ways), Pick(Pick(Hours()).ways)); }
  std::string SayName() {
    std::string spelled;
    for (char c : wish_.name)
      spelled += StrCat(spelled.empty() ? "" : " ", ToLowerAscii(std::string(1, c)));
    switch (random_.Below(4)) {
      case 0:
        return spelled;
      case 1:
        return StrCat("it's ", spelled, " please");
      case 2:
        return StrCat(ToLowerAscii(wish_.name), " ", spelled);
      default:
        return StrCat("my name is ", ToLowerAscii(wish_.name));
    }
  }
  // What a recogniser may deliver instead.
  std::string Garbled() {
    static constexpr const char* kNoise[] = {"we'd all maradona what our model",
                                             "the",
                                             "of the car",
                                             "friday",
                                             "at ten",
                                             "k i n g",
                                             "no",
                                             "what",
                                             "lane"};
    return Pick(kNoise);
  }
  bool Chance(std::uint32_t per_mille) { return random_.Chance(per_mille); }
  std::uint64_t Below(std::uint64_t bound) { return random_.Below(bound); }
  std::string Yes() {
    static constexpr const char* kYes[] = {"yes", "yes please", "that's right", "yep", "correct"};
    return Pick(kYes);
  }

 private:
  std::string Corrected(std::string right, const char* wrong) {
    static constexpr const char* kFixes[] = {"no sorry", "actually", "no i mean", "sorry i meant"};
    if (!random_.Chance(200)) return right;
    return StrCat(wrong, " ", Pick(kFixes), " ", right);
  }

  SeededRandom random_;
  Wish wish_;
};

// The caller's answer to whatever the agent waits for.
std::string AnswerOf(Caller& caller, const std::string& state, const std::string& said,
                     bool listens) {
  const Wish& wish = caller.wish();
  const auto read_back = [&](const std::string& text) {
    return said.find(text) != std::string::npos;
  };
  if (state == "ask_name" || state == "check_name") return caller.SayName();
  if (state == "ask_date") return caller.SayDay();
  if (state == "ask_time") return caller.SayHour();
  if (state == "offer") return StrCat(caller.SayDay(), " ", caller.SayHour());
  if (state == "handover") return caller.Chance(500) ? caller.SayDay() : "no";
  if (state == "anything_else") return "no thank you";
  if (state == "which_detail") return "the name";
  if (state.starts_with("confirm_")) {
    if (!listens) return caller.Yes();
    if (!read_back(wish.day->read_back)) return StrCat("no ", wish.day->ways[0]);
    if (!read_back(wish.hour->read_back)) return StrCat("no make it ", wish.hour->ways[0]);
    if (!read_back(StrCat(" ", wish.name, ","))) return "no the name is wrong";
    return caller.Yes();
  }
  return caller.Opening();
}

struct Outcome {
  int calls = 0;
  int booked = 0;
  int wrong = 0;
  int unfinished = 0;
};

// Two calls differ in everything that `seed` draws.
void OneCall(std::uint64_t seed, bool listens, Outcome* outcome) {
  Caller caller(seed);
  TextCall call;
  std::string said = call.Begin();
  std::string confirmed;  // the read-back that got the caller's last yes
  for (int turn = 0; turn < 25 && !call.ended; ++turn) {
    const std::string state = turn == 0 ? "open" : call.expects.state;
    std::string answer = AnswerOf(caller, state, said, listens);
    const bool garbled = caller.Chance(100);
    if (garbled) answer = caller.Garbled();
    // The caller cuts in and has not heard the rest.
    if (turn > 0 && caller.Chance(100)) call.HearOnly(caller.Below(12));
    const auto before = call.Booked();
    const std::string heard = call.history.back().text;
    said = call.Say(answer);
    if (call.Booked() != before) confirmed = heard;
  }
  ++outcome->calls;
  const auto booked = call.Booked();
  if (booked.empty()) {
    ++outcome->unfinished;
    return;
  }
  ++outcome->booked;
  // Whoever listens gets what was wished for; whoever does not gets what was read out to them.
  for (const ClinicAppointment& appointment : booked) {
    const Wish& wish = caller.wish();
    bool right = appointment.date == wish.day->iso && appointment.time == wish.hour->iso &&
                 appointment.name == wish.name;
    if (!listens) right = confirmed.find(StrCat(" ", appointment.name, ",")) != std::string::npos;
    for (const Day& day : Days()) {
      if (!listens && appointment.date == day.iso) {
        right = right && confirmed.find(day.read_back) != std::string::npos;
      }
    }
    for (const Hour& hour : Hours()) {
      if (!listens && appointment.time == hour.iso) {
        right = right && confirmed.find(hour.read_back) != std::string::npos;
      }
    }
    if (right) continue;
    ++outcome->wrong;
    ADD_FAILURE() << "seed " << seed << ": booked " << appointment.name << " " << appointment.date
                  << " " << appointment.time << "; wished for " << wish.name << " " << wish.day->iso
                  << " " << wish.hour->iso << "; confirmed \"" << confirmed << "\"";
  }
  EXPECT_EQ(booked.size(), 1u) << "seed " << seed;
}

TEST(OfflineRandomCallsTest, WhoeverListensToTheReadBackIsNeverBookedWrongly) {
  Outcome outcome;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) OneCall(seed, true, &outcome);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_GE(outcome.booked, 270) << "of 300: a machine that books nothing books nothing wrong";
  printf("listening callers: %d calls, %d booked, %d wrong, %d unfinished\n", outcome.calls,
         outcome.booked, outcome.wrong, outcome.unfinished);
}

TEST(OfflineRandomCallsTest, WhoeverSaysYesToEverythingGetsWhatWasReadOut) {
  Outcome outcome;
  for (std::uint64_t seed = 1001; seed <= 1150; ++seed) OneCall(seed, false, &outcome);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_GE(outcome.booked, 130);
  printf("careless callers: %d calls, %d booked, %d not as read out, %d unfinished\n",
         outcome.calls, outcome.booked, outcome.wrong, outcome.unfinished);
}

}  // namespace
}  // namespace dragoman
