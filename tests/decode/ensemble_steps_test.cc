#include "recur/decode/ensemble_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "recur/decode/beam_search.h"
#include "tests/decode/chain.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

EnsembleSteps ensemble(const std::vector<Chain>& chains) {
  std::vector<std::unique_ptr<const StepModel>> members;
  for (const Chain& chain : chains) members.push_back(std::make_unique<Chain>(chain));
  return EnsembleSteps(std::move(members));
}

TEST(EnsembleSteps, AverageProbabilitiesAlongSequencesThatAreReordered) {
  const std::vector<Chain> chains{random_chain(3, 1), random_chain(3, 2), random_chain(3, 3)};
  const EnsembleSteps all = ensemble(chains);
  Tensors state = all.initial(2);
  std::vector<int32_t> before{0, 0}, last{0, 2};
  for (int t = 0; t < 4; ++t) {
    const auto made = all.step(Tensor::from(last, {2}), state);
    for (size_t b = 0; b < 2; ++b) {
      for (int32_t c = 0; c < 3; ++c) {
        double p = 0;
        for (const Chain& chain : chains) p += chain.probability(before[b], last[b], c) / 3;
        EXPECT_NEAR(made.log_probabilities.values<float>()[3 * b + static_cast<size_t>(c)], std::log(p), 1e-5);
      }
    }
    // The rows change places.
    state = all.reorder(made.state, Tensor::from(std::vector<int32_t>{1, 0}, {2}));
    before = {last[1], last[0]};
    last = {t % 3, (t + 1) % 3};
  }
}

TEST(EnsembleSteps, ASearchFindsTheMostProbableOfTheMean) {
  const std::vector<Chain> chains{random_chain(3, 4), random_chain(3, 9)};
  const EnsembleSteps all = ensemble(chains);
  const BeamInput input{.longest = 2};
  const auto found = beam_search(all, std::span(&input, 1), {.first = 0, .end = 0, .width = 100, .length_penalty = 0});
  const auto p = [&](int32_t a, int32_t b, int32_t c) {
    return (chains[0].probability(a, b, c) + chains[1].probability(a, b, c)) / 2;
  };
  double best = p(0, 0, 0);
  for (int32_t a = 1; a < 3; ++a) {
    best = std::max(best, p(0, 0, a) * p(0, a, 0));
    for (int32_t b = 1; b < 3; ++b) best = std::max(best, p(0, 0, a) * p(0, a, b) * p(a, b, 0));
  }
  EXPECT_NEAR(found[0][0].score, std::log(best), 1e-5);
}

// A model that always attends in the same way.
class Looking : public Chain {
 public:
  Looking(Chain chain, std::vector<float> weights) : Chain(std::move(chain)), weights_(std::move(weights)) {}
  Step step(const Tensor& symbols, const Tensors& state) const override {
    Step made = Chain::step(symbols, state);
    made.attention = Tensor::from(weights_, {1, std::ssize(weights_)});
    return made;
  }

 private:
  std::vector<float> weights_;
};

TEST(EnsembleSteps, AverageAttention) {
  std::vector<std::unique_ptr<const StepModel>> members;
  members.push_back(std::make_unique<Looking>(random_chain(2, 1), std::vector<float>{1, 0, 0}));
  members.push_back(std::make_unique<Looking>(random_chain(2, 2), std::vector<float>{0.5, 0.5, 0}));
  const EnsembleSteps all(std::move(members));
  const auto made = all.step(Tensor::from(std::vector<int32_t>{0}, {1}), all.initial(1));
  const auto weights = made.attention.values<float>();
  EXPECT_EQ(std::vector<float>(weights.begin(), weights.end()), (std::vector<float>{0.75, 0.25, 0}));
}

TEST(EnsembleSteps, RefusesWhatDoesNotFit) {
  EXPECT_ERROR(ensemble({}), "at least one model");
  EXPECT_ERROR(ensemble({random_chain(3, 1), random_chain(2, 2)}), "models of 3 symbols, got one of 2");
}

}  // namespace
}  // namespace recur
