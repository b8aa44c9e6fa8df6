// dragoman-flite-render VOICE RATE SPEED OUTPUT TEXT: one rendering in a process of its own, so
// that the voice's random numbers are those of a fresh process. Exit status 2: the arguments are
// wrong.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/providers/flite/rendered_speech.h"

int main(int count, char** arguments) {
  dragoman::SpeechToRender speech;
  const auto number = [](const char* text, int& value) {
    const char* end = text + std::strlen(text);
    return std::from_chars(text, end, value).ptr == end && text != end;
  };
  if (count != 6 || !number(arguments[2], speech.sample_rate_hz) ||
      !number(arguments[3], speech.speed_per_mille)) {
    std::fputs("usage: dragoman-flite-render VOICE RATE SPEED OUTPUT TEXT\n", stderr);
    return 2;
  }
  speech.voice = arguments[1];
  speech.text = arguments[5];
  const absl::Status status = dragoman::RenderSpeechToFile(speech, arguments[4]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(dragoman::MessageOf(status)).c_str());
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}
