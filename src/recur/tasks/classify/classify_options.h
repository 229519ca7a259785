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

// The data: their kind and their columns.
struct ClassifyDataOptions {
  std::string input = "auto";
  std::string target = "auto";
  std::string text, label;
  SeriesOptions series;
  std::optional<int64_t> most_steps;
  std::string keep = "auto";
  TokenizerOptions tokens{.kind = "auto", .min_count = 2, .lower_case = true, .line_end_symbol = false};
  bool split_punctuation = true;
  std::string scaler = "standard";
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 30;
    v("input", input, "Kind of data: text or series of numbers; auto: inferred from the data",
      OneOf{"auto", "text", "series"});
    v("target", target,
      "Kind of target: class or real value; auto: value if the labels are numbers with fractions, else class",
      OneOf{"auto", "class", "value"});
    v("text_column", text, "Text: column of the text, by name or number (#2); empty: inferred from the data");
    v("label_column", label, "Column of the label; empty: inferred from the data");
    series.visit(v, "Series: ");
    v("most_steps", most_steps,
      "Maximum number of steps that the network reads of a sequence; 0: no limit; default: 256 for texts of words, "
      "1024 "
      "of characters or bytes, 0 for series",
      Range{0, kLarge});
    v("keep", keep,
      "What is read of a longer sequence: its start, or its ends (a quarter from the start, the rest from the end); "
      "auto: ends for texts, start for series",
      OneOf{"auto", "start", "ends"});
    visit_tokens(v, tokens, "Text: ", "words, but chars if the texts have no spaces, as DNA sequences and names");
    v("split_punctuation", split_punctuation, "Text: split punctuation from words");
    v("scaler", scaler, "Series: per-channel scaling, fitted on the training data",
      OneOf{"none", "standard", "minmax", "robust"});
    v("batch", batch, "B, batch size in sequences", Range{1, 1 << 20});
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
  std::optional<int64_t> ngrams, ngram_characters, positions;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range probability{.min = 0, .max = 1, .open_max = true};
    v("embedding", embedding, "Text: E, embedding size", Range{1, 1 << 20});
    v("vectors", vectors, "Text: file of pretrained word vectors (word2vec, GloVe or fastText in text format)");
    v("freeze_vectors", freeze_vectors, "Text: do not train the word vectors");
    v("conv", conv,
      "Number of filters of each convolutional layer before the recurrent ones, [] for none; default 64,128,128 for "
      "series of more than 50 steps, else none",
      Range{1, 1 << 16});
    v("kernels", kernels, "Kernel size of each convolutional layer in steps; the last one is used for all that follow",
      Range{1, 1 << 16});
    v("stride", stride,
      "Stride of every convolutional layer in steps; default 2 for series of more than 50 steps, else 1",
      Range{1, 1 << 16});
    visit_layers(v, rnn);
    v("pooling", pooling,
      "Pooling over time: last step, mean, max, attention, or concat (last, max and mean); auto: max for text, mean "
      "for series",
      OneOf{"auto", "last", "mean", "max", "attention", "concat"});
    v("dropout", dropout,
      "Dropout probability on layer inputs and the pooled vector; default 0.5 for text, 0.2 for series", probability);
    v("embedding_dropout", embedding_dropout,
      "Text: probability of dropping the whole embedding of a symbol (Gal and Ghahramani 2016)", probability);
    v("ngrams", ngrams,
      "Text: buckets of the linear path of hashed n-grams beside the network, a power of two; 0: none; default: about "
      "as many as there are different n-grams",
      Range{0, 1 << 26});
    v("ngram_characters", ngram_characters,
      "Text: longest character n-gram of the linear path, from 3 on; 0: none; default: 5 for texts of up to 100 words "
      "on average, else 0",
      Range{0, 16});
    v("positions", positions,
      "Text: number of steps with a learned embedding of their position; 0: none; default: the length of the texts if "
      "they are of characters or bytes and all of one length up to 1000, else 0",
      Range{0, 1 << 20});
    v("members", members, "Ensemble size: number of networks trained side by side, whose predictions are averaged",
      Range{1, 1000});
  }
};

struct ClassifyLossOptions {
  std::string class_weights = "none";
  double smoothing = 0;
  std::string select = "auto";

  template <class Visitor>
  void visit(Visitor& v) {
    v("class_weights", class_weights,
      "Class weights in the training loss: none, balanced (inverse frequency) or sqrt (inverse square root of "
      "frequency)",
      OneOf{"none", "balanced", "sqrt"});
    v("smoothing", smoothing, "Label smoothing: share of the target probability that is spread over all classes",
      Range{.min = 0, .max = 1, .open_max = true});
    v("select", select,
      "Validation metric by which the best model is chosen; auto: accuracy for classes, loss for values",
      OneOf{"auto", "loss", "accuracy", "macro_f1", "auc"});
  }
};

// Options of prediction and evaluation.
struct ClassifyUseOptions {
  int64_t batch = 64;
  std::string labels_file;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file,
      "Series: table with the label of each id or file, or array of labels, if the data contain none");
    v("eval_batch", batch, "Batch size of evaluation, in sequences", Range{1, 1 << 20});
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
