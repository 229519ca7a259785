#include "recur/decode/scored_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/random.h"
#include "recur/decode/beam_search.h"
#include "tests/decode/chain.h"

namespace recur {
namespace {

using namespace testing;

constexpr double kForbidden = -std::numeric_limits<double>::infinity();
constexpr int32_t kTextEnd = 3;

// No symbol twice in a row; symbol 1 gets a bonus; a text has an even number of symbols.
class EvenTexts : public PrefixScorer {
 public:
  State start() const override { return std::make_shared<std::pair<int32_t, int>>(-1, 0); }
  double add(const State& before, int32_t symbol, State& after) const override {
    const auto [last, count] = *std::static_pointer_cast<const std::pair<int32_t, int>>(before);
    if (symbol == last) return kForbidden;
    after = std::make_shared<std::pair<int32_t, int>>(symbol, count + 1);
    return symbol == 1 ? 2 : -0.25;
  }
  double end(const State& state) const override {
    return std::static_pointer_cast<const std::pair<int32_t, int>>(state)->second % 2 == 0 ? -0.5 : kForbidden;
  }
};

Chain chain(uint64_t seed) {
  Random random(seed);
  std::vector<double> p(64);
  for (size_t row = 0; row < p.size(); row += 4) {
    double total = 0;
    for (size_t c = 0; c < 4; ++c) total += p[row + c] = 0.05 + random.uniform64();
    for (size_t c = 0; c < 4; ++c) p[row + c] /= total;
  }
  return Chain(4, std::move(p));
}

// The best of all texts of up to `longest` symbols.
Hypothesis best_of_all(const Chain& model, const PrefixScorer& scorer, int64_t longest) {
  Hypothesis best{.score = kForbidden};
  struct Prefix {
    std::vector<int32_t> symbols;
    double log_probability;
    PrefixScorer::State state;
  };
  std::vector<Prefix> prefixes{{{}, 0, scorer.start()}};
  for (int64_t n = 0; n <= longest; ++n) {
    std::vector<Prefix> longer;
    for (const Prefix& each : prefixes) {
      const auto count = each.symbols.size();
      const int32_t last = count > 0 ? each.symbols[count - 1] : kTextEnd;
      const int32_t before = count > 1 ? each.symbols[count - 2] : count > 0 ? kTextEnd : 0;
      const double whole =
          each.log_probability + std::log(model.probability(before, last, kTextEnd)) + scorer.end(each.state);
      if (whole > best.score) best = {.symbols = each.symbols, .score = whole};
      for (int32_t c = 0; c < kTextEnd; ++c) {
        PrefixScorer::State state;
        const double added = scorer.add(each.state, c, state);
        if (added == kForbidden) continue;
        std::vector<int32_t> symbols = each.symbols;
        symbols.push_back(c);
        longer.push_back({std::move(symbols),
                          each.log_probability + std::log(model.probability(before, last, c)) + added,
                          std::move(state)});
      }
    }
    prefixes = std::move(longer);
  }
  return best;
}

TEST(ScoredSteps, AWideBeamOverThemFindsTheBestOfAllTexts) {
  const EvenTexts scorer;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Chain model = chain(seed);
    const ScoredSteps scored(model, scorer, kTextEnd);
    const BeamInput input{.longest = 4};
    const auto found = beam_search(scored, std::span(&input, 1),
                                   {.first = kTextEnd, .end = kTextEnd, .width = 200, .n_best = 1, .may_rise = true});
    const Hypothesis right = best_of_all(model, scorer, input.longest);
    ASSERT_EQ(found[0].size(), 1u);
    EXPECT_EQ(found[0][0].symbols, right.symbols);
    EXPECT_NEAR(found[0][0].score, right.score, 1e-5);
  }
}

// Symbols far below the most probable one are tried where the scorer allows no other.
TEST(ScoredSteps, FindWhatAloneIsAllowed) {
  std::vector<double> p(64, 1e-9);
  for (size_t row = 0; row < p.size(); row += 4) p[row] = 1;
  const Chain model(4, p);
  const EvenTexts scorer;
  const ScoredSteps scored(model, scorer, kTextEnd);
  const auto first = scored.step(Tensor::from(std::vector<int32_t>{kTextEnd}, {1}), scored.initial(1));
  EXPECT_EQ(first.log_probabilities.values<float>()[1], static_cast<float>(kForbidden));  // far below symbol 0
  const auto second = scored.step(Tensor::from(std::vector<int32_t>{0}, {1}), first.state);
  EXPECT_EQ(second.log_probabilities.values<float>()[0], static_cast<float>(kForbidden));
  EXPECT_NEAR(second.log_probabilities.values<float>()[1], std::log(1e-9) + 2, 1e-4);
  EXPECT_EQ(second.log_probabilities.values<float>()[kTextEnd], static_cast<float>(kForbidden));
}

}  // namespace
}  // namespace recur
