#include "recur/tasks/denoise/series_sounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/audio/sound_file.h"
#include "recur/data/audio/sound_survey.h"
#include "recur/data/audio/transcripts.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/plain_text.h"

namespace recur {

namespace fs = std::filesystem;

namespace {

// Where a sound is written, below the folder of the output.
fs::path place_of(const std::string& sound, const DataFiles& files) {
  for (const DataFile& file : files) {
    const fs::path below = fs::path(sound).lexically_relative(file.name());
    if (is_folder(file) && !below.empty() && *below.begin() != "..") return below;
  }
  return fs::path(sound).filename();
}

// Whether one of the first two lines names a sound that is there. Ids of a table may look like names of sounds.
bool lists_sounds(const DataFile& file) {
  constexpr size_t kHead = 1 << 14;
  const std::string head = file.head(kHead);
  if (!looks_like_sounds(file)) return false;
  std::string_view rest = head;
  for (int row = 0; row < 2; ++row) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    for (size_t at = 0; at <= line.size();) {
      const size_t end = std::min(line.find_first_of("\t,;\"", at), line.size());
      const fs::path path(trimmed(line.substr(at, end - at)));
      std::error_code ignored;
      if (is_sound_name(path.string()) &&
          (fs::exists(fs::path(file.name()).parent_path() / path, ignored) || fs::exists(path, ignored))) {
        return true;
      }
      at = end + 1;
    }
  }
  return false;
}

}  // namespace

bool are_sounds(const DataFiles& files) {
  return std::ranges::all_of(files, [](const DataFile& file) {
    return is_sound_name(file.name()) || (is_folder(file) ? looks_like_sounds(file) : lists_sounds(file));
  });
}

SequenceSet read_sound_series(const DataFiles& files) {
  const Transcripts list = read_transcripts(files, {.need_texts = false});
  for (const std::string& note : list.notes) log_info("{}", note);
  for (const std::string& warning : list.warnings) log_warning("{}", warning);
  SequenceSet set;
  set.columns.layout = Layout::kLong;
  set.columns.complete = true;
  int64_t rate = 0, several = 0;
  for (const Transcript& item : list.items) {
    const DataFile& file = item.file;
    std::vector<Waveform> channels = read_sound_channels(file);
    if (rate != 0 && channels[0].rate != rate) {
      fail("{}: expected {} samples a second, as {} has, got {}", file.name(), rate, set.files[0], channels[0].rate);
    }
    rate = channels[0].rate;
    if (channels.size() > 1) ++several;
    for (size_t c = 0; c < channels.size(); ++c) {
      Sequence& sequence = set.sequences.emplace_back();
      sequence.id = channels.size() == 1 ? file.name() : fmt::format("{}, channel {}", file.name(), c + 1);
      sequence.values = std::move(channels[c].samples);
      sequence.place.file = static_cast<int>(set.files.size());
    }
    set.files.push_back(file.name());
  }
  if (several > 0) {
    log_info("{} several channels: each is a series by itself", counted(several, "sound has", "sounds have"));
  }
  set.channels = {{.name = fmt::format("sound of {} Hz", rate)}};
  set.stated_step = {.unit = TimeUnit::kSecond, .count = 1 / static_cast<double>(rate)};
  return set;
}

std::vector<std::string> sound_places(const SequenceSet& set, const DataFiles& files) {
  std::vector<std::string> places;
  for (const std::string& sound : set.files) places.push_back(place_of(sound, files).string());
  return places;
}

void check_same_channels(const SequenceSet& noisy, const SequenceSet& clean) {
  for (size_t i = 0; i < std::min(noisy.sequences.size(), clean.sequences.size()); ++i) {
    if (noisy.sequences[i].place.file == clean.sequences[i].place.file) continue;
    const auto first = static_cast<size_t>(std::min(noisy.sequences[i].place.file, clean.sequences[i].place.file));
    fail("clean: {} and {} have different numbers of channels", clean.files[first], noisy.files[first]);
  }
}

SoundWriter::SoundWriter(const SequenceSet& set, const DataFiles& files, const std::string& folder, Sink& out)
    : set_(set), out_(out), writes_(!folder.empty()), places_("sounds", folder) {
  if (!writes_) log_info("the cleaned sounds are not written: set sounds to a folder for them");
  if (writes_) {
    for (const std::string& sound : set.files) places_.add(place_of(sound, files).replace_extension(".wav"), sound);
    places_.check_sources();
  }
  out_.columns({"sound", "file"});
}

void SoundWriter::write(std::vector<float> samples) {
  channels_.push_back(std::move(samples));
  const int file = set_.sequences[next_++].place.file;
  const bool is_last = next_ == set_.sequences.size() || set_.sequences[next_].place.file != file;
  if (is_last) write_sound(static_cast<size_t>(file));
}

void SoundWriter::write_sound(size_t file) {
  const std::string place = writes_ ? places_[file].string() : "";
  if (writes_) {
    Sound sound{.name = place,
                .rate = std::round(1 / set_.stated_step.count),
                .channels = std::ssize(channels_),
                .samples = {}};
    for (size_t t = 0; t < channels_[0].size(); ++t) {
      for (const std::vector<float>& channel : channels_) sound.samples.push_back(channel[t]);
    }
    out_.sound(sound);
  }
  out_.row(std::vector<TableCell>{set_.files[file], place});
  channels_.clear();
}

}  // namespace recur
