#include "dragoman/providers/offline/clinic_receptionist.h"

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/common_names.h"
#include "src/providers/offline/wording.h"

namespace dragoman {
namespace {

using offline::SpokenTime;
using offline::WeekdayName;
using std::chrono_literals::operator""ms;

std::string HoursText(const ClinicFacts& facts) {
  std::string text = "We are open";
  for (size_t first = 0; first < 7;) {
    const OpeningHours& hours = facts.hours[first];
    size_t last = first;
    while (last + 1 < 7 && facts.hours[last + 1].opens == hours.opens &&
           facts.hours[last + 1].closes == hours.closes) {
      ++last;
    }
    if (hours.closes > hours.opens) {
      text += StrCat(text.ends_with("open") ? " " : ", and ", WeekdayName(static_cast<int>(first)));
      if (last > first) text += StrCat(" to ", WeekdayName(static_cast<int>(last)));
      text += StrCat(" from ", SpokenTime(hours.opens), " to ", SpokenTime(hours.closes));
    }
    first = last + 1;
  }
  return text + ".";
}

std::vector<SlotDefinition> Slots(const ClinicFacts& facts) {
  SlotDefinition doctor{
      .name = "doctor",
      .type = SlotType::kChoice,
      .noun = "the doctor",
      .nouns = {"doctor", "physician"},
      .prompt = "Which doctor would you like to see?",
      .prompt_again = "Which doctor, please?",
      .choices = {},
  };
  for (const std::string& name : facts.doctors) {
    doctor.choices.push_back({.value = name,
                              .spoken = "Doctor " + name,
                              .synonyms = {"doctor " + ToLowerAscii(name), ToLowerAscii(name)}});
  }
  return {
      {.name = "date",
       .type = SlotType::kDate,
       .noun = "the day",
       .nouns = {"day", "date"},
       .prompt = "What day would suit you?",
       .prompt_again = "Please tell me a day, for example next Tuesday, or the third of March.",
       .choices = {}},
      {.name = "time",
       .type = SlotType::kTime,
       .noun = "the time",
       .nouns = {"time", "hour"},
       .prompt = "What time would suit you?",
       .prompt_again = "Please tell me a time, for example half past ten, or three p.m.",
       .choices = {}},
      {.name = "name",
       .type = SlotType::kName,
       .noun = "the name",
       .nouns = {"name", "surname", "spelling"},
       .prompt = "Please spell your last name for me, letter by letter.",
       .prompt_again = "Please spell your last name slowly, one letter after the other, or type it "
                       "on your keypad.",
       .choices = {},
       .end_silence = 1600ms},
      {.name = "phone",
       .type = SlotType::kDigits,
       .noun = "the phone number",
       .nouns = {"[phone] number"},
       .prompt = "Which number can we call you back on, digit by digit?",
       .prompt_again = "Please tell me your phone number, one digit after the other, or type it on "
                       "your keypad.",
       .choices = {},
       .end_silence = 1600ms},
      doctor,
      {.name = "reason",
       .type = SlotType::kChoice,
       .noun = "the kind of visit",
       .nouns = {"reason", "kind of visit"},
       .prompt = "What is the visit for: a checkup, a vaccination, or a follow up?",
       .prompt_again = "Is it a checkup, a vaccination, a follow up, or something else?",
       .choices = {{"checkup", "a checkup", {"checkup", "check up", "physical [exam]", "exam"}},
                   {"vaccination", "a vaccination", {"vaccination", "vaccine", "flu shot", "shot"}},
                   {"follow-up", "a follow up", {"follow up", "followup"}},
                   {"consultation", "a consultation", {"consultation", "talk to the doctor"}},
                   {"blood test", "a blood test", {"blood test", "blood work"}}}},
  };
}

std::vector<GoalDefinition> Goals() {
  return {
      {.name = "reschedule",
       .triggers =
           {"reschedule",
            "(change | move | shift | postpone) (my | the | an) (appointment | booking | visit)",
            "(change | move) my [existing] (appointment | booking)",
            "[to] (another | a different) (day | time | date) for (my | the) appointment"},
       .ability = "change one",
       .required = {"name", "date", "time"},
       .optional = {"doctor"},
       .find_by = {"name"},
       .find_tool = "find_appointment",
       .search_tool = "check_availability",
       .commit_tool = "reschedule_appointment",
       .confirm = "So I move your appointment, for {name}, to {date} at {time} with {doctor}. Is "
                  "that right?",
       .done = "Done. Your appointment is now on {date} at {time}."},
      {.name = "cancel",
       .triggers = {"cancel [my | the | an] [appointment | booking | visit]",
                    "call off (my | the) appointment",
                    "(delete | drop) (my | the) (appointment | booking)",
                    "(cannot | can't | can not) (come | make it) to (my | the) appointment"},
       .ability = "cancel one",
       .required = {"name"},
       .optional = {},
       .find_by = {"name"},
       .find_tool = "find_appointment",
       .search_tool = "",
       .commit_tool = "cancel_appointment",
       .confirm = "That is the appointment of {name}, on {found_date} at {found_time} with "
                  "{found_doctor}. Shall I cancel it?",
       .done = "Your appointment is cancelled."},
      {.name = "book",
       .triggers = {"(book | make | schedule | arrange | need | want | like | get | have) (an | a "
                    "new | another) "
                    "(appointment | booking | visit)",
                    "book", "(new | an) appointment", "(see | visit) (a | the) doctor",
                    "(come in | get in | be seen)"},
       .ability = "book an appointment",
       .required = {"date", "time", "name"},
       .optional = {"doctor", "reason", "phone"},
       .find_by = {},
       .find_tool = "",
       .search_tool = "check_availability",
       .commit_tool = "book_appointment",
       .confirm = "I have {date} at {time} with {doctor}, for {name}. Shall I book it?",
       .done = "Your appointment is booked."},
      {.name = "message",
       .triggers = {"(leave | take) a message", "call me back", "(a | my) callback"},
       .ability = "take a message",
       .required = {"name", "phone"},
       .optional = {},
       .find_by = {},
       .find_tool = "",
       .search_tool = "",
       .commit_tool = "leave_message",
       .confirm = "Someone will call back {name}, on {phone}. Is that right?",
       .done = "Thank you. Someone will call you back."},
  };
}

}  // namespace

AgentDefinition ClinicReceptionist(const ClinicFacts& facts) {
  AgentDefinition agent;
  agent.house = facts.name;
  agent.greeting = StrCat("Hello, this is the automated assistant of ", facts.name,
                          ". I can book, change or cancel an appointment. How can I help you?");
  agent.slots = Slots(facts);
  agent.goals = Goals();
  agent.answers = {
      {"hours",
       {"[what are] [your] (opening | office | business) hours", "when (are you | do you) open",
        "are you open", "what time do you (open | close)", "when do you close"},
       HoursText(facts)},
      {"price",
       {"how much (is | does | do) [it | a visit] [cost]", "what does (it | a visit) cost",
        "what do you charge", "[what is] the price"},
       "A visit is billed to your insurance; without insurance it is sixty dollars."},
      {"address",
       {"where are you [located]", "what is (your | the) address", "what's (your | the) address",
        "how do i get (there | to you)"},
       StrCat("We are at ", facts.address, ".")},
  };
  agent.message_goal = "message";
  agent.hours = facts.hours;
  agent.utc_offset = facts.utc_offset;
  agent.known_names = offline::CommonNames();
  return agent;
}

}  // namespace dragoman
