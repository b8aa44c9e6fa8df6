// Twenty calls at once over real sockets: how late frames are, and what a call costs.
//
//   lab_frame_lateness_benchmark [--calls 20] [--warm 12] [--seconds 24] [--pairs 3]
//
// Arms, each a process of its own, in the order A B B A A B ...:
//   A  dragoman: media server, agent, voice activity detection, event log and recording on;
//   recogniser,
//      model and synthesizer are scripted and cost next to nothing
//   B  floor: one pacing loop that copies frames over the same sockets and does nothing else
// The callers (Twilio Media Streams, masked frames, marks returned when played) are a third
// process. CPU is the server process's own, by getrusage, over the window that is measured.
// Lateness:
//   inbound   from the moment a frame was planned to be sent to the moment the agent (A) or the
//   loop
//             (B) has it; contains the load generator's own lateness, which stands beside it
//   outbound  how long the listener waited for a frame beyond the moment it was to be heard
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/lab/lateness.h"

namespace dragoman::lateness {
namespace {

using Figures = std::map<std::string, std::vector<double>>;

struct Options {
  int calls = 20;
  int warm_s = 12;
  int seconds = 24;
  int pairs = 3;
};

struct Child {
  pid_t pid = 0;
  std::FILE* to = nullptr;
  std::FILE* from = nullptr;
};

// The parent has no threads, so the child may go on without an exec.
template <typename Body>
Child Fork(Body body) {
  int down[2], up[2];
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) Die("no pipe");
  std::fflush(nullptr);
  Child child;
  child.pid = fork();
  if (child.pid < 0) Die("no process");
  if (child.pid == 0) {
    close(down[1]);
    close(up[0]);
    std::FILE* in = fdopen(down[0], "r");
    std::FILE* out = fdopen(up[1], "w");
    body(in, out);
    std::fflush(out);
    std::_Exit(0);
  }
  close(down[0]);
  close(up[1]);
  child.to = fdopen(down[1], "w");
  child.from = fdopen(up[0], "r");
  return child;
}

void ReadFigures(Child& child, Figures& figures) {
  char line[512];
  while (std::fgets(line, sizeof line, child.from)) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (double value = 0; words >> value;) figures[name].push_back(value);
  }
  std::fclose(child.from);
  int status = 0;
  waitpid(child.pid, &status, 0);
  if (status != 0) Die("a process of the run failed");
}

// Seconds that all processors were busy, and stolen, since boot.
std::pair<double, double> Busy() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0;
  stat >> cpu >> user >> nice >> system >> idle >> wait >> irq >> soft >> steal;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {(user + nice + system + irq + soft) / ticks, steal / ticks};
}

Figures RunArm(const Options& options, bool floor) {
  const int calls = options.calls;
  Child server = Fork([&](std::FILE* in, std::FILE* out) {
    floor ? RunFloor(calls, in, out) : RunDragoman(calls, in, out);
  });
  Plan plan{.calls = calls};
  if (std::fscanf(server.from, "port %d", &plan.port) != 1) Die("the server has no port");
  plan.start_ns = NowNs() + (1'500 + 15 * calls) * kMs;  // all are connected by then
  plan.begin_ns = plan.start_ns + options.warm_s * 1'000 * kMs;
  plan.end_ns = plan.begin_ns + options.seconds * 1'000 * kMs;
  WritePlan(plan, server.to);
  Child callers = Fork([&](std::FILE*, std::FILE* out) { RunCallers(plan, out); });
  SleepUntil(plan.begin_ns);
  const auto [busy, steal] = Busy();
  SleepUntil(plan.end_ns);
  const auto [busy_after, steal_after] = Busy();
  Figures figures;
  ReadFigures(callers, figures);
  std::fclose(callers.to);
  std::fclose(server.to);  // the server ends
  ReadFigures(server, figures);
  const double own = (figures["cpu"].at(0) + figures["caller_cpu"].at(0)) * 1e-9;
  figures["foreign"] = {(busy_after - busy - own) / options.seconds};
  figures["steal"] = {(steal_after - steal) / options.seconds};
  figures["cpu_percent"] = {figures["cpu"].at(0) * 1e-9 / options.seconds / calls * 100};
  return figures;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void Print(const char* arm, const Figures& f) {
  auto three = [&f](const char* name) {
    char text[64];
    std::snprintf(text, sizeof text, "%7.3f %7.3f %8.3f", f.at(name)[0], f.at(name)[1],
                  f.at(name)[2]);
    return std::string(text);
  };
  std::printf(
      "%-9s in %s | out %s | sender %s | underrun %7.1f ms | cpu %.4f %%/call | calls %d/%d "
      "blocked %.0f | foreign %.2f cores steal %.2f | kept %.0f logs %.0f recordings\n",
      arm, three("inbound").c_str(), three("outbound").c_str(), three("sender").c_str(),
      f.at("underrun")[0], f.at("cpu_percent")[0], static_cast<int>(f.at("open")[0]),
      static_cast<int>(f.at("calls")[0]), f.at("blocked")[0], f.at("foreign")[0], f.at("steal")[0],
      f.at("kept")[0], f.at("kept")[2]);
  std::fflush(stdout);
}

void PrintMedians(const std::vector<Figures>& runs, const std::vector<Figures>& floors) {
  struct Row {
    const char* what;
    const char* name;
    std::size_t column;
  };
  constexpr Row kRows[] = {
      {"inbound p50, ms", "inbound", 0},    {"inbound p99, ms", "inbound", 1},
      {"inbound max, ms", "inbound", 2},    {"outbound p50, ms", "outbound", 0},
      {"outbound p99, ms", "outbound", 1},  {"outbound max, ms", "outbound", 2},
      {"outbound lead p50, ms", "lead", 0}, {"load generator p99, ms", "sender", 1},
      {"underrun, ms", "underrun", 0},      {"CPU per call, % of a core", "cpu_percent", 0}};
  std::printf("\nmedian of %zu runs          dragoman      floor      ratio\n", runs.size());
  for (const Row& row : kRows) {
    std::vector<double> a, b, ratio;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      a.push_back(runs[i].at(row.name)[row.column]);
      b.push_back(floors[i].at(row.name)[row.column]);
      if (b.back() > 0) ratio.push_back(a.back() / b.back());
    }
    std::printf("%-26s %10.4f %10.4f %10.2f\n", row.what, Median(a), Median(b), Median(ratio));
  }
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const int value = std::atoi(argv[i + 1]);
    if (name == "--calls")
      options.calls = value;
    else if (name == "--warm")
      options.warm_s = value;
    else if (name == "--seconds")
      options.seconds = value;
    else if (name == "--pairs")
      options.pairs = value;
    else
      Die("unknown option " + name);
  }
  std::printf("%d calls, %d s after %d s; per frame p50 p99 max in ms\n", options.calls,
              options.seconds, options.warm_s);
  std::vector<Figures> runs, floors;
  for (int pair = 0; pair < options.pairs; ++pair) {
    for (int half = 0; half < 2; ++half) {
      const bool floor = (half == 1) != (pair % 2 == 1);
      Figures figures = RunArm(options, floor);
      Print(floor ? "floor" : "dragoman", figures);
      (floor ? floors : runs).push_back(std::move(figures));
    }
  }
  PrintMedians(runs, floors);
  return 0;
}

}  // namespace
}  // namespace dragoman::lateness

int main(int argc, char** argv) { return dragoman::lateness::Main(argc, argv); }
