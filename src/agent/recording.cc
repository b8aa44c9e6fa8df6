#include "dragoman/agent/recording.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "dragoman/audio/wav.h"
#include "dragoman/core/status.h"
#include "dragoman/store/crc32c.h"

namespace dragoman {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::StatusOr<std::vector<std::int16_t>> ReadPiece(std::FILE* file, const AudioPiece& piece,
                                                    size_t index) {
  std::vector<std::int16_t> samples(static_cast<size_t>(piece.samples));
  std::string_view bytes(reinterpret_cast<const char*>(samples.data()),
                         samples.size() * sizeof(std::int16_t));
  if (std::fseek(file, static_cast<long>(piece.file_offset), SEEK_SET) != 0 ||
      std::fread(samples.data(), sizeof(std::int16_t), samples.size(), file) != samples.size()) {
    return DataLoss("audio piece ", index, " at byte ", piece.file_offset, " is missing");
  }
  if (Crc32c(bytes) != piece.crc32c) {
    return DataLoss("audio piece ", index, " at byte ", piece.file_offset,
                    " differs from what the log says");
  }
  return samples;
}

}  // namespace

absl::StatusOr<RecordingInfo> RenderRecording(const std::vector<AudioPiece>& pieces,
                                              int sample_rate_hz, const std::string& audio_path,
                                              const std::string& wav_path) {
  std::unique_ptr<std::FILE, Closer> file(std::fopen(audio_path.c_str(), "rb"));
  if (!file) return NotFound("cannot open ", audio_path, ": ", std::strerror(errno));
  // Windows of ten seconds: memory does not grow with the call. Pieces are at most a second long
  // and come nearly in order, so each is read once or twice.
  std::int64_t end = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].samples < 0 || pieces[i].samples > 60 * std::int64_t{sample_rate_hz} ||
        pieces[i].start_sample < 0) {
      return DataLoss("audio piece ", i, " has ", pieces[i].samples, " samples at ",
                      pieces[i].start_sample, "; expected at most a minute");
    }
    end = std::max(end, pieces[i].start_sample + pieces[i].samples);
  }
  DRAGOMAN_ASSIGN_OR_RETURN(auto writer, WavWriter::Create(wav_path, sample_rate_hz, 2));
  const std::int64_t window = 10 * std::int64_t{sample_rate_hz};
  for (std::int64_t begin = 0; begin < end; begin += window) {
    const std::int64_t stop = std::min(end, begin + window);
    std::vector<std::int16_t> stereo(static_cast<size_t>(stop - begin) * 2);
    for (size_t i = 0; i < pieces.size(); ++i) {
      const AudioPiece& piece = pieces[i];
      if (piece.start_sample >= stop || piece.start_sample + piece.samples <= begin) continue;
      DRAGOMAN_ASSIGN_OR_RETURN(std::vector<std::int16_t> samples, ReadPiece(file.get(), piece, i));
      const std::int64_t from = std::max(begin, piece.start_sample);
      const std::int64_t to = std::min(stop, piece.start_sample + piece.samples);
      for (std::int64_t at = from; at < to; ++at) {
        stereo[static_cast<size_t>((at - begin) * 2 + static_cast<int>(piece.channel))] =
            samples[static_cast<size_t>(at - piece.start_sample)];
      }
    }
    DRAGOMAN_RETURN_IF_ERROR(writer->Write(stereo));
  }
  DRAGOMAN_RETURN_IF_ERROR(writer->Close());
  return RecordingInfo{end, sample_rate_hz};
}

}  // namespace dragoman
