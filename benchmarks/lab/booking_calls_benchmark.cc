// Whole booking calls with real audio in virtual time: what the receptionist achieves for a caller
// in noise, with asking again, reading back and the keypad. Prints Markdown tables:
//   lab_booking_calls_benchmark RENDERER CACHE_DIR [--voice=rms] [--noise=white] [--calls=8]
//       [--first=0] [--snr=15] [--no-keypad] [--folder=DIR] [--verbose]
// RENDERER is bin/dragoman-flite-render, CACHE_DIR keeps the voices' renderings, DIR the calls'
// recordings and transcripts. Exit code 1: a booking was wrong.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/lab/clinic_agent.h"
#include "dragoman/lab/runner.h"

namespace dragoman::lab {
namespace {

// Every second one is not among the names that keys are looked up in.
constexpr const char* kNames[] = {"smith",  "petrakis",  "garcia", "imada",  "kowalski", "macleod",
                                  "turner", "hjelm",     "nguyen", "quist",  "fischer",  "delgado",
                                  "brooks", "zielinski", "watson", "okafor", "murphy",   "tully"};

struct Arguments {
  std::string renderer, cache, folder;
  std::vector<std::string> voices = {"rms", "awb", "slt"};
  std::vector<std::string> noises = {"none", "white", "babble"};
  int calls = 8;
  int first = 0;  // of the draws
  int snr_db = 15;
  bool keypad = true;
  bool verbose = false;
};

struct Score {
  int calls = 0, slots_right = 0, nothing = 0, wrong = 0, gave_up = 0, keyed = 0;
  int turns = 0;
  std::int64_t call_ms = 0, wall_ms = 0;
};

bool Take(std::string_view argument, std::string_view name, std::string& value) {
  if (!argument.starts_with(name)) return false;
  value = argument.substr(name.size());
  return true;
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  if (argc < 3) return false;
  arguments.renderer = argv[1];
  arguments.cache = argv[2];
  for (int i = 3; i < argc; ++i) {
    const std::string_view argument = argv[i];
    std::string value;
    if (Take(argument, "--voice=", value)) {
      arguments.voices = {value};
    } else if (Take(argument, "--noise=", value)) {
      arguments.noises = {value};
    } else if (Take(argument, "--calls=", value)) {
      arguments.calls = std::atoi(value.c_str());
    } else if (Take(argument, "--first=", value)) {
      arguments.first = std::atoi(value.c_str());
    } else if (Take(argument, "--snr=", value)) {
      arguments.snr_db = std::atoi(value.c_str());
    } else if (Take(argument, "--folder=", value)) {
      arguments.folder = value;
    } else if (argument == "--no-keypad") {
      arguments.keypad = false;
    } else if (argument == "--verbose") {
      arguments.verbose = true;
    } else {
      return false;
    }
  }
  return true;
}

// The same wishes for every voice and noise. From two weeks on the clinic's book is empty, so that
// every wish can come true.
Errand Wish(int number, bool keypad) {
  SeededRandom random(static_cast<std::uint64_t>(number) * 7919 + 11);
  Errand errand;
  errand.name = kNames[static_cast<std::size_t>(number) % std::size(kNames)];
  errand.keypad = keypad;
  std::chrono::sys_days date =
      std::chrono::sys_days(std::chrono::year(2026) / 1 / 20) + std::chrono::days(random.Below(60));
  if (std::chrono::weekday(date) == std::chrono::Sunday) date += std::chrono::days(1);
  const bool saturday = std::chrono::weekday(date) == std::chrono::Saturday;
  const auto slot = saturday ? 18 + random.Below(8) : 16 + random.Below(20);  // half hours
  const std::chrono::year_month_day day(date);
  char text[32];
  std::snprintf(text, sizeof text, "2026-%02u-%02u", static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  errand.date = text;
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(slot / 2),
                static_cast<int>(slot % 2 * 30));
  errand.time = text;
  return errand;
}

absl::StatusOr<Scenario> Call(const Arguments& arguments, const std::string& voice,
                              const std::string& noise, int number) {
  const Errand wish = Wish(number, arguments.keypad);
  return ParseScenario(
      StrCat("name = \"booking-", voice, "-", noise, "-", number, "\"\nkind = \"audio\"\nseed = ",
             number + 1, "\ntime_limit = \"8 min\"\n[caller]\nvoice = \"", voice, "\"\nnoise = \"",
             noise, "\"\nsnr_db = ", arguments.snr_db, "\n[errand]\nname = \"", wish.name,
             "\"\ndate = \"", wish.date, "\"\ntime = \"", wish.time,
             "\"\nkeypad = ", wish.keypad ? "true" : "false", "\n"),
      "booking_calls");
}

void Count(const Errand& errand, const ScenarioResult& result, Score& score) {
  ++score.calls;
  score.turns += static_cast<int>(result.caller.deeds.size());
  score.call_ms += result.caller.duration_ms;
  score.wall_ms += result.wall_ms;
  bool keyed = false;
  for (const CallerDeed& deed : result.caller.deeds) keyed = keyed || deed.what.starts_with("dtmf");
  score.keyed += keyed;
  score.nothing += result.bookings.empty();
  score.gave_up += result.caller.timed_out || result.caller.hung_up;
  const Booking wanted{errand.name, errand.date, errand.time};
  for (const Booking& made : result.bookings) score.wrong += made != wanted;
  if (result.bookings.empty()) return;
  const Booking& made = result.bookings.front();
  score.slots_right +=
      (made.name == wanted.name) + (made.date == wanted.date) + (made.time == wanted.time);
}

void Print(const std::string& noise, const std::string& voice, const Score& score) {
  const double calls = score.calls;
  std::printf("| %s | %s | %d | %.1f %% | %d | %d | %d | %.1f | %.0f s |\n", noise.c_str(),
              voice.c_str(), score.calls, 100.0 * score.slots_right / (3 * calls), score.nothing,
              score.wrong, score.keyed, score.turns / calls,
              static_cast<double>(score.call_ms) / calls / 1000);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    std::fprintf(stderr, "usage: %s RENDERER CACHE_DIR [options]\n", argv[0]);
    return 2;
  }
  ScenarioOptions options;
  options.folder = arguments.folder;
  options.voice_program = arguments.renderer;
  options.voice_cache = arguments.cache;
  auto agent = MakeClinicAgent();
  std::printf(
      "| noise | voice | calls | slots right in the booking | booked nothing | wrong bookings | "
      "calls with keys | turns of the caller | length |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  int wrong = 0;
  for (const std::string& noise : arguments.noises) {
    for (const std::string& voice : arguments.voices) {
      Score score;
      for (int i = arguments.first; i < arguments.first + arguments.calls; ++i) {
        auto scenario = Call(arguments, voice, noise, i);
        auto result = scenario.ok() ? RunScenario(*scenario, *agent, options)
                                    : absl::StatusOr<ScenarioResult>(scenario.status());
        if (!result.ok()) {
          std::fprintf(stderr, "%s\n", std::string(MessageOf(result.status())).c_str());
          return 2;
        }
        Count(*scenario->errand, *result, score);
        if (!arguments.verbose) continue;
        std::printf("%s %s %s %s: booked %zu, %lld ms\n%s\n", result->name.c_str(),
                    scenario->errand->name.c_str(), scenario->errand->date.c_str(),
                    scenario->errand->time.c_str(), result->bookings.size(),
                    static_cast<long long>(result->wall_ms), FormatTranscript(*result).c_str());
      }
      Print(noise, voice, score);
      wrong += score.wrong;
    }
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace dragoman::lab

int main(int argc, char** argv) { return dragoman::lab::Main(argc, argv); }
