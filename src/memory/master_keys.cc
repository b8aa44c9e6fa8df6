#include "dragoman/memory/master_keys.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"
#include "src/memory/durable_file.h"
#include "src/memory/key_store.h"
#include "src/memory/sealing.h"

namespace dragoman {
namespace {

using memory::LockedBytes;

constexpr std::string_view kTitle = "dragoman master keys, format 1\n";
constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::size_t kLineOfKey = sizeof("key ") + 20 + 2 * memory::kKeyBytes + 2;

absl::Status Damaged(std::string_view what) {
  return DataLoss("the master keys are damaged: ", what, "; restore the file from its copy");
}

std::string_view NextLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// Text with keys in it never passes through memory that a core dump shows.
class LockedText {
 public:
  explicit LockedText(LockedBytes room) : room_(std::move(room)) {}
  void Add(std::string_view text) {
    for (const char byte : text) Push(byte);
  }
  void AddHex(const LockedBytes& key) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = 0; i < key.size(); ++i) {
      Push(kDigits[key.data()[i] >> 4]);
      Push(kDigits[key.data()[i] & 0xf]);
    }
  }
  std::string_view view() const { return room_.view().substr(0, used_); }

 private:
  void Push(char byte) {
    if (used_ < room_.size()) room_.data()[used_++] = static_cast<std::uint8_t>(byte);
  }
  LockedBytes room_;
  std::size_t used_ = 0;
};

absl::StatusOr<LockedText> Render(const MasterKeys::Held& held) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      LockedBytes room, LockedBytes::Make(kTitle.size() + (held.versions.size() + 2) * kLineOfKey));
  LockedText text(std::move(room));
  text.Add(kTitle);
  text.Add("witness ");
  text.AddHex(held.witness);
  text.Add("\n");
  for (const auto& [version, key] : held.versions) {
    text.Add(StrCat("key ", version, " "));
    text.AddHex(key);
    text.Add("\n");
  }
  const std::string check = ToHex(memory::HmacSha256(held.witness, text.view()));
  text.Add(StrCat("check ", check, "\n"));
  return text;
}

absl::Status Write(const std::string& path, const MasterKeys::Held& held,
                   memory::IfThere if_there) {
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedText text, Render(held));
  return memory::WriteWhole(path, text.view(), if_there);
}

// "key 2 <hex>": the version, or nothing.
absl::Status ReadVersion(std::string_view line, MasterKeys::Held& held) {
  line.remove_prefix(std::string_view("key ").size());
  const std::size_t blank = line.find(' ');
  const std::string_view number = line.substr(0, blank);
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
  if (blank == std::string_view::npos || error != std::errc() ||
      end != number.data() + number.size() || version < 1 || held.Find(version) != nullptr) {
    return Damaged("a version of a key cannot be read");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes key, LockedBytes::Make(memory::kKeyBytes));
  if (!memory::KeyFromHex(line.substr(blank + 1), key)) return Damaged("a key is no key");
  held.versions.emplace(version, std::move(key));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<MasterKeys::Held>> Read(std::string_view text) {
  if (!text.starts_with(kTitle)) {
    return DataLoss("this is no file of master keys of a format known here");
  }
  const std::size_t last = text.rfind("\ncheck ");
  if (last == std::string_view::npos) return Damaged("the check is missing");
  const std::string_view checked = text.substr(0, last + 1);
  std::string_view rest = checked.substr(kTitle.size());
  auto held = std::make_unique<MasterKeys::Held>();
  DRAGOMAN_ASSIGN_OR_RETURN(held->witness, LockedBytes::Make(memory::kKeyBytes));
  const std::string_view witness = NextLine(rest);
  if (!witness.starts_with("witness ") ||
      !memory::KeyFromHex(witness.substr(std::string_view("witness ").size()), held->witness)) {
    return Damaged("the witness key cannot be read");
  }
  while (!rest.empty()) {
    const std::string_view line = NextLine(rest);
    if (!line.starts_with("key ")) return Damaged("a line is unknown");
    DRAGOMAN_RETURN_IF_ERROR(ReadVersion(line, *held));
  }
  if (held->versions.empty()) return Damaged("there is no key in it");
  const std::string expected =
      StrCat("check ", ToHex(memory::HmacSha256(held->witness, checked)), "\n");
  if (text.substr(last + 1) != expected) return Damaged("the check does not fit");
  return held;
}

}  // namespace

MasterKeys::MasterKeys(std::string path, std::unique_ptr<Held> held)
    : path_(std::move(path)), held_(std::move(held)) {}
MasterKeys::~MasterKeys() = default;

absl::Status MasterKeys::Create(const std::string& path, Random& random) {
  Held held;
  DRAGOMAN_ASSIGN_OR_RETURN(held.witness, LockedBytes::MakeRandom(memory::kKeyBytes, random));
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes key, LockedBytes::MakeRandom(memory::kKeyBytes, random));
  held.versions.emplace(1, std::move(key));
  return Write(path, held, memory::IfThere::kRefuse);
}

absl::StatusOr<std::unique_ptr<MasterKeys>> MasterKeys::Load(const std::string& path) {
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes text, memory::ReadPrivate(path, kMostBytes));
  absl::StatusOr<std::unique_ptr<Held>> held = Read(text.view());
  if (!held.ok()) return Annotate(held.status(), path);
  return std::unique_ptr<MasterKeys>(new MasterKeys(path, *std::move(held)));
}

absl::StatusOr<std::unique_ptr<MasterKeys>> MasterKeys::Parse(std::string_view text) {
  DRAGOMAN_ASSIGN_OR_RETURN(std::unique_ptr<Held> held, Read(text));
  return std::unique_ptr<MasterKeys>(new MasterKeys("", std::move(held)));
}

std::int64_t MasterKeys::current() const { return held_->versions.rbegin()->first; }

std::vector<std::int64_t> MasterKeys::versions() const {
  std::vector<std::int64_t> versions;
  for (const auto& [version, key] : held_->versions) versions.push_back(version);
  return versions;
}

absl::Status MasterKeys::Add(Random& random) {
  if (path_.empty()) return FailedPrecondition("these master keys have no file");
  if (held_->versions.size() >= 500) {
    return ResourceExhausted("the file holds 500 versions; retire the old ones first");
  }
  const std::int64_t version = current() + 1;
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes key, LockedBytes::MakeRandom(memory::kKeyBytes, random));
  held_->versions.emplace(version, std::move(key));
  const absl::Status written = Write(path_, *held_, memory::IfThere::kReplace);
  if (written.ok()) return written;
  // A rename that went through before its fsync failed leaves both readable: whatever the file says
  // holds.
  absl::StatusOr<std::unique_ptr<MasterKeys>> there = Load(path_);
  if (there.ok()) {
    held_ = std::move((*there)->held_);
  } else {
    held_->versions.erase(version);
  }
  return written;
}

absl::Status MasterKeys::RetireOld() {
  if (path_.empty()) return FailedPrecondition("these master keys have no file");
  Held kept;
  DRAGOMAN_ASSIGN_OR_RETURN(kept.witness, LockedBytes::CopyOf(held_->witness.view()));
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes key,
                            LockedBytes::CopyOf(held_->versions.rbegin()->second.view()));
  kept.versions.emplace(current(), std::move(key));
  DRAGOMAN_RETURN_IF_ERROR(Write(path_, kept, memory::IfThere::kReplace));
  *held_ = std::move(kept);
  return absl::OkStatus();
}

}  // namespace dragoman
