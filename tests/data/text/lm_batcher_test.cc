#include "recur/data/text/lm_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "recur/base/error.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A corpus whose symbol at every position is position % 250, shifted by the unknown symbol.
Corpus counting(int64_t n) {
  std::string text;
  for (int64_t i = 0; i < n; ++i) text += static_cast<char>(i % 250);
  const auto source = TextSource::from_text("counting", text);
  std::string all;
  for (int i = 0; i < 250; ++i) all += static_cast<char>(i);
  const auto vocabulary = TextSource::from_text("bytes", all);
  return Corpus(source, source.all(), fit_tokenizer(vocabulary, vocabulary.all(), {.kind = "bytes"}));
}

int32_t symbol_at(int64_t position) { return static_cast<int32_t>(position % 250) + 1; }

struct Buffers {
  explicit Buffers(int64_t n) : inputs(static_cast<size_t>(n), -9), targets(static_cast<size_t>(n), -9) {}
  std::vector<int32_t> inputs, targets;
};

TEST(LmBatcher, ReadsStreamsSideBySideTimeMajor) {
  const auto corpus = counting(15);  // two streams of 7; the last symbol is not used
  LmBatcher batcher(corpus, {.batch = 2, .steps = 4});
  Buffers buffers(batcher.max_steps() * 2);
  auto window = batcher.next(buffers.inputs, buffers.targets);
  EXPECT_EQ(window.steps, 4);
  EXPECT_EQ(window.symbols, 8);
  EXPECT_TRUE(window.starts_pass);
  EXPECT_FALSE(window.ends_pass);
  EXPECT_THAT(buffers.inputs, ElementsAre(1, 8, 2, 9, 3, 10, 4, 11));
  EXPECT_THAT(buffers.targets, ElementsAre(2, 9, 3, 10, 4, 11, 5, 12));
  window = batcher.next(buffers.inputs, buffers.targets);
  EXPECT_EQ(window.steps, 2);  // the short last window
  EXPECT_FALSE(window.starts_pass);
  EXPECT_TRUE(window.ends_pass);
  EXPECT_EQ(buffers.inputs[0], 5);
  EXPECT_EQ(buffers.targets[3], 14);
  EXPECT_EQ(batcher.cursor().epoch, 1);
  window = batcher.next(buffers.inputs, buffers.targets);
  EXPECT_TRUE(window.starts_pass);
  EXPECT_EQ(buffers.inputs[0], 1);
}

class LmBatcherSizes : public ::testing::TestWithParam<std::tuple<int64_t, int64_t, int64_t, bool>> {};

TEST_P(LmBatcherSizes, CoversEveryStreamOnceAPass) {
  const auto [n, batch, steps, random] = GetParam();
  const auto corpus = counting(n);
  LmBatcher batcher(corpus, {.batch = batch, .steps = steps, .random_steps = random});
  const int64_t stream = n / batch;
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    int64_t position = 0;
    for (bool done = false; !done;) {
      EXPECT_EQ(batcher.cursor().position, position);
      EXPECT_NEAR(batcher.progress(), static_cast<double>(position) / static_cast<double>(stream - 1), 1e-12);
      Buffers buffers(batcher.max_steps() * batch);
      const auto window = batcher.next(buffers.inputs, buffers.targets);
      ASSERT_GE(window.steps, 1);
      ASSERT_LE(window.steps, batcher.max_steps());
      EXPECT_EQ(window.starts_pass, position == 0);
      for (int64_t t = 0; t < window.steps; ++t) {
        for (int64_t b = 0; b < batch; ++b) {
          const auto at = static_cast<size_t>(t * batch + b);
          ASSERT_EQ(buffers.inputs[at], symbol_at(b * stream + position + t));
          ASSERT_EQ(buffers.targets[at], symbol_at(b * stream + position + t + 1));
        }
      }
      position += window.steps;
      done = window.ends_pass;
    }
    EXPECT_EQ(position, stream - 1);
    EXPECT_EQ(batcher.cursor().epoch, epoch + 1);
  }
}

TEST_P(LmBatcherSizes, SweepHasEverySymbolButTheFirstAsTargetOnce) {
  const auto [n, batch, steps, random] = GetParam();
  const auto corpus = counting(n);
  LmSweep sweep(corpus, batch, steps);
  std::map<int32_t, int64_t> seen, expected;
  for (int64_t i = 1; i < n; ++i) ++expected[symbol_at(i)];
  int64_t symbols = 0;
  for (bool first = true;; first = false) {
    Buffers buffers(steps * sweep.batch());
    const auto window = sweep.next(buffers.inputs, buffers.targets);
    if (window.steps == 0) break;
    EXPECT_EQ(window.starts_pass, first);
    symbols += window.symbols;
    for (size_t i = 0; i < static_cast<size_t>(window.steps * sweep.batch()); ++i) {
      if (buffers.targets[i] == kNoTarget) continue;
      ++seen[buffers.targets[i]];
      EXPECT_EQ(buffers.targets[i], buffers.inputs[i] % 250 + 1);
    }
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(symbols, n - 1);
  EXPECT_EQ(sweep.symbols(), n - 1);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LmBatcherSizes,
                         ::testing::Values(std::tuple(2, 1, 1, false), std::tuple(100, 1, 7, false),
                                           std::tuple(101, 7, 5, false), std::tuple(1000, 10, 100, false),
                                           std::tuple(1009, 10, 1000, false), std::tuple(20, 10, 3, false),
                                           std::tuple(5000, 8, 35, true), std::tuple(60, 3, 2, true)));

TEST(LmBatcher, GoesOnFromACursor) {
  const auto corpus = counting(3000);
  const LmBatcherOptions options{.batch = 4, .steps = 20, .random_steps = true, .seed = 5};
  LmBatcher whole(corpus, options), resumed(corpus, options);
  Buffers a(whole.max_steps() * 4), b(whole.max_steps() * 4);
  for (int i = 0; i < 50; ++i) whole.next(a.inputs, a.targets);
  resumed.set_cursor(whole.cursor());
  for (int i = 0; i < 100; ++i) {
    const auto first = whole.next(a.inputs, a.targets), second = resumed.next(b.inputs, b.targets);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(whole.cursor(), resumed.cursor());
  }
  EXPECT_EQ(a.inputs[0], b.inputs[0]);
  EXPECT_THROW(resumed.set_cursor({.position = 749, .epoch = 0, .random = {}}), Error);
  EXPECT_THROW(resumed.set_cursor({.position = -1, .epoch = 0, .random = {}}), Error);
}

TEST(LmBatcher, RandomLengthsAreNormalAroundTheirBase) {
  const auto corpus = counting(400000);
  LmBatcher batcher(corpus, {.batch = 1, .steps = 70, .random_steps = true});
  Buffers buffers(batcher.max_steps());
  std::vector<int64_t> lengths;
  int half = 0;
  while (batcher.cursor().epoch == 0) {
    lengths.push_back(batcher.next(buffers.inputs, buffers.targets).steps);
    if (lengths.back() < 52) ++half;
  }
  const auto count = static_cast<double>(lengths.size());
  double sum = 0, squares = 0;
  for (const auto length : lengths) {
    if (length >= 52) sum += static_cast<double>(length), squares += static_cast<double>((length - 70) * (length - 70));
  }
  EXPECT_NEAR(half / count, 0.05, 0.01);
  EXPECT_NEAR(sum / (count - half), 70.0, 0.4);
  EXPECT_NEAR(std::sqrt(squares / (count - half)), 5.0, 0.4);
}

TEST(LmBatcher, SaysHowLongTheTextIsAndWhatToDoWhenItIsTooShort) {
  const auto corpus = counting(15);
  try {
    LmBatcher batcher(corpus, {.batch = 8, .steps = 4});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("15 symbols, too few for a batch of 8 streams (at least 16)"));
    EXPECT_THAT(error.what(), HasSubstr("a batch of at most 7"));
  }
  EXPECT_THROW(LmBatcher(corpus, {.batch = 0, .steps = 4}), UsageError);
  EXPECT_THROW(LmBatcher(corpus, {.batch = 2, .steps = 0}), UsageError);
  EXPECT_THROW(LmSweep(counting(1), 1, 1), Error);
}

// Every small text, batch and window: the columns of the windows put together are the streams.
TEST(LmBatcher, ColumnsAreTheStreamsForAllSmallSizes) {
  for (int64_t n = 2; n <= 24; ++n) {
    const auto corpus = counting(n);
    for (int64_t batch = 1; batch <= n / 2; ++batch)
      for (int64_t steps = 1; steps <= 6; ++steps) {
        LmBatcher batcher(corpus, {.batch = batch, .steps = steps});
        std::vector<std::vector<int32_t>> columns(static_cast<size_t>(batch));
        for (bool done = false; !done;) {
          Buffers buffers(batcher.max_steps() * batch);
          const auto window = batcher.next(buffers.inputs, buffers.targets);
          ASSERT_LE(window.steps, steps);
          for (int64_t i = 0; i < window.symbols; ++i)
            columns[static_cast<size_t>(i % batch)].push_back(buffers.inputs[static_cast<size_t>(i)]);
          done = window.ends_pass;
        }
        for (int64_t b = 0; b < batch; ++b) {
          ASSERT_EQ(std::ssize(columns[static_cast<size_t>(b)]), n / batch - 1);
          for (int64_t i = 0; i < n / batch - 1; ++i)
            ASSERT_EQ(columns[static_cast<size_t>(b)][static_cast<size_t>(i)], symbol_at(b * (n / batch) + i));
        }
      }
  }
}

TEST(LmSweep, ColumnsAreContiguousForAllSmallSizes) {
  for (int64_t n = 2; n <= 20; ++n) {
    const auto corpus = counting(n);
    for (int64_t batch = 1; batch <= n + 1; ++batch)
      for (int64_t steps = 1; steps <= 5; ++steps) {
        LmSweep sweep(corpus, batch, steps);
        ASSERT_EQ(sweep.batch(), std::min(batch, n - 1));
        std::vector<std::vector<int32_t>> columns(static_cast<size_t>(sweep.batch()));
        for (;;) {
          Buffers buffers(steps * sweep.batch());
          const auto window = sweep.next(buffers.inputs, buffers.targets);
          if (window.steps == 0) break;
          for (int64_t i = 0; i < window.steps * sweep.batch(); ++i)
            if (const int32_t target = buffers.targets[static_cast<size_t>(i)]; target != kNoTarget)
              columns[static_cast<size_t>(i % sweep.batch())].push_back(target);
        }
        int64_t next = 1;  // streams lie one behind the other
        for (const auto& column : columns)
          for (const int32_t target : column) ASSERT_EQ(target, symbol_at(next++));
        ASSERT_EQ(next, n);
      }
  }
}

TEST(LmBatcher, WritesNothingBehindItsWindow) {
  const auto corpus = counting(50);
  LmBatcher batcher(corpus, {.batch = 3, .steps = 7, .random_steps = true});
  for (int i = 0; i < 20; ++i) {
    Buffers buffers(batcher.max_steps() * 3 + 5);
    const auto window = batcher.next(buffers.inputs, buffers.targets);
    for (size_t at = static_cast<size_t>(window.symbols); at < buffers.inputs.size(); ++at) {
      EXPECT_EQ(buffers.inputs[at], -9);
      EXPECT_EQ(buffers.targets[at], -9);
    }
  }
}

TEST(LmBatcher, EveryCursorOfAPassCanBeGoneOnFrom) {
  const auto corpus = counting(61);
  LmBatcher batcher(corpus, {.batch = 3, .steps = 4});
  for (int64_t position = 0; position < batcher.steps_per_pass(); ++position) {
    batcher.set_cursor({.position = position, .epoch = 2, .random = {}});
    Buffers buffers(batcher.max_steps() * 3);
    const auto window = batcher.next(buffers.inputs, buffers.targets);
    EXPECT_EQ(buffers.inputs[0], symbol_at(position));
    EXPECT_EQ(window.starts_pass, position == 0);
    EXPECT_EQ(window.steps, std::min<int64_t>(4, batcher.steps_per_pass() - position));
  }
  EXPECT_EQ(batcher.cursor().epoch, 3);
  EXPECT_THROW(batcher.set_cursor({.position = 0, .epoch = -1, .random = {}}), Error);
}

}  // namespace
}  // namespace recur
