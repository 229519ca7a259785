#include "recur/decode/step_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "recur/base/random.h"
#include "tests/decode/chain.h"

namespace recur {
namespace {

Tensor ids(const std::vector<int32_t>& symbols) { return Tensor::from(symbols, {std::ssize(symbols)}); }

using namespace testing;

constexpr int32_t kSymbols = 3;
constexpr size_t kLength = 5;

Chain random_chain(uint64_t seed) {
  Random random(seed);
  std::vector<double> p;
  for (int i = 0; i < kSymbols * kSymbols; ++i) {
    double row[kSymbols], sum = 0;
    for (double& each : row) sum += each = 0.05 + random.uniform64();
    for (const double each : row) p.push_back(each / sum);
  }
  return Chain(kSymbols, std::move(p));
}

double log_probability(const Chain& chain, const std::vector<int32_t>& sequence) {
  double sum = 0;
  int32_t before = 0, last = 0;
  for (const int32_t symbol : sequence) {
    sum += std::log(chain.probability(before, last, symbol));
    before = last, last = symbol;
  }
  return sum;
}

std::vector<int32_t> best_of_all(const Chain& chain) {
  std::vector<int32_t> now(kLength, 0), best = now;
  for (;;) {
    if (log_probability(chain, now) > log_probability(chain, best)) best = now;
    size_t i = 0;
    while (i < kLength && ++now[i] == kSymbols) now[i++] = 0;
    if (i == kLength) return best;
  }
}

// Beam search in its shortest form, over nothing but the interface.
std::vector<int32_t> beam_search(const StepModel& model, int64_t width) {
  struct Beam {
    std::vector<int32_t> sequence;
    double score = 0;
  };
  std::vector<Beam> beams{{}};
  Tensors state = model.initial(1);
  for (size_t t = 0; t < kLength; ++t) {
    std::vector<int32_t> last;
    for (const Beam& beam : beams) last.push_back(beam.sequence.empty() ? 0 : beam.sequence.back());
    const auto made = model.step(Tensor::from(last, {std::ssize(last)}), state);
    struct Next {
      double score;
      int32_t from, symbol;
    };
    std::vector<Next> all;
    for (size_t b = 0; b < beams.size(); ++b) {
      for (int32_t c = 0; c < kSymbols; ++c) {
        const double step = made.log_probabilities.values<float>()[b * kSymbols + static_cast<size_t>(c)];
        all.push_back({beams[b].score + step, static_cast<int32_t>(b), c});
      }
    }
    std::ranges::sort(all, std::greater{}, &Next::score);
    all.resize(std::min<size_t>(all.size(), static_cast<size_t>(width)));
    std::vector<Beam> next;
    std::vector<int32_t> from;
    for (const Next& each : all) {
      next.push_back(beams[static_cast<size_t>(each.from)]);
      next.back().sequence.push_back(each.symbol);
      next.back().score = each.score;
      from.push_back(each.from);
    }
    beams = std::move(next);
    state = model.reorder(made.state, Tensor::from(from, {std::ssize(from)}));
  }
  return beams.front().sequence;
}

TEST(StepModel, ABeamWideEnoughFindsTheMostProbableSequence) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Chain chain = random_chain(seed);
    // What a chain of two symbols' memory needs: a beam for each pair of last symbols.
    EXPECT_EQ(beam_search(chain, kSymbols * kSymbols * kSymbols), best_of_all(chain)) << seed;
  }
}

TEST(StepModel, ReorderedHypothesesGoOnAsTheOnesTheyCameFrom) {
  const Chain chain = random_chain(3);
  const auto first = chain.step(ids({1, 2, 0}), chain.initial(3));
  const Tensors moved = chain.reorder(first.state, ids({2, 0, 0, 1}));
  const auto direct = chain.step(ids({1, 1, 1}), first.state);
  const auto reordered = chain.step(ids({1, 1, 1, 1}), moved);
  const size_t from[] = {2, 0, 0, 1};
  for (size_t k = 0; k < 4; ++k) {
    for (size_t c = 0; c < kSymbols; ++c) {
      EXPECT_EQ(reordered.log_probabilities.values<float>()[k * kSymbols + c],
                direct.log_probabilities.values<float>()[from[k] * kSymbols + c]);
    }
  }
}

}  // namespace
}  // namespace recur
