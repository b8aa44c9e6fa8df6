// The tools by which a goal writes into its owner's memories and looks something up there.
#ifndef DRAGOMAN_PROVIDERS_NOTES_MEMORY_TOOLS_H_
#define DRAGOMAN_PROVIDERS_NOTES_MEMORY_TOOLS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/export.h"
#include "dragoman/memory/memories.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// `note`: {"text": "..."}, 1 to 8,000 characters, kept as a note. {"note": id}.
// `remember`: {"text": "...", "kind": "fact" | "preference" | "procedure"}, for later goals;
// without a kind a fact. {"memory": id, "quarantined": whether the owner must accept it first}.
// Both are kept with the label that the gate gives their text, under the run's effect_key: the same
// key is the same memory (E1). They last when the result comes.
DRAGOMAN_EXPORT const ToolSpec& NoteSpec();
DRAGOMAN_EXPORT const ToolSpec& RememberSpec();
// `recall`: {"query": words, "kind": ..., "limit": 1 to 20, "quarantined": false}. Without
// `quarantined` it finds only what the owner said or accepted, with it only the rest. The result:
//   {"found": 2, "text": "the best one", "texts": [...], "memories": [{"id", "kind", "from"}, ...],
//    "label": the join of all of them}
DRAGOMAN_EXPORT const ToolSpec& RecallSpec();

// The three of them. Whose memories they are is the gate's to say (ToolContext::user); a run that
// nobody vouches for is refused (kFailedPrecondition). `memories` is borrowed, must outlive the
// tools, and its executor is that of their runs.
DRAGOMAN_EXPORT std::vector<std::unique_ptr<Tool>> MakeMemoryTools(Memories& memories);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_NOTES_MEMORY_TOOLS_H_
