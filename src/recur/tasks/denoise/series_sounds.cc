#include "recur/tasks/denoise/series_sounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/audio/sound_file.h"

namespace recur {

bool are_sounds(const DataFiles& files) {
  return std::ranges::all_of(files, [](const DataFile& file) { return is_sound_name(file.name()); });
}

SequenceSet read_sound_series(const DataFiles& files) {
  SequenceSet set;
  set.columns.layout = Layout::kLong;
  set.columns.complete = true;
  int64_t rate = 0;
  for (const DataFile& file : files) {
    SoundFile read = read_sound(file);
    if (rate != 0 && read.sound.rate != rate) {
      fail("{}: expected {} samples a second, as {} has, got {}", file.name(), rate, files[0].name(), read.sound.rate);
    }
    rate = read.sound.rate;
    Sequence& sequence = set.sequences.emplace_back();
    sequence.id = file.name();
    sequence.values = std::move(read.sound.samples);
    sequence.place.file = static_cast<int>(set.files.size());
    set.files.push_back(file.name());
  }
  set.channels = {{.name = fmt::format("sound of {} Hz", rate)}};
  set.stated_step = {.unit = TimeUnit::kSecond, .count = 1 / static_cast<double>(rate)};
  return set;
}

SoundWriter::SoundWriter(const SequenceSet& set, const DataFiles& files, const std::string& folder, Sink& out)
    : set_(set), out_(out), writes_(!folder.empty()), places_("sounds", folder) {
  if (!writes_) log_info("the cleaned sounds are not written: set sounds to a folder for them");
  for (const DataFile& file : files) {
    places_.add(std::filesystem::path(file.name()).filename().replace_extension(".wav"), file.name());
  }
  if (writes_) places_.check_sources();
  out_.columns({"sound", "file"});
}

void SoundWriter::write(std::vector<float> samples) {
  const std::string place = writes_ ? places_[next_].string() : "";
  if (writes_) {
    out_.sound(
        {.name = place, .rate = std::round(1 / set_.stated_step.count), .channels = 1, .samples = std::move(samples)});
  }
  out_.row(std::vector<TableCell>{set_.sequences[next_++].id, place});
}

}  // namespace recur
