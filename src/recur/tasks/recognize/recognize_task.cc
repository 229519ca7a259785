#include "recur/tasks/recognize/recognize_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/recognize/recognize_training.h"

namespace recur {
namespace {

constexpr int64_t kFewClips = 1000;
constexpr int64_t kUsualSteps = 1 << 14;  // frames of a batch, padding included

std::vector<std::string> labels_by_clip(const ClipSet& clips) {
  std::vector<std::string> labels;
  for (const Sequence& s : clips.set.sequences) labels.push_back(s.labels.empty() ? "" : s.labels[0]);
  return labels;
}

Vocabulary fit_labels(const ClipSet& clips, const std::vector<int64_t>& train, const ClipSet* valid, bool each_frame) {
  std::vector<std::string> labels = labels_in(clips, train, each_frame);
  if (!each_frame && std::ssize(labels) < std::ssize(train)) {
    fail("{} of {} training clips have no label", std::ssize(train) - std::ssize(labels), train.size());
  }
  Vocabulary own = fit_classes(labels);
  if (own.size() < 2) {
    fail("expected at least two classes, but all {} have the label {}", each_frame ? "labelled frames" : "clips",
         own.size() == 0 ? "''" : quoted_cell(own.word(0)));
  }
  if (!each_frame && own.size() == std::ssize(train) && train.size() > 2) {
    fail("expected labels that repeat, but each of {} training clips has a label of its own, such as {}", train.size(),
         quoted_cell(own.word(0)));
  }
  if (valid == nullptr) return own;
  const std::vector<std::string> more = labels_in(*valid, all_of(valid->size()), each_frame);
  labels.insert(labels.end(), more.begin(), more.end());
  return fit_classes(labels);
}

// The label that is no event.
std::optional<int32_t> background_in(const Vocabulary& classes, const std::string& given) {
  constexpr std::array<std::string_view, 8> kUsual{"none",       "null", "background", "other",
                                                   "unlabelled", "idle", "no action",  "no gesture"};
  for (int32_t k = 0; k < classes.size(); ++k) {
    if (given != "auto" && classes.word(k) == given) return k;
  }
  if (given != "auto") return {};
  for (const std::string_view usual : kUsual) {
    for (int32_t k = 0; k < classes.size(); ++k) {
      if (lower_ascii(classes.word(k)) == usual) return k;
    }
  }
  return {};
}

void choose_network(RecognizeModelOptions& model, ClipKind kind, bool each_frame) {
  if (model.network == "auto") {
    model.network = kind == ClipKind::kFrames || each_frame ? "rnn" : "lstm-fcn";
  }
  if (model.pooling == "auto") model.pooling = "mean";
}

void choose_augmentation(ClipAugmentOptions& augment, ClipKind kind, bool each_frame) {
  if (augment.has("mixup") && each_frame) fail_usage("augment = mixup: expected labels of clips");
  if (!augment.has("auto")) return;
  augment.kinds = {"jitter", "scale", "crop", "warp"};
  if (kind == ClipKind::kSkeleton) augment.kinds.emplace_back("rotate");
  if (kind == ClipKind::kFrames) augment.kinds = {"shift", "light", "crop", "warp"};
}

// Of each class by its frequency in what is trained on; empty: all count alike.
std::vector<float> weights_of(const RecognizeData& train, int64_t classes, bool each_frame, const std::string& kind) {
  if (kind == "none") return {};
  std::vector<double> counts(static_cast<size_t>(classes), 0);
  double total = 0;
  const auto add = [&](int32_t label) {
    if (label < 0 || label >= classes) return;
    counts[static_cast<size_t>(label)] += 1;
    total += 1;
  };
  for (int64_t i = 0; i < train.size(); ++i) {
    if (!each_frame) add(train.label(i));
    if (!each_frame) continue;
    for (const int32_t label : train.step_labels(i)) add(label);
  }
  std::vector<double> weights;
  double sum = 0;
  for (const double count : counts) {
    weights.push_back(count == 0 ? 1 : kind == "sqrt" ? 1 / std::sqrt(count) : 1 / count);
    sum += count * weights.back();
  }
  std::vector<float> out;
  for (const double weight : weights) out.push_back(static_cast<float>(weight * total / sum));
  return out;
}

std::string taken_text(const ClipSet& clips, bool each_frame, const Vocabulary& classes) {
  int64_t shortest = clips.size() == 0 ? 0 : clips.set.length(clips.set.sequences[0]), longest = 0;
  for (const Sequence& s : clips.set.sequences) {
    shortest = std::min(shortest, clips.set.length(s));
    longest = std::max(longest, clips.set.length(s));
  }
  return fmt::format(
      "{} of {}, a frame: {}; labels of {}: {}", counted(clips.size(), "clip", "clips"),
      shortest == longest ? counted(longest, "frame", "frames") : fmt::format("{} to {} frames", shortest, longest),
      clips.shape.text(), each_frame ? "frames" : "clips", listed(classes.words(), 12));
}

// Older files of models of clips may hold them.
void ignore_frame_options(RecognizeUseOptions& use) {
  const RecognizeUseOptions usual;
  use.rows = usual.rows;
  use.smooth = usual.smooth;
  use.least_frames = usual.least_frames;
  use.rate = usual.rate;
}

void check_smallest_clip(const ClipSet& clips) {
  const auto one =
      std::ranges::count_if(clips.set.sequences, [&](const Sequence& s) { return clips.set.length(s) == 1; });
  if (one > 0) log_info("{} one frame alone: there is no motion in it", counted(one, "clip has", "clips have"));
}

}  // namespace

const TaskInfo& RecognizeTask::info() const { return recognize_info(); }

std::unique_ptr<Training> RecognizeTask::train(const TrainingData& data, const TrainingStart& start) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  for (std::string* path : {&options.use.labels_file, &options.use.events_file}) *path = absolute_path(*path);
  const auto* first = first_model<RecognizeTrained>(start);
  const ClipEncoder* known = first != nullptr ? &first->encoder() : nullptr;
  const auto clips = std::make_shared<const ClipSet>(read_for(data.files, options, known, true));
  if (known != nullptr) known->check(*clips);
  check_smallest_clip(*clips);
  const bool each_frame = labels_of_frames(*clips, options.data);
  if (!each_frame) refuse_frame_options(options.use);
  HoldOut parts{.train = all_of(clips->size()), .valid = {}};
  if (data.held_out) {
    // Recordings have labels of many kinds each, so that they are drawn as they come.
    const std::vector<std::string> labels =
        each_frame ? std::vector<std::string>(static_cast<size_t>(clips->size())) : labels_by_clip(*clips);
    parts = hold_out(labels, *data.held_out, start.seed);
  }
  ClipEncoder encoder = known != nullptr ? *known : ClipEncoder::fit(*clips, parts.train, options.data);
  std::shared_ptr<const ClipSet> valid = data.held_out ? clips : nullptr;
  if (!data.valid.empty()) {
    valid = std::make_shared<const ClipSet>(read_for(data.valid, options, &encoder, true));
    encoder.check(*valid);
    parts.valid = all_of(valid->size());
  }
  const Vocabulary classes =
      first != nullptr ? first->classes() : fit_labels(*clips, parts.train, valid.get(), each_frame);
  options.data.labels = each_frame ? "frames" : "clips";
  choose_network(options.model, clips->shape.kind, each_frame);
  choose_augmentation(options.augment, clips->shape.kind, each_frame);
  if (options.loss.select == "auto") options.loss.select = each_frame ? "macro_f1" : "accuracy";
  if (options.loss.select == "event_f1" && !each_frame) {
    fail_usage("select = event_f1: expected labels of frames");
  }
  RecognizeData train(clips, parts.train, classes, each_frame);
  if (!train.lacking().empty()) class_of(classes, train.lacking()[0], listed_files(clips->set.files));
  if (!options.data.batch) options.data.batch = train.size() <= kFewClips && !each_frame ? 16 : 32;
  const std::optional<int32_t> background = each_frame ? background_in(classes, options.data.background) : std::nullopt;
  if (each_frame) {
    if (!background && options.data.background != "auto") {
      log_warning("background: no frame has the label {}", quoted_cell(options.data.background));
    }
    log_info("{}", background ? fmt::format("frames labelled {} are no event (background)",
                                            quoted_cell(classes.word(*background)))
                              : "every label is an event: none of them is the background");
  }
  Random random(start.seed, kInitialValues);
  RecognizeBaselines baselines = RecognizeBaselines::fit(train, encoder, options, classes.size(), each_frame);
  RecognizeTrained trained(options, encoder, classes, each_frame, random);
  trained.set_baselines(std::move(baselines));
  trained.set_spotting({.smooth = options.use.smooth.value_or(1),
                        .least_frames = options.use.least_frames.value_or(1),
                        .background = background});
  RecognizeParts learnt{.train = train,
                        .valid = {},
                        .clip_of = clip_of_example(train, options, each_frame),
                        .weights = weights_of(train, classes.size(), each_frame, options.loss.class_weights)};
  if (valid) learnt.valid.emplace(valid, parts.valid, classes, each_frame);
  ShuffledBatches<ClipExample> batches(training_examples(train, encoder, options, each_frame),
                                       {.batch = *options.data.batch, .most_steps = kUsualSteps}, start);
  auto training = std::make_unique<RecognizeTraining>(std::move(trained), std::move(learnt), std::move(batches));
  training->set_taken(taken_text(*clips, each_frame, classes));
  return training;
}

std::unique_ptr<Trained> RecognizeTask::restore(const Assets& assets, int64_t elements) const {
  RecognizeOptions own = options;
  // Which files are read is for whoever uses a model to say, not for its file.
  own.use.labels_file.clear();
  own.use.events_file.clear();
  std::vector<std::string> words;
  bool each_frame = false;
  read_asset(assets, "targets", [&](const std::string& text) {
    const auto json = parse_json(text, 2);
    if (!json || !json->is_object()) fail("expected a JSON object");
    try {
      words = json->at("classes").get<std::vector<std::string>>();
      each_frame = json->at("each_frame").get<bool>();
    } catch (const JsonError& error) {
      fail("{}", error.what());
    }
    if (words.empty()) fail("expected classes");
  });
  if (!each_frame) ignore_frame_options(own.use);
  Vocabulary classes(std::move(words));
  if (own.model.network == "auto" || own.model.pooling == "auto") {
    fail("the model file lacks a value of network or pooling");
  }
  ClipEncoder encoder(assets, own.data);
  check_size(own.model, RecognizeTrained::sizes_of(own, encoder, classes.size(), each_frame), elements);
  const Spotting spotting = read_asset(
      assets, "spotting", [&](const std::string& text) { return Spotting::from_text(text, classes.size()); });
  std::optional<RecognizeBaselines> baselines;
  if (assets.contains("baselines")) {
    baselines = read_asset(assets, "baselines", [&](const std::string& text) {
      return RecognizeBaselines::from_text(text, classes.size(), encoder.features());
    });
  }
  Random random(0);
  auto trained = std::make_unique<RecognizeTrained>(own, std::move(encoder), std::move(classes), each_frame, random);
  trained->set_spotting(spotting);
  if (baselines) trained->set_baselines(*std::move(baselines));
  return trained;
}

}  // namespace recur
