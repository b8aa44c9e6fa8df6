// Where a value came from, who may learn it: the labels that every value carries.
#ifndef DRAGOMAN_CONVERSATION_PROVENANCE_H_
#define DRAGOMAN_CONVERSATION_PROVENANCE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

// How far a value may be trusted to steer an effect, lowest first.
enum class Integrity {
  kUntrusted,  // web, mail, the other party's speech, voicemail, tool output, files
  kDerived,    // a model's own words, from trusted input alone
  kService,    // a service that the owner configured
  kConfig,     // configuration
  kUser,       // the owner of the goal, on an authenticated channel
};
// What its disclosure would do, lowest first.
enum class Confidentiality { kPublic, kPersonal, kSensitive, kSecret };

DRAGOMAN_EXPORT std::string_view Name(Integrity integrity);              // "untrusted"
DRAGOMAN_EXPORT std::string_view Name(Confidentiality confidentiality);  // "personal"

// The sinks that may learn a value beside its owner: "tel:+442079460958", "mailto:a@example.org",
// "host:example.org", "payee:acme ltd".
class DRAGOMAN_EXPORT Readers {
 public:
  Readers() = default;  // nobody else
  static Readers Everyone();
  static Readers Only(std::vector<std::string> sinks);

  bool everyone() const { return everyone_; }
  const std::vector<std::string>& sinks() const { return sinks_; }  // sorted; empty for everyone
  bool Include(std::string_view sink) const;
  friend Readers Intersect(const Readers& a, const Readers& b);
  friend bool operator==(const Readers&, const Readers&) = default;

 private:
  bool everyone_ = false;
  std::vector<std::string> sinks_;
};

// What nobody labelled may steer nothing and go nowhere.
struct DRAGOMAN_EXPORT Label {
  Integrity integrity = Integrity::kUntrusted;
  Confidentiality confidentiality = Confidentiality::kSecret;
  Readers readers = {};
  // For people: "the other party of call c7", "mail from a@example.org". Sorted, each once, at most
  // kMaxSources; more are counted by the last entry, "and others".
  std::vector<std::string> sources = {};
  // Comes from a memory that its owner has not accepted: it names no destination, whoever confirms.
  bool quarantined = false;
  friend bool operator==(const Label&, const Label&) = default;
};
inline constexpr std::size_t kMaxSources = 8;

// The label of nothing: joined with any other it gives the other.
DRAGOMAN_EXPORT Label LabelOfNothing();
// From the owner: trusted. PUBLIC has every reader, the rest none until some are named.
DRAGOMAN_EXPORT Label UserLabel(Confidentiality confidentiality = Confidentiality::kPublic,
                                Readers readers = {});
// Anybody's words: untrusted and public.
DRAGOMAN_EXPORT Label UntrustedLabel(std::string source);

// Mixing: the lowest integrity, the highest confidentiality, the readers of both, all sources,
// quarantined if one is.
DRAGOMAN_EXPORT Label Join(const Label& a, const Label& b);

// One line that ParseLabel reads back, for storage beside the value:
//   untrusted personal readers=tel:+1555;mailto:a@b from=the other party quarantined
// the last word only where it is; with '%', ';', ' ', '=', '*' and control characters inside parts
// as %XX.
DRAGOMAN_EXPORT std::string FormatLabel(const Label& label);
// kInvalidArgument: not such a line; the caller keeps Label{}.
DRAGOMAN_EXPORT absl::StatusOr<Label> ParseLabel(std::string_view line);

}  // namespace dragoman
#endif  // DRAGOMAN_CONVERSATION_PROVENANCE_H_
