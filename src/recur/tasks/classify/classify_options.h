// The options of classification and regression.
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

// What the files hold, and where in them.
struct ClassifyDataOptions {
  std::string input = "auto";
  std::string target = "auto";
  std::string text, label;
  SeriesOptions series;
  int64_t most_steps = 0;
  TokenizerOptions tokens{.kind = "words", .min_count = 2, .lower_case = true, .line_end_symbol = false};
  bool split_punctuation = true;
  std::string scaler = "standard";
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 30;
    v("input", input, "What the data are: texts or series of numbers; auto: found out",
      OneOf{"auto", "text", "series"});
    v("target", target, "What is predicted; auto: a value where labels are numbers with fractions, else a class",
      OneOf{"auto", "class", "value"});
    v("text_column", text, "Text: where it is; a column's name, or #2; empty: found out");
    v("label_column", label, "Where the label is; empty: found out");
    series.visit(v);
    v("most_steps", most_steps, "Longer sequences are cut to their first steps; 0: none is", Range{0, kLarge});
    visit_tokens(v, tokens, "Text: ");
    v("split_punctuation", split_punctuation, "Text: punctuation around words as words of its own");
    v("scaler", scaler, "Series: scale of each channel, from the training data",
      OneOf{"none", "standard", "minmax", "robust"});
    v("batch", batch, "B, sequences of a step", Range{1, 1 << 20});
  }
};

struct ClassifyModelOptions {
  int64_t embedding = 128;
  std::string vectors;
  bool freeze_vectors = false;
  std::optional<std::vector<int64_t>> conv;
  std::vector<int64_t> kernels = {7, 5, 3};
  std::optional<int64_t> stride;
  RecurrentOptions rnn{.hidden = 128, .bidirectional = true};
  std::string pooling = "auto";
  std::optional<float> dropout;
  float embedding_dropout = 0;
  int64_t members = 1;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range probability{.min = 0, .max = 1, .open_max = true};
    v("embedding", embedding, "Text: E, features a symbol enters as", Range{1, 1 << 20});
    v("vectors", vectors, "Text: file of word vectors to start from (word2vec, GloVe or fastText as text)");
    v("freeze_vectors", freeze_vectors, "Text: keep them as they are");
    v("conv", conv,
      "Filters of convolutional layers before the recurrent ones, [] for none; without it 64,128,128 for series of "
      "more than 50 steps, else none",
      Range{1, 1 << 16});
    v("kernels", kernels, "Steps that each of them sees, the last for all that follow", Range{1, 1 << 16});
    v("stride", stride,
      "Steps from one of their outputs to the next, in each layer; without it 2 for series of more than 50 steps, else "
      "1",
      Range{1, 1 << 16});
    visit_layers(v, rnn);
    v("pooling", pooling, "How a sequence becomes one vector; auto: text max, series mean",
      OneOf{"auto", "last", "mean", "max", "attention", "concat"});
    v("dropout", dropout, "Of the layers' inputs and the pooled vector; without it text 0.5, series 0.2", probability);
    v("embedding_dropout", embedding_dropout, "Of whole symbols of a text (Gal and Ghahramani 2016)", probability);
    v("members", members, "Networks trained side by side, whose answers are averaged", Range{1, 1000});
  }
};

struct ClassifyLossOptions {
  std::string class_weights = "none";
  double smoothing = 0;
  std::string select = "auto";

  template <class Visitor>
  void visit(Visitor& v) {
    v("class_weights", class_weights,
      "Weight of each class in training: the same; balanced: as if all were equally frequent; sqrt: halfway there",
      OneOf{"none", "balanced", "sqrt"});
    v("smoothing", smoothing, "Share of a target spread over all classes", Range{.min = 0, .max = 1, .open_max = true});
    v("select", select, "What validation chooses the model by; auto: accuracy, of values the loss",
      OneOf{"auto", "loss", "accuracy", "macro_f1", "auc"});
  }
};

// What counts each time a trained model is used.
struct ClassifyUseOptions {
  int64_t batch = 64;
  std::string labels_file;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file,
      "Series: table with the label of each id, or array of labels, where the data themselves have none");
    v("eval_batch", batch, "Sequences evaluated side by side", Range{1, 1 << 20});
  }
};

struct ClassifyOptions {
  ClassifyDataOptions data;
  ClassifyModelOptions model;
  ClassifyLossOptions loss;
  ClassifyUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Loss", loss);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
