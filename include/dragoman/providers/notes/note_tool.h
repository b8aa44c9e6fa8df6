// The owner's notes: the plainest tool that writes something down.
#ifndef DRAGOMAN_PROVIDERS_NOTES_NOTE_TOOL_H_
#define DRAGOMAN_PROVIDERS_NOTES_NOTE_TOOL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/store/store.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// What notes are called among the user's memories.
inline constexpr std::string_view kNoteKind = "note";

struct DRAGOMAN_EXPORT NoteToolOptions {
  std::string user = "owner";
};
// `note`: {"text": "..."}, 1 to 8,000 characters. The note lasts when the result comes; the same
// effect_key again is the same note (E1). `store` is borrowed and must outlive the tool.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Tool>> MakeNoteTool(NoteToolOptions options,
                                                                   Store& store);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_NOTES_NOTE_TOOL_H_
