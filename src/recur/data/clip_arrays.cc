// Clips in arrays: many in one, or a file each.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/clip_readers.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/step_spill.h"

namespace recur::internal {
namespace {

constexpr int64_t kMostJoints = 40;  // that a frame [J, D] is taken for a skeleton of without being told

// N, T and what a frame is.
struct ClipAxes {
  int64_t clips = 1, steps = 1;
  ClipShape shape;
  bool channels_first = false;
};

[[noreturn]] void fail_shape(const std::string& name, const std::vector<int64_t>& shape, bool one) {
  const char* lead = one ? "" : "N, ";
  fail("{}: an array of shape ({}); expected [{}T, F], [{}T, J, D], [{}T, H, W], [{}T, H, W, C]", name,
       fmt::join(shape, ", "), lead, lead, lead, lead);
}

ClipShape skeleton_of(const std::string& name, int64_t joints, int64_t dimensions) {
  if (dimensions < 1 || dimensions > 3) {
    fail("{}: expected joints in 1 to 3 dimensions, got {}", name, dimensions);
  }
  return {.kind = ClipKind::kSkeleton, .joints = joints, .dimensions = dimensions};
}

// `frame`: the axes of a frame.
void set_frame(const std::string& name, std::span<const int64_t> frame, const ClipOptions& options, ClipAxes& axes) {
  const bool skeleton = options.input == "skeleton", frames = options.input == "frames";
  if (frame.size() == 3) {
    const bool last = frame[2] == 1 || frame[2] == 3, first = frame[0] == 1 || frame[0] == 3;
    if (skeleton || (!last && !first)) fail("{}: expected pictures of 1 or 3 channels", name);
    axes.channels_first = !last;
    axes.shape =
        last ? ClipShape{.kind = ClipKind::kFrames, .channels = frame[2], .height = frame[0], .width = frame[1]}
             : ClipShape{.kind = ClipKind::kFrames, .channels = frame[0], .height = frame[1], .width = frame[2]};
  } else if (frame.size() == 2) {
    const bool flat = frame[1] <= 3;
    if (!skeleton && !frames && options.input != "sensors" && flat && frame[0] > kMostJoints) {
      fail_usage(
          "{}: frames [{}, {}] are a skeleton of {} joints, or pictures; input = skeleton or input = frames says "
          "which",
          name, frame[0], frame[1], frame[0]);
    }
    if (options.input == "sensors") {
      axes.shape = {.kind = ClipKind::kSensors, .channels = frame[0] * frame[1]};
    } else {
      axes.shape = skeleton || (flat && !frames)
                       ? skeleton_of(name, frame[0], frame[1])
                       : ClipShape{.kind = ClipKind::kFrames, .channels = 1, .height = frame[0], .width = frame[1]};
    }
  } else {
    const int64_t numbers = frame.empty() ? 1 : frame[0];
    if (frames)
      fail("{}: input = frames: expected pictures [H, W] or [H, W, C], got {} numbers a frame", name, numbers);
    if (skeleton || options.joints > 0) {
      const int64_t joints = options.joints > 0 ? options.joints : numbers % 3 == 0 ? numbers / 3 : numbers / 2;
      if (numbers % joints != 0)
        fail_usage("{}: joints = {} does not divide {} numbers a frame", name, joints, numbers);
      axes.shape = skeleton_of(name, joints, numbers / joints);
    } else {
      axes.shape = {.kind = ClipKind::kSensors, .channels = numbers};
    }
  }
}

ClipAxes axes_of_clips(const std::string& name, const std::vector<int64_t>& shape, const ClipOptions& options,
                       bool one) {
  const size_t lead = one ? 1 : 2;
  if (shape.size() < lead || shape.size() > lead + 3) fail_shape(name, shape, one);
  ClipAxes axes{.clips = one ? 1 : shape[0], .steps = shape[lead - 1], .shape = {}};
  set_frame(name, std::span(shape).subspan(lead), options, axes);
  return axes;
}

// Whether an array is one clip, where its frames are known: [T, F], [T, J, D], [T, H, W] or [T, H, W, C], since no
// picture is 1 or 3 pixels wide.
bool is_one_clip(const std::vector<int64_t>& shape, const ClipShape& like) {
  const size_t axes = shape.size();
  const bool flat = axes == 2 && shape[1] == like.numbers();
  switch (like.kind) {
    case ClipKind::kFrames:
      return axes == 3 || (axes == 4 && (shape[3] == 1 || shape[3] == 3));
    case ClipKind::kSkeleton:
      return flat || (axes == 3 && shape[1] == like.joints && shape[2] == like.dimensions);
    case ClipKind::kSensors:
      // [N, T, F] has all of the channels in its last axis.
      return flat || (axes == 1 && like.channels == 1) ||
             (axes == 3 && shape[2] != like.channels && shape[1] * shape[2] == like.channels);
  }
  return false;
}

// Integers of 8 and 16 bits are scaled to 0 .. 1 in pictures.
float white_of(const ArrayReader& reader, const ClipShape& shape) {
  const ArrayElement element = reader.element_type();
  if (shape.kind != ClipKind::kFrames || element.kind != 'u' || element.bytes > 2) return 1;
  return element.bytes == 1 ? 255.0f : 65535.0f;
}

// The shape that pictures of an array are brought to.
ClipShape wanted_shape(const ClipShape& found, const ClipOptions& options) {
  if (options.like) return *options.like;
  if (found.kind != ClipKind::kFrames) return found;
  ClipShape shape = found;
  const double shrink =
      std::min(1.0, static_cast<double>(options.most_side) / static_cast<double>(std::max(found.height, found.width)));
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(static_cast<int64_t>(std::lround(static_cast<double>(side) * shrink)), 1);
  };
  shape.height = options.height > 0 ? options.height : scaled(found.height);
  shape.width = options.width > 0 ? options.width : scaled(found.width);
  if (options.colours == "grey") shape.channels = 1;
  if (options.colours == "colour") shape.channels = 3;
  return shape;
}

void check_same_shape(const std::string& name, const ClipShape& found, const ClipShape& wanted) {
  const bool fits = found.kind == wanted.kind && (found.kind == ClipKind::kFrames || found == wanted);
  if (!fits) fail("{}: expected {}, got {}", name, wanted.text(), found.text());
}

// One frame after the other from a reader.
class FrameReader {
 public:
  FrameReader(ArrayReader& reader, const ClipAxes& axes, const ClipShape& wanted, std::string name)
      : reader_(reader), axes_(axes), wanted_(wanted), name_(std::move(name)), white_(white_of(reader, axes.shape)) {}

  void append(std::vector<float>& to) {
    numbers_.resize(static_cast<size_t>(axes_.shape.numbers()));
    reader_.read(numbers_);
    if (axes_.shape.kind == ClipKind::kFrames) return append_picture(to);
    for (const double number : numbers_) to.push_back(checked(number));
  }

 private:
  float checked(double number) const {
    if (std::abs(number) > 1e30) fail("{}: expected numbers up to 1e30, got {}", name_, number);
    return static_cast<float>(number);
  }

  void append_picture(std::vector<float>& to) {
    Image image{.height = axes_.shape.height,
                .width = axes_.shape.width,
                .channels = axes_.shape.channels,
                .values = std::vector<float>(numbers_.size())};
    const int64_t pixels = image.pixels();
    for (int64_t i = 0; i < std::ssize(numbers_); ++i) {
      const int64_t at = axes_.channels_first ? i % pixels * image.channels + i / pixels : i;
      image.values[static_cast<size_t>(at)] = checked(numbers_[static_cast<size_t>(i)]) / white_;
    }
    append_frame(image, wanted_, to);
  }

  ArrayReader& reader_;
  const ClipAxes& axes_;
  const ClipShape& wanted_;
  std::string name_;
  float white_;
  std::vector<double> numbers_;
};

// Frames at the end that are NaN throughout fill an array up.
void cut_filling(std::vector<float>& values, int64_t numbers) {
  while (std::ssize(values) >= numbers &&
         std::all_of(values.end() - numbers, values.end(), [](float value) { return std::isnan(value); })) {
    values.resize(values.size() - static_cast<size_t>(numbers));
  }
}

// A pixel that is no number cannot be shown to a network; a joint or a sensor may be missing.
void check_pixels(const std::vector<float>& values, const ClipShape& shape, const std::string& clip) {
  if (shape.kind != ClipKind::kFrames) return;
  const auto at = std::ranges::find_if(values, [](float value) { return std::isnan(value); });
  if (at == values.end()) return;
  fail("{}: frame {} has a pixel that is NaN", clip, (at - values.begin()) / shape.numbers() + 1);
}

// The arrays of a file: values, labels [N] or [N, T], lengths [N].
struct ArrayParts {
  std::optional<DataFile> values, labels, lengths;
  std::string label_name;
};

ArrayParts parts_of(const DataFile& file) {
  if (array_format(file) != "npz") return {.values = file, .labels = {}, .lengths = {}, .label_name = {}};
  constexpr std::array<std::string_view, 9> kValues{"x",      "data",   "values", "frames", "skeletons",
                                                    "joints", "inputs", "clips",  "x_train"};
  constexpr std::array<std::string_view, 5> kLabels{"y", "labels", "label", "targets", "y_train"};
  constexpr std::array<std::string_view, 2> kLengths{"lengths", "length"};
  ArrayParts parts;
  const std::vector<NamedArray> arrays = npz_arrays(file);
  for (const NamedArray& array : arrays) {
    const std::string name = lower_ascii(array.name);
    const auto is = [&name](const auto& names) { return std::ranges::find(names, name) != names.end(); };
    if (is(kValues) || arrays.size() == 1) parts.values = array.file;
    if (is(kLabels)) parts.labels = array.file, parts.label_name = array.name;
    if (is(kLengths)) parts.lengths = array.file;
  }
  if (!parts.values) fail("{}: none of its {} arrays is called x, data or frames", file.name(), arrays.size());
  return parts;
}

int32_t step_class(SequenceSet& set, double label) {
  if (std::isnan(label)) return -1;
  const std::string name = fmt::format("{}", label);
  const auto at = std::ranges::find(set.step_classes, name);
  if (at != set.step_classes.end()) return static_cast<int32_t>(at - set.step_classes.begin());
  set.step_classes.push_back(name);
  return static_cast<int32_t>(set.step_classes.size() - 1);
}

// Labels of the clips [N] or of their frames [N, T], for the sequences from `first` on.
void add_array_labels(const std::string& name, const ArrayParts& parts, const ClipAxes& axes, int64_t first,
                      ClipSet& to) {
  SequenceSet& set = to.set;
  const NumberArray labels = read_array(*parts.labels);
  const bool of_clips = labels.shape == std::vector<int64_t>{axes.clips};
  const bool of_frames = labels.shape == std::vector<int64_t>{axes.clips, axes.steps};
  if (!of_clips && !of_frames) {
    fail("{}: {} has shape ({}), expected a label for each of {} clips, or of their {} frames", name,
         quoted_cell(parts.label_name), fmt::join(labels.shape, ", "), axes.clips, axes.steps);
  }
  if (of_clips) set.labels = {parts.label_name};
  if (of_frames) set.columns.step_labels = {parts.label_name};
  for (int64_t n = 0; n < axes.clips; ++n) {
    Sequence& s = set.sequences[static_cast<size_t>(first + n)];
    if (of_clips) {
      const double label = labels.values[static_cast<size_t>(n)];
      s.labels = {std::isnan(label) ? "" : fmt::format("{}", label)};
      continue;
    }
    const int64_t steps = std::ssize(s.values) / to.shape.numbers();
    for (int64_t t = 0; t < steps; ++t) {
      s.step_labels.push_back(step_class(set, labels.values[static_cast<size_t>(n * axes.steps + t)]));
    }
  }
}

}  // namespace

std::vector<Channel> channels_of(const ClipShape& shape) {
  constexpr std::string_view kAxes = "xyz";
  std::vector<Channel> channels;
  for (int64_t i = 0; i < shape.numbers(); ++i) {
    Channel channel;
    if (shape.kind == ClipKind::kSkeleton) {
      channel.name =
          fmt::format("joint {} {}", i / shape.dimensions + 1, kAxes[static_cast<size_t>(i % shape.dimensions)]);
    } else {
      channel.name = fmt::format("#{}", i + 1);
    }
    channels.push_back(std::move(channel));
  }
  return channels;
}

void read_arrays(std::span<const DataFile> files, const ClipOptions& options, ClipSet& to) {
  SequenceSet& set = to.set;
  StepSpill spill(set, options.series);
  for (const DataFile& file : files) {
    const ArrayParts parts = parts_of(file);
    ArrayReader reader(*parts.values);
    const bool one = options.like && is_one_clip(reader.shape(), *options.like);
    const ClipAxes axes = axes_of_clips(file.name(), reader.shape(), options, one);
    if (set.channels.empty()) {
      to.shape = wanted_shape(axes.shape, options);
      set.channels = channels_of(to.shape);
    }
    check_same_shape(file.name(), axes.shape, to.shape);
    std::vector<double> lengths;
    if (parts.lengths) lengths = read_array(*parts.lengths).values;
    if (parts.lengths && std::ssize(lengths) != axes.clips) {
      fail("{}: {} lengths for {} clips", file.name(), lengths.size(), axes.clips);
    }
    FrameReader frames(reader, axes, to.shape, file.name());
    const int64_t first = set.size();
    for (int64_t n = 0; n < axes.clips; ++n) {
      Sequence s;
      s.id = one ? std::filesystem::path(file.name()).filename().string() : std::to_string(set.size() + 1);
      s.place.file = static_cast<int32_t>(set.files.size());
      for (int64_t t = 0; t < axes.steps; ++t) frames.append(s.values);
      if (lengths.empty()) {
        cut_filling(s.values, to.shape.numbers());
      } else {
        const double length = lengths[static_cast<size_t>(n)];
        if (!(length >= 0 && length <= static_cast<double>(axes.steps)) || length != std::floor(length)) {
          fail("{}: clip {}: expected a length of 0 .. {}, a whole number, got {}", file.name(), n + 1, axes.steps,
               length);
        }
        s.values.resize(static_cast<size_t>(static_cast<int64_t>(length) * to.shape.numbers()));
      }
      check_pixels(s.values, to.shape, fmt::format("{}: clip {}", file.name(), n + 1));
      set.sequences.push_back(std::move(s));
      if (!parts.labels) spill.added(set.sequences.back());
    }
    if (first > 0 && parts.labels.has_value() == (set.labels.empty() && set.step_classes.empty())) {
      fail("{}: some of the arrays have labels, others have none", file.name());
    }
    // Before any of their steps goes to disk.
    if (parts.labels) {
      add_array_labels(file.name(), parts, axes, first, to);
      for (int64_t n = first; n < set.size(); ++n) spill.added(set.sequences[static_cast<size_t>(n)]);
    }
    set.files.push_back(file.name());
  }
  spill.finish();
}

void read_array_clips(const std::vector<ClipSource>& clips, const ClipOptions& options, ClipSet& to) {
  SequenceSet& set = to.set;
  read_each(clips, options, to, [&](const ClipSource& clip, std::vector<float>& values) {
    const ArrayParts parts = parts_of(clip.file.front());
    ArrayReader reader(*parts.values);
    const ClipAxes axes = axes_of_clips(clip.place, reader.shape(), options, true);
    if (set.channels.empty()) {
      to.shape = wanted_shape(axes.shape, options);
      set.channels = channels_of(to.shape);
    }
    check_same_shape(clip.place, axes.shape, to.shape);
    FrameReader frames(reader, axes, to.shape, clip.place);
    for (int64_t t = 0; t < axes.steps; ++t) frames.append(values);
    cut_filling(values, to.shape.numbers());
    check_pixels(values, to.shape, clip.place);
  });
}

}  // namespace recur::internal
