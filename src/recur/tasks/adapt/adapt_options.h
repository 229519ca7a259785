// The options of learning to adapt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"
#include "recur/tasks/token_options.h"

namespace recur {

// The data, and what of them is a problem.
struct AdaptDataOptions {
  std::string input = "auto";
  std::string target = "auto";
  std::string text, label, target_column;
  SeriesOptions series;
  int64_t context = 16, horizon = 1;
  std::string within = "all";
  bool rotate = false;
  int64_t side = 0, length = 0, most_steps = 0;
  TokenizerOptions tokens{.kind = "auto", .min_count = 2, .lower_case = true, .line_end_symbol = false};
  std::string scaler = "standard";

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 20;
    v("input", input,
      "Kind of data: text, series of numbers, or pictures, also of arrays; auto: inferred from the data",
      OneOf{"auto", "text", "series", "pictures"});
    v("target", target,
      "What a problem is: class, several classes to tell apart; forecast, a series whose next values are predicted; "
      "value, a series whose steps have a column to be predicted from the others; auto: class if there are labels, "
      "else forecast",
      OneOf{"auto", "class", "forecast", "value"});
    v("text_column", text, "Text: column of the text, by name or number (#2); empty: inferred from the data");
    v("label_column", label, "Column of the class; empty: inferred from the data");
    v("target_column", target_column, "target = value: column to predict; empty: the last channel");
    series.visit(v, "Series: ");
    v("context", context, "target = forecast: steps that the network reads before those that it predicts",
      Range{1, kLarge});
    v("horizon", horizon, "target = forecast: steps that it predicts", Range{1, kLarge});
    v("within", within, "Whether the classes of a problem come from all files (or folders) or from one: all or file",
      OneOf{"all", "file"});
    v("rotate", rotate,
      "Pictures: those of a class, turned by a quarter, a half and three quarters, are further classes");
    v("side", side, "Pictures: pixels of a side that pictures are scaled to; 0: they must all be of one size",
      Range{0, 1 << 12});
    v("length", length,
      "Series: steps that each is resampled to; 0: for recurrent layers none, else those of the longest in training",
      Range{0, kLarge});
    v("most_steps", most_steps, "Text: symbols that the network reads at most; 0: all", Range{0, kLarge});
    visit_tokens(v, tokens, "Text: ", "words");
    v("scaler", scaler, "Series: per-channel scaling, fitted on the training data, or of each series by itself (each)",
      OneOf{"none", "standard", "minmax", "robust", "each"});
  }
};

// What is drawn of the data.
struct AdaptEpisodeOptions {
  int64_t ways = 5;
  std::optional<int64_t> shots, queries;
  std::optional<int64_t> batch;
  int64_t valid_problems = 200;
  double test = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("ways", ways, "N, classes of a problem", Range{2, 1 << 16});
    v("shots", shots, "K, examples to adapt to, of each class or series; default 1 of a class, 10 of a series",
      Range{1, 1 << 16});
    v("queries", queries,
      "Further examples, of each class or series, to measure with; default 5 of a class, 10 of a series",
      Range{1, 1 << 16});
    v("batch", batch, "Problems in a training step; default 4 of classes, 25 of series", Range{1, 1 << 16});
    v("valid_problems", valid_problems, "Problems of a validation; 0: no validation", Range{0, 1e9});
    v("test", test, "Fraction of the classes or series that training does not touch, for a later evaluation",
      Range{.min = 0, .max = 1, .open_max = true});
  }
};

struct AdaptModelOptions {
  std::string network = "auto";
  std::vector<int64_t> mlp = {40, 40};
  std::vector<int64_t> filters = {32, 32, 32, 32};
  std::optional<int64_t> kernel;
  int64_t embedding = 64;
  RecurrentOptions rnn{.hidden = 64};
  std::string pooling = "last";

  template <class Visitor>
  void visit(Visitor& v) {
    v("network", network,
      "Network: mlp (all of an example at once), rnn (recurrent layers over its steps, or the rows of a picture), conv "
      "(convolutions), or none (learner = reader: the example as it is); auto: conv for classes of pictures and "
      "series, mlp for values, else rnn",
      OneOf{"auto", "mlp", "rnn", "conv", "none"});
    v("mlp", mlp, "mlp: units of each hidden layer (ReLU)", Range{1, 1 << 20});
    v("filters", filters,
      "conv: filters of each layer: convolution, normalisation, ReLU, and the maximum over 2 x 2 pixels or 2 steps",
      Range{1, 1 << 16});
    v("kernel", kernel, "conv: pixels or steps of a side of each filter, odd; default 3 for pictures, 7 for series",
      Range{1, 255});
    v("embedding", embedding, "Text: E, embedding size", Range{1, 1 << 20});
    visit_layers(v, rnn);
    v("pooling", pooling, "rnn: pooling over time: last step, mean or max", OneOf{"last", "mean", "max"});
  }
};

struct AdaptLearnerOptions {
  std::string learner = "maml";
  std::optional<double> inner_rate;
  int64_t inner_steps = 1;

  template <class Visitor>
  void visit(Visitor& v) {
    v("learner", learner,
      "maml (Finn et al. 2017); fomaml, without second derivatives; anil, of which the last layer alone adapts (Raghu "
      "et "
      "al. 2020); reptile (Nichol et al. 2018); reader, recurrent layers that read the shots (Santoro et al. 2016); "
      "prototypes (Snell et al. 2017); pretrained, which learns all at once, to be fine-tuned",
      OneOf{"maml", "fomaml", "anil", "reptile", "reader", "prototypes", "pretrained"});
    v("inner_rate", inner_rate,
      "Learning rate of adapting; default 0.01, for classes with convolutions 0.4 (pretrained 0.1)",
      Range{.min = 0, .max = 1e3, .open_min = true});
    v("inner_steps", inner_steps, "Steps of gradient descent on the shots in training", Range{1, 1000});
  }
};

// Options of prediction, evaluation and adapting.
struct AdaptUseOptions {
  std::string labels_file, shots_file, pretrained;
  std::vector<int64_t> shots = {};
  std::optional<double> rate;
  int64_t steps = 10;
  int64_t problems = 600;
  int64_t baselines = 20;
  uint64_t seed = 1;
  int64_t batch = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file,
      "Series and arrays: table with the class of each id or file, or array of them, if the data contain none");
    v("shots_file", shots_file, "predict: file with examples to adapt to first, as recur adapt does");
    v("pretrained", pretrained, "evaluate: model of learner = pretrained to fine-tune beside, on the same problems");
    v("eval_shots", shots, "Numbers of shots to evaluate with, such as 1,5; empty: that of training",
      Range{1, 1 << 16});
    v("eval_rate", rate, "Learning rate of adapting; if not set that of training",
      Range{.min = 0, .max = 1e3, .open_min = true});
    v("eval_steps", steps, "Steps of gradient descent on the shots", Range{0, 1e6});
    v("eval_problems", problems, "Problems to evaluate with; predict writes the first three at most", Range{1, 1e9});
    v("eval_baselines", baselines, "Problems that baselines are trained on from scratch; 0: no baselines",
      Range{0, 1e9});
    v("eval_seed", seed, "Seed of the problems");
    v("eval_batch", batch, "Records that are predicted at a time; does not change results", Range{1, 1 << 20});
  }
};

struct AdaptOptions {
  AdaptDataOptions data;
  AdaptEpisodeOptions episodes;
  AdaptModelOptions model;
  AdaptLearnerOptions learning;
  AdaptUseOptions use;

  bool is_gradient() const { return learning.learner != "reader" && learning.learner != "prototypes"; }

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Problems", episodes);
    v.section("Model", model);
    v.section("Learning to adapt", learning);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
