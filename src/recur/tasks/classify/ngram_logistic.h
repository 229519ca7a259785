// Weights of n-grams by logistic regression of each class against the others, with a penalty, on n-grams that count by
// how well they tell the class from the others: each times its log-odds of naive Bayes (Wang and Manning, "Baselines
// and bigrams", 2012).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/tasks/classify/ngram_texts.h"

namespace recur {

// Minimises |v|^2 / 2 + C sum_i w_i ln(1 + exp(-y_i v x_i)) for each class, by coordinate descent on the dual problem
// (Yu, Huang and Lin, 2011): a text has a dual variable a between 0 and C w, with v the sum of y a x.
class LogisticNgrams : public NgramWeights {
 public:
  LogisticNgrams(const NgramTexts& texts, int64_t buckets, int64_t classes, std::span<const float> weight_of);

  void begin(std::span<const int64_t> which);  // the log-odds of these texts; all weights are 0
  void set_strength(double c);                 // C > 0; what is learnt already is scaled with it
  void pass(std::span<const int64_t> order);

  // What makes the scores those of a softmax over the classes: of two classes each is half of the other's opposite.
  double factor() const { return classes_ == 2 ? 0.5 : 1; }

 private:
  void learn(int64_t i);

  double strength_ = 0;
  std::vector<float> squared_odds_;  // [buckets, C]
  std::vector<float> duals_;         // [N, C]
  std::vector<double> norms_;        // [C]: x x of the text at hand
};

// The a that solves norm (a - old) + margin + ln(a / (bound - a)) = 0, 0 < a < bound; norm >= 0.
double logistic_dual(double norm, double margin, double old, double bound);

}  // namespace recur
