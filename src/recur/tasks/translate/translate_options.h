// The options of translation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/attention.h"
#include "recur/tasks/attention_block_options.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/token_options.h"

namespace recur {

inline OneOf one_of_attentions() {
  std::vector<std::string> kinds = attention_kinds();
  kinds.emplace_back("none");
  return OneOf(std::move(kinds));
}

struct TranslateDataOptions {
  std::string source, target, header = "auto";
  std::vector<std::string> valid_target;
  std::string source_tokens = "auto", target_tokens = "auto";
  TokenizerOptions tokens{.line_end_symbol = false};  // of both; its kind is not used
  bool joint = false;
  double subword_dropout = 0;
  int64_t most_tokens = 250;
  int64_t batch = 64;
  int64_t batch_tokens = 4000;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 30;
    const OneOf kinds{"auto", "bytes", "chars", "words", "subwords"};
    v("source_column", source, "Column of the source, by name or number (#1); empty: inferred from the data");
    v("target_column", target, "Column of the target; empty: inferred from the data");
    v("header", header, "Whether the first row of a table names the columns", OneOf{"auto", "yes", "no"});
    v("valid_target", valid_target, "File with the targets of the validation data, line by line");
    v("tokens", source_tokens,
      "Symbols that sources are split into; auto: characters if the lines are single words, else words", kinds);
    v("target_tokens", target_tokens,
      "Symbols that targets are split into; auto: characters if they are single words, else words", kinds);
    visit_vocabulary(v, tokens);
    v("joint_vocabulary", joint, "One vocabulary, and one table of embeddings, for sources and targets");
    v("subword_dropout", subword_dropout,
      "Probability that a subword is left out each time a pair is split into subwords for training, so that words are "
      "met in several spellings: BPE-dropout (Provilkov et al. 2020; 0.1 is usual), and for unigram models the same of "
      "their candidates",
      Range{.min = 0, .max = 1, .open_max = true});
    v("most_tokens", most_tokens,
      "Maximum length in tokens: longer pairs are left out of training, longer sources are truncated in prediction",
      Range{1, 1 << 20});
    v("batch", batch, "B, maximum batch size in pairs", Range{1, 1 << 20});
    v("batch_tokens", batch_tokens, "Maximum batch size in tokens of the longer side, padding included",
      Range{1, kLarge});
  }
};

struct TranslateModelOptions {
  int64_t embedding = 0;
  RecurrentOptions rnn{.hidden = 256, .bidirectional = true};
  int64_t attention_blocks = 0;
  int64_t decoder_hidden = 0;
  int64_t decoder_layers = 0;
  std::string attention = "general";
  int64_t heads = 4;
  int64_t coverage = 0;
  bool input_feeding = true;
  bool tie = true;
  float dropout = 0.2f;
  int64_t members = 1;

  template <class Visitor>
  void visit(Visitor& v) {
    v("embedding", embedding, "E, embedding size; 0: that of hidden", Range{0, 1 << 20});
    visit_layers(v, rnn);
    visit_attention_blocks(v, attention_blocks);
    v("decoder_hidden", decoder_hidden, "Hidden units per layer of the decoder; 0: as the encoder", Range{0, 1 << 20});
    v("decoder_layers", decoder_layers, "Number of layers of the decoder; 0: as the encoder", Range{0, 1000});
    v("attention", attention,
      "Attention: additive (Bahdanau et al. 2015), dot, general (Luong et al. 2015), multi_head (Vaswani et al. 2017) "
      "or none",
      one_of_attentions());
    visit_heads(v, heads, "attention = multi_head, attention_blocks");
    v("coverage", coverage,
      "Coverage: taps of a convolution over the attention weights of the last step and their sum so far, which the "
      "attention reads so that nothing is left out or repeated (Tu et al. 2016, in the form of Shen et al. 2018); 0: "
      "none; attention = additive, dot or general",
      Range{0, 1000});
    v("input_feeding", input_feeding,
      "Input feeding: feed the features of a decoder step to the next one (Luong et al. 2015)");
    v("tie", tie, "Share one matrix between target embedding and output layer (Press and Wolf 2017)");
    v("dropout", dropout, "Dropout probability on layer inputs and the last output",
      Range{.min = 0, .max = 1, .open_max = true});
    v("members", members, "Ensemble size: networks trained side by side, whose probabilities are averaged",
      Range{1, 100});
  }
};

struct TranslateLearningOptions {
  double smoothing = 0.1;
  std::string scheduled_sampling = "none";
  double sampling_steps = 10000;
  double least_teaching = 0;
  std::string select = "auto";
  int64_t valid_sample = 500;

  template <class Visitor>
  void visit(Visitor& v) {
    v("smoothing", smoothing, "Label smoothing: share of the target probability that is spread over all symbols",
      Range{.min = 0, .max = 1, .open_max = true});
    v("scheduled_sampling", scheduled_sampling,
      "Decay of the probability that the decoder is given the correct previous symbol in training rather than its own "
      "prediction (Bengio et al. 2015); none: always the correct one (teacher forcing)",
      OneOf{"none", "linear", "exponential", "inverse_sigmoid"});
    v("sampling_steps", sampling_steps,
      "Steps until that probability is 0 (linear), 1/e (exponential) or 1/2 (inverse_sigmoid)", Range{1, 1e12});
    v("least_teaching", least_teaching, "Minimum of that probability", Range{0, 1});
    v("select", select, "Validation metric that chooses the best model; auto: bleu for subwords, else token_error_rate",
      OneOf{"auto", "loss", "bleu", "exact_match", "token_error_rate"});
    v("valid_sample", valid_sample,
      "Number of validation pairs, drawn once, that are translated (greedily) for the metrics of text", Range{1, 1e9});
  }
};

// Options of prediction and evaluation.
struct TranslateUseOptions {
  std::vector<std::string> target;
  int64_t beam = 5;
  int64_t n_best = 1;
  double length_penalty = 1;
  double coverage_penalty = 0;
  int64_t no_repeat = 0;
  int64_t longest = 0;
  std::string allowed, prefix;
  std::string lm;
  double lm_weight = 0.2;
  bool attention = false;
  std::string chart;
  int64_t charts = 6;
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    v("target", target, "File with the targets of DATA, line by line, where DATA are the sources");
    v("beam", beam, "Beam width; 1: greedy search", Range{1, 1 << 16});
    v("n_best", n_best, "Number of predictions for each source, at most the beam width", Range{1, 1 << 16});
    v("length_penalty", length_penalty,
      "Exponent of the length penalty (Wu et al. 2016): 0 compares probabilities, more prefers longer predictions",
      Range{0, 10});
    v("coverage_penalty", coverage_penalty,
      "Weight of the coverage penalty (Wu et al. 2016): prefers predictions that attend to all of the source",
      Range{0, 1000});
    v("no_repeat", no_repeat,
      "N: no sequence of N tokens is written twice in a prediction, which ends loops (Paulus et al. 2018); 0: no "
      "limit; "
      "constrained predictions have none",
      Range{0, 1 << 16});
    v("longest", longest, "Maximum number of tokens of a prediction; 0: 20 more than twice those of its source",
      Range{0, 1 << 20});
    v("allowed", allowed, "File of texts, a line each: every prediction is one of them");
    v("prefix", prefix, "Text that every prediction begins with, in whole tokens");
    v("lm", lm, "Model of task lm whose log probabilities are added (shallow fusion, Gulcehre et al. 2015)");
    v("lm_weight", lm_weight, "Weight of the language model's log probabilities", Range{0, 1000});
    v("attention_weights", attention, "Write the attention of each prediction as JSON (predict)");
    v("chart", chart, "SVG file into which predict draws the attention of predictions", Writes::kFile);
    v("charts", charts, "Maximum number of predictions in the chart", Range{1, 1000});
    v("eval_batch", batch, "Batch size of evaluation and prediction, in sources", Range{1, 1 << 20});
  }
};

struct TranslateOptions {
  TranslateDataOptions data;
  TranslateModelOptions model;
  TranslateLearningOptions learning;
  TranslateUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Learning", learning);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
