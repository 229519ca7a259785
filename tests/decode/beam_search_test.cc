#include "recur/decode/beam_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/random.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

constexpr int32_t kSymbols = 3, kEnd = 2;
constexpr int64_t kPositions = 2;

// A model of several inputs that can be worked out by hand. What follows depends on the input, the last two symbols and
// nothing else; so does the attention. The state of a hypothesis is its input and the symbol before its last.
class Readers : public StepModel {
 public:
  Readers(size_t inputs, uint64_t seed, bool attends = true) : attends_(attends) {
    Random random(seed);
    Tensor logits = Tensor::empty({static_cast<int64_t>(inputs * 9), kSymbols});
    for (float& each : std::span(logits.data<float>(), inputs * 27)) each = 3 * random.uniform();
    table_ = log_softmax(logits);
    Tensor scores = Tensor::empty({static_cast<int64_t>(inputs * 3), kPositions});
    for (float& each : std::span(scores.data<float>(), inputs * 6)) each = 3 * random.uniform();
    attention_ = softmax(scores);
  }

  double log_probability(int32_t input, int32_t a, int32_t b, int32_t c) const {
    return std::as_const(table_).values<float>()[((input * 3 + a) * 3 + b) * 3 + c];
  }
  double attention(int32_t input, int32_t last, int64_t position) const {
    return std::as_const(attention_).values<float>()[(input * 3 + last) * kPositions + position];
  }

  int64_t symbols() const override { return kSymbols; }
  Tensors initial(int64_t hypotheses) const override {
    Tensor state = Tensor::zeros({hypotheses, 2});
    for (int64_t i = 0; i < hypotheses; ++i) state.data<float>()[2 * i] = static_cast<float>(i);
    return {state};
  }
  Step step(const Tensor& symbols, const Tensors& state) const override {
    const int64_t rows = symbols.size(0);
    most_rows_ = std::max(most_rows_, rows);
    rows_ += rows;
    Step out{.log_probabilities = Tensor::empty({rows, kSymbols}), .state = {Tensor::empty({rows, 2})}};
    if (attends_) out.attention = Tensor::empty({rows, kPositions});
    for (int64_t r = 0; r < rows; ++r) {
      const auto input = static_cast<int32_t>(state[0].values<float>()[2 * r]);
      const auto before = static_cast<int32_t>(state[0].values<float>()[2 * r + 1]);
      const int32_t last = symbols.values<int32_t>()[r];
      for (int32_t c = 0; c < kSymbols; ++c) {
        out.log_probabilities.data<float>()[r * kSymbols + c] =
            static_cast<float>(log_probability(input, before, last, c));
      }
      for (int64_t i = 0; attends_ && i < kPositions; ++i) {
        out.attention.data<float>()[r * kPositions + i] = static_cast<float>(attention(input, last, i));
      }
      out.state[0].data<float>()[2 * r] = static_cast<float>(input);
      out.state[0].data<float>()[2 * r + 1] = static_cast<float>(last);
    }
    return out;
  }

  mutable int64_t most_rows_ = 0, rows_ = 0;

 private:
  bool attends_;
  Tensor table_, attention_;
};

Hypothesis scored(const Readers& model, int32_t input, std::vector<int32_t> symbols, const BeamOptions& options) {
  Hypothesis out{.symbols = symbols};
  double received[kPositions] = {};
  symbols.push_back(kEnd);
  int32_t before = 0, last = options.first;
  for (const int32_t symbol : symbols) {
    out.log_probability += model.log_probability(input, before, last, symbol);
    for (int64_t i = 0; i < kPositions; ++i) received[i] += model.attention(input, last, i);
    before = last, last = symbol;
  }
  const double length = static_cast<double>(symbols.size());
  out.score = out.log_probability / std::pow((5 + length) / 6, options.length_penalty);
  for (const double each : received) out.score += options.coverage_penalty * std::log(std::min(each, 1.0));
  return out;
}

// All sequences of at most `longest` symbols, best first.
std::vector<Hypothesis> all_of(const Readers& model, int32_t input, size_t longest, const BeamOptions& options) {
  std::vector<std::vector<int32_t>> sequences{{}};
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].size() == longest) continue;
    for (int32_t c = 0; c < kEnd; ++c) {
      sequences.push_back(sequences[i]);
      sequences.back().push_back(c);
    }
  }
  std::vector<Hypothesis> all;
  for (const auto& each : sequences) all.push_back(scored(model, input, each, options));
  std::ranges::stable_sort(all, std::greater{}, &Hypothesis::score);
  return all;
}

TEST(BeamSearch, AWideBeamFindsWhatEnumerationFinds) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const Readers model(3, seed);
    for (const double alpha : {0.0, 0.7, 2.0}) {
      for (const double beta : {0.0, 0.4}) {
        const BeamOptions options{
            .end = kEnd, .width = 200, .n_best = 5, .length_penalty = alpha, .coverage_penalty = beta};
        const BeamInput inputs[] = {{4, kPositions}, {0, kPositions}, {5, kPositions}};
        const auto found = beam_search(model, inputs, options);
        for (int32_t i = 0; i < 3; ++i) {
          const auto expected = all_of(model, i, static_cast<size_t>(inputs[i].longest), options);
          ASSERT_EQ(found[i].size(), std::min<size_t>(expected.size(), 5));
          for (size_t k = 0; k < found[i].size(); ++k) {
            // Not the same symbols: sequences of the same steps in another order are as probable.
            EXPECT_NEAR(found[i][k].score, expected[k].score, 1e-5) << seed << " " << alpha << " " << beta;
            const Hypothesis again = scored(model, i, found[i][k].symbols, options);
            EXPECT_NEAR(found[i][k].score, again.score, 1e-5);
            EXPECT_NEAR(found[i][k].log_probability, again.log_probability, 1e-5);
            for (size_t j = 0; j < k; ++j) EXPECT_NE(found[i][j].symbols, found[i][k].symbols);
          }
        }
      }
    }
  }
}

bool repeats(const std::vector<int32_t>& symbols, int64_t n) {
  for (auto a = symbols.begin(); symbols.end() - a >= n; ++a) {
    for (auto b = a + 1; symbols.end() - b >= n; ++b) {
      if (std::equal(a, a + n, b)) return true;
    }
  }
  return false;
}

TEST(BeamSearch, WritesNoSymbolsInARowTwiceWhereThatIsAskedFor) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Readers model(1, seed);
    const BeamInput input{6, kPositions};
    for (const int64_t n : {1, 2, 3}) {
      const BeamOptions options{.end = kEnd, .width = 300, .n_best = 5, .length_penalty = 2, .no_repeat = n};
      auto expected = all_of(model, 0, 6, options);
      std::erase_if(expected, [&](const Hypothesis& each) { return repeats(each.symbols, n); });
      const auto found = beam_search(model, std::span(&input, 1), options)[0];
      ASSERT_EQ(found.size(), std::min<size_t>(expected.size(), 5));
      for (size_t k = 0; k < found.size(); ++k) {
        EXPECT_NEAR(found[k].score, expected[k].score, 1e-5) << seed << " " << n;
        EXPECT_FALSE(repeats(found[k].symbols, n));
      }
    }
  }
}

TEST(BeamSearch, OneHypothesisTakesTheMostProbableSymbolEachTime) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const Readers model(1, seed);
    std::vector<int32_t> greedy;
    int32_t before = 0, last = 0;
    while (greedy.size() < 9) {
      int32_t best = 0;
      for (int32_t c = 1; c < kSymbols; ++c) {
        if (model.log_probability(0, before, last, c) > model.log_probability(0, before, last, best)) best = c;
      }
      if (best == kEnd) break;
      greedy.push_back(best);
      before = last, last = best;
    }
    const BeamInput input{.longest = 9, .positions = kPositions};
    EXPECT_EQ(beam_search(model, std::span(&input, 1), {.end = kEnd, .width = 1})[0][0].symbols, greedy);
  }
}

TEST(BeamSearch, InputsDoNotDisturbEachOther) {
  const Readers model(4, 7);
  const BeamInput inputs[] = {{3, 2}, {8, 1}, {1, 2}, {6, 2}};
  const BeamOptions options{.end = kEnd, .width = 3, .n_best = 3, .length_penalty = 1, .keep_attention = true};
  const auto together = beam_search(model, inputs, options);
  for (size_t i = 0; i < 4; ++i) {
    // The last input of a batch whose others are of no length.
    std::vector<BeamInput> alone(i, BeamInput{});
    alone.push_back(inputs[i]);
    const auto one = beam_search(model, alone, options)[i];
    ASSERT_EQ(one.size(), together[i].size());
    for (size_t k = 0; k < one.size(); ++k) {
      EXPECT_EQ(one[k].symbols, together[i][k].symbols);
      EXPECT_EQ(one[k].score, together[i][k].score);
      EXPECT_EQ(one[k].attention, together[i][k].attention);
    }
  }
}

TEST(BeamSearch, AttentionIsThatOfTheHypothesis) {
  const Readers model(1, 11);
  const BeamInput input{.longest = 6, .positions = kPositions};
  const BeamOptions options{.end = kEnd, .width = 4, .n_best = 4, .keep_attention = true};
  const auto found = beam_search(model, std::span(&input, 1), options);
  for (const Hypothesis& each : found[0]) {
    ASSERT_EQ(each.attention.size(), each.symbols.size() + 1);
    for (size_t t = 0; t < each.attention.size(); ++t) {
      const int32_t last = t == 0 ? 0 : each.symbols[t - 1];
      for (int64_t i = 0; i < kPositions; ++i) {
        EXPECT_FLOAT_EQ(each.attention[t][static_cast<size_t>(i)], static_cast<float>(model.attention(0, last, i)));
      }
    }
  }
}

TEST(BeamSearch, EndedHypothesesLeaveTheBatch) {
  const Readers model(2, 3);
  const BeamInput inputs[] = {{20, kPositions}, {20, kPositions}};
  beam_search(model, inputs, {.end = kEnd, .width = 4, .n_best = 4});
  EXPECT_LE(model.most_rows_, 8);
  EXPECT_LT(model.rows_, 8 * 21);
}

TEST(BeamSearch, ModelsWithoutAttentionAndNoInputsAreFine) {
  const Readers model(1, 3, /*attends=*/false);
  const BeamInput input{.longest = 3};
  const auto found =
      beam_search(model, std::span(&input, 1), {.end = kEnd, .coverage_penalty = 1, .keep_attention = true});
  EXPECT_TRUE(found[0][0].attention.empty());
  EXPECT_TRUE(beam_search(model, {}, {.end = kEnd}).empty());
}

TEST(BeamSearch, SaysOnlyWhatIsAllowed) {
  const std::vector<std::vector<int32_t>> list{{0, 1, 1}, {0, 1}, {1}, {1, 0, 0, 0}};
  const SymbolTrie trie = SymbolTrie::one_of(list);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Readers model(1, seed);
    const BeamInput input{.longest = 4, .positions = kPositions};
    const BeamOptions options{.end = kEnd, .width = 9, .n_best = 9, .length_penalty = 0.5, .allowed = &trie};
    const auto found = beam_search(model, std::span(&input, 1), options)[0];
    std::vector<Hypothesis> expected;
    for (const auto& each : list) expected.push_back(scored(model, 0, each, options));
    std::ranges::stable_sort(expected, std::greater{}, &Hypothesis::score);
    ASSERT_EQ(found.size(), list.size());
    for (size_t k = 0; k < list.size(); ++k) EXPECT_EQ(found[k].symbols, expected[k].symbols) << seed;
  }
}

TEST(BeamSearch, BeginsWithThePrefix) {
  const std::vector<int32_t> prefix{1, 0};
  const SymbolTrie trie = SymbolTrie::begins_with(prefix);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Readers model(1, seed);
    const BeamInput input{.longest = 4, .positions = kPositions};
    const BeamOptions options{.end = kEnd, .width = 100, .n_best = 3, .allowed = &trie};
    const auto found = beam_search(model, std::span(&input, 1), options)[0];
    std::vector<Hypothesis> expected;
    for (Hypothesis& each : all_of(model, 0, 4, options)) {
      const bool begins = each.symbols.size() >= 2 && std::equal(prefix.begin(), prefix.end(), each.symbols.begin());
      if (begins) expected.push_back(std::move(each));
    }
    ASSERT_EQ(found.size(), 3u);
    for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(found[k].score, expected[k].score, 1e-5) << seed;
    const BeamInput short_input{.longest = 1, .positions = kPositions};
    EXPECT_TRUE(beam_search(model, std::span(&short_input, 1), options)[0].empty());
  }
}

class NotNumbers : public Readers {
 public:
  NotNumbers() : Readers(1, 1) {}
  Step step(const Tensor& symbols, const Tensors& state) const override {
    Step out = Readers::step(symbols, state);
    out.log_probabilities.data<float>()[1] = std::numeric_limits<float>::quiet_NaN();
    return out;
  }
};

TEST(BeamSearch, RefusesNanAndOptionsOutOfRange) {
  const BeamInput input{.longest = 3};
  EXPECT_THROW(beam_search(NotNumbers(), std::span(&input, 1), {.end = kEnd}), Error);
  const Readers model(1, 1);
  const auto search = [&](const BeamOptions& options) { beam_search(model, std::span(&input, 1), options); };
  EXPECT_THROW(search({.end = 3}), Error);
  EXPECT_THROW(search({.end = kEnd, .width = 0}), Error);
  EXPECT_THROW(search({.end = kEnd, .width = 2, .n_best = 3}), Error);
  EXPECT_THROW(search({.end = kEnd, .length_penalty = -1}), Error);
  EXPECT_THROW(search({.end = kEnd, .coverage_penalty = -1}), Error);
  EXPECT_THROW(search({.end = kEnd, .no_repeat = -1}), Error);
}

}  // namespace
}  // namespace recur
