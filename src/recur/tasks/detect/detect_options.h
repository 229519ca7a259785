// The options of anomaly detection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

struct DetectDataOptions {
  SeriesOptions series;
  std::string scaler = "standard";
  std::optional<int64_t> window;
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    series.visit(v);
    v("scaler", scaler, "Scale of each channel, from the training data", OneOf{"none", "standard", "minmax", "robust"});
    v("window", window,
      "Steps trained on in one piece, and reconstructed in one; without it the longest sequence up to 256 steps, else "
      "100",
      Range{2, 1 << 20});
    v("batch", batch, "B, windows of a step", Range{1, 1 << 20});
  }
};

struct DetectModelOptions {
  std::string method = "forecast";
  RecurrentOptions rnn{.hidden = 64};
  int64_t code = 0;
  float dropout = 0;
  bool balanced = false;

  template <class Visitor>
  void visit(Visitor& v) {
    v("method", method,
      "What gives an anomaly away: the error of a forecast, that of a reconstruction, or its likeness to labelled ones",
      OneOf{"forecast", "reconstruct", "classify"});
    visit_layers(v, rnn);
    v("code", code, "Reconstruction: numbers that a window must fit in; 0: an eighth of hidden", Range{0, 1 << 20});
    v("dropout", dropout, "Of the layers' inputs and of the last output", Range{.min = 0, .max = 1, .open_max = true});
    v("balanced", balanced, "Classification: in training, anomalies weigh as much together as all else");
  }
};

struct DetectThresholdOptions {
  std::string choose = "auto";
  double quantile = 0.99;
  std::string level = "auto";
  std::string pooling = "mean";
  std::optional<int64_t> warm_up;

  template <class Visitor>
  void visit(Visitor& v) {
    v("choose", choose,
      "Threshold: the score with the best F1 on validation, or a quantile of the normal scores there; auto: the former "
      "where validation has labelled anomalies",
      OneOf{"auto", "f1", "quantile"});
    v("quantile", quantile, "Which: 0.99 lets one in a hundred normal ones be a false alarm", Range{0, 1});
    v("level", level, "What is scored; auto: sequences where labels are theirs, else steps",
      OneOf{"auto", "steps", "sequences"});
    v("sequence_score", pooling, "A sequence's score out of those of its steps", OneOf{"mean", "max"});
    v("warm_up", warm_up,
      "First steps of a sequence, which are not judged: their score is 0; without it a tenth of the window where "
      "single "
      "steps are forecast, else 0",
      Range{0, 1 << 20});
  }
};

// What counts each time a trained model is used.
struct DetectUseOptions {
  std::string label, labels_file;
  std::vector<std::string> normal;
  std::optional<double> threshold;
  int64_t batch = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("label_column", label, "Where the label of each step or sequence is; empty: label, if there is such a column");
    v("labels_file", labels_file, "Table with the label of each sequence, where the data themselves have none");
    v("normal_labels", normal, "Labels of what is normal; all others are anomalies; empty: 0, normal, no, false, ...");
    v("threshold", threshold, "Scores above are anomalies; without it as validation chose");
    v("eval_batch", batch, "Sequences scored side by side", Range{1, 1 << 20});
  }
};

struct DetectOptions {
  DetectDataOptions data;
  DetectModelOptions model;
  DetectThresholdOptions threshold;
  DetectUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Threshold", threshold);
    v.section("Evaluation", use);
  }
};

// Whether the network learns labels, rather than what is normal.
inline bool classifies(const DetectOptions& options) { return options.model.method == "classify"; }

}  // namespace recur
