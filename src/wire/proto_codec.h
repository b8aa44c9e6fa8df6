// Protocol Buffers' wire format (proto3) straight from and to our structs: a record is encoded on a
// media thread, so without an intermediate object. A test reads the result with protobuf itself.
#ifndef DRAGOMAN_SRC_WIRE_PROTO_CODEC_H_
#define DRAGOMAN_SRC_WIRE_PROTO_CODEC_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/status.h"

namespace dragoman {

// Fields<T>::Visit(value, visitor) calls visitor(number, name, member) for each member of value,
// which may be const: one list of fields that encoding, decoding and comparing share.
template <typename T>
struct Fields;

#define DRAGOMAN_FIELDS(Type, ...)                                                       \
  template <>                                                                            \
  struct Fields<Type> {                                                                  \
    template <typename Value, typename Visitor>                                          \
    static void Visit([[maybe_unused]] Value& value, [[maybe_unused]] Visitor&& visit) { \
      __VA_ARGS__                                                                        \
    }                                                                                    \
  };
#define DRAGOMAN_FIELD(number, member) visit(number, #member, value.member);

}  // namespace dragoman

namespace dragoman::proto {

inline constexpr std::uint32_t kVarint = 0;
inline constexpr std::uint32_t kBytes = 2;

template <typename T>
concept Scalar = std::integral<T> || std::is_enum_v<T>;

inline void PutVarint(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// Default values are left out, as proto3 has it.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  template <Scalar T>
  void operator()(int number, const char*, const T& value) {
    if (value == T{}) return;
    PutVarint(static_cast<std::uint32_t>(number) << 3 | kVarint, out_);
    PutVarint(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), out_);
  }
  void operator()(int number, const char*, const std::string& value) {
    if (!value.empty()) PutBytes(number, value);
  }
  template <typename T>
  void operator()(int number, const char*, const std::vector<T>& values) {
    for (const T& value : values) PutOne(number, value);
  }
  template <typename T>
    requires requires { sizeof(Fields<T>); }
  void operator()(int number, const char*, const T& value) {
    PutOne(number, value);
  }

  void PutBytes(int number, std::string_view bytes) {
    PutVarint(static_cast<std::uint32_t>(number) << 3 | kBytes, out_);
    PutVarint(bytes.size(), out_);
    out_ += bytes;
  }
  // A message whose fields `write(encoder)` adds. They are written where they stay, behind a length
  // of one byte; the few messages that need more are moved up.
  template <typename Write>
  void PutMessage(int number, Write write) {
    PutVarint(static_cast<std::uint32_t>(number) << 3 | kBytes, out_);
    const std::size_t length_at = out_.size();
    out_.push_back('\0');
    write(*this);
    const std::size_t size = out_.size() - length_at - 1;
    if (size < 0x80) {
      out_[length_at] = static_cast<char>(size);
      return;
    }
    std::string length;
    PutVarint(size, length);
    out_.replace(length_at, 1, length);
  }

 private:
  void PutOne(int number, const std::string& value) { PutBytes(number, value); }
  template <typename T>
  void PutOne(int number, const T& value) {
    PutMessage(number, [&](Encoder& encoder) { Fields<T>::Visit(value, encoder); });
  }

  std::string& out_;
};

struct RawField {
  int number = 0;
  std::uint32_t type = kVarint;
  std::uint64_t varint = 0;
  std::string_view bytes;
};

// Walks the fields of a message.
class Walker {
 public:
  explicit Walker(std::string_view bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }

  absl::Status Next(RawField* field) {
    std::uint64_t tag = 0;
    if (!Varint(&tag) || (tag >> 3) == 0 || (tag >> 3) > 1'000) {
      return DataLoss("a field's tag is damaged");
    }
    field->number = static_cast<int>(tag >> 3);
    field->type = static_cast<std::uint32_t>(tag & 7);
    if (field->type == kVarint) {
      if (!Varint(&field->varint)) return DataLoss("field ", field->number, " is cut");
      return absl::OkStatus();
    }
    std::uint64_t size = 0;
    if (field->type != kBytes || !Varint(&size) || size > rest_.size()) {
      return DataLoss("field ", field->number, " is cut or of unknown type");
    }
    field->bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return absl::OkStatus();
  }

 private:
  bool Varint(std::uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      *value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  std::string_view rest_;
};

template <typename T>
absl::Status Decode(std::string_view bytes, T& value);

// Puts one field where it belongs. Fields of a number that the struct does not have are skipped: a
// newer build wrote them.
class Setter {
 public:
  explicit Setter(const RawField& field) : field_(field) {}
  absl::Status status() const { return status_; }

  // Each is asked about every field of the message, so the number comes first, and alone.
  template <Scalar T>
  void operator()(int number, const char* name, T& value) {
    if (field_.number == number && Is(name, kVarint)) value = static_cast<T>(field_.varint);
  }
  void operator()(int number, const char* name, std::string& value) {
    if (field_.number == number && Is(name, kBytes)) value.assign(field_.bytes);
  }
  void operator()(int number, const char* name, std::vector<std::string>& values) {
    if (field_.number == number && Is(name, kBytes)) values.emplace_back(field_.bytes);
  }
  template <typename T>
    requires requires { sizeof(Fields<T>); }
  void operator()(int number, const char* name, std::vector<T>& values) {
    if (field_.number != number || !Is(name, kBytes)) return;
    status_.Update(Annotate(Decode(field_.bytes, values.emplace_back()), name));
  }
  template <typename T>
    requires requires { sizeof(Fields<T>); }
  void operator()(int number, const char* name, T& value) {
    if (field_.number != number || !Is(name, kBytes)) return;
    status_.Update(Annotate(Decode(field_.bytes, value), name));
  }

 private:
  bool Is(const char* name, std::uint32_t type) {
    if (field_.type == type) return true;
    status_ = DataLoss("field ", name, " has another type");
    return false;
  }

  const RawField& field_;
  absl::Status status_;
};

template <typename T>
absl::Status Decode(std::string_view bytes, T& value) {
  // What is left out on the wire is zero there, whatever the struct's own default.
  Fields<T>::Visit(value, [](int, const char*, auto& member) { member = {}; });
  for (Walker walker(bytes); !walker.done();) {
    RawField field;
    DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
    Setter setter(field);
    Fields<T>::Visit(value, setter);
    DRAGOMAN_RETURN_IF_ERROR(setter.status());
  }
  return absl::OkStatus();
}

}  // namespace dragoman::proto

#endif  // DRAGOMAN_SRC_WIRE_PROTO_CODEC_H_
