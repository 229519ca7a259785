#include "recur/decode/fused_steps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/decode/beam_search.h"
#include "tests/decode/chain.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

TEST(FusedSteps, AddTheLogProbabilitiesOfBothAlongOneSequence) {
  const Chain model = random_chain(3, 1), language = random_chain(4, 2);
  const std::vector<int32_t> same{2, 0, 3};
  const FusedSteps fused(model, language, 0.5, same);
  Tensors state = fused.initial(1);
  const std::vector<int32_t> symbols{0, 2, 1, 1};
  for (size_t t = 0; t < symbols.size(); ++t) {
    const int32_t last = symbols[t], before = t == 0 ? 0 : symbols[t - 1];
    const auto made = fused.step(Tensor::from(std::vector<int32_t>{last}, {1}), state);
    for (int32_t c = 0; c < 3; ++c) {
      const double own = std::log(model.probability(before, last, c));
      const double other = std::log(language.probability(t == 0 ? 0 : same[before], same[last], same[c]));
      EXPECT_NEAR(made.log_probabilities.values<float>()[c], own + 0.5 * other, 1e-5);
    }
    state = fused.reorder(made.state, Tensor::from(std::vector<int32_t>{0}, {1}));
  }
}

TEST(FusedSteps, ASymbolThatTheLanguageModelLacksIsItsLeastProbable) {
  const Chain model = random_chain(2, 1), language = random_chain(2, 2);
  const FusedSteps fused(model, language, 2, {0, -1});
  const auto made = fused.step(Tensor::from(std::vector<int32_t>{0}, {1}), fused.initial(1));
  const double least = std::min(std::log(language.probability(0, 0, 0)), std::log(language.probability(0, 0, 1)));
  EXPECT_NEAR(made.log_probabilities.values<float>()[1], std::log(model.probability(0, 0, 1)) + 2 * least, 1e-5);
}

TEST(FusedSteps, ABeamOverThemTakesBothSides) {
  const Chain model = random_chain(3, 4), language = random_chain(3, 9);
  const FusedSteps fused(model, language, 1e3, {0, 1, 2});  // the language model alone decides
  const BeamInput input{.longest = 3};
  const BeamOptions options{.first = 0, .end = 0, .width = 100};
  const auto best = [&](const StepModel& of) { return beam_search(of, std::span(&input, 1), options)[0][0].symbols; };
  EXPECT_EQ(best(fused), best(language));
  const FusedSteps silent(model, language, 0, {0, 1, 2});
  EXPECT_EQ(best(silent), best(model));
}

TEST(FusedSteps, RefusesWhatDoesNotFit) {
  const Chain model = random_chain(3, 1), language = random_chain(2, 2);
  EXPECT_ERROR(FusedSteps(model, language, 1, {0, 1}), "a symbol for each of 3");
  EXPECT_ERROR(FusedSteps(model, language, 1, {0, 1, 2}), "2 is none of 2 symbols");
  EXPECT_ERROR(FusedSteps(model, language, -1, {0, 1, 1}), "weight");
}

}  // namespace
}  // namespace recur
