// The arm that is measured: the whole agent behind the media server, with log and recording, and
// with providers that cost next to nothing.
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "benchmarks/lab/lateness.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/server/media_server.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"

namespace dragoman::lateness {
namespace {

using std::chrono::milliseconds;

// Filled on the one media loop; read after it has stopped.
struct Measured {
  Plan plan;
  Samples inbound;
  std::int64_t outside = 0;  // frames before and after the window
};

// Notes when each inbound frame reaches the agent, and passes everything on.
class TimedStream : public MediaStream {
 public:
  TimedStream(MediaStream& inner, int call, Measured& measured)
      : inner_(inner), call_(call), measured_(measured) {}
  int sample_rate_hz() const override { return inner_.sample_rate_hz(); }
  void Start(Callbacks callbacks) override {
    callbacks.on_audio = [this,
                          on_audio = std::move(callbacks.on_audio)](const PcmFrame& frame) mutable {
      const std::int64_t now = NowNs();
      if (measured_.plan.Measures(now)) {
        measured_.inbound.Add(now - measured_.plan.PlannedNs(call_, frame_));
      } else {
        ++measured_.outside;
      }
      ++frame_;
      on_audio(frame);
    };
    inner_.Start(std::move(callbacks));
  }
  absl::Status Play(const PcmFrame& frame) override { return inner_.Play(frame); }
  void FlushPlay() override { inner_.FlushPlay(); }
  void Clear() override { inner_.Clear(); }
  absl::Status SendDtmf(std::string_view digits) override { return inner_.SendDtmf(digits); }
  milliseconds sent() const override { return inner_.sent(); }
  PlayoutPosition position() const override { return inner_.position(); }
  milliseconds max_queued() const override { return inner_.max_queued(); }

 private:
  MediaStream& inner_;
  const int call_;
  Measured& measured_;
  std::int64_t frame_ = 0;
};

class TimedCall : public Call {
 public:
  TimedCall(std::unique_ptr<Call> inner, Measured& measured)
      : inner_(std::move(inner)),
        stream_(*inner_->media(), std::atoi(inner_->info().id.c_str() + 2), measured) {}
  const CallInfo& info() const override { return inner_->info(); }
  Executor& executor() override { return inner_->executor(); }
  MediaStream* media() override { return &stream_; }
  void HangUp() override { inner_->HangUp(); }

 private:
  std::unique_ptr<Call> inner_;
  TimedStream stream_;
};

class TimedAgent : public CallAgent {
 public:
  TimedAgent(CallAgent& inner, Measured& measured) : inner_(inner), measured_(measured) {}
  void Accept(std::unique_ptr<Call> call) override {
    inner_.Accept(std::make_unique<TimedCall>(std::move(call), measured_));
  }

 private:
  CallAgent& inner_;
  Measured& measured_;
};

// What call `call` is heard to say: a different sentence each turn, for a quarter of an hour.
ScriptedHearing Hearing(const Plan& plan, int call) {
  ScriptedHearing all;
  const std::int64_t first = -plan.ScriptMs(call, 0) + kSpeechAtMs;
  for (int turn = 0; turn < 75; ++turn) {
    const std::int64_t at = first + turn * kCycleMs;
    ScriptedHearing words =
        ScriptedHearing::Words(StrCat("please tell me what number ", turn, " of your list is."),
                               milliseconds(at), milliseconds(at + kSpeechMs));
    for (ScriptedHearing::Event& event : words.events) all.events.push_back(std::move(event));
  }
  return all;
}

ScriptedReply Answer(const ChatRequest& request) {
  return ScriptedReply::Say(
      StrCat("Number ", request.messages.size(), " is a visit on a day in spring, ",
             "and it takes an hour. I can book it, or read the next one to you if you like."));
}

// Logs and recordings that were kept, to prove that they were on.
void CountFiles(const std::string& folder, std::FILE* out) {
  long long logs = 0, audio = 0, log_bytes = 0, audio_bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto size = static_cast<long long>(file.file_size());
    if (file.path().extension() == ".log") ++logs, log_bytes += size;
    if (file.path().extension() == ".audio") ++audio, audio_bytes += size;
  }
  std::fprintf(out, "kept %lld %lld %lld %lld\n", logs, log_bytes, audio, audio_bytes);
}

}  // namespace

void RunDragoman(int calls, std::FILE* in, std::FILE* out) {
  std::string folder =
      (std::filesystem::temp_directory_path() / "dragoman-lateness-XXXXXX").string();
  if (!mkdtemp(folder.data())) Die("no temporary folder");
  Measured measured;
  measured.plan.calls = calls;
  FakeSpeechRecognizer recognizer;
  for (int call = 0; call < calls; ++call) recognizer.Enqueue(Hearing(measured.plan, call));
  FakeSpeechSynthesizer synthesizer({.chunk = milliseconds(100)});
  FakeChatModel model;
  model.AnswerWith(Answer);
  StderrLog log(LogLevel::kWarning);
  SystemClock clock;
  {
    auto runtime = Runtime::Create(
        {.data_dir = folder},
        {.recognizer = &recognizer, .synthesizer = &synthesizer, .model = &model, .log = &log});
    if (!runtime.ok()) Die(std::string(MessageOf(runtime.status())));
    TimedAgent agent((*runtime)->agent(), measured);
    auto server = MediaServer::Start({.media_loops = 1}, agent, nullptr, clock, log);
    if (!server.ok()) Die(std::string(MessageOf(server.status())));
    std::fprintf(out, "port %d\n", (*server)->port());
    std::fflush(out);
    measured.plan = ReadPlan(calls, in);  // before any call

    SleepUntil(measured.plan.begin_ns);
    const std::int64_t cpu = CpuNs();
    SleepUntil(measured.plan.end_ns);
    std::fprintf(out, "cpu %lld\n", static_cast<long long>(CpuNs() - cpu));
    std::fprintf(out, "calls %d\n", (*runtime)->agent().active_calls());
    char end = 0;
    if (std::fread(&end, 1, 1, in) != 1) end = 0;  // the callers have hung up
    SleepUntil(NowNs() + 1'500 * kMs);
    CountFiles((*runtime)->calls_folder(), out);
    server->reset();
  }
  std::fprintf(out, "inbound %s\n", measured.inbound.Summary().c_str());
  std::filesystem::remove_all(folder);
}

}  // namespace dragoman::lateness
