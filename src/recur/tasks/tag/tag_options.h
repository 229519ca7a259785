// The options of tagging.
#pragma once

#include <cstdint>
#include <string>

#include "recur/base/config_field.h"
#include "recur/tasks/attention_block_options.h"
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
    v("token", token, "Column of the tokens, by its CoNLL-U name (FORM) or number (#1); empty: FORM, or the first");
    v("tag", tag, "Column of the tags, by its CoNLL-U name (XPOS) or number (#4); empty: UPOS, or the last");
    v("min_count", min_count, "Minimum frequency of a word; rarer words become the unknown word", Range{1, 1 << 30});
    v("min_char_count", min_char_count,
      "Minimum frequency of a character; rarer characters become the unknown character", Range{1, 1 << 30});
    v("lower_case", lower_case, "Look up words in lower case; characters keep their case");
    v("batch", batch, "B, batch size in sentences", Range{1, 1 << 20});
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
  int64_t attention_blocks = 0, heads = 4;
  std::string output = "auto";
  float dropout = 0.33f;

  template <class Visitor>
  void visit(Visitor& v) {
    v("embedding", embedding, "E, word embedding size", Range{1, 1 << 20});
    v("vectors", vectors, "File of pretrained word vectors (word2vec, GloVe or fastText in text format)");
    v("word_dropout", word_dropout,
      "Strength w of word dropout: a word seen n times becomes unknown with probability w / (w + n) (Kiperwasser and "
      "Goldberg 2016)",
      Range{0, 1e9});
    v("characters", characters, "Character encoder of a word: bidirectional LSTM, convolution or none",
      OneOf{"lstm", "conv", "none"});
    v("char_embedding", char_embedding, "Character embedding size", Range{1, 1 << 20});
    v("char_hidden", char_hidden,
      "Number of hidden units of the character LSTM per direction; the convolution has twice as many filters",
      Range{1, 1 << 20});
    visit_layers(v, rnn);
    visit_attention_blocks(v, attention_blocks);
    visit_heads(v, heads);
    v("output", output,
      "Output layer: softmax (each tag by itself) or crf (all tags of a sentence together); auto: crf for span tags "
      "such as B-x and I-x",
      OneOf{"auto", "softmax", "crf"});
    v("dropout", dropout, "Dropout probability on layer inputs and the last output",
      Range{.min = 0, .max = 1, .open_max = true});
  }
};

// Options of prediction and evaluation.
struct TagUseOptions {
  std::string format = "auto";
  int64_t most_tokens = 10000;
  int64_t batch = 64;

  template <class Visitor>
  void visit(Visitor& v) {
    v("format", format,
      "File format: CoNLL columns, CoNLL-U, or plain (a sentence per line); auto: inferred from the data",
      OneOf{"auto", "conll", "conllu", "plain"});
    v("most_tokens", most_tokens,
      "Maximum number of tokens in a sentence; a longer sentence is an error, since empty lines are probably missing",
      Range{1, 1 << 30});
    v("eval_batch", batch, "Batch size of evaluation, in sentences", Range{1, 1 << 20});
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
