#include "recur/nn/packing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "recur/autograd/grad.h"
#include "recur/base/random.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

using Lengths = std::vector<int64_t>;

// Every list of `batch` lengths in 0 .. steps.
std::vector<Lengths> all_lengths(int64_t steps, int64_t batch) {
  std::vector<Lengths> all{{}};
  for (int64_t b = 0; b < batch; ++b) {
    std::vector<Lengths> longer;
    for (const Lengths& start : all)
      for (int64_t length = 0; length <= steps; ++length) {
        longer.push_back(start);
        longer.back().push_back(length);
      }
    all = std::move(longer);
  }
  return all;
}

// The definition, slowly.
struct Expected {
  Expected(int64_t steps, const Lengths& lengths) : order(lengths.size()) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lengths[a] > lengths[b]; });
    for (int64_t t = 0; t < steps; ++t)
      for (const size_t b : order)
        if (lengths[b] > t) places.push_back({t, b});
  }
  std::vector<size_t> order;                       // the batch row of each sorted one
  std::vector<std::pair<int64_t, size_t>> places;  // step and batch row of each packed row
};

// x [T, B, 2] that names each of its elements.
Tensor numbered(int64_t steps, int64_t batch) {
  Tensor x = Tensor::empty({steps, batch, 2});
  for (int64_t i = 0; i < x.numel(); ++i) x.data<float>()[i] = static_cast<float>(i + 1);
  return x;
}

void expect_definition(int64_t steps, const Lengths& lengths) {
  const auto batch = std::ssize(lengths);
  const Expected expected(steps, lengths);
  const Packing packing(steps, batch, lengths);
  ASSERT_EQ(packing.batch(), batch);
  ASSERT_EQ(packing.packed_rows(), std::ssize(expected.places));
  const Tensor x = numbered(steps, batch), packed = packing.pack(x), back = packing.unpack(packed);
  ASSERT_EQ(packed.shape(), (Shape{packing.packed_rows(), 2}));
  ASSERT_EQ(back.shape(), x.shape());
  Tensor padded = Tensor::zeros(x.shape());
  for (int64_t n = 0; n < packing.packed_rows(); ++n) {
    const auto [t, b] = expected.places[static_cast<size_t>(n)];
    const int64_t at = (t * batch + static_cast<int64_t>(b)) * 2;
    for (int64_t f = 0; f < 2; ++f) {
      ASSERT_EQ(std::as_const(packed).data<float>()[n * 2 + f], std::as_const(x).data<float>()[at + f]);
      padded.data<float>()[at + f] = std::as_const(x).data<float>()[at + f];
    }
  }
  ASSERT_TRUE(std::ranges::equal(back.values<float>(), std::as_const(padded).values<float>()));

  int64_t offset = 0;
  for (int64_t t = 0; t < packing.steps(); ++t) {
    ASSERT_EQ(packing.offset(t), offset);
    ASSERT_EQ(packing.rows(t), std::ranges::count_if(lengths, [&](int64_t length) { return length > t; }));
    ASSERT_GT(packing.rows(t), 0);
    offset += packing.rows(t);
  }
  for (int64_t row = 0; row < batch; ++row) {
    const size_t b = expected.order[static_cast<size_t>(row)];
    for (const bool reverse : {false, true}) {
      const int64_t last = packing.last(row, reverse);
      ASSERT_EQ(last < 0, lengths[b] == 0);
      if (last < 0) continue;
      const std::pair<int64_t, size_t> place(reverse ? 0 : lengths[b] - 1, b);
      ASSERT_EQ(expected.places[static_cast<size_t>(last)], place);
    }
  }
  for (const bool reverse : {false, true}) {
    const Tensor last = packing.unsort_rows(packing.last_rows(packed, reverse));
    ASSERT_EQ(last.shape(), (Shape{batch, 2}));
    for (int64_t b = 0; b < batch; ++b) {
      const int64_t length = lengths[static_cast<size_t>(b)], t = reverse ? 0 : length - 1;
      ASSERT_EQ(last.data<float>()[b * 2], length == 0 ? 0 : std::as_const(x).data<float>()[(t * batch + b) * 2]);
    }
  }
  const Tensor state = batch > 0 ? numbered(1, batch).alias(0, {batch, 2}) : Tensor::zeros({0, 2});
  const Tensor sorted = packing.sort(state);
  for (int64_t row = 0; row < batch; ++row)
    ASSERT_EQ(sorted.data<float>()[row * 2], static_cast<float>(2 * expected.order[static_cast<size_t>(row)] + 1));
  ASSERT_TRUE(std::ranges::equal(packing.unsort(sorted).values<float>(), state.values<float>()));
}

TEST(Packing, IsItsDefinitionForAllPatternsOfLengths) {
  for (int64_t steps = 0; steps <= 3; ++steps)
    for (int64_t batch = 0; batch <= 3; ++batch)
      for (const Lengths& lengths : all_lengths(steps, batch)) {
        SCOPED_TRACE(fmt::format("T {}, lengths {}", steps, fmt::join(lengths, " ")));
        ASSERT_NO_FATAL_FAILURE(expect_definition(steps, lengths));
      }
}

TEST(Packing, IsItsDefinitionForLargerBatches) {
  Random random(1);
  for (int trial = 0; trial < 40; ++trial) {
    const int64_t steps = static_cast<int64_t>(random.below(12)), batch = static_cast<int64_t>(random.below(20));
    Lengths lengths;
    for (int64_t b = 0; b < batch; ++b)
      lengths.push_back(static_cast<int64_t>(random.below(static_cast<uint64_t>(steps) + 1)));
    SCOPED_TRACE(fmt::format("T {}, lengths {}", steps, fmt::join(lengths, " ")));
    ASSERT_NO_FATAL_FAILURE(expect_definition(steps, lengths));
  }
}

TEST(Packing, WithoutLengthsIsThatOfFullOnes) {
  const Packing all(4, 3, {}), full(4, 3, {4, 4, 4});
  const Tensor x = numbered(4, 3);
  EXPECT_EQ(all.packed_rows(), full.packed_rows());
  EXPECT_TRUE(std::ranges::equal(all.pack(x).values<float>(), x.values<float>()));
  EXPECT_TRUE(all.pack(x).shares_storage_with(x));  // nothing is copied
  EXPECT_EQ(all.last(2, false), full.last(2, false));
}

TEST(Packing, SegmentsPutTogetherAreTheWhole) {
  const Lengths lengths = {5, 0, 3, 7, 7, 1};
  const Packing whole(7, 6, lengths);
  for (const int64_t size : {1, 2, 3, 7}) {
    int64_t rows = 0;
    for (int64_t begin = 0; begin < 7; begin += size) {
      const int64_t end = std::min<int64_t>(7, begin + size);
      const Packing part = whole.segment(begin, end);
      ASSERT_EQ(part.steps(), end - begin);
      EXPECT_EQ(part.batch(), 6);
      EXPECT_EQ(part.offset(0), 0);
      for (int64_t t = 0; t < part.steps(); ++t) EXPECT_EQ(part.rows(t), whole.rows(begin + t));
      // A row that has ended before the segment has no last step in it.
      for (int64_t row = 0; row < 6; ++row)
        EXPECT_EQ(part.last(row, false) < 0, row >= part.rows(0)) << "row " << row << " of segment " << begin;
      rows += part.packed_rows();
    }
    EXPECT_EQ(rows, whole.packed_rows());
  }
}

// <unpack(p), w> = <p, pack(w)>: the gradients of the two are each other.
// Lengths 1, 3, 0 sorted: rows of 3, 1 and 0 steps, at packed rows 0 and 1, 2, 3.
TEST(Packing, StatesBeforeAndAfterFollowTheDirectionOfTravel) {
  const Packing packing(3, 3, {1, 3, 0});
  const Tensor history = Tensor::from({1, 2, 3, 4}, {4, 1}), initial = Tensor::from({10, 20, 30}, {3, 1});
  const auto values = [](const Tensor& t) {
    return std::vector<float>(t.values<float>().begin(), t.values<float>().end());
  };
  EXPECT_EQ(values(packing.previous_states(history, initial, false)), (std::vector<float>{10, 20, 1, 3}));
  EXPECT_EQ(values(packing.previous_states(history, initial, true)), (std::vector<float>{3, 20, 4, 10}));
  EXPECT_EQ(values(packing.last_states(history, initial, false)), (std::vector<float>{4, 2, 30}));
  EXPECT_EQ(values(packing.last_states(history, initial, true)), (std::vector<float>{1, 2, 30}));
}

TEST(Packing, GradientsGoWhereTheValuesCameFrom) {
  const Packing packing(4, 3, {2, 4, 0});
  const Tensor x = normal({4, 3, 5}, 1), w = normal({packing.packed_rows(), 5}, 2);
  Tensor leaf = x.clone();
  leaf.set_requires_grad();
  const Tensor gradient = grad(sum(packing.pack(leaf) * w), leaf);
  EXPECT_EQ(relative_error(gradient, packing.unpack(w)), 0);
  Tensor rows = w.clone();
  rows.set_requires_grad();
  EXPECT_EQ(relative_error(grad(sum(packing.unpack(rows) * x), rows), packing.pack(x)), 0);
}

TEST(Packing, NamesTheLengthThatDoesNotFit) {
  EXPECT_ERROR(Packing(3, 2, {1}), "expected a length for each of 2 sequences, got 1");
  EXPECT_ERROR(Packing(3, 2, {1, 4}), "length of sequence 1: expected 0 .. 3, got 4");
  EXPECT_ERROR(Packing(3, 2, {-1, 3}), "length of sequence 0: expected 0 .. 3, got -1");
  EXPECT_ERROR(Packing(int64_t{1} << 20, 1 << 12, Lengths(1 << 12, 1)), "too many for one batch");
}

}  // namespace
}  // namespace recur::testing
