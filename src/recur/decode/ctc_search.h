// From the probabilities of connectionist temporal classification (ops/ctc_loss.h) to what is said, and when.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur {

// Logarithms of the probabilities of V symbols at T steps, of one sequence of a batch [T, B, V].
class CtcSteps {
 public:
  // `log_probabilities` f32 must outlive this.
  CtcSteps(const Tensor& log_probabilities, int64_t b, int64_t steps, int32_t blank);

  int64_t steps() const { return steps_; }
  int64_t symbols() const { return symbols_; }
  int32_t blank() const { return blank_; }
  std::span<const float> operator[](int64_t t) const { return {data_ + t * stride_, static_cast<size_t>(symbols_)}; }

 private:
  const float* data_;
  int64_t steps_, stride_, symbols_;
  int32_t blank_;
};

struct CtcHypothesis {
  std::vector<int32_t> symbols;
  double score = 0;  // ln of its probability, with what a scorer gives for it
};

// What is known of texts, whatever is heard: a language model, a list of words. Const: several threads may use one.
class PrefixScorer {
 public:
  // What of a prefix its continuations depend on.
  using State = std::shared_ptr<const void>;

  virtual ~PrefixScorer() = default;
  virtual State start() const = 0;
  // What a symbol adds to the score of a prefix, and the state after it; -infinity where it may not follow.
  virtual double add(const State& before, int32_t symbol, State& after) const = 0;
  // What the end adds; -infinity where the prefix is no whole text.
  virtual double end(const State& state) const = 0;
};

struct CtcSearchOptions {
  int64_t width = 16;  // prefixes that are kept at each step
  int64_t n_best = 1;  // hypotheses that are given back
  float least = -7;    // symbols of less log-probability are not tried, the most probable one excepted
  const PrefixScorer* scorer = nullptr;  // or none
};

// The most probable symbol of each step, repeated ones merged and blanks taken out.
CtcHypothesis ctc_greedy(const CtcSteps& steps);

// Prefix beam search (Hannun, Maas, Jurafsky and Ng 2014): sums over the paths of each prefix as far as they are
// kept. Best first; fewer than n_best where there are not as many.
std::vector<CtcHypothesis> ctc_beam(const CtcSteps& steps, const CtcSearchOptions& options);

// Steps begin .. end - 1 of a symbol on the most probable path of given symbols (Viterbi 1967).
struct CtcSpan {
  int64_t begin = 0, end = 0;
  double log_probability = 0;  // the largest of the symbol at these steps
};

// One for each symbol; none where there is no path: fewer steps than ctc_least_steps().
std::vector<CtcSpan> ctc_align(const CtcSteps& steps, std::span<const int32_t> symbols);

}  // namespace recur
