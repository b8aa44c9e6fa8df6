// What an agent remembers of a person: texts with the labels of what they were made of.
#ifndef DRAGOMAN_MEMORY_MEMORIES_H_
#define DRAGOMAN_MEMORY_MEMORIES_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/provenance.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/random.h"
#include "dragoman/store/store.h"

namespace dragoman {

// The kinds of memories. A preference ("always by train") and a procedure ("then ask for Anna")
// steer what later goals do; a fact and a note only inform them.
inline constexpr std::string_view kNoteKind = "note";
inline constexpr std::string_view kFactKind = "fact";
inline constexpr std::string_view kPreferenceKind = "preference";
inline constexpr std::string_view kProcedureKind = "procedure";
inline constexpr std::string_view kMemoryKinds[] = {kNoteKind, kFactKind, kPreferenceKind,
                                                    kProcedureKind};

inline constexpr std::size_t kMaxMemoryBytes = 32 << 10;  // of one text

// What is to be remembered.
struct DRAGOMAN_EXPORT MemoryText {
  std::string kind = std::string(kNoteKind);
  std::string text;                  // UTF-8, not empty, up to kMaxMemoryBytes
  Label label = {};                  // what nobody labelled is untrusted and secret
  std::string goal = {}, step = {};  // who wrote it; empty: the owner himself
  // The same key is the same memory, however often it comes. Empty: a new one each time.
  std::string key = {};
  absl::Status Validate() const;  // kInvalidArgument naming the field
};

struct DRAGOMAN_EXPORT Memory {
  std::string id;
  std::string kind, text;
  // As it was stored. While it is quarantined: untrusted, whatever it was, and marked.
  Label label;
  bool quarantined = true;
  std::string goal, step;
  WallTime created{};
  friend bool operator==(const Memory&, const Memory&) = default;
};

enum class MemoryFilter {
  kAccepted,     // the owner's own words, and what he accepted
  kQuarantined,  // the rest
  kAll,
};

struct DRAGOMAN_EXPORT MemoryQuery {
  std::string words;  // any of them; empty: the newest ones
  std::string kind;   // empty: all of them
  MemoryFilter filter = MemoryFilter::kAccepted;
  std::size_t limit = 5;  // 1 to 100
};

struct DRAGOMAN_EXPORT MemoriesOptions {
  // Of one user. Quarantined ones have a place of their own, so that whoever makes an agent write
  // them cannot crowd out what the owner said.
  std::size_t most = 5'000;
  std::size_t most_bytes = 4 << 20;
  std::size_t most_quarantined = 1'000;
  std::size_t most_quarantined_bytes = 1 << 20;
  absl::Status Validate() const;  // kInvalidArgument: a limit is 0 or above 100,000 or 64 MiB
};

// All borrowed; must outlive the memories.
struct DRAGOMAN_EXPORT MemoriesDependencies {
  Store* store = nullptr;
  Executor* executor = nullptr;
  Random* random = nullptr;  // ids
};

// Every operation names its user, and nothing of another user is read for it. Operations run one
// after another in the order asked for; each change is a row of the audit with ids only.
//
// What is not the owner's own word (integrity below USER) is stored quarantined with its label
// until Accept: it is found only by whoever asks for quarantined ones, it never counts as more than
// untrusted, and its label lets it name no destination of an effect.
//
// Only on its executor. Each `done` comes once, never inside, unless the object is destroyed first.
// Words are found as words or their beginnings (3 letters and more), without regard to the case of
// ASCII letters; rare words count more, and of equals the newest comes first. A search reads all of
// the user's memories.
class DRAGOMAN_EXPORT Memories {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;
  using Ended = absl::AnyInvocable<void(absl::Status)>;

  static absl::StatusOr<std::unique_ptr<Memories>> Create(MemoriesOptions options,
                                                          MemoriesDependencies dependencies);

  // kResourceExhausted: the user's place is full. kFailedPrecondition: its goal was erased.
  void Remember(std::string user, MemoryText what, Done<Memory> done);
  // In the order of their making; of all kinds.
  void List(std::string user, MemoryFilter filter, Done<std::vector<Memory>> done);
  // The best first.
  void Search(std::string user, MemoryQuery query, Done<std::vector<Memory>> done);
  // The owner vouches for it from now on; where it came from stays in its label. `id`: whole, or
  // its beginning (6 and more) where that fits one only. kNotFound; kInvalidArgument: it fits more.
  void Accept(std::string user, std::string id, Done<Memory> done);
  // kFailedPrecondition: it is held. Gives what was forgotten.
  void Forget(std::string user, std::string id, Done<Memory> done);

 private:
  Memories(MemoriesOptions options, MemoriesDependencies dependencies);
  // Whoever holds it has the turn; when the last copy goes, the next operation begins.
  using Turn = std::shared_ptr<void>;
  using Operation = absl::AnyInvocable<void(Turn)>;
  using Records = absl::StatusOr<std::vector<MemoryRecord>>;
  void Enqueue(Operation operation);
  void StartNext();
  // Reads all memories of the user in a turn of its own.
  void Read(std::string user, absl::AnyInvocable<void(Records, Turn)> then);
  void Keep(Change change, std::string action, const std::string& id, Memory result, Turn turn,
            std::shared_ptr<Done<Memory>> done);
  void Remembered(const std::string& user, MemoryText what,
                  const std::vector<MemoryRecord>& records, Turn turn,
                  std::shared_ptr<Done<Memory>> done);
  absl::Status CheckPlace(const std::vector<MemoryRecord>& records, std::size_t bytes,
                          bool quarantined) const;

  const MemoriesOptions options_;
  const MemoriesDependencies with_;
  std::deque<Operation> waiting_;
  bool busy_ = false;
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_MEMORY_MEMORIES_H_
