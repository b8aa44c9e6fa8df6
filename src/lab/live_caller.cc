#include "src/lab/live_caller.h"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "src/lab/caller.h"
#include "src/lab/run.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_stream.h"
#include "src/net/web_socket.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kConnect{5'000};

struct HostPort {
  std::string host;
  int port = 0;
};

absl::StatusOr<HostPort> ParseHostPort(const std::string& target) {
  const std::size_t colon = target.rfind(':');
  HostPort result;
  if (colon != std::string::npos && colon > 0) {
    result.host = target.substr(0, colon);
    result.port = std::atoi(target.c_str() + colon + 1);
  }
  if (result.port < 1 || result.port > 65535)
    return InvalidArgument("target is \"", target, "\"; expected host:port");
  return result;
}

class LiveCallerImpl : public LiveCaller {
 public:
  explicit LiveCallerImpl(const Scenario& scenario)
      : scenario_(scenario),
        random_(scenario.seed),
        loop_(clock_),
        sockets_(MakeWebSocketConnector()) {}

  ~LiveCallerImpl() override {
    RunAndWait(loop_, [this] { caller_.reset(); });
    loop_.Stop();
  }

  absl::Status Render(CallerVoice& voice) {
    DRAGOMAN_ASSIGN_OR_RETURN(caller_, Caller::Create(scenario_, voice, loop_));
    return absl::OkStatus();
  }

  absl::Status Start(const std::string& target) override {
    if (scenario_.wire == Wire::kAudioSocket) {
      DRAGOMAN_ASSIGN_OR_RETURN(HostPort place, ParseHostPort(target));
      loop_.Post([this, place = std::move(place)] { Dial(place); });
      return absl::OkStatus();
    }
    if (!target.starts_with("ws://"))
      return InvalidArgument("target is \"", target, "\"; expected ws://host:port/path");
    loop_.Post([this, target] { Upgrade(target); });
    return absl::OkStatus();
  }

  void Tell(const SessionEvent& event) override {
    loop_.Post([this, event] { lab::Tell(*caller_, event); });
  }

  CallerRecord Wait() override {
    {
      MutexLock lock(mutex_);
      lock.Wait(changed_, [this]() DRAGOMAN_REQUIRES(mutex_) { return done_; });
    }
    CallerRecord record;
    RunAndWait(loop_, [&] { record = failed_.ok() ? caller_->TakeRecord() : Failed(); });
    return record;
  }

 private:
  void Upgrade(const std::string& url) {
    Begin([this, url](CallerLine::Callbacks callbacks) {
      OpenSocket open = [this, url](WebSocketCallbacks socket) {
        WebSocketRequest request;
        request.url = url;
        return sockets_->Connect(std::move(request), loop_, std::move(socket));
      };
      return OpenTwilioLine(std::move(open), MakeTwilioIds(random_), std::move(callbacks));
    });
  }

  void Dial(const HostPort& place) {
    ConnectTcp(
        loop_, place.host, place.port, kConnect, {},
        [this](absl::StatusOr<std::unique_ptr<ByteStream>> stream) {
          if (!stream.ok()) {
            failed_ = stream.status();
            return Done();
          }
          Begin([this, stream = *std::move(stream)](CallerLine::Callbacks callbacks) mutable {
            std::array<std::uint8_t, 16> uuid;
            for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(random_.Next());
            return OpenAudioSocketLine(std::move(stream), uuid, loop_, std::move(callbacks));
          });
        });
  }

  void Begin(Caller::OpenLine open) {
    caller_->Start(std::move(open), {}, [this] { Done(); });
  }

  void Done() {
    MutexLock lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }

  CallerRecord Failed() const {
    CallerRecord record;
    record.close_detail = std::string(MessageOf(failed_));
    return record;
  }

  const Scenario& scenario_;
  SeededRandom random_;
  SystemClock clock_;
  IoLoop loop_;
  std::unique_ptr<WebSocketConnector> sockets_;
  std::unique_ptr<Caller> caller_;  // on the loop
  absl::Status failed_;             // on the loop
  Mutex mutex_;
  std::condition_variable changed_;
  bool done_ DRAGOMAN_GUARDED_BY(mutex_) = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LiveCaller>> LiveCaller::Create(const Scenario& scenario,
                                                               CallerVoice& voice) {
  auto caller = std::make_unique<LiveCallerImpl>(scenario);
  DRAGOMAN_RETURN_IF_ERROR(caller->Render(voice));
  return caller;
}

std::string EventToLine(const SessionEvent& event) {
  nlohmann::json line = {{"kind", static_cast<int>(event.kind)},
                         {"id", event.id},
                         {"name", event.name},
                         {"text", event.text}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

absl::StatusOr<SessionEvent> EventFromLine(std::string_view text) {
  const auto line = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  SessionEvent event;
  try {
    const int kind = line.at("kind");
    if (kind < 0 || kind > static_cast<int>(SessionEvent::Kind::kEnded))
      return InvalidArgument("event kind is ", kind);
    event.kind = static_cast<SessionEvent::Kind>(kind);
    line.at("id").get_to(event.id);
    line.at("name").get_to(event.name);
    line.at("text").get_to(event.text);
  } catch (const nlohmann::json::exception& error) {
    return InvalidArgument("not an event: ", error.what());
  }
  return event;
}

}  // namespace dragoman::lab
