// The fields of a goal's events, commands and options by number of
// src/proto/dragoman/v1/task_log.proto.
#ifndef DRAGOMAN_SRC_TASKS_TASK_FIELDS_H_
#define DRAGOMAN_SRC_TASKS_TASK_FIELDS_H_

#include "dragoman/tasks/task_log.h"
#include "src/wire/proto_codec.h"

namespace dragoman {

// Durations as seconds, so that one visitor does for all.
struct TaskOptionNumbers {
  std::int64_t max_steps = 0, attempts = 0, replans = 0, questions = 0, call_questions = 0,
               retry_after = 0, plan_limit = 0, decide_limit = 0, step_limit = 0, call_limit = 0,
               answer_wait = 0, approval_wait = 0, call_answer_wait = 0, summary_limit = 0,
               longest_goal = 0;
};

// clang-format off
DRAGOMAN_FIELDS(TaskStep,
                DRAGOMAN_FIELD(1, id) DRAGOMAN_FIELD(2, kind) DRAGOMAN_FIELD(3, optional)
                DRAGOMAN_FIELD(4, needs))
DRAGOMAN_FIELDS(TaskEvent,
                DRAGOMAN_FIELD(1, kind) DRAGOMAN_FIELD(2, at_us) DRAGOMAN_FIELD(3, step)
                DRAGOMAN_FIELD(4, reference) DRAGOMAN_FIELD(5, when_us) DRAGOMAN_FIELD(6, may_retry)
                DRAGOMAN_FIELD(7, choice) DRAGOMAN_FIELD(8, timer) DRAGOMAN_FIELD(9, plan)
                DRAGOMAN_FIELD(10, detail) DRAGOMAN_FIELD(11, attempt))
DRAGOMAN_FIELDS(TaskCommand,
                DRAGOMAN_FIELD(1, kind) DRAGOMAN_FIELD(2, step) DRAGOMAN_FIELD(3, attempt)
                DRAGOMAN_FIELD(4, reference) DRAGOMAN_FIELD(5, about) DRAGOMAN_FIELD(6, timer)
                DRAGOMAN_FIELD(7, when_us) DRAGOMAN_FIELD(8, yes) DRAGOMAN_FIELD(9, detail))
DRAGOMAN_FIELDS(TaskOptionNumbers,
                DRAGOMAN_FIELD(1, max_steps) DRAGOMAN_FIELD(2, attempts) DRAGOMAN_FIELD(3, replans)
                DRAGOMAN_FIELD(4, questions) DRAGOMAN_FIELD(5, call_questions)
                DRAGOMAN_FIELD(6, retry_after) DRAGOMAN_FIELD(7, plan_limit)
                DRAGOMAN_FIELD(8, decide_limit) DRAGOMAN_FIELD(9, step_limit)
                DRAGOMAN_FIELD(10, call_limit) DRAGOMAN_FIELD(11, answer_wait)
                DRAGOMAN_FIELD(12, approval_wait) DRAGOMAN_FIELD(13, call_answer_wait)
                DRAGOMAN_FIELD(14, summary_limit) DRAGOMAN_FIELD(15, longest_goal))
// clang-format on

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_FIELDS_H_
