// Bytes that leave the process by no side door: not into a core dump, not into swap, not into a
// child.
#ifndef DRAGOMAN_SRC_MEMORY_LOCKED_BYTES_H_
#define DRAGOMAN_SRC_MEMORY_LOCKED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "dragoman/core/random.h"

namespace dragoman::memory {

// Pages of their own, overwritten at the end. Left out of core dumps (MADV_DONTDUMP), empty after a
// fork (MADV_WIPEONFORK), kept out of swap where the limit on locked memory allows it.
class LockedBytes {
 public:
  LockedBytes() = default;
  // Zeros. kResourceExhausted: the kernel gave no pages, or cannot keep them out of dumps.
  static absl::StatusOr<LockedBytes> Make(std::size_t size);
  static absl::StatusOr<LockedBytes> MakeRandom(std::size_t size, Random& random);
  static absl::StatusOr<LockedBytes> CopyOf(std::string_view bytes);

  LockedBytes(LockedBytes&& other) noexcept { *this = std::move(other); }
  LockedBytes& operator=(LockedBytes&& other) noexcept;
  LockedBytes(const LockedBytes&) = delete;
  LockedBytes& operator=(const LockedBytes&) = delete;
  ~LockedBytes() { Free(); }

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }
  bool swap_locked() const { return swap_locked_; }
  void Shrink(std::size_t size);  // what is cut off is overwritten

 private:
  void Free();

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
  bool swap_locked_ = false;
};

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_LOCKED_BYTES_H_
