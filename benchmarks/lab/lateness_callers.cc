// The load generator: twenty carriers on one thread, in open loop. It plays what it receives as a
// telephone would, so it knows how long a listener waited for each frame.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/lab/lateness.h"
#include "benchmarks/lab/lateness_web_socket.h"
#include "dragoman/audio/g711.h"
#include "dragoman/core/random.h"
#include "src/lab/sounds.h"
#include "src/wire/twilio_media.h"

namespace dragoman::lateness {
namespace {

constexpr std::size_t kFrameBytes = 160;
constexpr std::int64_t kNewUtterance = 500 * kMs;  // of silence: what follows is not late

// As many digits as a SID has; the number is the call's.
std::string Sid(const char* prefix, int call) {
  char text[40];
  std::snprintf(text, sizeof text, "%s%032d", prefix, call);
  return text;
}

struct Line {
  Line(int number, TwilioStart start)
      : call(number),
        encoder(std::move(start)),
        decoder(TwilioMediaDecoder::Sender::kApplication) {}
  int socket = -1;
  int call;
  bool open = true;
  TwilioCarrierEncoder encoder;
  TwilioMediaDecoder decoder;
  std::string in;
  std::int64_t frame = 0;                                  // next to send
  std::int64_t playout_end_ns = 0;                         // of what was received so far
  std::int64_t received = 0;                               // frames of the running stretch
  std::deque<std::pair<std::int64_t, std::string>> marks;  // when they have been played
};

class Callers {
 public:
  explicit Callers(const Plan& plan) : plan_(plan), random_(1), epoll_(epoll_create1(0)) {
    std::vector<lab::TimedWord> words;
    speech_ = lab::Buzz("please tell me what number one of your list is", 110, 1000, words);
    speech_.resize(static_cast<std::size_t>(kSpeechMs) * 8, 0);
  }

  void Connect() {
    for (int call = 0; call < plan_.calls; ++call) {
      TwilioStart start{
          .account_sid = Sid("AC", 0), .stream_sid = Sid("MZ", call), .call_sid = Sid("CA", call)};
      lines_.push_back(std::make_unique<Line>(call, start));
      Line& line = *lines_.back();
      Dial(line);
      line.encoder.Connected(text_);
      SendText(line);
      line.encoder.Start(text_);
      SendText(line);
      epoll_event event{.events = EPOLLIN, .data = {.ptr = &line}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, line.socket, &event);
    }
  }

  void Run(std::FILE* out) {
    std::int64_t cpu = -1;
    // In the order in which frames are due: all calls' frame 0, then all calls' frame 1 ...
    for (std::int64_t frame = 0;; ++frame) {
      for (auto& line : lines_) {
        const std::int64_t due = plan_.PlannedNs(line->call, frame);
        if (due >= plan_.end_ns) return Report(cpu, out);
        if (cpu < 0 && due >= plan_.begin_ns) cpu = CpuNs();
        WaitUntil(due);
        if (line->open) SendFrame(*line, due);
      }
    }
  }

 private:
  void Dial(Line& line) {
    line.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(plan_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(line.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      Die("callers: cannot connect");
    }
    const int on = 1;
    setsockopt(line.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    constexpr std::string_view kRequest =
        "GET /media HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (send(line.socket, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) Die("no request");
    std::string reply;
    while (reply.find("\r\n\r\n") == std::string::npos) {
      char byte = 0;
      if (recv(line.socket, &byte, 1, 0) != 1) Die("callers: no upgrade");
      reply += byte;
    }
    if (!reply.starts_with("HTTP/1.1 101")) Die("callers: refused: " + reply);
  }

  void SendText(Line& line, std::uint8_t opcode = 1) {
    PutFrame(text_, true, static_cast<std::uint32_t>(random_.Next()), out_, opcode);
    const ssize_t sent = send(line.socket, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == static_cast<ssize_t>(out_.size())) return;
    ++blocked_;  // never sent later in silence
    if (sent >= 0) Die("callers: half a frame was taken");
  }

  void SendFrame(Line& line, std::int64_t due) {
    const std::int64_t at_ms = line.frame * 20;
    Fill(plan_.ScriptMs(line.call, at_ms));
    EncodeMulaw(pcm_, mulaw_);
    line.encoder.Media(TwilioTrack::kInbound, static_cast<std::uint64_t>(at_ms), mulaw_, text_);
    const std::int64_t now = NowNs();
    SendText(line);
    if (plan_.Measures(now)) sender_.Add(now - due);
    ++line.frame;
  }

  // A faint hiss, and the caller's sentence where the script has it.
  void Fill(std::int64_t script_ms) {
    for (std::int16_t& sample : pcm_) sample = static_cast<std::int16_t>(random_.Between(-8, 8));
    if (script_ms < 0) return;
    const std::int64_t at = script_ms % kCycleMs - kSpeechAtMs;
    if (at < 0 || at >= kSpeechMs) return;
    for (std::size_t i = 0; i < pcm_.size(); ++i) {
      pcm_[i] = lab::Saturate(pcm_[i] + speech_[static_cast<std::size_t>(at) * 8 + i]);
    }
  }

  void WaitUntil(std::int64_t due) {
    while (true) {
      const std::int64_t now = NowNs();
      ReturnMarks(now);
      std::int64_t next = due;
      for (auto& line : lines_) {
        if (!line->marks.empty()) next = std::min(next, line->marks.front().first);
      }
      const std::int64_t left = std::max<std::int64_t>(0, next - now);
      const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
      epoll_event events[64];
      const int count = epoll_pwait2(epoll_, events, 64, &timeout, nullptr);
      for (int i = 0; i < count; ++i) Read(*static_cast<Line*>(events[i].data.ptr));
      if (NowNs() >= due) return;
    }
  }

  void ReturnMarks(std::int64_t now) {
    for (auto& line : lines_) {
      while (line->open && !line->marks.empty() && line->marks.front().first <= now) {
        line->encoder.Mark(line->marks.front().second, text_);
        line->marks.pop_front();
        SendText(*line);
      }
    }
  }

  void Read(Line& line) {
    char buffer[16384];
    const ssize_t got = recv(line.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0) return;
    if (got == 0) return Closed(line);
    const std::int64_t now = NowNs();
    line.in.append(buffer, static_cast<std::size_t>(got));
    std::size_t at = 0;
    while (auto frame = TakeFrame(line.in, at)) {
      at += frame->size;
      Take(line, *frame, now);
      if (!line.open) return;
    }
    line.in.erase(0, at);
  }

  void Closed(Line& line) {
    line.open = false;
    line.marks.clear();
    epoll_ctl(epoll_, EPOLL_CTL_DEL, line.socket, nullptr);
  }

  void Take(Line& line, const Frame& frame, std::int64_t now) {
    if (frame.opcode == 8) return Closed(line);
    if (frame.opcode == 9) {
      text_ = frame.payload;
      return SendText(line, 10);
    }
    if (frame.opcode != 1 || !line.decoder.Decode(frame.payload, message_).ok()) {
      return Die("callers: an unexpected message");
    }
    if (message_.event == TwilioEvent::kMedia) return Play(line, message_.payload.size(), now);
    if (message_.event == TwilioEvent::kMark) {
      line.marks.emplace_back(std::max(now, line.playout_end_ns), message_.mark);
    } else if (message_.event == TwilioEvent::kClear) {
      line.playout_end_ns = 0;
      for (auto& mark : line.marks) mark.first = now;  // all come back at once
    }
  }

  // How long the listener waited for each frame of a message that came now.
  void Play(Line& line, std::size_t bytes, std::int64_t now) {
    std::int64_t waited = now - line.playout_end_ns;
    const bool begins = waited > kNewUtterance;
    if (begins) line.received = 0;
    waited = begins ? 0 : std::max<std::int64_t>(0, waited);
    const std::int64_t count = static_cast<std::int64_t>((bytes + kFrameBytes - 1) / kFrameBytes);
    if (plan_.Measures(now)) {
      if (!begins) lead_.Add(std::max<std::int64_t>(0, line.playout_end_ns - now));
      for (std::int64_t i = 0; i < count; ++i) outbound_.Add(i == 0 ? waited : 0);
      underrun_ns_ += waited;
      ++messages_;
    }
    line.received += count;
    line.playout_end_ns =
        std::max(now, line.playout_end_ns) + static_cast<std::int64_t>(bytes) * 125'000;
  }

  void Report(std::int64_t cpu, std::FILE* out) {
    int open = 0;
    for (auto& line : lines_) open += line->open;
    std::fprintf(out, "open %d\nblocked %lld\nsender %s\noutbound %s\nlead %s\n", open,
                 static_cast<long long>(blocked_), sender_.Summary().c_str(),
                 outbound_.Summary().c_str(), lead_.Summary().c_str());
    std::fprintf(out, "underrun %.3f\nmessages %lld\ncaller_cpu %lld\n",
                 static_cast<double>(underrun_ns_) / static_cast<double>(kMs),
                 static_cast<long long>(messages_), static_cast<long long>(CpuNs() - cpu));
    for (auto& line : lines_) {
      line->encoder.Stop(text_);
      if (line->open) SendText(*line);
    }
    SleepUntil(NowNs() + 300 * kMs);
  }

  const Plan plan_;
  SeededRandom random_;
  const int epoll_;
  std::vector<std::int16_t> speech_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::array<std::int16_t, kFrameBytes> pcm_{};
  std::array<std::uint8_t, kFrameBytes> mulaw_{};
  TwilioMessage message_;
  std::string text_;
  std::string out_;
  Samples sender_;    // planned moment to the moment it was sent
  Samples outbound_;  // how long the listener waited for each frame
  Samples lead_;      // how far ahead of its moment a message came
  std::int64_t underrun_ns_ = 0;
  std::int64_t blocked_ = 0;
  std::int64_t messages_ = 0;
};

}  // namespace

void RunCallers(const Plan& plan, std::FILE* out) {
  Callers callers(plan);
  callers.Connect();
  if (NowNs() > plan.start_ns) Die("callers: connecting took longer than was planned");
  callers.Run(out);
}

}  // namespace dragoman::lateness
