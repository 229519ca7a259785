#include "recur/decode/ctc_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "recur/ops/ctc_loss.h"
#include "recur/ops/softmax.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using Symbols = std::vector<int32_t>;

Tensor random_steps(const Shape& shape, uint64_t seed) { return log_softmax(normal(shape, seed, DType::kF32), 2); }

// The probability of every text that so few steps can say, by all V^T paths.
std::map<Symbols, double> all_texts(const CtcSteps& steps) {
  std::map<Symbols, double> out;
  Symbols path(static_cast<size_t>(steps.steps()), 0);
  for (;;) {
    Symbols said;
    double log_probability = 0;
    for (size_t t = 0; t < path.size(); ++t) {
      log_probability += static_cast<double>(steps[static_cast<int64_t>(t)][path[t]]);
      if (path[t] != steps.blank() && (t == 0 || path[t] != path[t - 1])) said.push_back(path[t]);
    }
    out[said] += std::exp(log_probability);
    size_t t = 0;
    while (t < path.size() && ++path[t] == steps.symbols()) path[t++] = 0;
    if (t == path.size()) return out;
  }
}

TEST(CtcGreedy, MergesRepeatsAndTakesBlanksOut) {
  const Symbols best{2, 1, 1, 2, 1, 0, 0, 2};  // 2 is the blank
  Tensor x = Tensor::full({8, 1, 3}, -5, DType::kF32);
  for (size_t t = 0; t < best.size(); ++t) x.data<float>()[t * 3 + best[t]] = -0.5f;
  const CtcHypothesis said = ctc_greedy(CtcSteps(x, 0, 8, 2));
  EXPECT_EQ(said.symbols, (Symbols{1, 1, 0}));
  EXPECT_NEAR(said.score, -4, 1e-6);
  EXPECT_EQ(ctc_greedy(CtcSteps(x, 0, 3, 2)).symbols, (Symbols{1}));
  EXPECT_TRUE(ctc_greedy(CtcSteps(x, 0, 0, 2)).symbols.empty());
}

// A beam that keeps everything gives the true order of all texts and their probabilities.
TEST(CtcBeam, IsExactWhereNothingIsCut) {
  const Tensor x = random_steps({5, 2, 4}, 3);
  for (const int64_t b : {0, 1}) {
    for (const int32_t blank : {0, 3}) {
      const CtcSteps steps(x, b, 5 - b, blank);
      const auto want = all_texts(steps);
      const auto found = ctc_beam(steps, {.width = 2000, .n_best = 2000, .least = -1e9f});
      ASSERT_EQ(found.size(), want.size());
      double before = 0;
      for (const CtcHypothesis& each : found) {
        EXPECT_NEAR(std::exp(each.score), want.at(each.symbols), 1e-6);
        EXPECT_LE(each.score, before + 1e-12);
        before = each.score;
      }
    }
  }
}

TEST(CtcBeam, ScoresAreTheLossOfWhatIsSaid) {
  const Tensor x = random_steps({12, 1, 4}, 8);
  const CtcSteps steps(x, 0, 12, 0);
  for (const CtcHypothesis& each : ctc_beam(steps, {.width = 500, .n_best = 3, .least = -1e9f})) {
    const Tensor labels = Tensor::from(each.symbols, {std::ssize(each.symbols), 1});
    EXPECT_NEAR(ctc_loss(x, labels).item(), -each.score, 1e-3);
  }
}

TEST(CtcBeam, FindsWhatTheGreedySearchMisses) {
  // The most probable path is all blanks, and yet "1" is more probable than nothing.
  Tensor x = Tensor::zeros({2, 1, 2});
  for (int t = 0; t < 2; ++t) {
    x.data<float>()[2 * t] = std::log(0.6f);
    x.data<float>()[2 * t + 1] = std::log(0.4f);
  }
  const CtcSteps steps(x, 0, 2, 0);
  EXPECT_TRUE(ctc_greedy(steps).symbols.empty());
  const auto found = ctc_beam(steps, {.width = 8});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].symbols, Symbols{1});
  EXPECT_NEAR(std::exp(found[0].score), 0.64, 1e-6);
}

// Texts of pairs of the same symbol alone; each costs 1.
class Doubles : public PrefixScorer {
 public:
  State start() const override { return nullptr; }
  double add(const State& before, int32_t symbol, State& after) const override {
    const auto* half = static_cast<const int32_t*>(before.get());
    if (half != nullptr && *half != symbol) return -std::numeric_limits<double>::infinity();
    after = half != nullptr ? nullptr : std::make_shared<int32_t>(symbol);
    return half != nullptr ? -1 : 0;
  }
  double end(const State& state) const override {
    return state == nullptr ? 0 : -std::numeric_limits<double>::infinity();
  }
};

TEST(CtcBeam, AScorerForbidsAndWeighs) {
  const Tensor x = random_steps({6, 1, 3}, 5);
  const CtcSteps steps(x, 0, 6, 0);
  const auto texts = all_texts(steps);
  const Doubles doubles;
  const auto found = ctc_beam(steps, {.width = 2000, .n_best = 2000, .least = -1e9f, .scorer = &doubles});
  EXPECT_GT(found.size(), 3u);
  for (const CtcHypothesis& each : found) {
    ASSERT_EQ(each.symbols.size() % 2, 0u);
    for (size_t k = 0; k < each.symbols.size(); k += 2) EXPECT_EQ(each.symbols[k], each.symbols[k + 1]);
    const double pairs = static_cast<double>(each.symbols.size()) / 2;
    EXPECT_NEAR(each.score, std::log(texts.at(each.symbols)) - pairs, 1e-5);
  }
}

TEST(CtcAlign, FindsTheMostProbablePath) {
  const Tensor x = random_steps({6, 1, 4}, 7);
  const CtcSteps steps(x, 0, 6, 0);
  const Symbols said{2, 2, 1};
  const auto spans = ctc_align(steps, said);
  ASSERT_EQ(spans.size(), 3u);
  // Of the path: its probability, against the best of all that say the same.
  const auto of_path = [&](const Symbols& path) {
    double sum = 0;
    for (size_t t = 0; t < path.size(); ++t) sum += static_cast<double>(steps[static_cast<int64_t>(t)][path[t]]);
    return sum;
  };
  Symbols path(6, 0);
  for (size_t k = 0; k < spans.size(); ++k) {
    EXPECT_LT(spans[k].begin, spans[k].end);
    double most = -1e9;
    for (int64_t t = spans[k].begin; t < spans[k].end; ++t) {
      path[t] = said[k];
      most = std::max<double>(most, steps[t][said[k]]);
    }
    EXPECT_EQ(spans[k].log_probability, most);
  }
  double best = -1e9;
  Symbols each(6, 0);
  for (;;) {
    Symbols collapsed;
    for (size_t t = 0; t < 6; ++t) {
      if (each[t] != 0 && (t == 0 || each[t] != each[t - 1])) collapsed.push_back(each[t]);
    }
    if (collapsed == said) best = std::max(best, of_path(each));
    size_t t = 0;
    while (t < 6 && ++each[t] == 4) each[t++] = 0;
    if (t == 6) break;
  }
  EXPECT_NEAR(of_path(path), best, 1e-6);
  EXPECT_TRUE(ctc_align(CtcSteps(x, 0, 3, 0), said).empty());
  EXPECT_TRUE(ctc_align(steps, {}).empty());
}

TEST(CtcSteps, MustLieInTheirTensor) {
  const Tensor x = random_steps({6, 2, 4}, 7);
  EXPECT_ERROR(CtcSteps(x, 2, 6, 0), "ctc: sequence 2");
  EXPECT_ERROR(CtcSteps(x, 0, 7, 0), "7 steps");
  EXPECT_ERROR(CtcSteps(x, 0, 6, 4), "blank 4");
}

}  // namespace
}  // namespace recur
