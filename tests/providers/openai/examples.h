// Example streams and bodies of OpenAI, Groq and OpenRouter (values invented, shapes as documented
// in August 2026), each stream with what a correct decoder makes of it.
#ifndef DRAGOMAN_TESTS_PROVIDERS_OPENAI_EXAMPLES_H_
#define DRAGOMAN_TESTS_PROVIDERS_OPENAI_EXAMPLES_H_

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "dragoman/testing/fake_http_transport.h"

namespace dragoman {

inline std::string Example(const std::string& name) {
  std::ifstream file(DRAGOMAN_SOURCE_DIR "/tests/providers/openai/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline nlohmann::json JsonExample(const std::string& name) {
  return nlohmann::json::parse(Example(name));
}

// A streamed response, cut before each of the offsets.
inline ScriptedExchange Streamed(std::string_view body, const std::vector<std::size_t>& cuts = {}) {
  ScriptedExchange exchange = ScriptedExchange::InPieces(body, cuts);
  exchange.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                      {"x-request-id", "req_test"}};
  return exchange;
}

inline std::string Chunk(const std::string& delta, const std::string& finish = "null") {
  return R"(data: {"id":"c","model":"m","choices":[{"index":0,"delta":)" + delta +
         R"(,"finish_reason":)" + finish + "}]}\n\n";
}

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_PROVIDERS_OPENAI_EXAMPLES_H_
