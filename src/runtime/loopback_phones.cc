#include "src/runtime/loopback_phones.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/flite/flite_synthesizer.h"
#include "dragoman/providers/offline/offline_caller_model.h"
#include "dragoman/providers/pocketsphinx/pocketsphinx_recognizer.h"
#include "dragoman/runtime/models.h"
#include "dragoman/store/event_log.h"

namespace dragoman {

absl::StatusOr<std::unique_ptr<LoopbackPhones>> LoopbackPhones::Open(
    const OperatorCallOptions& options, const std::string& data_dir, const Parts& parts) {
  if (options.at_once < 1 || options.at_once > 16) {
    return InvalidArgument("calls at once is ", options.at_once, "; expected 1 to 16");
  }
  std::unique_ptr<LoopbackPhones> phones(new LoopbackPhones(options, parts));
  DRAGOMAN_ASSIGN_OR_RETURN(phones->recognizer_,
                            MakePocketSphinxRecognizer({.decoders = options.at_once},
                                                       {.pool = parts.pool, .log = parts.log}));
  DRAGOMAN_ASSIGN_OR_RETURN(phones->voice_,
                            MakeFliteSynthesizer({.voice = options.voice}, {.pool = parts.pool}));
  // The other party: a house of its own, which shares nothing with us but the work threads.
  DRAGOMAN_ASSIGN_OR_RETURN(
      phones->clinic_,
      Runtime::Create({.data_dir = data_dir + "/clinic",
                       .record = false,
                       .managed = false,
                       .recognizers = options.at_once,
                       .session = {}},
                      {.pool = parts.pool, .clock = parts.clock, .log = parts.log, .tools = {}}));
  phones->carrier_ = MakeLoopbackCarrier();
  phones->carrier_->Register(options.clinic_number, {.agent = &phones->clinic_->agent(),
                                                     .ring_time = std::chrono::milliseconds(800)});
  return phones;
}

absl::StatusOr<CallMind> LoopbackPhones::MindFor(const CallErrand& errand) const {
  CallMind mind;
  DRAGOMAN_ASSIGN_OR_RETURN(mind.model, MakeCallerModel({.model_url = options_.model_url,
                                                         .model_name = options_.model_name,
                                                         .model_key = options_.model_key,
                                                         .session = {}},
                                                        errand, *parts_.clock, *parts_.log));
  DRAGOMAN_ASSIGN_OR_RETURN(mind.opening, OfflineCallerOpening({.errand = errand}));
  return mind;
}

absl::StatusOr<std::unique_ptr<CallSteps>> LoopbackPhones::MakeCalls(CallStepDependencies with,
                                                                     const Watch& watch,
                                                                     const std::string& folder) {
  DRAGOMAN_ASSIGN_OR_RETURN(speech_, MakeGoverningSpeechGate({.synthesizer = voice_.get(),
                                                              .sessions = with.sessions,
                                                              .secrets = watch.secrets,
                                                              .log = parts_.log,
                                                              .grants = with.grants,
                                                              .source = with.secrets,
                                                              .decisions = watch.decisions,
                                                              .clock = parts_.clock}));
  DRAGOMAN_ASSIGN_OR_RETURN(logs_, MakeFileEventLogStore(folder));
  with.recognizer = recognizer_.get();
  with.speech = speech_.get();
  with.logs = logs_.get();
  with.mind = [this](const CallErrand& errand) { return MindFor(errand); };
  return CallSteps::Create({.from = options_.from,
                            .logs_folder = folder,
                            .recording_folder = options_.record ? folder : std::string()},
                           std::move(with));
}

}  // namespace dragoman
