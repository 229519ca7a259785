// The options of transcription.
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

struct TranscribeDataOptions {
  std::string audio, text, speaker, header = "auto";
  TokenizerOptions tokens{.line_end_symbol = false};
  int64_t rate = 0;
  double most_seconds = 30;
  int64_t batch = 16;
  double batch_seconds = 160;

  template <class Visitor>
  void visit(Visitor& v) {
    v("audio_column", audio,
      "Column of the paths of the sounds, by name or number (#1); empty: inferred from the data");
    v("text_column", text, "Column of the texts; empty: inferred from the data");
    v("speaker_column", speaker, "Column of the speakers; empty: one called speaker, if there is one");
    v("header", header, "Whether the first row of a list names the columns", OneOf{"auto", "yes", "no"});
    visit_tokens(v, tokens);
    v("sample_rate", rate, "Sample rate that sounds are resampled to, in Hz; 0: the most common rate of the data",
      Range{0, 1 << 20});
    v("most_seconds", most_seconds, "Maximum length: longer sounds are left out of training",
      Range{.min = 0, .max = 1e6, .open_min = true});
    v("batch", batch, "B, maximum batch size in sounds", Range{1, 1 << 20});
    v("batch_seconds", batch_seconds, "Maximum batch size in seconds, padding included",
      Range{.min = 0, .max = 1e9, .open_min = true});
  }
};

struct TranscribeFeatureOptions {
  std::string kind = "auto";
  double window = 25, hop = 10;
  std::string window_shape = "povey";
  int64_t bands = 0;
  int64_t coefficients = 13;
  double low = 20, high = 0;
  double pre_emphasis = 0.97;
  double dither = 1;
  std::string normalise = "auto";

  template <class Visitor>
  void visit(Visitor& v) {
    v("features", kind,
      "Input features: log-mel energies or mel-frequency cepstral coefficients of sounds, or pixels of pictures of "
      "lines; auto: log_mel or pixels, by the files",
      OneOf{"auto", "log_mel", "mfcc", "pixels"});
    v("window_ms", window, "Length of the window of each step, in milliseconds",
      Range{.min = 0, .max = 10000, .open_min = true});
    v("hop_ms", hop, "Time from one step to the next, in milliseconds; a column of a picture counts as this long",
      Range{.min = 0, .max = 10000, .open_min = true});
    v("window_shape", window_shape, "Shape of the window", OneOf{"povey", "hann", "hamming"});
    v("bands", bands,
      "Mel bands, or the height in pixels that pictures are scaled to; 0: 80, 40 for sounds below 12 kHz, 32 for "
      "pictures",
      Range{0, 4096});
    v("coefficients", coefficients, "Cepstral coefficients (features = mfcc)", Range{1, 4096});
    v("low_hz", low, "Lower end of the bands, in Hz", Range{0, 1 << 20});
    v("high_hz", high, "Upper end of the bands, in Hz; 0 or less: added to half the sample rate",
      Range{-(1 << 20), 1 << 20});
    v("dither", dither,
      "Standard deviation of noise, in steps of 16 bits, whose mean power is added to all energies, so that digital "
      "silence gives no extreme features; 0: none",
      Range{.min = 0, .max = 1e6});
    v("pre_emphasis", pre_emphasis, "Share of the previous sample that is subtracted from each sample", Range{0, 1});
    v("normalise", normalise,
      "Normalisation of each feature to mean 0 and variance 1: over the utterance, over all utterances of its speaker, "
      "by the statistics of all training sounds (global), or none; auto: none for pictures; for sounds utterance, or "
      "global if layers are unidirectional, so that sounds can be transcribed as they arrive",
      OneOf{"auto", "utterance", "speaker", "global", "none"});
  }
};

struct TranscribeAugmentOptions {
  std::vector<int64_t> speeds{90, 100, 110};
  double frequency_warp = 0;
  int64_t feature_masks = 2, time_masks = 2;
  double feature_share = 0.3, time_share = 0.1;

  template <class Visitor>
  void visit(Visitor& v) {
    v("speeds", speeds, "Speeds of the sounds in training, in percent, one drawn each time (Ko et al. 2015); 100: none",
      Range{50, 200});
    v("frequency_warp", frequency_warp,
      "Maximum stretch x of the frequencies in training, as if the vocal tract were shorter or longer, by a factor "
      "drawn from 1 - x to 1 + x each time (Jaitly and Hinton 2013; features = log_mel); 0: none",
      Range{0, 0.5});
    v("feature_masks", feature_masks, "Number of masks over features in training (SpecAugment, Park et al. 2019)",
      Range{0, 100});
    v("feature_mask_share", feature_share, "Maximum width of a mask over features, as a share of all", Range{0, 1});
    v("time_masks", time_masks, "Number of masks over time", Range{0, 100});
    v("time_mask_share", time_share, "Maximum width of a mask over time, as a share of the utterance", Range{0, 1});
  }
};

struct TranscribeModelOptions {
  std::vector<int64_t> conv_widths{128, 128}, conv_kernels{11, 11};
  int64_t subsample = 2;
  RecurrentOptions rnn{.hidden = 256, .layers = 3, .bidirectional = true};
  int64_t pyramid = 0;
  int64_t attention_blocks = 0, heads = 4;
  std::string output = "ctc";
  int64_t embedding = 64, decoder_hidden = 0, decoder_layers = 1, joint = 0;
  std::string attention = "additive";
  int64_t attention_location = 15;
  float dropout = 0.3f;

  template <class Visitor>
  void visit(Visitor& v) {
    v("conv_widths", conv_widths,
      "Channels of each convolution before the recurrent layers, at least one convolution for a subsampling of 2 and "
      "two for 4; 0: none",
      Range{0, 1 << 16});
    v("conv_kernels", conv_kernels,
      "Kernel size of each convolution in steps; the last one is used for all that follow", Range{1, 1000});
    v("subsample", subsample, "Subsampling before the recurrent layers, in steps: 1, 2 or 4", Range{1, 4});
    visit_layers(v, rnn);
    v("pyramid", pyramid,
      "Number of further recurrent layers, each of which reads pairs of steps and so halves their number (Chan et al. "
      "2016)",
      Range{0, 8});
    visit_attention_blocks(v, attention_blocks);
    visit_heads(v, heads, "attention = multi_head, attention_blocks");
    v("output", output,
      "Output network: ctc (Graves et al. 2006); transducer (RNN-T, Graves 2012), which also models the text; "
      "attention: a decoder with attention (Chorowski et al. 2015); ctc_attention: both at once (Watanabe et al. 2017)",
      OneOf{"ctc", "transducer", "attention", "ctc_attention"});
    v("embedding", embedding, "Embedding size of the previous symbols (not ctc)", Range{1, 1 << 16});
    v("decoder_hidden", decoder_hidden,
      "Hidden units per layer of the decoder, or of a transducer's prediction network; 0: as hidden",
      Range{0, 1 << 20});
    v("decoder_layers", decoder_layers, "Number of layers of the decoder, or of a transducer's prediction network",
      Range{1, 100});
    v("joint", joint, "Width of a transducer's joint network; 0: as hidden", Range{0, 1 << 16});
    v("attention", attention, "Attention of the decoder: additive, dot, general or multi_head",
      OneOf(attention_kinds()));
    v("attention_location", attention_location,
      "Taps of a convolution over the last attention weights, for location-aware attention (Chorowski et al. 2015); 0: "
      "none; not for multi_head",
      Range{0, 1000});
    v("dropout", dropout, "Dropout probability on layer inputs and the last output",
      Range{.min = 0, .max = 1, .open_max = true});
  }
};

struct TranscribeLearningOptions {
  double ctc_share = 0.3;
  double smoothing = 0.1;
  std::string select = "wer";

  template <class Visitor>
  void visit(Visitor& v) {
    v("ctc_share", ctc_share, "Weight of the loss of CTC; that of the decoder has the rest (output = ctc_attention)",
      Range{0, 1});
    v("smoothing", smoothing, "Label smoothing of the decoder's loss in training (output = attention, ctc_attention)",
      Range{.min = 0, .max = 1, .open_max = true});
    v("select", select, "Validation metric that chooses the best model", OneOf{"wer", "cer", "loss"});
  }
};

// Options of prediction and evaluation.
struct TranscribeUseOptions {
  int64_t beam = 1;
  int64_t n_best = 1;
  int64_t symbols_per_step = 8;
  double ctc_weight = 0.3;
  std::string lm, lexicon;
  int64_t lm_order = 3;
  double lm_weight = 0.5, word_bonus = 0;
  bool word_times = false;
  int64_t raw_rate = 0;
  int64_t worst = 10;
  int64_t batch = 16;

  template <class Visitor>
  void visit(Visitor& v) {
    v("beam", beam,
      "Beam width of the search for the text; 1: greedy search, or a width of 32 with a language model or a lexicon",
      Range{1, 1 << 12});
    v("n_best", n_best, "Number of predictions for each sound, of different texts, at most the beam width",
      Range{1, 1 << 12});
    v("symbols_per_step", symbols_per_step, "Maximum number of symbols that a transducer writes at one step",
      Range{1, 1000});
    v("ctc_weight", ctc_weight,
      "Weight of the CTC prefix probability in the search of ctc_attention; the decoder has the rest", Range{0, 1});
    v("lm", lm,
      "Language model for the beam search (shallow fusion): an ARPA file, a text to estimate "
      "n-grams from, or a model of task lm");
    v("lm_order", lm_order, "Order n of the n-grams estimated from a text", Range{1, 8});
    v("lm_weight", lm_weight, "Weight of the language model", Range{0, 100});
    v("word_bonus", word_bonus, "Bonus for each word, against the preference of a language model for few words",
      Range{-100, 100});
    v("lexicon", lexicon, "File with the allowed words, the first word of each line");
    v("word_times", word_times, "Write the begin, end and confidence of each word as JSON (predict)");
    v("rate", raw_rate,
      "The standard input is raw sound, 16-bit little-endian samples of one channel, with this sample rate in Hz "
      "(predict -)",
      Range{0, 1 << 20});
    v("worst", worst, "Number of utterances with most errors that are shown with their alignments (evaluate)",
      Range{0, 1e6});
    v("eval_batch", batch, "Batch size of evaluation and prediction, in sounds", Range{1, 1 << 20});
  }
};

struct TranscribeOptions {
  TranscribeDataOptions data;
  TranscribeFeatureOptions features;
  TranscribeAugmentOptions augment;
  TranscribeModelOptions model;
  TranscribeLearningOptions learning;
  TranscribeUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Features", features);
    v.section("Augmentation", augment);
    v.section("Model", model);
    v.section("Learning", learning);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
