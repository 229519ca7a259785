#include "recur/decode/transducer_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/ops/transducer_loss.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using Symbols = std::vector<int32_t>;

// What is joined are rows of a table by the last two symbols, so that what was said matters. V = 3, blank 2.
class Table : public TransducerNetwork {
 public:
  explicit Table(uint64_t seed) : table_(normal({9, 3}, seed, DType::kF32)) {}

  int64_t symbols() const override { return 3; }
  int32_t blank() const override { return 2; }
  Predicted start() const override { return at({8}); }
  Predicted after(const Tensor& symbols, const Tensors& state) const override {
    std::vector<int32_t> rows;
    for (size_t k = 0; k < symbols.values<int32_t>().size(); ++k) {
      rows.push_back(static_cast<int32_t>(state[0].values<float>()[k]) % 3 * 3 + symbols.values<int32_t>()[k]);
    }
    return at(rows);
  }
  Tensor log_probabilities(const Tensor& step, const Tensor& output) const override {
    return log_softmax(step + output, 1);
  }

  // The outputs for all prefixes of a text: [U + 1, V].
  Tensor outputs(const Symbols& text) const {
    Predicted now = start();
    Tensors out{now.output};
    for (const int32_t symbol : text) {
      now = after(Tensor::from(Symbols{symbol}, {1}), now.state);
      out.push_back(now.output);
    }
    return concat(out, 0);
  }

 private:
  Predicted at(const std::vector<int32_t>& rows) const {
    Tensor state = Tensor::empty({std::ssize(rows), 1});
    for (size_t k = 0; k < rows.size(); ++k) state.data<float>()[k] = static_cast<float>(rows[k]);
    return {.output = embedding(table_, Tensor::from(rows, {std::ssize(rows)})), .state = {state}};
  }

  Tensor table_;
};

double log_probability(const Table& table, const Tensor& steps, const Symbols& text) {
  const Tensor outputs = table.outputs(text);
  Tensors all;
  for (int64_t t = 0; t < steps.size(0); ++t) all.push_back(rows(steps, t, t + 1) + outputs);
  const Tensor labels =
      text.empty() ? Tensor::full({1, 1}, -1, DType::kI32) : Tensor::from(text, {std::ssize(text), 1});
  const Tensor length = Tensor::from(std::vector<int64_t>{steps.size(0)}, {1});
  return -transducer_loss(concat(all, 0), labels, length, 2).item();
}

std::vector<TransducerHypothesis> search(const Table& table, const Tensor& steps,
                                         const TransducerSearchOptions& options) {
  TransducerSearch search(table, options);
  for (int64_t t = 0; t < steps.size(0); ++t) search.take(rows(steps, t, t + 1));
  EXPECT_EQ(search.steps(), steps.size(0));
  return search.best();
}

Symbols symbols_of(const TransducerHypothesis& hypothesis) {
  Symbols out;
  for (const TransducerSymbol& each : hypothesis.symbols) out.push_back(each.symbol);
  return out;
}

// Where nothing is cut, scores are the exact probabilities, sums over all paths; those of texts that are so short that
// all their paths say few symbols a step.
TEST(TransducerSearch, ScoresAreTheLossOfWhatIsSaid) {
  const Table table(3);
  const Tensor steps = normal({3, 3}, 4, DType::kF32);
  const auto found = search(table, steps, {.width = 5000, .n_best = 5000, .symbols_per_step = 3});
  int compared = 0;
  double before = 0;
  for (const TransducerHypothesis& each : found) {
    EXPECT_LE(each.score, before + 1e-9);
    before = each.score;
    const Symbols text = symbols_of(each);
    if (text.size() > 3) continue;
    EXPECT_NEAR(each.score, log_probability(table, steps, text), 1e-5);
    ++compared;
  }
  EXPECT_EQ(compared, 1 + 2 + 4 + 8);
}

TEST(TransducerSearch, ANarrowBeamFindsTheBest) {
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const Table table(seed);
    const Tensor steps = normal({6, 3}, seed + 20, DType::kF32);
    const auto wide = search(table, steps, {.width = 500, .n_best = 1, .symbols_per_step = 4});
    const auto narrow = search(table, steps, {.width = 12, .n_best = 3, .symbols_per_step = 4});
    EXPECT_EQ(symbols_of(narrow[0]), symbols_of(wide[0])) << seed;
    EXPECT_LE(narrow[0].score, wide[0].score + 1e-6);
    ASSERT_EQ(narrow.size(), 3u);
    for (const TransducerSymbol& each : narrow[0].symbols) {
      EXPECT_GE(each.step, 0);
      EXPECT_LT(each.step, 6);
      EXPECT_LE(each.log_probability, 0);
    }
  }
}

// What is settled, bit by bit, and what is left at the end make the best text, whatever is asked in between.
TEST(TransducerSearch, WhatIsSettledStays) {
  for (uint64_t seed = 1; seed < 8; ++seed) {
    for (const int64_t width : {1, 4}) {
      const Table table(seed);
      const Tensor steps = normal({20, 3}, seed + 40, DType::kF32);
      const TransducerSearchOptions options{.width = width};
      const TransducerHypothesis whole = search(table, steps, options)[0];
      TransducerSearch asked(table, options);
      std::vector<TransducerSymbol> said;
      for (int64_t t = 0; t < steps.size(0); ++t) {
        asked.take(rows(steps, t, t + 1));
        for (const TransducerSymbol& each : asked.settled()) said.push_back(each);
      }
      const TransducerHypothesis rest = asked.best()[0];
      said.insert(said.end(), rest.symbols.begin(), rest.symbols.end());
      EXPECT_EQ(symbols_of({.symbols = said}), symbols_of(whole));
      EXPECT_NEAR(rest.score, whole.score, 1e-9);
    }
  }
}

// Texts of symbol 1 alone, each of which costs 2.
class Ones : public PrefixScorer {
 public:
  State start() const override { return nullptr; }
  double add(const State&, int32_t symbol, State&) const override {
    return symbol == 1 ? -2 : -std::numeric_limits<double>::infinity();
  }
  double end(const State&) const override { return -1; }
};

TEST(TransducerSearch, AScorerForbidsAndWeighs) {
  const Table table(2);
  const Tensor steps = normal({3, 3}, 6, DType::kF32);
  const Ones ones;
  const auto found = search(table, steps, {.width = 200, .n_best = 3, .symbols_per_step = 4, .scorer = &ones});
  ASSERT_EQ(found.size(), 3u);
  for (const TransducerHypothesis& each : found) {
    const Symbols text = symbols_of(each);
    for (const int32_t symbol : text) EXPECT_EQ(symbol, 1);
    EXPECT_NEAR(each.score, log_probability(table, steps, text) - 2 * static_cast<double>(text.size()) - 1, 1e-4);
  }
}

TEST(TransducerSearch, OptionsThatDoNotFitAreRefused) {
  const Table table(1);
  EXPECT_ERROR(TransducerSearch(table, {.width = 0}), "width: expected at least 1, got 0");
  EXPECT_ERROR(TransducerSearch(table, {.symbols_per_step = 0}), "symbols_per_step: expected at least 1, got 0");
  EXPECT_TRUE(TransducerSearch(table, {}).best()[0].symbols.empty());
}

}  // namespace
}  // namespace recur
