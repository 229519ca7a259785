// The fused loops themselves, on arrays that end where memory ends, for the instruction set in use.
#include "recur/kernels/recurrent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "recur/nn/cells/cell.h"
#include "tests/support/recurrent_loop.h"

namespace recur::testing {
namespace {

using kernels::RecurrentForward;
using kernels::RecurrentWeights;
using Problem = RecurrentProblem;
template <class T, class E = T>
using Loop = RecurrentLoop<T, E>;

void for_each_cell(const std::function<void(const Cell&)>& f) {
  for (const Cell* cell : cells()) {
    if (cell->f32.forward == nullptr) continue;
    SCOPED_TRACE(cell->name);
    f(*cell);
  }
}

void expect_close(const std::vector<float>& got, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << "result " << i;
}

// Operands have 8 bits; several steps and products come after one another.
constexpr double kHalfTolerance = 0.06;

TEST(RecurrentKernels, StayWithinTheirArraysAndAgreeWithTheReference) {
  const std::vector<std::vector<int64_t>> lengths = {{1}, {3}, {2, 2}, {3, 1, 0}, {2, 2, 2, 1, 1, 1, 1, 1, 1}};
  for_each_cell([&](const Cell& cell) {
    for (const int64_t H : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 49, 65})
      for (size_t i = 0; i < lengths.size(); ++i)
        for (const bool reverse : {false, true}) {
          SCOPED_TRACE("H " + std::to_string(H) + ", lengths " + std::to_string(i) + (reverse ? ", reverse" : ""));
          const Problem problem{lengths[i], H, reverse, i % 2 == 0 ? H % 6 : 0};
          Loop<float> loop(cell.f32, problem);
          Loop<float, bf16> half(cell.bf16, problem);
          Loop<double> reference(cell.f64, problem);
          loop.run();
          half.run();
          reference.run();
          expect_close(loop.results(), reference.results(), 2e-5);
          expect_close(loop.sums(), reference.sums(), 5e-5);
          if (cell.name != "rnn_relu")  // whose kink turns a rounding into a change of slope
            expect_close(half.results(), reference.results(), kHalfTolerance);
        }
  });
}

// Arrays that may be left out are null: no biases, nothing kept for backward.
TEST(RecurrentKernels, KeepNothingWhenNotAskedTo) {
  for_each_cell([](const Cell& cell) {
    const Problem problem{{4, 2, 1}, 11};
    Loop<float> kept(cell.f32, problem), lean(cell.f32, problem);
    lean.forward.saved = nullptr;
    for (float*& history : lean.forward.inner_history) history = nullptr;
    kept.k.forward(kept.forward, 0, 3);
    lean.k.forward(lean.forward, 0, 3);
    EXPECT_EQ(std::memcmp(kept.y, lean.y, static_cast<size_t>(kept.N * kept.H) * sizeof(float)), 0);
    lean.forward.bias_x = lean.forward.bias_r = nullptr;
    lean.k.forward(lean.forward, 0, 3);
    EXPECT_NE(std::memcmp(kept.y, lean.y, static_cast<size_t>(kept.N * kept.H) * sizeof(float)), 0);
  });
}

TEST(RecurrentKernels, AnySplitOfTheBatchGivesTheSameBits) {
  for_each_cell([](const Cell& cell) {
    const Problem problem{{5, 5, 4, 4, 4, 3, 2, 2, 1, 0, 0}, 37};
    Loop<float> whole(cell.f32, problem);
    Loop<float, bf16> half(cell.bf16, problem);
    whole.run();
    half.run();
    for (const std::vector<int64_t>& cuts :
         {std::vector<int64_t>{0, 1, 11}, {0, 4, 8, 11}, {0, 10, 11}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}) {
      Loop<float> parts(cell.f32, problem);
      parts.run(cuts);
      EXPECT_TRUE(same_bits(parts.results(), whole.results())) << cuts.size() - 1 << " parts";
      Loop<float, bf16> half_parts(cell.bf16, problem);
      half_parts.run(cuts);
      EXPECT_TRUE(same_bits(half_parts.results(), half.results())) << cuts.size() - 1 << " parts in bf16";
    }
  });
}

TEST(RecurrentKernels, EmptyPartsAndEmptySequencesTouchNothing) {
  for_each_cell([](const Cell& cell) {
    for (const std::vector<int64_t>& lengths : {std::vector<int64_t>{}, {0}, {0, 0, 0}}) {
      Loop<float> loop(cell.f32, {lengths, 9});
      const auto before = loop.results();
      loop.run();
      EXPECT_TRUE(same_bits(loop.results(), before)) << lengths.size() << " sequences";
    }
    Loop<float> loop(cell.f32, {{3, 2}, 9});
    const auto before = loop.results();
    loop.run({0, 0});
    loop.run({2, 2});
    EXPECT_TRUE(same_bits(loop.results(), before));
  });
}

TEST(RecurrentKernels, ANanStaysInTheSequenceItIsIn) {
  for_each_cell([](const Cell& cell) {
    const Problem problem{{3, 3, 3, 3, 3}, 19};
    const int64_t row = 2, width = cell.f32.gates * problem.hidden, B = 5;
    Loop<float> clean(cell.f32, problem), poisoned(cell.f32, problem);
    poisoned.x[(1 * B + row) * width + 4] = NAN;
    clean.run();
    poisoned.run();
    for (int64_t i = 0; i < clean.N; ++i) {
      const size_t bytes = static_cast<size_t>(problem.hidden) * sizeof(float);
      const bool same =
          std::memcmp(clean.y + i * problem.hidden, poisoned.y + i * problem.hidden, bytes) == 0 &&
          std::memcmp(clean.dx + i * width, poisoned.dx + i * width, bytes * static_cast<size_t>(cell.f32.gates)) == 0;
      if (i % B != row) {
        EXPECT_TRUE(same) << "packed row " << i;
      }
    }
    bool reached = false;
    for (int64_t j = 0; j < problem.hidden; ++j) reached |= std::isnan(poisoned.y[(2 * B + row) * problem.hidden + j]);
    EXPECT_TRUE(reached);  // and it is not lost on its way
  });
}

TEST(RecurrentKernels, GatesSaturateWithoutNan) {
  for_each_cell([](const Cell& cell) {
    if (cell.name == "rnn_relu") return;
    const float huge[] = {3e38f, -3e38f, INFINITY, -INFINITY, 1e-40f, -1e-40f, -0.0f, 200, -200};
    Loop<float> loop(cell.f32, {{2, 2, 1}, 13});
    for (int64_t i = 0; i < loop.N * cell.f32.gates * loop.H; ++i) loop.x[i] = huge[i * 7 % std::size(huge)];
    loop.run();
    for (int64_t i = 0; i < loop.N * loop.H; ++i) ASSERT_LE(std::abs(loop.y[i]), 5.0f) << i;
    for (const float value : loop.results()) ASSERT_TRUE(std::isfinite(value));
  });
}

// Every weight once, zeros for the rest.
TEST(RecurrentKernels, PackedWeightsAreTheWeightsPaddedByZeros) {
  for_each_cell([](const Cell& cell) {
    for (const int64_t H : {1, 2, 7, 8, 9, 16, 17, 33, 63, 64, 65, 130}) {
      const int64_t count = cell.f32.gates * H * H;
      std::vector<float> weight(static_cast<size_t>(count));
      for (size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i + 1);
      Guarded<float> from(count), forward(cell.f32.packed_size_forward(H, 0)),
          backward(cell.f32.packed_size_backward(H));
      std::ranges::copy(weight, from.data());
      const RecurrentWeights<float> weights{.hidden = H, .recurrent = from.data()};
      cell.f32.pack_forward(weights, forward.data());
      cell.f32.pack_backward(weights, backward.data());
      for (const std::vector<float>& packed : {forward.copy(), backward.copy()}) {
        std::vector<float> sorted = packed;
        std::ranges::sort(sorted);
        const auto padding = std::ssize(sorted) - count;
        ASSERT_GE(padding, 0) << "H " << H;
        EXPECT_TRUE(std::all_of(sorted.begin(), sorted.begin() + padding, [](float w) { return w == 0; })) << H;
        EXPECT_TRUE(std::equal(weight.begin(), weight.end(), sorted.begin() + padding)) << "H " << H;
      }
    }
  });
}

TEST(RecurrentKernels, SayWhatTheCellIs) {
  for_each_cell([](const Cell& cell) {
    EXPECT_EQ(cell.f32.gates, cell.gates);
    EXPECT_EQ(cell.f64.gates, cell.gates);
    EXPECT_EQ(cell.f32.states, cell.states);
    EXPECT_EQ(cell.f32.unit_weights, cell.unit_weights);
    EXPECT_EQ(cell.f32.saved, cell.f64.saved);
    EXPECT_LE(cell.states, RecurrentForward<float>::kMaxStates);
  });
}

}  // namespace
}  // namespace recur::testing
