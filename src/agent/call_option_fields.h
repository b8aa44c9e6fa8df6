// Every option of the call machine by name: one list for logs and, later, for configuration files.
#ifndef DRAGOMAN_SRC_AGENT_CALL_OPTION_FIELDS_H_
#define DRAGOMAN_SRC_AGENT_CALL_OPTION_FIELDS_H_

#include "dragoman/agent/call_machine.h"

namespace dragoman {

// Calls visit(name, member) for each; `options` may be const.
template <typename Options, typename Visitor>
void VisitOptions(Options& options, Visitor&& visit) {
  visit("greeting", options.greeting);
  visit("greeting_interruptible", options.greeting_interruptible);
  visit("goodbye", options.goodbye);
  visit("fillers", options.fillers);
  visit("reprompts", options.reprompts);
  visit("silent_goodbye", options.silent_goodbye);
  visit("apology", options.apology);
  visit("failure_goodbye", options.failure_goodbye);
  visit("too_many_tools", options.too_many_tools);
  visit("interruption", options.interruption);
  visit("wrap_up", options.wrap_up);
  visit("limit_goodbye", options.limit_goodbye);
  visit("loop_goodbye", options.loop_goodbye);
  visit("min_end_silence", options.min_end_silence);
  visit("end_silence", options.end_silence);
  visit("max_end_silence", options.max_end_silence);
  visit("finished_per_mille", options.finished_per_mille);
  visit("unfinished_per_mille", options.unfinished_per_mille);
  visit("flush_lead", options.flush_lead);
  visit("final_deadline", options.final_deadline);
  visit("max_turn", options.max_turn);
  visit("no_words", options.no_words);
  visit("speculate", options.speculate);
  visit("speculate_after", options.speculate_after);
  visit("interrupt_after", options.interrupt_after);
  visit("false_stop", options.false_stop);
  visit("answer_margin", options.answer_margin);
  visit("first_text", options.first_text);
  visit("between_texts", options.between_texts);
  visit("model_retries", options.model_retries);
  visit("model_failures", options.model_failures);
  visit("tool_rounds", options.tool_rounds);
  visit("tool_deadline", options.tool_deadline);
  visit("end_call_tool", options.end_call_tool);
  visit("filler_after", options.filler_after);
  visit("filler_again", options.filler_again);
  visit("first_audio", options.first_audio);
  visit("between_audio", options.between_audio);
  visit("speech_failures", options.speech_failures);
  visit("playout_slack", options.playout_slack);
  visit("min_chunk_chars", options.min_chunk_chars);
  visit("max_chunk_chars", options.max_chunk_chars);
  visit("caller_silence", options.caller_silence);
  visit("caller_silence_end", options.caller_silence_end);
  visit("hello_wait", options.hello_wait);
  visit("digits_pause", options.digits_pause);
  visit("max_digits", options.max_digits);
  visit("call_limit", options.call_limit);
  visit("wrap_up_before", options.wrap_up_before);
  visit("drain_limit", options.drain_limit);
  visit("goodbye_limit", options.goodbye_limit);
  visit("limit_goodbye_limit", options.limit_goodbye_limit);
  visit("close_limit", options.close_limit);
  visit("loop_repeats", options.loop_repeats);
}

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_CALL_OPTION_FIELDS_H_
