#include "src/memory/locked_bytes.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman::memory {

absl::StatusOr<LockedBytes> LockedBytes::Make(std::size_t size) {
  LockedBytes bytes;
  if (size == 0) return bytes;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t mapped = (size + page - 1) / page * page;
  void* const at =
      mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return ResourceExhausted("no memory for keys: ", strerror(errno));
  bytes.data_ = static_cast<std::uint8_t*>(at);
  bytes.size_ = size;
  bytes.mapped_ = mapped;
  if (madvise(at, mapped, MADV_DONTDUMP) != 0) {
    return ResourceExhausted("keys cannot be kept out of core dumps: ", strerror(errno));
  }
  // A kernel before 4.14 has no MADV_WIPEONFORK; a child then sees what its parent saw anyway.
  (void)madvise(at, mapped, MADV_WIPEONFORK);
  bytes.swap_locked_ = mlock(at, mapped) == 0;
  return bytes;
}

absl::StatusOr<LockedBytes> LockedBytes::MakeRandom(std::size_t size, Random& random) {
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes bytes, Make(size));
  for (std::size_t i = 0; i < size;) {
    std::uint64_t bits = random.Next();
    for (std::size_t end = std::min(size, i + 8); i < end; ++i, bits >>= 8) {
      bytes.data_[i] = static_cast<std::uint8_t>(bits & 0xff);
    }
    explicit_bzero(&bits, sizeof(bits));
  }
  return bytes;
}

absl::StatusOr<LockedBytes> LockedBytes::CopyOf(std::string_view from) {
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes bytes, Make(from.size()));
  std::copy(from.begin(), from.end(), bytes.data_);
  return bytes;
}

LockedBytes& LockedBytes::operator=(LockedBytes&& other) noexcept {
  if (this == &other) return *this;
  Free();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  mapped_ = std::exchange(other.mapped_, 0);
  swap_locked_ = std::exchange(other.swap_locked_, false);
  return *this;
}

void LockedBytes::Shrink(std::size_t size) {
  if (size >= size_) return;
  explicit_bzero(data_ + size, size_ - size);
  size_ = size;
}

void LockedBytes::Free() {
  if (data_ == nullptr) return;
  explicit_bzero(data_, mapped_);
  munmap(data_, mapped_);
  data_ = nullptr;
  size_ = mapped_ = 0;
}

}  // namespace dragoman::memory
