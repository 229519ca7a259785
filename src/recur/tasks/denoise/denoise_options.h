// The options of denoising.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/layers/batch_norm_lstm.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

struct DenoiseDataOptions {
  std::string input = "auto", learn_from = "clean";
  std::string channels = "auto";
  double low = 0, high = 0;
  int64_t patch = 0;
  int64_t batch = 8;
  bool augment = true;

  template <class Visitor>
  void visit(Visitor& v) {
    v("input", input, "Kind of data: pictures or series of numbers; auto: inferred from the files",
      OneOf{"auto", "pictures", "series"});
    v("learn_from", learn_from,
      "clean: the data are clean, and noise is added to them; noisy: they are noisy already, and the network learns to "
      "guess hidden values from those around (Noise2Void; Krull et al. 2019)",
      OneOf{"clean", "noisy"});
    v("channels", channels, "Read pictures as grey or in colour; auto: colour if any of them has colours",
      OneOf{"auto", "grey", "colour"});
    v("low", low, "Arrays of real numbers: the value of black; low = high: the minimum of the training data");
    v("high", high, "Arrays of real numbers: the value of white; low = high: the maximum");
    v("patch", patch,
      "Side of the square patches that are cut from pictures in training, in pixels, or steps of those cut from "
      "series; 0: 64 pixels, 256 steps",
      Range{0, 1 << 12});
    v("batch", batch, "B, batch size in patches", Range{1, 1 << 20});
    v("augment", augment, "Rotate and mirror patches of pictures at random");
  }
};

struct DenoiseNoiseOptions {
  std::string kind = "gaussian";
  std::vector<int64_t> level = {}, impulses{2, 15};
  bool cut = true;

  template <class Visitor>
  void visit(Visitor& v) {
    v("noise", kind,
      "Noise that is added to clean data: gaussian; salt-pepper, which makes values black or white, in series the "
      "least or greatest of the channel; poisson, that of photon counts; mixed: gaussian and then salt-pepper",
      OneOf{"gaussian", "salt-pepper", "poisson", "mixed"});
    v("level", level,
      "Strength of the noise, one number, or a minimum and a maximum between which it is drawn for each picture: "
      "standard deviation in 1/255 of the range, or in percent of a channel's own in series (gaussian, mixed), percent "
      "of the values (salt-pepper), photons at white (poisson); empty: 5,55 for gaussian, 2,25 for salt-pepper, 10,200 "
      "for poisson, 5,30 for mixed; in series 10,100 for gaussian, 10,50 for mixed",
      Range{0, 100000});
    v("impulses", impulses,
      "Percentage of the values that are made black or white (noise = mixed); one number or two, as in level",
      Range{0, 100});
    v("cut", cut, "Clip noisy values of pictures to the range of values, as in files of integers");
  }
};

// Those of all tasks, and one that only sequences of one length, as pictures make them, have good statistics for.
inline OneOf denoise_cells() {
  std::vector<std::string> names;
  for (const LayerKind& kind : layer_kinds()) names.push_back(kind.name);
  names.emplace_back(kBatchNormLstm);
  return OneOf(std::move(names));
}

struct DenoiseModelOptions {
  std::string network = "conv";
  int64_t width = 48, blocks = 4, shrink = 2;
  int64_t block_side = 4;
  RecurrentOptions rnn{.hidden = 32, .layers = 1, .bidirectional = true};
  float dropout = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("network", network,
      "conv: residual blocks of convolutions around recurrent layers along rows and columns; rows, columns, patches: "
      "only recurrent layers, for which a picture is a sequence of these; series: conv, the same over time, or "
      "columns, recurrent layers alone",
      OneOf{"conv", "rows", "columns", "patches"});
    v("width", width, "Channels of the convolutions (network = conv)", Range{1, 1 << 16});
    v("blocks", blocks, "Residual blocks of two convolutions each, half of them before the recurrent layers (conv)",
      Range{0, 1000});
    v("shrink", shrink,
      "Side of the squares of pixels, or number of steps of a series, that become channels of one position (conv)",
      Range{1, 16});
    v("block_side", block_side, "Side of the square of pixels that is one step (network = patches)", Range{1, 256});
    visit_layers(v, rnn, Reading::kBothWays, denoise_cells());
    v("dropout", dropout, "Dropout probability between recurrent layers", Range{.min = 0, .max = 1, .open_max = true});
  }
};

struct DenoiseLearningOptions {
  std::string objective = "mse";
  std::string select = "auto";
  int64_t valid_pixels = 2'000'000;

  template <class Visitor>
  void visit(Visitor& v) {
    v("objective", objective, "Loss in training: mean squared or mean absolute error", OneOf{"mse", "mae"});
    v("select", select,
      "Validation metric that chooses the best model; auto: psnr of pictures, snr of series, and loss where clean data "
      "are not known (learn_from = noisy)",
      OneOf{"auto", "psnr", "ssim", "snr", "loss"});
    v("valid_pixels", valid_pixels,
      "Pixels of the pictures, or steps of the series, that a validation reads, at most: of more, every k-th picture "
      "or series; 0: all",
      Range{0, 1e15});
  }
};

// Options of prediction and evaluation.
struct DenoiseUseOptions {
  std::string images = {}, arrays = {}, sounds = {}, clean = {};
  std::vector<int64_t> eval_level = {};
  int64_t noise_seed = 1;
  int64_t tile = 0, overlap = 32;
  int64_t batch = 8;

  template <class Visitor>
  void visit(Visitor& v) {
    v("images", images, "Folder for the cleaned pictures (predict)", Writes::kFolder);
    v("arrays", arrays, "Folder for the cleaned series of .npy and IDX arrays, as .npy arrays (predict)",
      Writes::kFolder);
    v("sounds", sounds, "Folder for the cleaned sounds, as wave files (predict)", Writes::kFolder);
    v("clean", clean,
      "Clean pictures or series, as many as DATA, which are then noisy (evaluate): a folder, list, array or table; "
      "empty: DATA are what the training data were, clean or noisy");
    v("eval_level", eval_level,
      "Level of the noise that is added to DATA, which are then clean (evaluate); empty: that of training, if noise "
      "was added there",
      Range{0, 100000});
    v("noise_seed", noise_seed, "Random seed of the noise that is added, or of the pixels that are hidden (evaluate)",
      Range{0, 1e15});
    v("tile", tile,
      "Side of the tiles in which large pictures are cleaned, in pixels (network = conv), or steps of those of series; "
      "0: 256 pixels, 4096 steps",
      Range{0, 1 << 20});
    v("overlap", overlap, "Pixels or steps by which tiles overlap, at most half a tile", Range{0, 1 << 12});
    v("eval_batch", batch, "Batch size of evaluation and prediction, in tiles", Range{1, 1 << 20});
  }
};

struct DenoiseOptions {
  DenoiseDataOptions data;
  SeriesOptions series;
  DenoiseNoiseOptions noise;
  DenoiseModelOptions model;
  DenoiseLearningOptions learning;
  DenoiseUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Series", series);
    v.section("Noise", noise);
    v.section("Model", model);
    v.section("Learning", learning);
    v.section("Evaluation", use);
  }
};

// Whether no clean pictures are known, and no noise is added.
inline bool learns_from_noisy(const DenoiseOptions& options) { return options.data.learn_from == "noisy"; }
inline bool is_series(const DenoiseOptions& options) { return options.data.input == "series"; }

// The metric that `select` stands for.
inline std::string select_of(const DenoiseOptions& options) {
  if (options.learning.select != "auto") return options.learning.select;
  if (learns_from_noisy(options)) return "loss";
  return is_series(options) ? "snr" : "psnr";
}

}  // namespace recur
