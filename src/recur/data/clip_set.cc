#include "recur/data/clip_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/clip_readers.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/image_set.h"
#include "recur/data/images/video.h"
#include "recur/data/sequences/side_table.h"
#include "recur/data/sequences/step_spill.h"

namespace recur {
namespace {

enum class Form { kClips, kArrays, kTables };

Form form_of(const DataFile& file, const ClipOptions& options) {
  if (is_folder(file) || is_video(file)) return Form::kClips;
  const bool frames = options.input == "frames";
  if (image_format(file.head(16)) != ImageFormat::kNone) {
    if (options.like && frames) return Form::kClips;
    fail_usage("{}: one picture; expected a folder of frames, or a list of such folders", file.name());
  }
  if (!options.series.format.empty()) {
    const bool array =
        options.series.format == "npy" || options.series.format == "npz" || options.series.format == "idx";
    return array ? Form::kArrays : Form::kTables;
  }
  if (!array_format(file).empty()) return Form::kArrays;
  return internal::is_clip_list(file, frames) ? Form::kClips : Form::kTables;
}

// --- Tables ---

// "left hand_x" -> the joint's name and 'x'; '\0' where no axis is named.
std::pair<std::string_view, char> axis_of(std::string_view name) {
  if (name.size() < 2) return {name, '\0'};
  const char last = static_cast<char>(name.back() | 0x20);
  if (last < 'x' || last > 'z') return {name, '\0'};
  std::string_view stem = name.substr(0, name.size() - 1);
  while (!stem.empty() && std::string_view("_-. ").find(stem.back()) != std::string_view::npos) stem.remove_suffix(1);
  return {stem, last};
}

// Dimensions, where the channels are named joint by joint: x, y and z, or x and y; else 0.
int64_t named_dimensions(const SequenceSet& set) {
  const auto& channels = set.channels;
  for (const int64_t dimensions : {3, 2}) {
    if (std::ssize(channels) % dimensions != 0) continue;
    bool all = true;
    for (size_t i = 0; i < channels.size() && all; ++i) {
      const auto [stem, axis] = axis_of(channels[i].name);
      const auto place = static_cast<int64_t>(i) % dimensions;
      const auto first = axis_of(channels[i - static_cast<size_t>(place)].name).first;
      all = axis == static_cast<char>('x' + place) && stem == first;
    }
    if (all) return dimensions;
  }
  return 0;
}

ClipShape shape_of_table(const SequenceSet& set, const ClipOptions& options, std::vector<std::string>& notes) {
  constexpr int64_t kFewestJoints = 8;  // sensors have axes too
  const int64_t width = set.width(), named = named_dimensions(set);
  if (options.input == "frames") {
    fail("{}: a table; input = frames: expected folders, lists or arrays of pictures", listed_files(set.files));
  }
  const bool by_name = options.input == "auto" && named > 0 && width / named >= kFewestJoints;
  if (options.input != "skeleton" && !by_name && options.joints == 0) {
    return {.kind = ClipKind::kSensors, .channels = width};
  }
  const int64_t joints = options.joints > 0 ? options.joints
                         : named > 0        ? width / named
                         : width % 3 == 0   ? width / 3
                                            : width / 2;
  if (joints < 1 || width % joints != 0 || width / joints > 3) {
    fail_usage("joints: {} channels are no skeleton of {} joints in 1 to 3 dimensions", width, joints);
  }
  const ClipShape shape{.kind = ClipKind::kSkeleton, .joints = joints, .dimensions = width / joints};
  if (options.input != "skeleton" && options.joints == 0) {
    notes.push_back(
        fmt::format("the channels are named as {}: they are read as a skeleton (input = sensors: as "
                    "sensors)",
                    shape.text()));
  }
  return shape;
}

void read_tables(std::span<const DataFile> files, const ClipOptions& options, ClipSet& to) {
  SequenceSet set = read_sequences(files, options.series);
  if (!set.step_classes.empty()) to.unlabelled = options.background;
  to.shape = shape_of_table(set, options, set.notes);
  set.notes.insert(set.notes.begin(), to.set.notes.begin(), to.set.notes.end());
  to.set = std::move(set);
}

// A table a clip.
void read_table_clips(std::vector<internal::ClipSource> clips, const ClipOptions& options, ClipSet& to) {
  std::vector<DataFile> files;
  for (internal::ClipSource& clip : clips) files.push_back(clip.file.front());
  ClipOptions own = options;
  own.series.need_labels = false;
  own.series.side_table.clear();
  read_tables(files, own, to);
  SequenceSet& set = to.set;
  std::vector<int64_t> in_file(clips.size(), 0);
  for (const Sequence& s : set.sequences) ++in_file[static_cast<size_t>(s.place.file)];
  set.labels = {"class"};
  for (Sequence& s : set.sequences) {
    const auto file = static_cast<size_t>(s.place.file);
    s.id = in_file[file] > 1 ? clips[file].id + "#" + s.id : clips[file].id;
    s.labels = {clips[file].label};
  }
}

// --- Folders and lists ---

void read_clip_sources(std::span<const DataFile> files, const ClipOptions& options, ClipSet& to) {
  std::vector<internal::ClipSource> clips;
  for (const DataFile& file : files) {
    std::ranges::move(internal::clip_sources(file, to), std::back_inserter(clips));
  }
  const std::string names = [&] {
    std::vector<std::string> all;
    for (const DataFile& file : files) all.push_back(file.name());
    return files_text(all);
  }();
  if (clips.empty()) fail("{}: none of its clips is there: {}", names, to.faults.empty() ? "" : to.faults.front());
  const auto pictures = std::ranges::count_if(clips, &internal::ClipSource::has_pictures);
  if (pictures > 0 && pictures < std::ssize(clips)) {
    fail("{}: {} clips are videos or folders of pictures and {} are arrays or tables; expected one kind", names,
         pictures, std::ssize(clips) - pictures);
  }
  to.set.labels = {"class"};
  if (pictures > 0) {
    if (options.input != "auto" && options.input != "frames") {
      fail_usage("input = {}: the clips of {} are pictures", options.input, names);
    }
    internal::read_frames(clips, options, to);
  } else {
    const auto arrays =
        std::ranges::count_if(clips, [](const auto& clip) { return !array_format(clip.file.front()).empty(); });
    if (arrays > 0 && arrays < std::ssize(clips)) {
      fail("{}: {} clips are arrays and {} are tables; expected one kind", names, arrays, std::ssize(clips) - arrays);
    }
    arrays > 0 ? internal::read_array_clips(clips, options, to) : read_table_clips(std::move(clips), options, to);
  }
  if (to.size() == 0) fail("{}: no clip can be read: {}", names, to.faults.empty() ? "" : to.faults.front());
}

// Labels that none of the clips has are no labels.
void drop_empty_labels(SequenceSet& set) {
  const bool any = std::ranges::any_of(set.sequences, [](const Sequence& s) {
    return std::ranges::any_of(s.labels, [](const std::string& label) { return !label.empty(); });
  });
  if (any) return;
  set.labels.clear();
  for (Sequence& s : set.sequences) s.labels.clear();
}

// After clips have got their labels, which may go by their order. There is nothing to recognise in one without frames.
void leave_out_empty(ClipSet& to) {
  const int64_t all = to.size();
  std::erase_if(to.set.sequences, [&](const Sequence& s) {
    if (to.set.length(s) > 0) return false;
    to.faults.push_back(fmt::format("{}: clip {} has no frames", to.set.where(s), quoted_cell(s.id)));
    return true;
  });
  if (all > 0 && to.size() == 0) fail("none of {} has frames: {}", counted(all, "clip", "clips"), to.faults.back());
}

void check_like(const ClipSet& clips, const ClipOptions& options) {
  if (!options.like || clips.shape == *options.like) return;
  fail("{}: expected {}, as the model, got {}", listed_files(clips.set.files), options.like->text(),
       clips.shape.text());
}

}  // namespace

void ClipSet::log_all() const {
  constexpr size_t kNamed = 5;
  for (const std::string& note : set.notes) log_info("{}", note);
  for (const std::string& warning : warnings) log_warning("{}", warning);
  if (faults.empty()) return;
  std::string text;
  for (size_t i = 0; i < std::min(kNamed, faults.size()); ++i) text += (i > 0 ? "; " : "") + faults[i];
  if (faults.size() > kNamed) text += fmt::format(" and {} more", faults.size() - kNamed);
  log_warning("{} of {} clips cannot be read and are left out: {}", faults.size(), size() + std::ssize(faults), text);
}

ClipSet read_clips(std::span<const DataFile> files, const ClipOptions& given) {
  if (files.empty()) fail("clips: no file given");
  ClipOptions options = given;
  if (options.like) {
    options.input = std::string(clip_kind_name(options.like->kind));
    if (options.like->kind == ClipKind::kSkeleton) options.joints = options.like->joints;
  }
  const Form form = form_of(files[0], options);
  for (const DataFile& file : files) {
    if (form_of(file, options) != form) {
      fail_usage("{} and {} are of different kinds: expected folders and lists, or arrays, or tables", files[0].name(),
                 file.name());
    }
  }
  ClipSet to;
  switch (form) {
    case Form::kClips:
      read_clip_sources(files, options, to);
      break;
    case Form::kArrays:
      internal::read_arrays(files, options, to);
      break;
    case Form::kTables:
      read_tables(files, options, to);
      break;
  }
  check_like(to, options);
  drop_empty_labels(to.set);
  const SequenceOptions& reading = options.series;
  if (form != Form::kTables && !reading.side_table.empty()) {
    to.set.labels.clear();
    for (Sequence& s : to.set.sequences) s.labels.clear();
    join_side_table(to.set, find_side_columns(reading), reading);
  }
  if (!options.events_file.empty()) {
    // Labels lie beside the steps, which therefore are in memory while they are given.
    if (!to.set.in_memory())
      fail("{}: the clips do not fit into memory, as events_file needs", listed_files(to.set.files));
    label_by_events(to.set, options.events_file, options.background, to.warnings);
  }
  leave_out_empty(to);
  return to;
}

bool holds_clips(const DataFile& file) {
  if (!is_folder(file)) {
    const std::string format = array_format(file);
    if (format.empty()) return internal::is_clip_list(file) || is_video(file);
    if (format != "npz") return ArrayReader(file).shape().size() >= 4 && !is_array_of_pictures(file);
    for (const NamedArray& array : npz_arrays(file)) {
      if (ArrayReader(array.file).shape().size() >= 4) return true;
    }
    return false;
  }
  // CLASS/CLIP/0001.png: two folders inside each other.
  const ClassFolder found = read_class_folder(file);
  const LabelledFile& first = found.files.front();
  if (is_video(first.file)) return true;
  if (const std::string format = array_format(first.file); format == "npy" || format == "idx") {
    return !first.label.empty() && ArrayReader(first.file).shape().size() >= 2;
  }
  return std::ranges::count(first.id, '/') >= 2 && is_image_name(first.file.name());
}

}  // namespace recur
