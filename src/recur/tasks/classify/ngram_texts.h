// Texts as their n-grams, to learn a linear path from, and the weights that are learnt.
#pragma once

#include <cmath>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "recur/data/text/text_ngrams.h"

namespace recur {

struct NgramTexts {
  std::vector<uint32_t> hashes;    // of all texts: of each those of words, then those of characters
  std::vector<int64_t> word_ends;  // of each text: where those of its words end
  std::vector<int64_t> ends;       // of each text: where those of its characters end
  std::vector<int32_t> classes;    // of each text

  int64_t size() const { return std::ssize(ends); }
  void add(const TextNgrams& ngrams, int32_t of_class);
};

// What each n-gram of a text counts: one divided by the root of how many there are, of characters half of that, as
// there are more of them and they say less.
inline double value_of_words(int64_t count) { return 1 / std::sqrt(static_cast<double>(count > 0 ? count : 1)); }
inline double value_of_characters(int64_t count) { return value_of_words(count) / 2; }

// Weights [buckets, C], rows of classes so that a text touches few places, and biases [C].
class NgramWeights {
 public:
  // weight_of: of each text in the loss; empty: all 1.
  NgramWeights(const NgramTexts& texts, int64_t buckets, int64_t classes, std::span<const float> weight_of);

  // Of the texts `which`: the weighted mean of -ln p of their classes, p the softmax of the scores times `factor`.
  double mean_loss(std::span<const int64_t> which, double factor = 1);

  const std::vector<float>& weights() const { return weights_; }
  const std::vector<float>& biases() const { return biases_; }

 protected:
  double weight_of(int64_t i) const { return weight_of_.empty() ? 1 : weight_of_[static_cast<size_t>(i)]; }
  size_t class_of(int64_t i) const { return static_cast<size_t>(texts_.classes[static_cast<size_t>(i)]); }

  // Calls visit(index of the first weight of its row, value) for each n-gram of a text.
  template <class Visit>
  void for_each(int64_t i, Visit visit) const {
    const int64_t begin = i > 0 ? texts_.ends[i - 1] : 0, middle = texts_.word_ends[i], end = texts_.ends[i];
    const double of_word = value_of_words(middle - begin), of_character = value_of_characters(end - middle);
    for (int64_t k = begin; k < end; ++k) {
      visit((texts_.hashes[k] & mask_) * classes_, k < middle ? of_word : of_character);
    }
  }
  void score(int64_t i);  // into scores_

  const NgramTexts& texts_;
  const uint32_t mask_;
  const size_t classes_;
  const std::span<const float> weight_of_;
  std::vector<float> weights_, biases_;
  std::vector<double> scores_;  // [C] of the text at hand
};

}  // namespace recur
