// The linear path of a text as a function of which of its symbols are there.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/data/text/text_ngrams.h"
#include "recur/tasks/classify/ngram_path.h"
#include "recur/tasks/classify/sequence_encoder.h"
#include "recur/tensor/tensor.h"

namespace recur {

class PresencePath {
 public:
  // Of a text of encoded.steps symbols that the network reads; n-grams of words that it does not read are always there.
  PresencePath(const NgramPath& path, const std::vector<PlacedNgram>& ngrams, const EncodedSequence& encoded,
               DType dtype);

  // there [T, B], 1 or 0 or between -> scores [B, C]. An n-gram counts as the product over its symbols; where it occurs
  // several times as the mean of these. All ones give NgramPath::add_scores().
  Tensor operator()(const Tensor& there) const;

 private:
  Tensor always_;                // [C]
  std::vector<Tensor> weights_;  // of n-grams of 1, 2, ... symbols: [T - n + 1, C], or undefined
};

}  // namespace recur
