// The linear path of text classification, beside the network: a weight for each hashed n-gram and class, added up
// (after Joulin et al., 2016). It sees all of a text, however long, and learns in seconds (ngram_fit.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/text/text_ngrams.h"
#include "recur/nn/module.h"
#include "recur/tasks/classify/ngram_fit.h"
#include "recur/tasks/classify/path_mix.h"

namespace recur {

// Buffers: weight [C, buckets], bias [C], mix [2]. None is trained with the network.
class NgramPath : public Module {
 public:
  // buckets: a power of two.
  NgramPath(int64_t buckets, int64_t classes);

  int64_t buckets() const { return weight_.size(1); }
  int64_t classes() const { return weight_.size(0); }

  // Adds to `out` [C] the bias and the weights of a text's n-grams, those of words divided by the root of their number,
  // those of characters by twice the root of theirs (ngram_texts.h).
  void add_scores(const TextNgrams& ngrams, std::span<double> out) const;

  // What one n-gram of a text counts for each class [C], before the division by the root of their number.
  std::vector<double> weights_of(const PlacedNgram& ngram) const;
  std::vector<double> biases() const;  // [C]

  const PathMix& mix() const { return mix_; }
  PathMix& mix() { return mix_; }

  void set(const NgramFit& fit);  // of as many buckets and classes

 private:
  Tensor weight_, bias_;
  PathMix mix_;
};

}  // namespace recur
