#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "dragoman/audio/wav.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr size_t kHeaderBytes = 44;
constexpr std::uint32_t kSizeOfAStream = 0xffffffff;
constexpr std::int64_t kMaxDataBytes = std::int64_t{kSizeOfAStream} - 1 - 36;

std::array<std::uint8_t, kHeaderBytes> Header(int sample_rate_hz, int channels,
                                              std::uint32_t data_bytes) {
  std::array<std::uint8_t, kHeaderBytes> header{};
  size_t at = 0;
  auto text = [&](const char* id) {
    at = static_cast<size_t>(std::copy_n(id, 4, &header[at]) - &header[0]);
  };
  auto number = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8) header[at++] = static_cast<std::uint8_t>(value);
  };
  const auto rate = static_cast<std::uint32_t>(sample_rate_hz);
  const auto frame_bytes = static_cast<std::uint32_t>(2 * channels);
  text("RIFF");
  number(data_bytes == kSizeOfAStream ? kSizeOfAStream : data_bytes + 36, 4);
  text("WAVE");
  text("fmt ");
  number(16, 4);
  number(1, 2);  // PCM
  number(static_cast<std::uint32_t>(channels), 2);
  number(rate, 4);
  number(rate * frame_bytes, 4);
  number(frame_bytes, 2);
  number(16, 2);
  text("data");
  number(data_bytes, 4);
  return header;
}

}  // namespace

class WavWriter::File {
 public:
  File(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}
  ~File() {
    if (file_ != nullptr) std::fclose(file_);
  }

  absl::Status Write(std::span<const std::uint8_t> bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return Error("write");
    return absl::OkStatus();
  }
  absl::Status Rewind() {
    if (std::fseek(file_, 0, SEEK_SET) != 0) return Error("seek in");
    return absl::OkStatus();
  }
  absl::Status Close() {
    std::FILE* file = std::exchange(file_, nullptr);
    if (std::fclose(file) != 0) return Error("close");
    return absl::OkStatus();
  }

 private:
  absl::Status Error(std::string_view what) const {
    return Unavailable("cannot ", what, " ", path_, ": ", std::generic_category().message(errno));
  }

  std::FILE* file_;
  std::string path_;
};

WavWriter::WavWriter(std::unique_ptr<File> file, int sample_rate_hz, int channels)
    : file_(std::move(file)), sample_rate_hz_(sample_rate_hz), channels_(channels) {}

WavWriter::~WavWriter() { Close().IgnoreError(); }

absl::StatusOr<std::unique_ptr<WavWriter>> WavWriter::Create(const std::string& path,
                                                             int sample_rate_hz, int channels) {
  if (channels < 1 || channels > 2) {
    return InvalidArgument("channels is ", channels, "; expected 1 or 2");
  }
  if (sample_rate_hz < 4000 || sample_rate_hz > 192000) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; expected 4000 to 192000");
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return FailedPrecondition("cannot create ", path, ": ", std::generic_category().message(errno));
  }
  std::unique_ptr<WavWriter> writer(
      new WavWriter(std::make_unique<File>(file, path), sample_rate_hz, channels));
  DRAGOMAN_RETURN_IF_ERROR(writer->WriteBytes(Header(sample_rate_hz, channels, kSizeOfAStream)));
  return writer;
}

absl::Status WavWriter::WriteBytes(std::span<const std::uint8_t> bytes) {
  if (status_.ok()) status_ = file_->Write(bytes);
  return status_;
}

absl::Status WavWriter::Write(std::span<const std::int16_t> samples) {
  if (file_ == nullptr) return FailedPrecondition("wav: write after Close");
  const auto channels = static_cast<size_t>(channels_);
  if (samples.size() % channels != 0) {
    return InvalidArgument("wav: ", samples.size(), " samples; expected a multiple of ", channels);
  }
  const auto frames = static_cast<std::int64_t>(samples.size() / channels);
  if ((frames_ + frames) * 2 * channels_ > kMaxDataBytes) {
    return ResourceExhausted("wav: a file holds at most ", kMaxDataBytes, " bytes of audio");
  }
  std::array<std::uint8_t, 2048> bytes;
  while (!samples.empty()) {
    const auto part = samples.first(std::min(samples.size(), bytes.size() / 2));
    for (size_t i = 0; i < part.size(); ++i) {
      const auto value = static_cast<std::uint16_t>(part[i]);
      bytes[2 * i] = static_cast<std::uint8_t>(value);
      bytes[2 * i + 1] = static_cast<std::uint8_t>(value >> 8);
    }
    DRAGOMAN_RETURN_IF_ERROR(WriteBytes(std::span(bytes).first(2 * part.size())));
    samples = samples.subspan(part.size());
  }
  frames_ += frames;
  return absl::OkStatus();
}

absl::Status WavWriter::WriteStereo(std::span<const std::int16_t> left,
                                    std::span<const std::int16_t> right) {
  if (channels_ != 2) return InvalidArgument("wav: WriteStereo to a mono file");
  std::array<std::int16_t, 1024> both;
  const size_t frames = std::max(left.size(), right.size());
  for (size_t done = 0; done < frames;) {
    const size_t part = std::min(frames - done, both.size() / 2);
    for (size_t i = 0; i < part; ++i, ++done) {
      both[2 * i] = done < left.size() ? left[done] : std::int16_t{0};
      both[2 * i + 1] = done < right.size() ? right[done] : std::int16_t{0};
    }
    DRAGOMAN_RETURN_IF_ERROR(Write(std::span(both).first(2 * part)));
  }
  return absl::OkStatus();
}

absl::Status WavWriter::Close() {
  if (file_ == nullptr) return status_;
  const auto bytes = static_cast<std::uint32_t>(frames_ * 2 * channels_);
  if (status_.ok()) status_ = file_->Rewind();
  WriteBytes(Header(sample_rate_hz_, channels_, bytes)).IgnoreError();  // kept in status_
  const absl::Status closed = file_->Close();
  if (status_.ok()) status_ = closed;
  file_ = nullptr;
  return status_;
}

}  // namespace dragoman
