// The options of captions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/attention.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/token_options.h"

namespace recur {

struct CaptionDataOptions {
  std::string image;
  std::vector<std::string> captions;
  std::string header = "auto";
  std::string valid_features;
  int64_t side = 64;
  TokenizerOptions tokens{.kind = "words", .lower_case = true, .line_end_symbol = false};
  int64_t most_tokens = 50;
  int64_t batch = 16;

  template <class Visitor>
  void visit(Visitor& v) {
    v("image_column", image, "Column of the pictures, by name or number (#1); empty: inferred from the data");
    v("caption_columns", captions, "Columns of the captions; empty: inferred from the data");
    v("header", header, "Whether the first row of a table names the columns", OneOf{"auto", "yes", "no"});
    v("valid_features", valid_features, "Features of the validation data (.npy), in the place of pictures");
    v("side", side, "Pictures are resized to side x side pixels", Range{4, 1024});
    visit_tokens(v, tokens);
    v("most_tokens", most_tokens, "Maximum length of a caption in tokens: longer ones are left out of training",
      Range{1, 1 << 16});
    v("batch", batch, "B, batch size in images, each with all its captions", Range{1, 1 << 20});
  }
};

// How pictures are changed anew each time they are learnt from (data/images/picture_augment.h).
struct CaptionAugmentOptions {
  std::vector<std::string> kinds = {"shift", "light"};

  template <class Visitor>
  void visit(Visitor& v) {
    v("augment", kinds,
      "Random changes of pictures in training: shift, rotate (a little), turn (by quarters of a circle, where captions "
      "name no sides), mirror (left and right), light (brightness and contrast), jitter (noise); none",
      OneOf{"none", "shift", "rotate", "turn", "mirror", "light", "jitter"});
  }
};

struct CaptionModelOptions {
  std::vector<int64_t> widths = {16, 32, 64};
  int64_t blocks = 1;
  int64_t embedding = 0;
  RecurrentOptions rnn{.hidden = 256};
  std::string attention = "additive";
  int64_t heads = 4;
  bool gate = true;
  bool blind = false;
  bool tie = true;
  float dropout = 0.3f;

  template <class Visitor>
  void visit(Visitor& v) {
    v("conv_widths", widths, "Channels of each stage of convolutions; each stage halves the picture", Range{1, 4096});
    v("conv_blocks", blocks, "Residual blocks of a stage", Range{0, 16});
    v("embedding", embedding, "E, embedding size; 0: that of hidden", Range{0, 1 << 20});
    visit_layers(v, rnn, Reading::kForwards);
    v("attention", attention,
      "Attention over the regions: additive (Xu et al. 2015), dot, general (Luong et al. 2015) or multi_head (Vaswani "
      "et al. 2017)",
      OneOf(attention_kinds()));
    v("heads", heads, "Number of attention heads (attention = multi_head)", Range{1, 1024});
    v("gate", gate, "Gate of the context, by which a word may look away from the picture (Xu et al. 2015)");
    v("blind", blind, "Ignore the picture: a language model of the captions, to compare with");
    v("tie", tie, "Share one matrix between embedding and output layer (Press and Wolf 2017)");
    v("dropout", dropout, "Dropout probability on layer inputs and the last output",
      Range{.min = 0, .max = 1, .open_max = true});
  }
};

struct CaptionLearningOptions {
  double smoothing = 0;
  double attention_penalty = 0;
  std::string select = "cider";
  int64_t valid_sample = 500;

  template <class Visitor>
  void visit(Visitor& v) {
    v("smoothing", smoothing, "Label smoothing: share of the target probability that is spread over all symbols",
      Range{.min = 0, .max = 1, .open_max = true});
    v("attention_penalty", attention_penalty,
      "Weight of sum_i (1 - sum_t a_ti)^2, so that a caption reads all regions (Xu et al. 2015: 1)", Range{0, 1000});
    v("select", select, "Validation metric that chooses the best model",
      OneOf{"loss", "cider", "bleu_4", "rouge_l", "meteor_exact"});
    v("valid_sample", valid_sample,
      "Number of validation images, drawn once, that are captioned (greedily) for the metrics of text", Range{1, 1e9});
  }
};

// Options of prediction and evaluation.
struct CaptionUseOptions {
  std::string features;
  int64_t beam = 3;
  int64_t n_best = 1;
  double length_penalty = 1;
  int64_t no_repeat = 0;
  int64_t longest = 30;
  bool attention = false;
  std::string chart;
  int64_t charts = 6;
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    v("features", features,
      "Features of the images of DATA (.npy: [N, D] or [N, regions, D], in their order), in the place of pictures");
    v("beam", beam, "Beam width; 1: greedy search", Range{1, 1 << 16});
    v("n_best", n_best, "Number of captions for each image, at most the beam width", Range{1, 1 << 16});
    v("length_penalty", length_penalty,
      "Exponent of the length penalty (Wu et al. 2016): 0 compares probabilities, more prefers longer captions",
      Range{0, 10});
    v("no_repeat", no_repeat,
      "N: no sequence of N tokens is written twice in a caption, which ends loops (Paulus et al. 2018); 0: no limit",
      Range{0, 1 << 16});
    v("longest", longest, "Maximum number of tokens of a caption", Range{1, 1 << 16});
    v("attention_weights", attention, "Write the attention of each caption as JSON (predict)");
    v("chart", chart, "SVG file into which predict draws where each word looks", Writes::kFile);
    v("charts", charts, "Maximum number of images in the chart", Range{1, 1000});
    v("eval_batch", batch, "Batch size of evaluation and prediction, in images", Range{1, 1 << 20});
  }
};

struct CaptionOptions {
  CaptionDataOptions data;
  CaptionAugmentOptions augment;
  CaptionModelOptions model;
  CaptionLearningOptions learning;
  CaptionUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Augmentation", augment);
    v.section("Model", model);
    v.section("Learning", learning);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
