#include "recur/tasks/classify/ngram_texts.h"

#include <algorithm>

#include "recur/tasks/classify/log_sum.h"

namespace recur {

void NgramTexts::add(const TextNgrams& ngrams, int32_t of_class) {
  hashes.insert(hashes.end(), ngrams.words.begin(), ngrams.words.end());
  word_ends.push_back(std::ssize(hashes));
  hashes.insert(hashes.end(), ngrams.characters.begin(), ngrams.characters.end());
  ends.push_back(std::ssize(hashes));
  classes.push_back(of_class);
}

NgramWeights::NgramWeights(const NgramTexts& texts, int64_t buckets, int64_t classes, std::span<const float> weight_of)
    : texts_(texts),
      mask_(static_cast<uint32_t>(buckets - 1)),
      classes_(static_cast<size_t>(classes)),
      weight_of_(weight_of),
      weights_(static_cast<size_t>(buckets * classes), 0),
      biases_(classes_, 0),
      scores_(classes_) {}

void NgramWeights::score(int64_t i) {
  std::ranges::copy(biases_, scores_.begin());
  for_each(i, [&](size_t row, double value) {
    for (size_t c = 0; c < classes_; ++c) scores_[c] += weights_[row + c] * value;
  });
}

double NgramWeights::mean_loss(std::span<const int64_t> which, double factor) {
  double sum = 0, weights = 0;
  for (const int64_t i : which) {
    score(i);
    for (double& each : scores_) each *= factor;
    sum += weight_of(i) * (log_sum(scores_) - scores_[class_of(i)]);
    weights += weight_of(i);
  }
  return sum / weights;
}

}  // namespace recur
