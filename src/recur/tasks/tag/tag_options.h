// The options of tagging.
#pragma once

#include <cstdint>
#include <string>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"

namespace recur {

struct TagDataOptions {
  std::string token, tag;
  int64_t min_count = 1;
  int64_t min_char_count = 2;
  bool lower_case = true;
  int64_t batch = 32;

  template <class Visitor>
  void visit(Visitor& v) {
    v("token", token, "Column of the tokens, as FORM of CoNLL-U or #1; empty: FORM, or the first");
    v("tag", tag, "Column of the tags, as XPOS of CoNLL-U or #4; empty: UPOS, or the last");
    v("min_count", min_count, "Rarer words become the unknown word", Range{1, 1 << 30});
    v("min_char_count", min_char_count, "Rarer characters become the unknown character", Range{1, 1 << 30});
    v("lower_case", lower_case, "Words without regard to case; their characters keep it");
    v("batch", batch, "B, sentences of a step", Range{1, 1 << 20});
  }
};

struct TagModelOptions {
  int64_t embedding = 100;
  std::string vectors;
  double word_dropout = 0.25;
  std::string characters = "lstm";
  int64_t char_embedding = 32;
  int64_t char_hidden = 64;
  RecurrentOptions rnn{.hidden = 200, .bidirectional = true};
  std::string output = "auto";
  float dropout = 0.33f;

  template <class Visitor>
  void visit(Visitor& v) {
    v("embedding", embedding, "E, features a word enters as", Range{1, 1 << 20});
    v("vectors", vectors, "File of word vectors to start from (word2vec, GloVe or fastText as text)");
    v("word_dropout", word_dropout,
      "In training a word seen n times is taken for unknown with probability w / (w + n) (Kiperwasser and Goldberg "
      "2016)",
      Range{0, 1e9});
    v("characters", characters, "What reads the characters of a word: LSTMs from both ends, a convolution, nothing",
      OneOf{"lstm", "conv", "none"});
    v("char_embedding", char_embedding, "Features a character enters as", Range{1, 1 << 20});
    v("char_hidden", char_hidden, "Units of each of these LSTMs; filters of the convolution are twice as many",
      Range{1, 1 << 20});
    visit_layers(v, rnn);
    v("output", output,
      "How tags are chosen: each by itself (softmax), or all of a sentence together (crf); auto: crf for tags of "
      "spans, "
      "such as B-x and I-x",
      OneOf{"auto", "softmax", "crf"});
    v("dropout", dropout, "Of the layers' inputs and the last output", Range{.min = 0, .max = 1, .open_max = true});
  }
};

// What counts each time a trained model is used.
struct TagUseOptions {
  std::string format = "auto";
  int64_t batch = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("format", format, "Of the files: columns, or plain sentences, a line each; auto: found out",
      OneOf{"auto", "conll", "conllu", "plain"});
    v("eval_batch", batch, "Sentences evaluated side by side", Range{1, 1 << 20});
  }
};

struct TagOptions {
  TagDataOptions data;
  TagModelOptions model;
  TagUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
