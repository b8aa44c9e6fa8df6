#include "dragoman/lab/caller_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dragoman/audio/wav.h"
#include "dragoman/core/status.h"

namespace dragoman::lab {
namespace {

using nlohmann::json;

std::int64_t Percentile(std::vector<std::int64_t> values, std::size_t percent) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() * percent / 100, values.size() - 1)];
}

json Numbers(const CallerRecord& record) {
  return {{"connected", record.connected},
          {"closed_properly", record.closed_properly},
          {"close_detail", record.close_detail},
          {"hung_up", record.hung_up},
          {"timed_out", record.timed_out},
          {"duration_ms", record.duration_ms},
          {"longest_owed_silence_ms", record.longest_owed_silence_ms},
          {"owed_silence_at_ms", record.owed_silence_at_ms},
          {"heard_ms", record.heard_ms},
          {"cleared_ms", record.cleared_ms},
          {"unheard_at_close_ms", record.unheard_at_close_ms},
          {"last_sound_ms", record.last_sound_ms},
          {"underruns", record.underruns},
          {"frames_sent", record.frames_sent},
          {"frames_lost", record.frames_lost},
          {"marks_returned", record.marks_returned},
          {"clears", record.clears},
          {"late_frames", record.late_frames},
          {"lateness_p50_us", Percentile(record.lateness_us, 50)},
          {"lateness_p99_us", Percentile(record.lateness_us, 99)}};
}

}  // namespace

std::uint64_t CallerRecord::AudioHash() const {
  std::uint64_t hash = 14695981039346656037ull;
  auto add = [&hash](std::int16_t sample) {
    for (int shift : {0, 8}) {
      hash ^= (static_cast<std::uint16_t>(sample) >> shift) & 0xff;
      hash *= 1099511628211ull;
    }
  };
  for (std::int16_t sample : sent_audio) add(sample);
  for (std::int16_t sample : heard_audio) add(sample);
  return hash;
}

std::string ToJson(const CallerRecord& record) {
  json out = Numbers(record);
  out["steps_not_run"] = record.steps_not_run;
  out["complaints"] = record.complaints;
  out["barge_in_stop_ms"] = record.barge_in_stop_ms;
  out["turns"] = json::array();
  for (const CallerTurn& turn : record.turns)
    out["turns"].push_back({{"ended_ms", turn.ended_ms}, {"answered_ms", turn.answered_ms}});
  out["deeds"] = json::array();
  for (const CallerDeed& deed : record.deeds)
    out["deeds"].push_back({{"at_ms", deed.at_ms}, {"line", deed.line}, {"what", deed.what}});
  return out.dump(1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<CallerRecord> CallerRecordFromJson(std::string_view text) {
  json in = json::parse(text.begin(), text.end(), nullptr, false);
  if (!in.is_object()) return InvalidArgument("the caller's report is not a JSON object");
  CallerRecord record;
  try {
    in.at("connected").get_to(record.connected);
    in.at("closed_properly").get_to(record.closed_properly);
    in.at("close_detail").get_to(record.close_detail);
    in.at("hung_up").get_to(record.hung_up);
    in.at("timed_out").get_to(record.timed_out);
    in.at("duration_ms").get_to(record.duration_ms);
    in.at("longest_owed_silence_ms").get_to(record.longest_owed_silence_ms);
    in.at("owed_silence_at_ms").get_to(record.owed_silence_at_ms);
    in.at("heard_ms").get_to(record.heard_ms);
    in.at("cleared_ms").get_to(record.cleared_ms);
    in.at("unheard_at_close_ms").get_to(record.unheard_at_close_ms);
    in.at("last_sound_ms").get_to(record.last_sound_ms);
    in.at("underruns").get_to(record.underruns);
    in.at("frames_sent").get_to(record.frames_sent);
    in.at("frames_lost").get_to(record.frames_lost);
    in.at("marks_returned").get_to(record.marks_returned);
    in.at("clears").get_to(record.clears);
    in.at("late_frames").get_to(record.late_frames);
    in.at("steps_not_run").get_to(record.steps_not_run);
    in.at("complaints").get_to(record.complaints);
    in.at("barge_in_stop_ms").get_to(record.barge_in_stop_ms);
    for (const json& turn : in.at("turns"))
      record.turns.push_back({turn.at("ended_ms"), turn.at("answered_ms")});
    for (const json& deed : in.at("deeds"))
      record.deeds.push_back({deed.at("at_ms"), deed.at("line"), deed.at("what")});
  } catch (const json::exception& error) {
    return InvalidArgument("the caller's report: ", error.what());
  }
  return record;
}

absl::Status WriteRecording(const CallerRecord& record, const std::string& path) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto writer, WavWriter::Create(path, 8000, 2));
  DRAGOMAN_RETURN_IF_ERROR(writer->WriteStereo(record.sent_audio, record.heard_audio));
  return writer->Close();
}

}  // namespace dragoman::lab
