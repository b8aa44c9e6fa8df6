// Reads and writes pieces with their length in front, as FramedBytes (store/digest.h) lays them
// out.
#ifndef DRAGOMAN_SRC_MEMORY_FRAMES_H_
#define DRAGOMAN_SRC_MEMORY_FRAMES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "src/memory/locked_bytes.h"

namespace dragoman::memory {

// The views that it gives point into the text.
class FrameReader {
 public:
  explicit FrameReader(std::string_view text) : rest_(text) {}

  std::int64_t Number() {
    if (rest_.size() < 8) return Fail();
    std::uint64_t value = 0;
    for (int i = 7; i >= 0; --i) {
      value = value << 8 | static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]);
    }
    rest_.remove_prefix(8);
    return static_cast<std::int64_t>(value);
  }
  std::string_view Piece() {
    const std::int64_t size = Number();
    if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view piece = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(piece.size());
    return piece;
  }
  // A number of things that take at least `least` bytes each: never more than can be there.
  std::int64_t Count(std::size_t least) {
    const std::int64_t count = Number();
    if (count < 0 || static_cast<std::uint64_t>(count) > rest_.size() / least) return Fail();
    return count;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  std::int64_t Fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

// Into memory that no core dump shows. The room is known before; what does not fit shows in
// `full`.
class LockedFrames {
 public:
  explicit LockedFrames(LockedBytes room) : room_(std::move(room)) {}
  void Add(std::int64_t number) {
    auto value = static_cast<std::uint64_t>(number);
    for (int i = 0; i < 8; ++i, value >>= 8) Push(static_cast<std::uint8_t>(value & 0xff));
  }
  void Add(std::string_view piece) {
    Add(static_cast<std::int64_t>(piece.size()));
    for (const char byte : piece) Push(static_cast<std::uint8_t>(byte));
  }
  bool full() const { return full_; }
  std::size_t used() const { return used_; }
  LockedBytes Take() {
    room_.Shrink(used_);
    return std::move(room_);
  }

 private:
  void Push(std::uint8_t byte) {
    if (used_ == room_.size()) {
      full_ = true;
    } else {
      room_.data()[used_++] = byte;
    }
  }
  LockedBytes room_;
  std::size_t used_ = 0;
  bool full_ = false;
};

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_FRAMES_H_
