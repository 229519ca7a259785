// The options of recognition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

struct RecognizeDataOptions {
  std::string input = "auto", labels = "auto";
  std::string label;
  SeriesOptions series;
  std::string scaler = "standard";
  int64_t joints = 0, root = 0;
  std::string center = "frame", scale = "clip";
  bool zero_is_missing = true;
  std::vector<std::string> features = {"positions", "velocity"};
  std::string colours = "auto";
  int64_t frame_height = 0, frame_width = 0;
  double frame_rate = 0;
  bool motion = false;
  int64_t window = 256, most_frames = 0;
  std::string background = "auto";
  std::optional<int64_t> batch;

  bool has(std::string_view feature) const { return std::ranges::count(features, feature) > 0; }

  template <class Visitor>
  void visit(Visitor& v) {
    v("input", input, "What a frame is: sensors (numbers), skeleton (joints) or frames (a picture); auto: inferred",
      OneOf{"auto", "sensors", "skeleton", "frames"});
    v("labels", labels,
      "What has a label: clips or frames, whose runs of one label are events; auto: inferred from the data",
      OneOf{"auto", "clips", "frames"});
    v("label_column", label, "Column of the label; empty: inferred from the data");
    series.visit(v, "Tables: ");
    v("scaler", scaler, "Sensors: per-channel scaling, fitted on the training data",
      OneOf{"none", "standard", "minmax", "robust"});
    v("joints", joints, "Skeleton: number of joints, whose coordinates stand side by side; 0: inferred",
      Range{0, 1 << 16});
    v("root", root, "Skeleton: number of the joint, from 1, that the others are seen from; 0: the mean of all joints",
      Range{0, 1 << 16});
    v("center", center, "Skeleton: joints are seen from the root of each frame, that of the first frame, or not moved",
      OneOf{"frame", "clip", "none"});
    v("scale", scale,
      "Skeleton: clip brings the mean distance of the joints from the root to 1 in every clip; none leaves sizes as "
      "they are, as streams need",
      OneOf{"clip", "none"});
    v("zero_is_missing", zero_is_missing, "Skeleton: a joint whose coordinates are all exactly 0 was not seen");
    v("features", features,
      "Skeleton: what the network reads of a frame: positions, velocity (the way of each joint from the frame before), "
      "distances (of all pairs of joints)",
      OneOf{"positions", "velocity", "distances"});
    v("colours", colours, "Frames: read in grey or in colour; auto: in colour if the first frame of a clip has colours",
      OneOf{"auto", "grey", "colour"});
    v("frame_height", frame_height, "Frames: height that they are brought to, in pixels; 0: theirs, up to 64",
      Range{0, 1 << 12});
    v("frame_width", frame_width, "Frames: width that they are brought to", Range{0, 1 << 12});
    v("frame_rate", frame_rate, "Videos: frames read for a second; 0: those of the file", Range{0, 1000});
    v("motion", motion, "Frames: read the difference from the frame before, too");
    v("window", window, "Labels of frames: steps that training cuts out of a recording at once", Range{2, 1 << 24});
    v("most_frames", most_frames,
      "Labels of clips: frames that are read of a longer clip, evenly spread over it; 0: all", Range{0, 1 << 24});
    v("background", background,
      "Labels of frames: the label that is no event; auto: the first of none, null, background, other, unlabelled, "
      "idle, no action and no gesture that there is");
    v("batch", batch, "B, batch size in clips or windows; default 32, or 16 for few clips", Range{1, 1 << 20});
  }
};

// How clips are changed anew each time they are learnt from (clip_augment.h).
struct ClipAugmentOptions {
  std::vector<std::string> kinds = {"auto"};
  std::vector<std::string> mirror_joints = {};

  bool has(std::string_view kind) const { return std::ranges::count(kinds, kind) > 0; }

  template <class Visitor>
  void visit(Visitor& v) {
    v("augment", kinds,
      "Random changes in training: jitter (noise), scale (size, of sensors each channel's), rotate (skeletons and "
      "sensors of three axes about a random axis, pictures in their plane), shift (pictures), turn (pictures, by "
      "quarters of a circle), mirror (skeletons and pictures, left and right), light (brightness and contrast of "
      "pictures), crop (a part of the time, as long as before), warp (a window of time slower or faster), drop "
      "(skeletons: joints unseen) and mixup (two clips and their labels mixed); none, or auto: jitter, scale, crop and "
      "warp, of skeletons also rotate; of pictures shift, light, crop and warp",
      OneOf{"auto", "none", "jitter", "scale", "rotate", "shift", "turn", "mirror", "light", "crop", "warp", "drop",
            "mixup"});
    v("mirror_joints", mirror_joints, "Skeleton: pairs of joints that a mirror exchanges, by number: 5-6,7-8");
  }
};

struct RecognizeModelOptions {
  std::string network = "auto";
  std::vector<int64_t> frame_widths = {16, 32, 64};
  int64_t frame_blocks = 1;
  std::vector<std::string> parts = {};
  int64_t part_hidden = 32;
  std::vector<int64_t> conv = {};
  std::vector<int64_t> kernels = {5};
  std::vector<int64_t> filters = {128, 256, 128};
  std::vector<int64_t> filter_kernels = {8, 5, 3};
  RecurrentOptions rnn{.hidden = 128, .bidirectional = true};
  std::string pooling = "auto";
  float dropout = 0.3f;
  int64_t members = 1;

  bool has_filters() const { return network == "lstm-fcn"; }
  bool has_parts() const { return network == "parts"; }

  template <class Visitor>
  void visit(Visitor& v) {
    v("network", network,
      "Network behind the frames: rnn (recurrent layers), lstm-fcn (recurrent layers beside convolutions along time; "
      "Karim et al. 2019), or of skeletons parts (recurrent layers for each part of the body, fused stage by stage; Du "
      "et al. 2015); auto: rnn for pictures and labels of frames, else lstm-fcn",
      OneOf{"auto", "rnn", "lstm-fcn", "parts"});
    v("frame_widths", frame_widths,
      "Frames: channels of the stages of the convolutions that read each picture; each stage halves its size",
      Range{1, 1 << 16});
    v("frame_blocks", frame_blocks, "Frames: residual blocks of a stage", Range{0, 100});
    v("parts", parts,
      "parts: the joints of each part by number, 1-2-3,4-5-6; five parts are trunk, two arms and two legs; empty: of "
      "20 joints those of a Kinect, of 15 those of JHMDB");
    v("part_hidden", part_hidden, "parts: hidden units of each part", Range{1, 1 << 20});
    v("conv", conv, "Filters of convolutions along time before the recurrent layers; [] for none", Range{1, 1 << 16});
    v("kernels", kernels, "Kernel sizes of these in frames", Range{1, 1 << 16});
    v("filters", filters, "lstm-fcn: filters of each convolution", Range{1, 1 << 16});
    v("filter_kernels", filter_kernels, "lstm-fcn: kernel size of each in frames", Range{1, 1 << 16});
    visit_layers(v, rnn);
    v("pooling", pooling,
      "Labels of clips: pooling over time: last, mean, max, attention, or concat (last, max and mean); auto: mean",
      OneOf{"auto", "last", "mean", "max", "attention", "concat"});
    v("dropout", dropout, "Dropout probability between layers and before the output",
      Range{.min = 0, .max = 1, .open_max = true});
    v("members", members, "Ensemble size: networks trained side by side, whose probabilities are averaged",
      Range{1, 1000});
  }
};

struct RecognizeLossOptions {
  std::string class_weights = "none";
  double smoothing = 0;
  std::string select = "auto";

  template <class Visitor>
  void visit(Visitor& v) {
    v("class_weights", class_weights,
      "Class weights in the training loss: none, balanced (inverse frequency) or sqrt (its square root)",
      OneOf{"none", "balanced", "sqrt"});
    v("smoothing", smoothing, "Label smoothing: share of the target probability that is spread over all classes",
      Range{.min = 0, .max = 1, .open_max = true});
    v("select", select,
      "Validation metric by which the best model is chosen; auto: accuracy, of labels of frames macro_f1",
      OneOf{"auto", "loss", "accuracy", "macro_f1", "event_f1"});
  }
};

// Options of prediction and evaluation.
struct RecognizeUseOptions {
  std::string labels_file = {}, events_file = {};
  std::string rows = "events", stream = "lines";
  std::optional<int64_t> smooth = {}, least_frames = {};
  double rate = 0;
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file, "Table with the label of each clip by its id or file, or array of labels");
    v("events_file", events_file,
      "Table of events: clip, start and end by the number of the frame from 1, label; all other frames are background");
    v("rows", rows, "Labels of frames: predict writes a row an event or a row a frame", OneOf{"events", "frames"});
    v("stream", stream,
      "What the standard input is: lines (a frame each: numbers, or the path of a picture), or pictures themselves, "
      "binary PGM or PPM one behind the other (predict -)",
      OneOf{"lines", "pictures"});
    v("smooth", smooth,
      "Labels of frames: probabilities are averaged over so many frames, half of them on each side, in streams those "
      "before; default: chosen on validation data, else 1",
      Range{1, 1 << 20});
    v("least_frames", least_frames,
      "Labels of frames: frames of the shortest event; default: chosen on validation data, else 1", Range{1, 1 << 20});
    v("rate", rate,
      "Labels of frames: frames a second, for false alarms a minute; 0: by the times of the data, where they have any "
      "that are dates",
      Range{0, 1e6});
    v("eval_batch", batch, "Batch size of evaluation, in clips", Range{1, 1 << 20});
  }
};

struct RecognizeOptions {
  RecognizeDataOptions data;
  ClipAugmentOptions augment;
  RecognizeModelOptions model;
  RecognizeLossOptions loss;
  RecognizeUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Augmentation", augment);
    v.section("Model", model);
    v.section("Loss", loss);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
