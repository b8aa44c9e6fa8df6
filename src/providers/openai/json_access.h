// Reading JSON that a peer wrote: whatever is missing or of another type is absent.
#ifndef DRAGOMAN_SRC_PROVIDERS_OPENAI_JSON_ACCESS_H_
#define DRAGOMAN_SRC_PROVIDERS_OPENAI_JSON_ACCESS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::openai {

// Discarded when it is not JSON. Does not throw.
inline nlohmann::json ParseJson(std::string_view text) {
  return nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
}

// The member of an object; null when there is none, or it is JSON's null.
inline const nlohmann::json* Find(const nlohmann::json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto member = object->find(key);
  return member == object->end() || member->is_null() ? nullptr : &*member;
}
inline const nlohmann::json* Find(const nlohmann::json& object, const char* key) {
  return Find(&object, key);
}

inline std::string_view Text(const nlohmann::json* value) {
  return value != nullptr && value->is_string()
             ? std::string_view(value->get_ref<const std::string&>())
             : std::string_view();
}

inline std::optional<std::int64_t> Integer(const nlohmann::json* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  if (value->is_number_float()) {
    const double number = value->get<double>();
    if (!(number >= -9e15 && number <= 9e15)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return value->get<std::int64_t>();
}

}  // namespace dragoman::openai

#endif  // DRAGOMAN_SRC_PROVIDERS_OPENAI_JSON_ACCESS_H_
