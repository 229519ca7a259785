// The linear path of text classification, beside the network: a weight for each hashed n-gram and class, added up
// (after Joulin et al., 2016). It sees all of a text, however long, and learns in seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recur/data/text/text_ngrams.h"
#include "recur/nn/module.h"
#include "recur/tasks/classify/path_mix.h"

namespace recur {

// Buffers: weight [C, buckets], bias [C], mix [2]. None is trained with the network.
class NgramPath : public Module {
 public:
  // buckets: a power of two.
  NgramPath(int64_t buckets, int64_t classes);

  int64_t buckets() const { return weight_.size(1); }
  int64_t classes() const { return weight_.size(0); }

  // Adds to `out` [C] the weights of a text's n-grams: those of words divided by the root of their number, those of
  // characters by twice the root of theirs, as there are more of them and they say less; and the bias.
  void add_scores(const TextNgrams& ngrams, std::span<double> out) const;

  // What one n-gram of a text counts for each class [C], before the division by the root of their number.
  std::vector<double> weights_of(const PlacedNgram& ngram) const;
  std::vector<double> biases() const;  // [C]

  const PathMix& mix() const { return mix_; }
  PathMix& mix() { return mix_; }

  // Takes weights [buckets, C].
  void set(std::span<const float> weights, std::span<const float> bias);

 private:
  Tensor weight_, bias_;
  PathMix mix_;
};

// What training makes of texts.
struct NgramFit {
  int64_t buckets = 0;
  std::vector<float> weights, bias;  // [buckets, C], [C]
  int64_t passes = 0;                // over the texts
};

// Texts to learn from.
struct NgramTexts {
  std::vector<uint32_t> hashes;    // of all texts: of each those of words, then those of characters
  std::vector<int64_t> word_ends;  // of each text: where those of its words end
  std::vector<int64_t> ends;       // of each text: where those of its characters end
  std::vector<int32_t> classes;    // of each text

  int64_t size() const { return std::ssize(ends); }
  void add(const TextNgrams& ngrams, int32_t of_class);
};

// Begins with the weights of naive Bayes, which are good where there is little to learn from, and goes on by AdaGrad
// (Duchi, Hazan and Singer, 2011), text by text. The number of passes is the one that is best on a tenth of the texts
// that are held out at first; then it learns from all of them.
struct NgramFitOptions {
  int64_t classes = 2;
  std::optional<int64_t> buckets = {};  // a power of two; default: about as many as there are different n-grams
  std::vector<float> weights = {};      // of each text in the loss; empty: all 1
  uint64_t seed = 1;
};
NgramFit fit_ngrams(const NgramTexts& texts, const NgramFitOptions& options);

}  // namespace recur
