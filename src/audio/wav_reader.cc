#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include "dragoman/audio/g711.h"
#include "dragoman/audio/wav.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr std::uint32_t kUnknownSize = 0xffffffff;
constexpr int kTagPcm = 1;
constexpr int kTagAlaw = 6;
constexpr int kTagMulaw = 7;
constexpr int kTagExtensible = 0xfffe;
// What follows the two bytes of the tag in the GUID of a format that has a tag (RFC 2361 section
// 4).
constexpr std::uint8_t kGuidTail[] = {0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113};

using Bytes = std::span<const std::uint8_t>;

std::uint32_t U16(Bytes bytes, size_t at) { return bytes[at] | std::uint32_t{bytes[at + 1]} << 8; }
std::uint32_t U32(Bytes bytes, size_t at) { return U16(bytes, at) | U16(bytes, at + 2) << 16; }

bool Is(Bytes bytes, size_t at, const char (&id)[5]) {
  return std::memcmp(bytes.data() + at, id, 4) == 0;
}

// A chunk's name for an error message: four printable characters, or '?' in their place.
std::string Name(Bytes file, size_t at) {
  std::string name;
  for (size_t i = 0; i < 4; ++i) {
    const auto c = static_cast<char>(file[at + i]);
    name += c >= ' ' && c <= '~' ? c : '?';
  }
  return name;
}

absl::StatusOr<int> FormatTag(Bytes format) {
  const auto tag = static_cast<int>(U16(format, 0));
  if (tag != kTagExtensible) return tag;
  if (format.size() < 40 || U16(format, 16) < 22) {
    return InvalidArgument("wav: extensible fmt chunk has ", format.size(), " bytes; expected 40");
  }
  if (std::memcmp(format.data() + 26, kGuidTail, sizeof(kGuidTail)) != 0) {
    return InvalidArgument("wav: sub-format is no known GUID; expected PCM, mu-law or A-law");
  }
  return static_cast<int>(U16(format, 24));
}

absl::StatusOr<WavView> ParseFormat(Bytes format) {
  if (format.size() < 16) {
    return InvalidArgument("wav: fmt chunk has ", format.size(), " bytes; expected at least 16");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const int tag, FormatTag(format));
  const std::uint32_t channels = U16(format, 2);
  const std::uint32_t rate = U32(format, 4);
  const std::uint32_t block_align = U16(format, 12);
  const std::uint32_t bits = U16(format, 14);

  WavView view;
  switch (tag) {
    case kTagPcm:
      view.encoding = WavEncoding::kPcm16;
      break;
    case kTagMulaw:
      view.encoding = WavEncoding::kMulaw;
      break;
    case kTagAlaw:
      view.encoding = WavEncoding::kAlaw;
      break;
    default:
      return InvalidArgument("wav: format tag is ", tag,
                             "; expected 1 (PCM), 6 (A-law) or 7 (mu-law)");
  }
  const std::uint32_t expected_bits = view.encoding == WavEncoding::kPcm16 ? 16 : 8;
  if (bits != expected_bits) {
    return InvalidArgument("wav: ", bits, " bits per sample; expected ", expected_bits);
  }
  if (channels < 1 || channels > 8) {
    return InvalidArgument("wav: ", channels, " channels; expected 1 to 8");
  }
  if (rate < 4000 || rate > 192000) {
    return InvalidArgument("wav: sample rate is ", rate, "; expected 4000 to 192000");
  }
  if (block_align != channels * bits / 8) {
    return InvalidArgument("wav: block align is ", block_align, "; expected ", channels * bits / 8);
  }
  view.channels = static_cast<int>(channels);
  view.sample_rate_hz = static_cast<int>(rate);
  return view;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::StatusOr<std::vector<std::uint8_t>> ReadFile(const std::string& path, size_t max_bytes) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return NotFound("cannot open ", path, ": ", std::generic_category().message(errno));
  }
  std::vector<std::uint8_t> bytes;
  constexpr size_t kStep = 1 << 16;
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + kStep);
    const size_t got = std::fread(bytes.data() + before, 1, kStep, file.get());
    bytes.resize(before + got);
    if (bytes.size() > max_bytes) {
      return ResourceExhausted(path, " is larger than ", max_bytes, " bytes");
    }
    if (got == 0) break;
  }
  if (std::ferror(file.get())) return Unavailable("cannot read ", path);
  return bytes;
}

}  // namespace

absl::StatusOr<WavView> ParseWav(std::span<const std::uint8_t> file) {
  if (file.size() < 12) {
    return InvalidArgument("wav: file has ", file.size(), " bytes; expected at least 12");
  }
  if (!Is(file, 0, "RIFF") || !Is(file, 8, "WAVE")) {
    return InvalidArgument("wav: file begins with \"", Name(file, 0), "\" and \"", Name(file, 8),
                           "\"; expected RIFF and WAVE");
  }
  std::optional<WavView> view;
  size_t at = 12;
  while (file.size() - at >= 8) {
    const std::uint32_t size = U32(file, at + 4);
    const size_t body = at + 8;
    const size_t left = file.size() - body;
    if (Is(file, at, "data")) {
      if (!view) return InvalidArgument("wav: data chunk at byte ", at, " before any fmt chunk");
      const bool streamed = size == 0 || size == kUnknownSize || size > left;
      const size_t bytes = streamed ? left : size;
      view->data = file.subspan(body, bytes - bytes % view->frame_bytes());
      return *view;
    }
    if (size > left) {
      return InvalidArgument("wav: chunk \"", Name(file, at), "\" at byte ", at, " has ", size,
                             " bytes; only ", left, " are left");
    }
    if (Is(file, at, "fmt ")) {
      if (view) return InvalidArgument("wav: second fmt chunk at byte ", at);
      DRAGOMAN_ASSIGN_OR_RETURN(view, ParseFormat(file.subspan(body, size)));
    }
    at = body + size + (size & 1 && left > size ? 1 : 0);
  }
  return InvalidArgument("wav: no data chunk in ", file.size(), " bytes");
}

absl::StatusOr<WavAudio> DecodeWav(std::span<const std::uint8_t> file) {
  DRAGOMAN_ASSIGN_OR_RETURN(const WavView view, ParseWav(file));
  WavAudio audio;
  audio.channels = view.channels;
  audio.sample_rate_hz = view.sample_rate_hz;
  audio.samples.resize(view.frames() * static_cast<size_t>(view.channels));
  switch (view.encoding) {
    case WavEncoding::kPcm16:
      for (size_t i = 0; i < audio.samples.size(); ++i) {
        audio.samples[i] = static_cast<std::int16_t>(U16(view.data, 2 * i));
      }
      break;
    case WavEncoding::kMulaw:
      DecodeMulaw(view.data, audio.samples);
      break;
    case WavEncoding::kAlaw:
      DecodeAlaw(view.data, audio.samples);
      break;
  }
  return audio;
}

std::vector<std::int16_t> WavAudio::Channel(int channel) const {
  std::vector<std::int16_t> one(frames());
  for (size_t i = 0; i < one.size(); ++i) {
    one[i] = samples[i * static_cast<size_t>(channels) + static_cast<size_t>(channel)];
  }
  return one;
}

absl::StatusOr<WavAudio> ReadWavFile(const std::string& path, std::size_t max_bytes) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> bytes, ReadFile(path, max_bytes));
  absl::StatusOr<WavAudio> audio = DecodeWav(bytes);
  if (!audio.ok()) return Annotate(audio.status(), path);
  return audio;
}

}  // namespace dragoman
