#include "src/memory/witness.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/store/digest.h"
#include "src/memory/durable_file.h"
#include "src/memory/sealing.h"

namespace dragoman::memory {
namespace {

constexpr std::string_view kTitle = "dragoman vault witness, format 1\n";
constexpr std::size_t kMostBytes = 256 << 20;
constexpr std::size_t kCodeBytes = 16;

absl::Status Altered(std::size_t line) {
  return DataLoss("the vault's witness file is altered in line ", line + 1,
                  "; restore it from its copy");
}

bool FromHex(std::string_view hex, std::string& bytes) {
  if (hex.size() % 2 != 0 || hex.size() > 2 * 256) return false;
  bytes.clear();
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (error != std::errc() || end != hex.data() + i + 2) return false;
    bytes += static_cast<char>(value);
  }
  return true;
}

}  // namespace

absl::Status WitnessFile::Create(const std::string& path) {
  return WriteWhole(path, kTitle, IfThere::kRefuse);
}

absl::StatusOr<std::unique_ptr<WitnessFile>> WitnessFile::Load(const std::string& path,
                                                               const LockedBytes& key) {
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes text, ReadPrivate(path, kMostBytes));
  if (!text.view().starts_with(kTitle)) {
    return DataLoss(path, " is no witness file of a format known here");
  }
  auto witness = std::make_unique<WitnessFile>(path, key);
  DRAGOMAN_ASSIGN_OR_RETURN(const std::size_t whole,
                            witness->ReadLines(text.view().substr(kTitle.size())));
  if (kTitle.size() + whole < text.size()) {
    DRAGOMAN_RETURN_IF_ERROR(CutDurably(path, kTitle.size() + whole));
  }
  if (witness->lines_ > 1000 + 4 * (witness->seen_.size() + witness->erased_.size())) {
    DRAGOMAN_RETURN_IF_ERROR(witness->Rewrite());
  }
  return witness;
}

absl::StatusOr<std::size_t> WitnessFile::ReadLines(std::string_view text) {
  std::size_t whole = 0;
  while (whole < text.size()) {
    const std::size_t end = text.find('\n', whole);
    if (end == std::string_view::npos) break;  // not finished: nobody was told that it is there
    const std::string_view line = text.substr(whole, end - whole);
    const std::vector<std::string_view> words = SplitWords(line);
    std::int64_t number = 0;
    std::string user;
    if (words.size() != 4 || (words[0] != "seen" && words[0] != "erased")) return Altered(lines_);
    const auto [stop, error] =
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), number);
    if (error != std::errc() || stop != words[1].data() + words[1].size() || number < 0 ||
        !FromHex(words[2], user)) {
      return Altered(lines_);
    }
    if (Line(words[0], user, number) != StrCat(line, "\n")) return Altered(lines_);
    if (words[0] == "seen") {
      seen_[user] = number;
    } else {
      erased_[user] = std::max(erased_[user], number);
    }
    ++lines_;
    whole = end + 1;
  }
  return whole;
}

// Moves the chain on by this line.
std::string WitnessFile::Line(std::string_view what, std::string_view user, std::int64_t number) {
  std::string line = StrCat(what, " ", number, " ", ToHex(user), " ");
  const std::string code =
      HmacSha256(key_, FramedBytes().Add(last_code_).Add(line).bytes()).substr(0, kCodeBytes);
  last_code_ = code;
  line += ToHex(code) + "\n";
  return line;
}

absl::Status WitnessFile::NoteSeen(std::string_view user, std::int64_t number) {
  seen_[std::string(user)] = number;
  return Append(torn_ ? "" : Line("seen", user, number));
}

absl::Status WitnessFile::NoteErased(std::string_view user, std::int64_t generation) {
  std::int64_t& noted = erased_[std::string(user)];
  noted = std::max(noted, generation);
  return Append(torn_ ? "" : Line("erased", user, noted));
}

absl::Status WitnessFile::Append(std::string line) {
  if (torn_) return Rewrite();
  const absl::Status appended = AppendDurably(path_, line);
  torn_ = !appended.ok();
  ++lines_;
  return appended;
}

absl::Status WitnessFile::Rewrite() {
  last_code_.clear();
  lines_ = 0;
  std::string text(kTitle);
  for (const auto& [user, generation] : erased_) text += Line("erased", user, generation);
  for (const auto& [user, number] : seen_) text += Line("seen", user, number);
  lines_ = erased_.size() + seen_.size();
  const absl::Status written = WriteWhole(path_, text, IfThere::kReplace);
  torn_ = !written.ok();
  return written;
}

}  // namespace dragoman::memory
