#include "recur/tasks/lm/lm_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/tasks/lm/fixed_lm.h"

namespace recur {
namespace {

Tensor ids(const std::vector<int32_t>& symbols) { return Tensor::from(symbols, {std::ssize(symbols)}); }

using namespace testing;

// log p of every symbol after a sequence, which is run anew.
std::vector<double> after(const LmModel& model, const std::vector<int32_t>& sequence) {
  const auto out = model(Tensor::from(sequence, {std::ssize(sequence), 1}), {.mode = Mode::evaluation()});
  const Tensor logits = model.logits(out.features);
  const auto last = logits.values<float>().last(static_cast<size_t>(logits.size(2)));
  double sum = 0;
  for (const float each : last) sum += std::exp(double{each});
  std::vector<double> result;
  for (const float each : last) result.push_back(each - std::log(sum));
  return result;
}

TEST(LmSteps, HypothesesSideBySideAreEachTheRunOfTheirSequence) {
  const auto tokenizer = tokenizer_of("abcd");
  const LmModel model = drawn_lm(tokenizer->size());
  const std::vector<int32_t> prompt{1, 3};
  const LmSteps steps(model, prompt, std::nullopt);
  EXPECT_EQ(steps.symbols(), tokenizer->size());
  const auto first = steps.step(ids({2, 4}), steps.initial(2));
  const auto second = steps.step(ids({1, 1, 3}), steps.reorder(first.state, ids({1, 0, 0})));
  const std::vector<int32_t> runs[] = {{1, 3, 4, 1}, {1, 3, 2, 1}, {1, 3, 2, 3}};
  const auto V = static_cast<size_t>(steps.symbols());
  for (size_t b = 0; b < 3; ++b) {
    const std::vector<double> expected = after(model, runs[b]);
    for (size_t c = 0; c < V; ++c) {
      EXPECT_NEAR(second.log_probabilities.values<float>()[b * V + c], expected[c], 1e-5) << b << " " << c;
    }
  }
}

TEST(LmSteps, TheUnknownSymbolNeverFollows) {
  const auto tokenizer = tokenizer_of("abcd");
  const LmModel model = drawn_lm(tokenizer->size());
  const LmSteps steps(model, {}, 0);
  const auto made = steps.step(ids({2, 3}), steps.initial(2));
  const auto V = static_cast<size_t>(steps.symbols());
  for (size_t b = 0; b < 2; ++b) {
    double sum = 0;
    for (size_t c = 0; c < V; ++c) sum += std::exp(double{made.log_probabilities.values<float>()[b * V + c]});
    EXPECT_EQ(made.log_probabilities.values<float>()[b * V], -std::numeric_limits<float>::infinity());
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

}  // namespace
}  // namespace recur
