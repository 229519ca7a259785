// The options of classification and regression.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/attention_block_options.h"
#include "recur/tasks/groups/mitigation.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"
#include "recur/tasks/token_options.h"

namespace recur {

// The data: their kind and their columns.
struct ClassifyDataOptions {
  std::string input = "auto";
  std::string target = "auto";
  std::string text, label;
  std::vector<std::string> classes;
  SeriesOptions series;
  std::optional<int64_t> most_steps;
  std::string keep = "auto";
  TokenizerOptions tokens{.kind = "auto", .min_count = 2, .lower_case = true, .line_end_symbol = false};
  bool split_punctuation = true;
  std::string scaler = "standard";
  std::optional<int64_t> batch;

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
    v("classes", classes,
      "Classes of the model, also those that the training data lack; other labels are an error; empty: those of the "
      "data");
    series.visit(v, "Series: ");
    v("most_steps", most_steps,
      "Maximum number of steps that the network reads of a sequence; 0: no limit; default: 256 for texts of words, "
      "1024 "
      "of characters or bytes, 0 for series",
      Range{0, kLarge});
    v("keep", keep,
      "Part of a longer sequence that is read: its start, or its ends (a quarter from the start, the rest from the "
      "end); "
      "auto: ends for texts, start for series",
      OneOf{"auto", "start", "ends"});
    visit_tokens(v, tokens, "Text: ", "words, or chars if the texts have no spaces, like DNA sequences and names");
    v("split_punctuation", split_punctuation, "Text: split punctuation from words");
    v("scaler", scaler, "Series: per-channel scaling, fitted on the training data",
      OneOf{"none", "standard", "minmax", "robust"});
    v("batch", batch, "B, batch size in sequences; default 32, or 16 or 8 for few series", Range{1, 1 << 20});
  }
};

// How series are changed anew each time they are learnt from (augment.h).
struct AugmentOptions {
  std::vector<std::string> kinds = {"auto"};

  bool has(std::string_view kind) const { return std::ranges::count(kinds, kind) > 0; }

  template <class Visitor>
  void visit(Visitor& v) {
    v("augment", kinds,
      "Series: random changes in training: jitter (noise), scale (of each channel), crop (at least four fifths, "
      "stretched to the full length), warp (a window slower or faster) and mixup (two series and their labels mixed); "
      "none, "
      "or auto: by the number of series",
      OneOf{"auto", "none", "jitter", "scale", "crop", "warp", "mixup"});
  }
};

struct ClassifyModelOptions {
  std::string network = "auto";
  int64_t embedding = 128;
  std::string vectors;
  bool freeze_vectors = false;
  std::optional<std::vector<int64_t>> conv;
  std::vector<int64_t> kernels = {7, 5, 3};
  std::optional<int64_t> stride;
  RecurrentOptions rnn{.hidden = 128, .bidirectional = true};
  int64_t attention_blocks = 0, heads = 4;
  std::string pooling = "auto";
  std::optional<float> dropout;
  float embedding_dropout = 0;
  std::optional<std::vector<int64_t>> filters;
  std::vector<int64_t> filter_kernels = {8, 5, 3};
  std::optional<int64_t> filter_stride;
  std::vector<int64_t> mlp = {500, 500, 500};
  std::optional<int64_t> mlp_steps;
  std::optional<int64_t> members;
  std::optional<int64_t> ngrams, ngram_characters, positions;
  std::optional<int64_t> random_kernels, kernel_steps;

  bool has_rnn() const { return network == "rnn" || network == "lstm-fcn"; }
  bool has_filters() const { return network == "cnn" || network == "lstm-fcn"; }
  bool has_mlp() const { return network == "mlp"; }

  template <class Visitor>
  void visit(Visitor& v) {
    const Range probability{.min = 0, .max = 1, .open_max = true};
    v("network", network,
      "Network: rnn (recurrent layers), cnn (three convolutions; Wang et al. 2017), lstm-fcn (recurrent layers in "
      "parallel with three convolutions with squeeze-and-excite; Karim et al. 2019) or mlp (all steps at once); auto: "
      "rnn for text, "
      "lstm-fcn for series",
      OneOf{"auto", "rnn", "cnn", "lstm-fcn", "mlp"});
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
    visit_attention_blocks(v, attention_blocks);
    visit_heads(v, heads);
    v("pooling", pooling,
      "Pooling over time: last step, mean, max, attention, or concat (last, max and mean); auto: max for text, mean "
      "for series",
      OneOf{"auto", "last", "mean", "max", "attention", "concat"});
    v("dropout", dropout,
      "Dropout probability on layer inputs and the pooled vector; default 0.5 for text, 0.2 for series", probability);
    v("embedding_dropout", embedding_dropout,
      "Text: probability of dropping the whole embedding of a symbol (Gal and Ghahramani 2016)", probability);
    v("ngrams", ngrams,
      "Text: buckets of the linear path of hashed n-grams next to the network, a power of two; 0: no such path; "
      "default: about the number of distinct n-grams",
      Range{0, 1 << 26});
    v("ngram_characters", ngram_characters,
      "Text: longest character n-gram of the linear path, from 3 on; 0: none; default: 5 for texts of up to 100 words "
      "on average, else 0",
      Range{0, 16});
    v("positions", positions,
      "Text: number of steps with a learned embedding of their position; 0: none; default: the length of the texts if "
      "they are of characters or bytes and all of one length up to 1000, else 0",
      Range{0, 1 << 20});
    v("random_kernels", random_kernels,
      "Series of classes: number of features of the linear path of random convolutional kernels next to the network "
      "(MiniRocket; Dempster et al. 2021), about; 0: no such path; default 2016, of series of up to 50000 steps",
      Range{0, 1 << 16});
    v("kernel_steps", kernel_steps,
      "Series: length that the widest random kernels are made for; default that of the longest training series",
      Range{1, 1 << 30});
    v("filters", filters,
      "cnn, lstm-fcn: number of filters of each convolution; default 128,256,128, or half as many of each where that "
      "would take long",
      Range{1, 1 << 16});
    v("filter_kernels", filter_kernels, "cnn, lstm-fcn: kernel size of each convolution in steps", Range{1, 1 << 16});
    v("filter_stride", filter_stride,
      "cnn, lstm-fcn: stride of the first convolution; default 1, or more where series are long", Range{1, 1 << 16});
    v("mlp", mlp, "mlp: hidden units of each layer", Range{1, 1 << 20});
    v("mlp_steps", mlp_steps,
      "mlp: number of steps that are read, longer series are cut; default that of the longest training series",
      Range{1, 1 << 30});
    v("members", members,
      "Ensemble size: number of networks whose predictions are averaged; default 1, or more for "
      "few series",
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
  std::string labels_file, decision_groups;

  template <class Visitor>
  void visit(Visitor& v) {
    v("labels_file", labels_file,
      "Series: table with the label of each id or file, or array of labels, if the data contain none");
    v("decision_groups", decision_groups,
      "Table with the groups of each record, for a model with thresholds by group; default: the data");
    v("eval_batch", batch, "Batch size of evaluation, in sequences", Range{1, 1 << 20});
  }
};

struct ClassifyOptions {
  ClassifyDataOptions data;
  AugmentOptions augment;
  ClassifyModelOptions model;
  ClassifyLossOptions loss;
  MitigationOptions groups;
  ClassifyUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Augmentation", augment);
    v.section("Model", model);
    v.section("Loss", loss);
    v.section("Groups", groups);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
