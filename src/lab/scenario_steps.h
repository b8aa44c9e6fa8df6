// The part of a scenario file that the caller plays: cues, actions, speech.
#ifndef DRAGOMAN_SRC_LAB_SCENARIO_STEPS_H_
#define DRAGOMAN_SRC_LAB_SCENARIO_STEPS_H_

#include "dragoman/lab/scenario.h"
#include "src/toml/toml_table.h"

namespace dragoman::lab {

// One [[step]] (`ordered`) or [[reaction]]; errors go to the table's.
Step ReadStep(TomlTable& table, bool ordered);

absl::StatusOr<Cue> ParseCue(std::string_view text);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_SCENARIO_STEPS_H_
