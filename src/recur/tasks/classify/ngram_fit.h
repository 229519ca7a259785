// Learns the weights of the linear path of texts (ngram_path.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/tasks/classify/ngram_texts.h"

namespace recur {

struct NgramFitOptions {
  int64_t classes = 2;
  std::optional<int64_t> buckets = {};  // a power of two; default: about as many as there are different n-grams
  std::vector<float> weights = {};      // of each text in the loss; empty: all 1
  uint64_t seed = 1;
};

// What is chosen on a tenth of the texts, which is held out for this.
struct NgramChoice {
  int64_t buckets = 0;
  int64_t passes = 0;   // of AdaGrad (ngram_adagrad.h)
  double strength = 0;  // C of the logistic regression (ngram_logistic.h)
};
NgramChoice choose_ngrams(const NgramTexts& texts, const NgramFitOptions& options);

struct NgramFit {
  std::vector<float> weights, biases;  // [buckets, C], [C]
};

// The mean of the two kinds of weights, which errs less than either, learnt from all the texts.
NgramFit fit_ngrams(const NgramTexts& texts, const NgramChoice& choice, const NgramFitOptions& options);

// Throws UsageError unless `buckets` is a power of two.
void check_buckets(int64_t buckets);

}  // namespace recur
