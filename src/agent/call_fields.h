// The fields of every event and command, by name and by number of
// src/proto/dragoman/v1/call_log.proto.
#ifndef DRAGOMAN_SRC_AGENT_CALL_FIELDS_H_
#define DRAGOMAN_SRC_AGENT_CALL_FIELDS_H_

#include "dragoman/agent/call_events.h"
#include "dragoman/agent/recording.h"
#include "src/wire/proto_codec.h"

namespace dragoman {

// clang-format off
DRAGOMAN_FIELDS(ToolCall, DRAGOMAN_FIELD(1, id) DRAGOMAN_FIELD(2, name) DRAGOMAN_FIELD(3, arguments))
DRAGOMAN_FIELDS(AudioPiece,
                DRAGOMAN_FIELD(1, channel) DRAGOMAN_FIELD(2, start_sample) DRAGOMAN_FIELD(3, file_offset)
                DRAGOMAN_FIELD(4, samples) DRAGOMAN_FIELD(5, crc32c))
DRAGOMAN_FIELDS(call_event::WordTime,
                DRAGOMAN_FIELD(1, text_begin) DRAGOMAN_FIELD(2, text_end) DRAGOMAN_FIELD(3, start_ms)
                DRAGOMAN_FIELD(4, end_ms))

DRAGOMAN_FIELDS(call_event::CallStarted,
                DRAGOMAN_FIELD(1, outbound))
DRAGOMAN_FIELDS(call_event::SpeechStarted,
                DRAGOMAN_FIELD(1, audio_ms) DRAGOMAN_FIELD(2, lag_ms))
DRAGOMAN_FIELDS(call_event::SpeechStopped,
                DRAGOMAN_FIELD(1, audio_ms) DRAGOMAN_FIELD(2, lag_ms))
DRAGOMAN_FIELDS(call_event::Partial,
                DRAGOMAN_FIELD(1, text))
DRAGOMAN_FIELDS(call_event::Final,
                DRAGOMAN_FIELD(1, text) DRAGOMAN_FIELD(2, confidence_per_mille) DRAGOMAN_FIELD(3, from_flush)
                DRAGOMAN_FIELD(4, audio_start_ms) DRAGOMAN_FIELD(5, audio_end_ms))
DRAGOMAN_FIELDS(call_event::RecognizerFailed,
                DRAGOMAN_FIELD(1, detail))
DRAGOMAN_FIELDS(call_event::Dtmf,
                DRAGOMAN_FIELD(1, digit))
DRAGOMAN_FIELDS(call_event::TurnEstimated,
                DRAGOMAN_FIELD(1, request) DRAGOMAN_FIELD(2, complete_per_mille))
DRAGOMAN_FIELDS(call_event::ModelText,
                DRAGOMAN_FIELD(1, reply) DRAGOMAN_FIELD(2, text))
DRAGOMAN_FIELDS(call_event::ModelToolCall,
                DRAGOMAN_FIELD(1, reply) DRAGOMAN_FIELD(2, call))
DRAGOMAN_FIELDS(call_event::ModelDone,
                DRAGOMAN_FIELD(1, reply) DRAGOMAN_FIELD(2, finish) DRAGOMAN_FIELD(3, error_code)
                DRAGOMAN_FIELD(4, expectation_digest) DRAGOMAN_FIELD(5, end_silence_ms))
DRAGOMAN_FIELDS(call_event::ToolResult,
                DRAGOMAN_FIELD(1, run) DRAGOMAN_FIELD(2, ok) DRAGOMAN_FIELD(3, text))
DRAGOMAN_FIELDS(call_event::SpeechReplaced,
                DRAGOMAN_FIELD(1, utterance) DRAGOMAN_FIELD(2, text))
DRAGOMAN_FIELDS(call_event::SpeechAudio,
                DRAGOMAN_FIELD(1, utterance) DRAGOMAN_FIELD(2, start_ms) DRAGOMAN_FIELD(3, queued_ms))
DRAGOMAN_FIELDS(call_event::SpeechWords,
                DRAGOMAN_FIELD(1, utterance) DRAGOMAN_FIELD(2, words))
DRAGOMAN_FIELDS(call_event::SpeechEnd,
                DRAGOMAN_FIELD(1, utterance) DRAGOMAN_FIELD(2, total_ms) DRAGOMAN_FIELD(3, ok))
DRAGOMAN_FIELDS(call_event::Playout,
                DRAGOMAN_FIELD(1, position_ms) DRAGOMAN_FIELD(2, acknowledged))
DRAGOMAN_FIELDS(call_event::PlayoutCleared,
                DRAGOMAN_FIELD(1, position_ms) DRAGOMAN_FIELD(2, acknowledged))
DRAGOMAN_FIELDS(call_event::TimerFired,
                DRAGOMAN_FIELD(1, timer))
DRAGOMAN_FIELDS(call_event::Say,
                DRAGOMAN_FIELD(1, text) DRAGOMAN_FIELD(2, interruptible))
DRAGOMAN_FIELDS(call_event::EndCall,
                DRAGOMAN_FIELD(1, end) DRAGOMAN_FIELD(2, detail) DRAGOMAN_FIELD(3, goodbye))
DRAGOMAN_FIELDS(call_event::Drain,)
DRAGOMAN_FIELDS(call_event::MediaClosed,
                DRAGOMAN_FIELD(1, ok) DRAGOMAN_FIELD(2, detail))

DRAGOMAN_FIELDS(call_command::AskModel,
                DRAGOMAN_FIELD(1, reply) DRAGOMAN_FIELD(2, speculative) DRAGOMAN_FIELD(3, provisional_text)
                DRAGOMAN_FIELD(4, context_version) DRAGOMAN_FIELD(5, context_digest))
DRAGOMAN_FIELDS(call_command::CommitReply,
                DRAGOMAN_FIELD(1, reply))
DRAGOMAN_FIELDS(call_command::CancelModel,
                DRAGOMAN_FIELD(1, reply))
DRAGOMAN_FIELDS(call_command::UseExpectation,
                DRAGOMAN_FIELD(1, reply) DRAGOMAN_FIELD(2, digest))
DRAGOMAN_FIELDS(call_command::FlushRecognizer,)
DRAGOMAN_FIELDS(call_command::EstimateTurn,
                DRAGOMAN_FIELD(1, request) DRAGOMAN_FIELD(2, text))
DRAGOMAN_FIELDS(call_command::RunTool,
                DRAGOMAN_FIELD(1, run) DRAGOMAN_FIELD(2, call))
DRAGOMAN_FIELDS(call_command::Speak,
                DRAGOMAN_FIELD(1, utterance) DRAGOMAN_FIELD(2, kind) DRAGOMAN_FIELD(3, reply)
                DRAGOMAN_FIELD(4, text) DRAGOMAN_FIELD(5, interruptible))
DRAGOMAN_FIELDS(call_command::CancelSpeech,
                DRAGOMAN_FIELD(1, utterance))
DRAGOMAN_FIELDS(call_command::ClearPlayout,)
DRAGOMAN_FIELDS(call_command::AppendHistory,
                DRAGOMAN_FIELD(1, role) DRAGOMAN_FIELD(2, text) DRAGOMAN_FIELD(3, tool_calls)
                DRAGOMAN_FIELD(4, tool_call_id) DRAGOMAN_FIELD(5, tool_failed) DRAGOMAN_FIELD(6, reply)
                DRAGOMAN_FIELD(7, provisional))
DRAGOMAN_FIELDS(call_command::AmendHistory,
                DRAGOMAN_FIELD(1, entry) DRAGOMAN_FIELD(2, text) DRAGOMAN_FIELD(3, tool_failed))
DRAGOMAN_FIELDS(call_command::Settled,
                DRAGOMAN_FIELD(1, utterance) DRAGOMAN_FIELD(2, kind) DRAGOMAN_FIELD(3, heard)
                DRAGOMAN_FIELD(4, unheard) DRAGOMAN_FIELD(5, heard_ms) DRAGOMAN_FIELD(6, acknowledged))
DRAGOMAN_FIELDS(call_command::SetTimer,
                DRAGOMAN_FIELD(1, timer) DRAGOMAN_FIELD(2, at_us))
DRAGOMAN_FIELDS(call_command::StopTimer,
                DRAGOMAN_FIELD(1, timer))
DRAGOMAN_FIELDS(call_command::HangUp,)
DRAGOMAN_FIELDS(call_command::Finish,
                DRAGOMAN_FIELD(1, end) DRAGOMAN_FIELD(2, detail))
DRAGOMAN_FIELDS(call_command::SilenceReason,
                DRAGOMAN_FIELD(1, reason))
DRAGOMAN_FIELDS(call_command::Notice,
                DRAGOMAN_FIELD(1, kind) DRAGOMAN_FIELD(2, at_us) DRAGOMAN_FIELD(3, value)
                DRAGOMAN_FIELD(4, text))
// clang-format on

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_CALL_FIELDS_H_
