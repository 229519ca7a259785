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
    v("scaler", scaler, "Per-channel scaling, fitted on the training data",
      OneOf{"none", "standard", "minmax", "robust"});
    v("window", window,
      "Length of a window for training and reconstruction, in steps; default the longest sequence if that is at most "
      "256, else 100",
      Range{2, 1 << 20});
    v("batch", batch, "B, batch size in windows", Range{1, 1 << 20});
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
      "Anomaly score: forecast (error of the forecast), reconstruct (error of an autoencoder) or classify (classifier "
      "trained on labelled anomalies)",
      OneOf{"forecast", "reconstruct", "classify"});
    visit_layers(v, rnn);
    v("code", code, "Size of the bottleneck of the autoencoder (reconstruct); 0: hidden / 8", Range{0, 1 << 20});
    v("dropout", dropout, "Dropout probability on layer inputs and the last output",
      Range{.min = 0, .max = 1, .open_max = true});
    v("balanced", balanced, "Give anomalies and normal steps the same total weight in the loss (classify)");
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
      "Choice of the threshold on validation data: f1 (best F1) or quantile (of the normal scores); auto: f1 if "
      "validation has labelled anomalies",
      OneOf{"auto", "f1", "quantile"});
    v("quantile", quantile,
      "Quantile of the normal scores (choose = quantile); 0.99 flags 1 in 100 normal steps or sequences", Range{0, 1});
    v("level", level, "What is scored: steps or sequences; auto: sequences if whole sequences are labelled, else steps",
      OneOf{"auto", "steps", "sequences"});
    v("sequence_score", pooling, "How the scores of the steps are combined into the score of a sequence",
      OneOf{"mean", "max"});
    v("warm_up", warm_up,
      "Number of steps at the start of a sequence that are not scored (their score is 0); default a tenth of the "
      "window if "
      "method is forecast and level is steps, else 0",
      Range{0, 1 << 20});
  }
};

// Options of prediction and evaluation.
struct DetectUseOptions {
  std::string label, labels_file;
  std::vector<std::string> normal;
  std::optional<double> threshold;
  int64_t batch = 64;
  int64_t max_ids = 100'000;

  template <class Visitor>
  void visit(Visitor& v) {
    v("label_column", label, "Column of the label of each step or sequence; empty: label, if there is such a column");
    v("labels_file", labels_file, "Table with the label of each sequence, if the data contain none");
    v("normal_labels", normal, "Labels of normal data; all others are anomalies; empty: 0, normal, no, false, ...");
    v("threshold", threshold, "Scores above this are anomalies; default: the threshold chosen on validation data");
    v("eval_batch", batch, "Batch size of evaluation, in sequences", Range{1, 1 << 20});
    v("max_ids", max_ids,
      "Number of series whose state a stream keeps; with more, the one idle for longest is forgotten and starts again "
      "if it comes back",
      Range{1, 1e9});
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
