// A decoder's step model and the probabilities of CTC as one: Watanabe, Hori, Kim, Hershey and Hayashi, "Hybrid
// CTC/attention architecture for end-to-end speech recognition" (2017).
#pragma once

#include <cstdint>
#include <vector>

#include "recur/decode/step_model.h"

namespace recur {

// log p of a symbol: (1 - weight) of the model's and `weight` of CTC's, ln of the probability that what is heard begins
// with the hypothesis and the symbol, less that of the hypothesis. So the sum over a whole text is the weighted sum of
// the two exact ln P(text). A hypothesis' state has, beside the model's, its input's number, its last symbol, and the
// forward variables of CTC at all steps.
class CtcJointSteps : public StepModel {
 public:
  // log_probabilities f32 [T, B, V] of CTC for the inputs that the model has read, and their lengths 0 .. T. The last
  // symbol, V - 1, is the blank of CTC, and the end of the model, which also begins a text; the others are the same.
  // 0 <= weight <= 1. The model must outlive this.
  CtcJointSteps(const StepModel& model, const Tensor& log_probabilities, std::vector<int64_t> lengths, double weight);

  int64_t symbols() const override { return model_.symbols(); }
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;
  Tensors reorder(const Tensors& state, const Tensor& from) const override;

 private:
  struct Row;  // the state of a hypothesis
  void advance(Row& row, int32_t symbol) const;
  void score(const Row& row, std::vector<double>& out) const;
  double log_p(int64_t t, int64_t b, int64_t v) const {
    return logs_[static_cast<size_t>((t * batch_ + b) * count_ + v)];
  }

  const StepModel& model_;
  int64_t steps_, batch_, count_;             // T, B, V
  std::vector<double> logs_, probabilities_;  // [T, B, V]
  std::vector<int64_t> lengths_;
  double weight_;
};

}  // namespace recur
