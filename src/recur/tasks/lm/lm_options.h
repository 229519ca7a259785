// The options of the language model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/token_options.h"

namespace recur {

struct LmDataOptions {
  TokenizerOptions tokens;
  int64_t batch = 32;
  int64_t bptt = 64;
  bool random_bptt = false;

  template <class Visitor>
  void visit(Visitor& v) {
    visit_tokens(v, tokens);
    v("line_end_symbol", tokens.line_end_symbol, "Append <eos> to every line (tokens = words)");
    v("batch", batch, "B, batch size: number of parts of the text that are read in parallel", Range{1, 1 << 20});
    v("bptt", bptt, "T, steps of truncated back-propagation through time; the state is carried over",
      Range{1, 1 << 20});
    v("random_bptt", random_bptt, "Vary bptt at random (Merity et al. 2018)");
  }
};

struct LmModelOptions {
  RecurrentOptions rnn{.hidden = 256};
  int64_t attention_blocks = 0;
  int64_t embedding = 0;
  bool tie = false;
  float dropout = 0;
  float embedding_dropout = 0;
  double init_range = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range probability{.min = 0, .max = 1, .open_max = true};
    const Range size{0, 1 << 20};
    visit_layers(v, rnn, Reading::kForwards);
    v("attention_blocks", attention_blocks,
      "Number of self-attention blocks after the recurrent layers: layers of cell attention, over the last "
      "attention_window symbols, with block feed_forward",
      Range{0, 1000});
    v("projection", rnn.projection,
      "P, number of units that h is projected to (LSTM cells; Sak et al. 2014); 0: no projection", size);
    v("bias", rnn.bias, "Biases in the recurrent layers");
    v("embedding", embedding,
      "E, embedding size; 0: the smaller of vocabulary size and hidden, or the size that tie requires", size);
    v("tie", tie, "Share one matrix between input embedding and output layer (weight tying, Press and Wolf 2017)");
    v("dropout", dropout, "Dropout probability on layer inputs and the last output (Zaremba et al. 2014)", probability);
    v("embedding_dropout", embedding_dropout,
      "Probability of dropping the whole embedding of a symbol (Gal and Ghahramani 2016)", probability);
    v("init_range", init_range, "Initialise all parameters uniformly in [-x, x] instead of by init; 0: off",
      Range{0, 100});
  }
};

struct LmLossOptions {
  std::string scale = "mean";
  double smoothing = 0;
  double activation_penalty = 0;
  double slowness_penalty = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range penalty{0, 1e6};
    v("loss_scale", scale,
      "Scale of the training loss: mean over symbols, or zaremba (sum over steps of the mean over the batch)",
      OneOf{"mean", "zaremba"});
    v("smoothing", smoothing, "Label smoothing: share of the target probability that is spread over all symbols",
      Range{.min = 0, .max = 1, .open_max = true});
    v("activation_penalty", activation_penalty,
      "Coefficient of activation regularisation: mean square of the last output (AR, Merity et al. 2017)", penalty);
    v("slowness_penalty", slowness_penalty,
      "Coefficient of temporal activation regularisation: mean squared change of the last output between steps (TAR, "
      "Merity et al. 2017)",
      penalty);
  }
};

// Options of prediction and evaluation.
struct LmUseOptions {
  int64_t batch = 16;
  int64_t steps = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("eval_batch", batch,
      "Maximum number of parts of the text that are evaluated in parallel, each at least 1000 symbols long; 1: the "
      "whole text in one pass",
      Range{1, 1 << 20});
    v("eval_steps", steps, "Number of steps in an evaluation window; changes memory, not results", Range{1, 1 << 20});
  }
};

struct LmOptions {
  LmDataOptions data;
  LmModelOptions model;
  LmLossOptions loss;
  LmUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Loss", loss);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
