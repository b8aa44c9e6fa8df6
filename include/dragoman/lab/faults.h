// Providers that break on schedule: wrapped around real ones, so that what survives is the truth.
#ifndef DRAGOMAN_LAB_FAULTS_H_
#define DRAGOMAN_LAB_FAULTS_H_

#include <memory>
#include <vector>

#include "dragoman/core/export.h"
#include "dragoman/lab/scenario.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/tools/tool.h"

namespace dragoman::lab {

// Each keeps to the contract of what it wraps (one completion, on the executor, never inside the
// call that asked), except that kHang never completes. Faults of other places are ignored; uses are
// counted from 1 over the life of the wrapper. `inner` is borrowed and must outlive the wrapper,
// which must outlive its streams. As thread-safe as one thread: virtual time, or one call.

// kDelay: asks the inner model late. kDie: the stream breaks after its first text. kStall: what
// follows the first text comes late. kEmpty: a reply without words or calls.
DRAGOMAN_EXPORT std::unique_ptr<ChatModel> WithFaults(ChatModel& inner, std::vector<Fault> faults);

// kDelay, kStall: audio comes late. kEmpty: no audio, and success.
DRAGOMAN_EXPORT std::unique_ptr<SpeechSynthesizer> WithFaults(SpeechSynthesizer& inner,
                                                              std::vector<Fault> faults);

// Uses are streams. kDelay: every transcript is late. kEmpty: transcripts lose their words.
DRAGOMAN_EXPORT std::unique_ptr<SpeechRecognizer> WithFaults(SpeechRecognizer& inner,
                                                             std::vector<Fault> faults);

// The tool is run, and its effect happens, except with kFail; its answer is late (kDelay), lost
// (kHang) or empty (kEmpty).
DRAGOMAN_EXPORT std::unique_ptr<Tool> WithFaults(std::unique_ptr<Tool> inner,
                                                 std::vector<Fault> faults);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_FAULTS_H_
