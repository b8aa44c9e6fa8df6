// The example messages of Twilio's Media Streams, as files beside the tests.
#ifndef DRAGOMAN_TESTS_WIRE_EXAMPLES_H_
#define DRAGOMAN_TESTS_WIRE_EXAMPLES_H_

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace dragoman {

inline nlohmann::ordered_json ReadExample(const std::string& name) {
  std::ifstream file(std::string(DRAGOMAN_SOURCE_DIR "/tests/wire/data/") + name);
  return nlohmann::ordered_json::parse(file);
}

// On one line and in its order of keys, as it stands on the wire.
inline std::string WireExample(const std::string& name) { return ReadExample(name).dump(); }

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_WIRE_EXAMPLES_H_
