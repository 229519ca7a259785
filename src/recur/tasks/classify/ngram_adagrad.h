// Weights of n-grams by AdaGrad (Duchi, Hazan and Singer, 2011) from those of naive Bayes on, which are good where
// there is little to learn from; how far it goes is the number of passes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/tasks/classify/ngram_texts.h"

namespace recur {

class AdaGradNgrams : public NgramWeights {
 public:
  AdaGradNgrams(const NgramTexts& texts, int64_t buckets, int64_t classes, std::span<const float> weight_of);

  void begin(std::span<const int64_t> which);  // with naive Bayes: log-odds against the mean of the classes
  void pass(std::span<const int64_t> order);   // text by text, on softmax and cross-entropy

 private:
  bool is_used(size_t row) const;
  void make_odds(size_t row, std::span<const double> totals);
  void learn(int64_t i);

  std::vector<float> squares_;  // of the gradients, added up
};

}  // namespace recur
