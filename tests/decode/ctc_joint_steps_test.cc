#include "recur/decode/ctc_joint_steps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/decode/beam_search.h"
#include "recur/decode/ctc_search.h"
#include "recur/ops/ctc_loss.h"
#include "recur/ops/softmax.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

// All symbols are as probable as each other, always.
class Even : public StepModel {
 public:
  explicit Even(int64_t symbols) : symbols_(symbols) {}
  int64_t symbols() const override { return symbols_; }
  Tensors initial(int64_t hypotheses) const override { return {Tensor::zeros({hypotheses, 1})}; }
  Step step(const Tensor& symbols, const Tensors& state) const override {
    return {.log_probabilities = Tensor::full({symbols.size(0), symbols_}, -std::log(static_cast<double>(symbols_))),
            .state = state};
  }

 private:
  int64_t symbols_;
};

Tensor texts(const std::vector<int32_t>& text) {
  return text.empty() ? Tensor::full({1, 1}, -1, DType::kI32) : Tensor::from(text, {std::ssize(text), 1});
}

// What the steps give for a text and its end, of the first input.
double score_of(const CtcJointSteps& steps, std::vector<int32_t> text) {
  const auto end = static_cast<int32_t>(steps.symbols()) - 1;
  Tensors state = steps.initial(1);
  double sum = 0;
  int32_t last = end;
  text.push_back(end);
  for (const int32_t symbol : text) {
    const auto made = steps.step(Tensor::from(std::vector<int32_t>{last}, {1}), state);
    sum += double{made.log_probabilities.values<float>()[static_cast<size_t>(symbol)]};
    state = made.state;
    last = symbol;
  }
  return sum;
}

TEST(CtcJointSteps, AddUpToTheWeightedSumOfBoth) {
  const Tensor logits = normal({6, 1, 4}, 3, DType::kF32), p = log_softmax(logits, 2);
  const Even even(4);
  for (const double weight : {0.0, 0.3, 1.0}) {
    const CtcJointSteps steps(even, p, {6}, weight);
    for (const std::vector<int32_t>& text : {std::vector<int32_t>{}, {1}, {0, 0}, {2, 1, 2}, {1, 1, 0, 0}}) {
      const double ctc = -ctc_loss(logits, texts(text), {}, 3).item();
      const double other = -static_cast<double>(text.size() + 1) * std::log(4.0);
      EXPECT_NEAR(score_of(steps, text), weight * ctc + (1 - weight) * other, 1e-4) << weight << " " << text.size();
    }
    EXPECT_LT(score_of(steps, {1, 1, 1, 1}), weight > 0 ? -1e20 : 0) << "which needs 7 steps";
  }
}

// The probabilities of what may follow, the end among them, sum to 1.
TEST(CtcJointSteps, AreADistributionOverWhatFollows) {
  const Tensor p = log_softmax(normal({7, 1, 5}, 4, DType::kF32), 2);
  const Even even(5);
  const CtcJointSteps steps(even, p, {7}, 1);
  Tensors state = steps.initial(1);
  for (const int32_t symbol : {4, 1, 1, 3}) {
    const auto made = steps.step(Tensor::from(std::vector<int32_t>{symbol}, {1}), state);
    double sum = 0;
    for (const float each : made.log_probabilities.values<float>()) sum += std::exp(double{each});
    EXPECT_NEAR(sum, 1, 1e-5);
    state = made.state;
  }
}

// A beam over a ragged batch finds the texts that CTC alone finds, in their order.
TEST(CtcJointSteps, ABeamIsThatOfCtcAlone) {
  const Tensor logits = normal({5, 2, 4}, 9, DType::kF32), p = log_softmax(logits, 2);
  const Even even(4);
  const CtcJointSteps steps(even, p, {5, 3}, 1);
  const std::vector<BeamInput> inputs{{.longest = 5}, {.longest = 3}};
  const auto found = beam_search(steps, inputs, {.first = 3, .end = 3, .width = 200, .n_best = 5});
  for (size_t b = 0; b < 2; ++b) {
    const CtcSteps alone(p, static_cast<int64_t>(b), b == 0 ? 5 : 3, 3);
    const auto want = ctc_beam(alone, {.width = 500, .n_best = 5, .least = -1e9f});
    ASSERT_EQ(found[b].size(), 5u);
    for (size_t k = 0; k < 5; ++k) {
      EXPECT_EQ(found[b][k].symbols, want[k].symbols) << b << " " << k;
      EXPECT_NEAR(found[b][k].score, want[k].score, 1e-4);
    }
  }
}

TEST(CtcJointSteps, OptionsThatDoNotFitAreRefused) {
  const Even even(4);
  EXPECT_ERROR(CtcJointSteps(even, Tensor::zeros({3, 1, 5}), {3}, 0.5), "expected probabilities [T, 1, 4]");
  EXPECT_ERROR(CtcJointSteps(even, Tensor::zeros({3, 1, 4}), {4}, 0.5), "length: expected 0 .. 3, got 4");
  EXPECT_ERROR(CtcJointSteps(even, Tensor::zeros({3, 1, 4}), {3}, 1.5), "expected a weight of 0 .. 1, got 1.5");
}

}  // namespace
}  // namespace recur
