// The options of speech synthesis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"

namespace recur {

struct SynthesizeDataOptions {
  std::string audio, text, header = "auto";
  std::string tokens = "auto", pronounce;
  bool lower_case = true;
  int64_t rate = 0;
  double trim_db = 40;
  double most_seconds = 15;
  int64_t batch = 16;
  double batch_seconds = 160;

  template <class Visitor>
  void visit(Visitor& v) {
    v("audio_column", audio,
      "Column of the paths of the sounds, by name or number (#1); empty: inferred from the data");
    v("text_column", text, "Column of the texts; empty: inferred from the data");
    v("header", header, "Whether the first row of a list names the columns", OneOf{"auto", "yes", "no"});
    v("tokens", tokens,
      "Symbols that texts are split into: chars, characters; phonemes, what stands between blanks; auto: phonemes with "
      "pronounce, else characters",
      OneOf{"auto", "chars", "phonemes"});
    v("pronounce", pronounce,
      "Model of task translate, from spellings to phonemes, that pronounces the words; the trained model holds it");
    v("lower_case", lower_case, "Read capital letters of words as small ones");
    v("sample_rate", rate,
      "Samples a second that sounds are resampled to, and spoken at; 0: the most common rate of the data, at most "
      "16000",
      Range{0, 1 << 20});
    v("trim_db", trim_db,
      "Silence at both ends of the training sounds is cut off: whatever is so many decibels below the loudest part; 0: "
      "nothing",
      Range{0, 200});
    v("most_seconds", most_seconds, "Maximum length: longer sounds are left out of training",
      Range{.min = 0, .max = 1e6, .open_min = true});
    v("batch", batch, "B, maximum batch size in sounds", Range{1, 1 << 20});
    v("batch_seconds", batch_seconds, "Maximum batch size in seconds, padding included",
      Range{.min = 0, .max = 1e9, .open_min = true});
  }
};

struct SynthesizeFrameOptions {
  double window = 50, hop = 12.5;
  int64_t bands = 0;
  double low = 0, high = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range length{.min = 0, .max = 10000, .open_min = true};
    v("window_ms", window, "Length of the window of each frame, in milliseconds, at least two hops", length);
    v("hop_ms", hop, "Time from one frame to the next, in milliseconds", length);
    v("bands", bands, "Mel bands; 0: 80, below 12 kHz 40", Range{0, 4096});
    v("low_hz", low, "Lower end of the bands", Range{0, 1 << 20});
    v("high_hz", high, "Upper end of the bands; 0 or less: so far below half the sample rate",
      Range{-(1 << 20), 1 << 20});
  }
};

struct SynthesizeModelOptions {
  int64_t embedding = 128;
  int64_t conv_layers = 2, conv_kernel = 5;
  RecurrentOptions rnn{.hidden = 128, .bidirectional = true};
  int64_t decoder_hidden = 256, decoder_layers = 2;
  int64_t prenet = 128;
  float prenet_dropout = 0.5f;
  int64_t attention_units = 128, attention_location = 31;
  int64_t reduction = 3;
  int64_t postnet = 128, postnet_layers = 3;
  float dropout = 0.1f;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range probability{.min = 0, .max = 1, .open_max = true};
    v("embedding", embedding, "Embedding size of the characters, and width of the convolutions over them",
      Range{1, 1 << 16});
    v("conv_layers", conv_layers, "Convolutions over the characters", Range{0, 100});
    v("conv_kernel", conv_kernel, "Characters, and frames, that a convolution sees", Range{1, 1000});
    visit_layers(v, rnn);
    v("decoder_hidden", decoder_hidden, "Hidden units per layer of the decoder", Range{1, 1 << 20});
    v("decoder_layers", decoder_layers, "Number of its layers", Range{1, 100});
    v("prenet", prenet, "Width of the two layers through which the decoder reads the frame before", Range{1, 1 << 16});
    v("prenet_dropout", prenet_dropout, "Dropout probability in them, which the decoder learns not to lean on",
      probability);
    v("attention_units", attention_units, "Units of the additive attention", Range{1, 1 << 16});
    v("attention_location", attention_location,
      "Taps of the convolution over where the decoder looked last, and so far (Chorowski et al. 2015); 0: none",
      Range{0, 1000});
    v("reduction", reduction, "Frames that a step of the decoder writes (Wang et al. 2017)", Range{1, 100});
    v("postnet", postnet, "Channels of the convolutions that better the frames at the end; 0: none", Range{0, 1 << 16});
    v("postnet_layers", postnet_layers, "Number of these", Range{1, 100});
    v("dropout", dropout, "Dropout probability of the characters' features and of the decoder's", probability);
  }
};

struct SynthesizeVocoderOptions {
  std::string kind = "recurrent";
  int64_t hidden = 192, features = 32, levels = 256, order = 16;
  int64_t segment = 8;
  double noise = 0.5;

  template <class Visitor>
  void visit(Visitor& v) {
    v("vocoder", kind,
      "What makes sound of frames: recurrent, a network of its own that is trained along and writes sample by sample "
      "(WaveRNN, Kalchbrenner et al. 2018); none: the algorithm of Griffin and Lim, which needs no training",
      OneOf{"recurrent", "none"});
    v("vocoder_hidden", hidden, "Hidden units of its GRU", Range{1, 1 << 16});
    v("vocoder_features", features, "Features of a frame that each of its samples reads", Range{1, 1 << 16});
    v("vocoder_levels", levels, "Levels of the mu-law among which a sample is drawn; an even number",
      Range{4, 1 << 16});
    v("vocoder_prediction", order,
      "Order of the linear prediction by the envelope of each frame, whose error is what is drawn (LPCNet, Valin and "
      "Skoglund 2019); 0: none",
      Range{0, 64});
    v("vocoder_segment", segment, "Frames of each sound in a batch that the vocoder learns from", Range{1, 1 << 16});
    v("vocoder_noise", noise, "Strength of the noise on the samples that it reads in training, in levels",
      Range{0, 1000});
  }
};

struct SynthesizeLearningOptions {
  double guide = 1, guide_width = 0.2;
  std::string select = "loss";

  template <class Visitor>
  void visit(Visitor& v) {
    v("guide", guide, "Weight of the loss that keeps the attention near the diagonal (Tachibana et al. 2017)",
      Range{0, 1e6});
    v("guide_width", guide_width, "Width of that diagonal, as a share of the text",
      Range{.min = 0, .max = 100, .open_min = true});
    v("select", select, "Validation metric that chooses the best model",
      OneOf{"loss", "mel_distance", "free_mel_distance"});
  }
};

// How a text is spoken.
struct SpeakOptions {
  double speed = 1;
  std::string waveform = "auto";
  int64_t griffin_lim_steps = 60;
  std::string chart;

  template <class Visitor>
  void visit(Visitor& v) {
    v("speed", speed, "How fast to speak: 1.2 is a fifth faster", Range{0.25, 4});
    v("waveform", waveform,
      "What makes sound of frames: the vocoder of the model, or griffin_lim; auto: the vocoder where there is one",
      OneOf{"auto", "vocoder", "griffin_lim"});
    v("griffin_lim_steps", griffin_lim_steps, "Steps of the algorithm of Griffin and Lim", Range{1, 1 << 20});
    v("chart", chart, "SVG file for a picture of the attention: which characters each frame was read from",
      Writes::kFile);
  }
};

// Options of prediction and evaluation.
struct SynthesizeUseOptions {
  SpeakOptions speak;
  std::string sounds;
  double temperature = 1;
  uint64_t seed = 1;
  int64_t charts = 6;
  bool alignments = false;
  int64_t vocoded = 4;
  int64_t batch = 16;

  template <class Visitor>
  void visit(Visitor& v) {
    speak.visit(v);
    v("sounds", sounds, "Folder for the wave files (predict)", Writes::kFolder);
    v("temperature", temperature, "Sampling temperature of the vocoder; 0: always the most probable sample",
      Range{0, 1e6});
    v("speak_seed", seed, "Random seed of the samples that the vocoder draws");
    v("charts", charts, "Maximum number of texts in the chart (predict)", Range{1, 1000});
    v("alignments", alignments, "Write which character each step of the decoder looked at most, as JSON (predict)");
    v("vocoded", vocoded,
      "Number of sounds that are made again of their frames, to measure the vocoder beside Griffin and Lim (evaluate)",
      Range{0, 1 << 20});
    v("eval_batch", batch, "Batch size of evaluation and prediction, in texts", Range{1, 1 << 20});
  }
};

// What learns handwriting, where the data are strokes of a pen.
struct HandwritingOptions {
  int64_t windows = 10, parts = 20;
  std::string coordinates = "auto";
  int64_t most_points = 1500;

  template <class Visitor>
  void visit(Visitor& v) {
    v("coordinates", coordinates,
      "What the numbers of the strokes are: moves from point to point, or the points; auto: as they look",
      OneOf{"auto", "moves", "points"});
    v("most_points", most_points, "Maximum length: longer writings are left out of training", Range{2, 1 << 20});
    v("window_gaussians", windows, "Gaussians of the window through which the text is read", Range{1, 1000});
    v("move_gaussians", parts, "Gaussians of the density of a move", Range{1, 1000});
  }
};

// How a text is written.
struct WriteHandOptions {
  double sharpness = 0;
  std::string picture;

  template <class Visitor>
  void visit(Visitor& v) {
    v("sharpness", sharpness,
      "How much likelier than learnt the likely moves are: 0 writes as the data, 1 to 5 more legibly and more alike",
      Range{0, 100});
    v("picture", picture, "SVG file for a picture of the handwriting", Writes::kFile);
  }
};

// Options of prediction and evaluation of handwriting.
struct HandwritingUseOptions {
  WriteHandOptions write;
  uint64_t seed = 1;
  int64_t batch = 16;

  template <class Visitor>
  void visit(Visitor& v) {
    write.visit(v);
    v("pen_seed", seed, "Random seed of the moves of the pen");
    v("writing_batch", batch, "Batch size of evaluation, in writings", Range{1, 1 << 20});
  }
};

struct SynthesizeOptions {
  SynthesizeDataOptions data;
  SynthesizeFrameOptions frames;
  SynthesizeModelOptions model;
  SynthesizeVocoderOptions vocoder;
  SynthesizeLearningOptions learning;
  HandwritingOptions handwriting;
  SynthesizeUseOptions use;
  HandwritingUseOptions pen;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Frames", frames);
    v.section("Model", model);
    v.section("Vocoder", vocoder);
    v.section("Learning", learning);
    v.section("Handwriting", handwriting);
    v.section("Evaluation", use);
    v.section("Evaluation of handwriting", pen);
  }
};

}  // namespace recur
