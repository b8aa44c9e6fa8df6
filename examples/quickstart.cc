// Answers telephone calls with the clinic's receptionist: local speech, the offline model, no key.
// Point a carrier's media stream at it, or: dragoman call --help
#include <cstdio>
#include <cstdlib>
#include <future>

#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/server/media_server.h"

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  dragoman::SystemClock clock;
  dragoman::StderrLog log(dragoman::LogLevel::kWarning);

  auto runtime = dragoman::Runtime::Create({}, {.log = &log});
  if (!runtime.ok()) return std::fprintf(stderr, "%s\n", runtime.status().ToString().c_str()), 1;
  auto server = dragoman::MediaServer::Start({.port = argc > 1 ? std::atoi(argv[1]) : 8080},
                                             (*runtime)->agent(), nullptr, clock, log);
  if (!server.ok()) return std::fprintf(stderr, "%s\n", server.status().ToString().c_str()), 1;

  std::printf("ws://127.0.0.1:%d/media answers calls; Enter ends it\n", (*server)->port());
  std::fflush(stdout);
  std::getchar();

  (*server)->StopListening();
  std::promise<void> ended;  // calls under way say goodbye first
  (*runtime)->agent().Stop(5s, [&] { ended.set_value(); });
  ended.get_future().wait();
}
