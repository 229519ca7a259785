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
    v("line_end_symbol", tokens.line_end_symbol, "words: <eos> at the end of every line");
    v("batch", batch, "B, places of the text that are read side by side", Range{1, 1 << 20});
    v("bptt", bptt, "T, steps that gradients go back; the state is carried on", Range{1, 1 << 20});
    v("random_bptt", random_bptt, "Vary them at random (Merity et al. 2018)");
  }
};

struct LmModelOptions {
  RecurrentOptions rnn{.hidden = 256};
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
    v("projection", rnn.projection, "Units that h is projected to (LSTM; Sak et al. 2014); 0: none", size);
    v("bias", rnn.bias, "Biases in the recurrent layers");
    v("embedding", embedding, "E, features a symbol enters as; 0: the smaller of V and hidden, or what tie needs",
      size);
    v("tie", tie, "One table for symbols at input and output (Press and Wolf 2017)");
    v("dropout", dropout, "Of the layers' inputs and the last output (Zaremba et al. 2014)", probability);
    v("embedding_dropout", embedding_dropout, "Of whole symbols at the input (Gal and Ghahramani 2016)", probability);
    v("init_range", init_range, "All parameters uniform within +- this instead; 0: not", Range{0, 100});
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
      "What gradients are of: the mean over symbols, or (zaremba) the sum over steps of the mean over the batch",
      OneOf{"mean", "zaremba"});
    v("smoothing", smoothing, "Share of a target spread over all symbols", Range{.min = 0, .max = 1, .open_max = true});
    v("activation_penalty", activation_penalty, "Times the mean square of the last output (AR; Merity et al. 2017)",
      penalty);
    v("slowness_penalty", slowness_penalty, "Times the mean square of its change from step to step (TAR; same)",
      penalty);
  }
};

// What counts each time a trained model is used.
struct LmUseOptions {
  int64_t batch = 16;
  int64_t steps = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("eval_batch", batch,
      "Most places of the text evaluated side by side, each at least 1000 symbols long; 1: the whole in one go",
      Range{1, 1 << 20});
    v("eval_steps", steps, "Steps a window of evaluation; changes memory, not results", Range{1, 1 << 20});
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
