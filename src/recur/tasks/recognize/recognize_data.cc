#include "recur/tasks/recognize/recognize_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

int64_t windows_of(int64_t steps, int64_t window) { return std::max<int64_t>((steps + window - 1) / window, 1); }

// A copy of some steps, of a sequence in memory or on disk.
Sequence steps_of(const ClipSet& clips, const Sequence& s, int64_t begin, int64_t end) {
  return clips.set.load(s, begin, end);
}

// At most so many frames, evenly spread.
void thin(RawClip& clip, int64_t most, int64_t numbers) {
  if (most <= 0 || clip.steps <= most) return;
  RawClip out{.values = {}, .labels = {}, .steps = most};
  for (int64_t t = 0; t < most; ++t) {
    const int64_t from = (2 * t + 1) * clip.steps / (2 * most);
    const auto at = clip.values.begin() + from * numbers;
    out.values.insert(out.values.end(), at, at + numbers);
    if (!clip.labels.empty()) out.labels.push_back(clip.labels[static_cast<size_t>(from)]);
  }
  clip = std::move(out);
}

ClipExample encoded(const RecognizeData& data, const Sequence& clip, const RawClip& raw, const ClipEncoder& encoder,
                    const ClipAugmentOptions* augment = nullptr, Random* random = nullptr) {
  return {.values = encoder.encode(data.clips(), clip, raw, augment, random),
          .step_labels = data.classes_of(raw.labels),
          .steps = raw.steps,
          .features = encoder.features()};
}

}  // namespace

ClipOptions clip_options(const RecognizeOptions& options, const ClipEncoder* like, bool need_labels) {
  ClipOptions out{.input = options.data.input,
                  .joints = options.data.joints,
                  .colours = options.data.colours,
                  .height = options.data.frame_height,
                  .width = options.data.frame_width,
                  .rate = options.data.frame_rate,
                  .events_file = options.use.events_file};
  if (options.data.background != "auto") out.background = options.data.background;
  const bool events = !options.use.events_file.empty();
  out.series =
      options.data.series.sequence_options(like == nullptr ? nullptr : like->columns(), need_labels && !events);
  if (like != nullptr) out.like = like->shape();
  if (!options.data.label.empty() && like == nullptr) {
    auto& columns = out.series.columns;
    (options.data.labels == "frames" ? columns.step_labels : columns.labels) = {options.data.label};
  }
  out.series.side_table = options.use.labels_file;
  out.series.label_steps = options.data.labels == "frames";
  return out;
}

ClipSet read_for(const DataFiles& files, const RecognizeOptions& options, const ClipEncoder* like, bool need_labels) {
  ClipSet clips = read_clips(files, clip_options(options, like, need_labels));
  clips.log_all();
  if (clips.set.labels.size() > 1) {
    fail_usage("label_column: expected one column of labels, got {}: {}", clips.set.labels.size(),
               listed(clips.set.labels));
  }
  return clips;
}

bool labels_of_frames(const ClipSet& clips, const RecognizeDataOptions& options) {
  const bool frames = !clips.set.step_classes.empty(), whole = !clips.set.labels.empty();
  if (!frames && !whole) {
    fail("{}: no labels: neither a column (label_column), folders that are classes nor a labels_file or events_file",
         listed_files(clips.set.files));
  }
  if (options.labels == "frames" && !frames) {
    fail("{}: labels = frames: the labels are those of clips", listed_files(clips.set.files));
  }
  if (options.labels == "clips" && !whole) {
    fail("{}: labels = clips: the label changes within a clip", listed_files(clips.set.files));
  }
  return options.labels == "frames" || (options.labels == "auto" && frames);
}

std::vector<std::string> labels_in(const ClipSet& clips, std::span<const int64_t> which, bool each_frame) {
  std::vector<std::string> out;
  if (!each_frame) {
    for (const int64_t i : which) {
      const Sequence& s = clips.set.sequences[static_cast<size_t>(i)];
      if (!s.labels.empty() && !s.labels[0].empty()) out.push_back(s.labels[0]);
    }
    return out;
  }
  std::vector<bool> there(clips.set.step_classes.size(), false);
  bool unlabelled = false;
  for (const int64_t i : which) {
    for_each_part(clips.set, clips.set.sequences[static_cast<size_t>(i)], [&](const Sequence& part, int64_t) {
      for (const int32_t label : part.step_labels) {
        if (label >= 0) there[static_cast<size_t>(label)] = true;
        unlabelled = unlabelled || label < 0;
      }
    });
  }
  for (size_t k = 0; k < there.size(); ++k) {
    if (there[k]) out.push_back(clips.set.step_classes[k]);
  }
  if (unlabelled && !clips.unlabelled.empty()) out.push_back(clips.unlabelled);
  return out;
}

RecognizeData::RecognizeData(std::shared_ptr<const ClipSet> clips, std::vector<int64_t> which,
                             const Vocabulary& classes, bool each_frame, bool labelled)
    : clips_(std::move(clips)), which_(std::move(which)) {
  if (!labelled) return;
  OpenClasses open(classes);
  const SequenceSet& set = clips_->set;
  if (each_frame) {
    for (const std::string& name : set.step_classes) {
      class_of_step_.push_back(open.number(name, listed_files(set.files)));
    }
    const auto unlabelled = std::ranges::find(classes.words(), clips_->unlabelled);
    if (unlabelled != classes.words().end()) unlabelled_ = static_cast<int32_t>(unlabelled - classes.words().begin());
  } else {
    for (const int64_t i : which_) {
      const Sequence& s = set.sequences[static_cast<size_t>(i)];
      labels_.push_back(open.number(s.labels.empty() ? "" : s.labels[0], set.where_label(s, 0)));
    }
  }
  lacking_ = open.lacking();
  warning_ = each_frame ? open.warning(fmt::format("{} labels of frames are ones", set.step_classes.size()))
                        : open.warning(counted(size(), "clip has a label", "clips have labels"));
}

std::vector<int32_t> RecognizeData::classes_of(std::span<const int32_t> step_labels) const {
  std::vector<int32_t> out;
  if (class_of_step_.empty()) return out;
  for (const int32_t label : step_labels)
    out.push_back(label < 0 ? unlabelled_ : class_of_step_[static_cast<size_t>(label)]);
  return out;
}

std::vector<int32_t> RecognizeData::step_labels(int64_t i) const {
  return classes_of(clips_->set.load(clip(i))->step_labels);
}

DataChecksum RecognizeData::checksum() const {
  DataChecksum checksum;
  for (int64_t i = 0; i < size(); ++i) {
    for_each_part(clips_->set, clip(i), [&](const Sequence& part, int64_t) {
      checksum.add(part.values);
      checksum.add(classes_of(part.step_labels));
    });
  }
  checksum.add(labels_);
  return checksum;
}

ClipExample make_example(const RecognizeData& data, int64_t i, const ExampleMaking& how) {
  RawClip raw = how.encoder->raw(data.clips(), data.clip(i));
  thin(raw, how.most_frames, data.clips().shape.numbers());
  return encoded(data, data.clip(i), raw, *how.encoder);
}

ClipExample make_part(const RecognizeData& data, int64_t i, int64_t begin, int64_t end, const ClipEncoder& encoder) {
  const Sequence part = steps_of(data.clips(), data.clip(i), begin, end);
  return encoded(data, data.clip(i), encoder.raw(data.clips(), part), encoder);
}

std::vector<int64_t> clip_of_example(const RecognizeData& data, const RecognizeOptions& options, bool each_frame) {
  std::vector<int64_t> clips;
  for (int64_t i = 0; i < data.size(); ++i) {
    clips.insert(clips.end(), static_cast<size_t>(each_frame ? windows_of(data.steps(i), options.data.window) : 1), i);
  }
  return clips;
}

DatasetPtr<ClipExample> training_examples(const RecognizeData& data, const ClipEncoder& encoder,
                                          const RecognizeOptions& options, bool each_frame) {
  const std::vector<int64_t> clips = clip_of_example(data, options, each_frame);
  const int64_t window = options.data.window, most = options.data.most_frames;
  std::vector<int64_t> lengths;
  for (const int64_t i : clips) {
    const int64_t steps = data.steps(i);
    lengths.push_back(each_frame ? std::min(steps, window) : most > 0 ? std::min(steps, most) : steps);
  }
  const auto mirrored = joint_pairs(options.augment.mirror_joints, data.clips().shape.joints);
  const auto load = [data, encoder, augment = options.augment, clips, window, most, each_frame, mirrored](
                        int64_t k, Random& random) {
    const int64_t i = clips[static_cast<size_t>(k)];
    const ClipSet& set = data.clips();
    RawClip raw;
    if (each_frame && data.steps(i) > window) {
      const auto begin = static_cast<int64_t>(random.below(static_cast<uint64_t>(data.steps(i) - window + 1)));
      raw = encoder.raw(set, steps_of(set, data.clip(i), begin, begin + window));
    } else {
      raw = encoder.raw(set, data.clip(i));
      if (!each_frame) thin(raw, most, set.shape.numbers());
    }
    const bool changes = !augment.has("none");
    if (changes) change_clip(raw, set.shape, augment, mirrored, random);
    return encoded(data, data.clip(i), raw, encoder, changes ? &augment : nullptr, &random);
  };
  return function_dataset<ClipExample>(std::move(lengths), load, data.clips().set.in_memory());
}

ClipBatch make_batch(std::span<const Loaded<ClipExample>> examples) {
  ClipBatch batch;
  int64_t longest = 1;
  for (const Loaded<ClipExample>& example : examples) {
    batch.lengths.push_back(example->steps);
    longest = std::max(longest, example->steps);
  }
  const int64_t size = std::ssize(examples), features = examples.front()->features;
  batch.x = Tensor::zeros({longest, size, features}, DType::kF32);
  float* to = batch.x.data<float>();
  for (int64_t b = 0; b < size; ++b) {
    const std::vector<float>& from = examples[static_cast<size_t>(b)]->values;
    for (int64_t t = 0; t < batch.lengths[static_cast<size_t>(b)]; ++t) {
      std::copy_n(from.begin() + t * features, features, to + (t * size + b) * features);
    }
  }
  return batch;
}

}  // namespace recur
