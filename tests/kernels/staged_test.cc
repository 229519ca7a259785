// The staged loop itself, on arrays that end where memory ends, for the instruction set in use.
#include "recur/kernels/staged.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "recur/base/random.h"
#include "recur/nn/cells/cell.h"
#include "tests/support/guarded.h"

namespace recur::testing {
namespace {

using kernels::kRowsPerShare;
using kernels::StagedGradients;
using kernels::StagedKernels;
using kernels::StagedLayer;
using kernels::StagedOperand;
using kernels::StagedWeights;

struct Problem {
  std::vector<int64_t> lengths;  // not increasing
  int64_t hidden = 1;
  bool reverse = false;
};

// The arguments of one layer with every option, the same numbers in either precision.
template <class T>
struct Loop {
  Loop(const Cell& cell, const Problem& problem)
      : c(cell.fused<T>()), k(kernels::staged_kernels<T>()), H(problem.hidden), B(std::ssize(problem.lengths)) {
    for (int64_t t = 0; B > 0 && t < problem.lengths[0]; ++t) {
      offset.push_back(N);
      rows.push_back(std::ranges::count_if(problem.lengths, [&](int64_t length) { return length > t; }));
      N += rows.back();
    }
    projected = c.states > 1;
    W = projected ? H / 2 + 3 : H;
    late = c.passes.late_gates * H;
    shares = (B + kRowsPerShare - 1) / kRowsPerShare;
    fill_layer(problem.reverse);
    fill_gradients();
  }

  T* numbers(int64_t count, double scale, uint64_t seed) {
    Random random(seed);
    std::vector<double> values(static_cast<size_t>(count));
    for (double& value : values) value = scale * static_cast<double>(random.normal());
    return arrays.copy_of(values);
  }

  void fill_layer(bool reverse) {
    const int64_t width = c.gates * H;
    const auto steps = static_cast<int64_t>(rows.size());
    layer.packed = {steps, B, rows.data(), offset.data(), reverse};
    layer.packed_rows = N;
    layer.passes = &c.passes;
    layer.gates = c.gates;
    layer.states = c.states;
    layer.saved_values = c.saved;
    layer.unit_weight_rows = c.unit_weights;
    layer.hidden = H;
    layer.width = W;
    layer.x = numbers(N * width, 1, 1);
    layer.bias_x = numbers(width, 0.3, 2);
    layer.bias_r = numbers(width, 0.3, 3);
    layer.unit_weights = numbers(c.unit_weights * H, 0.3, 4);
    layer.recurrent_mask = numbers(B * W, 1, 5);
    layer.decay = numbers(N * W, 0.6, 9);
    layer.projected = projected;
    layer.norm_product = {numbers(2 * width, 0.5, 6), arrays.make(2 * N), arrays.make(2 * N)};
    if (c.passes.output_gate >= 0) layer.norm_inner = {numbers(2 * H, 0.5, 7), arrays.make(N), arrays.make(N)};
    layer.zoneout = {.on = true, .mask = numbers(steps * B * W, 0.5, 8)};
    layer.zoneout_inner = {.on = c.states > 1, .share = T(0.25)};
    for (int s = 0; s < c.states; ++s) {
      const int64_t size = s == 0 ? W : H;
      layer.initial[s] = numbers(B * size, 1, 10 + static_cast<uint64_t>(s));
      layer.history[s] = arrays.make(N * size, kUntouched);
      layer.raw[s] = arrays.make(N * H, kUntouched);
    }
    layer.saved = arrays.make(N * c.saved * H, kUntouched);
    layer.product = arrays.make(N * width, kUntouched);
    layer.inner = arrays.make(N * H, kUntouched);
    layer.decayed = arrays.make(N * W, kUntouched);
    layer.entered = arrays.make(N * W, kUntouched);
    if (late > 0) layer.late = arrays.make(N * H, kUntouched);
    const double scale = 1 / std::sqrt(static_cast<double>(H));
    weight_hh = numbers(width * W, scale, 20);
    weight_hr = numbers(W * H, scale, 21);
  }

  void fill_gradients() {
    const int64_t width = c.gates * H;
    gradients.dy = numbers(N * W, 1, 30);
    for (int s = 0; s < c.states; ++s)
      gradients.dstate[s] = numbers(B * (s == 0 ? W : H), 1, 31 + static_cast<uint64_t>(s));
    gradients.dx = arrays.make(N * width, kUntouched);
    gradients.dr = c.split ? arrays.make(N * width, kUntouched) : gradients.dx;
    gradients.dproduct = arrays.make(N * width, kUntouched);
    gradients.dprojected = arrays.make(N * W, kUntouched);
    gradients.ddecay = arrays.make(N * W, kUntouched);
    gradients.dunit_weights = arrays.make(shares * c.unit_weights * H);
    gradients.dnorm_product = arrays.make(shares * 2 * width);
    gradients.dnorm_inner = arrays.make(shares * 2 * H);
    squared_norms.resize(static_cast<size_t>(N));
    gradients.squared_norms = squared_norms.data();
  }

  const T* pack(StagedOperand operand, const T* weight, int64_t depth, int64_t columns) {
    T* packed = arrays.make(k.packed_size(depth, columns));
    k.pack(operand, weight, depth, columns, packed);
    return packed;
  }

  void run(const std::vector<int64_t>& cuts) {
    const int64_t early = c.gates * H - late;
    const T* of_late = weight_hh + early * W;
    const StagedWeights<T> forward{pack(StagedOperand::kForward, weight_hh, W, early),
                                   late > 0 ? pack(StagedOperand::kForward, of_late, H, late) : nullptr,
                                   projected ? pack(StagedOperand::kForward, weight_hr, H, W) : nullptr};
    const StagedWeights<T> backward{pack(StagedOperand::kBackward, weight_hh, early, W),
                                    late > 0 ? pack(StagedOperand::kBackward, of_late, late, H) : nullptr,
                                    projected ? pack(StagedOperand::kBackward, weight_hr, W, H) : nullptr};
    for (size_t i = 0; i + 1 < cuts.size(); ++i) k.forward(layer, forward, cuts[i], cuts[i + 1]);
    for (size_t i = 0; i + 1 < cuts.size(); ++i) k.backward(layer, backward, gradients, cuts[i], cuts[i + 1]);
  }

  // Everything computed, in a fixed order.
  std::vector<T> results() const {
    std::vector<T> all;
    const auto add = [&](const T* from, int64_t count) { all.insert(all.end(), from, from + count); };
    const int64_t width = c.gates * H;
    for (int s = 0; s < c.states; ++s) add(layer.history[s], N * (s == 0 ? W : H)), add(layer.raw[s], N * H);
    for (int s = 0; s < c.states; ++s) add(gradients.dstate[s], B * (s == 0 ? W : H));
    add(gradients.dx, N * width);
    add(gradients.dr, N * width);
    add(gradients.dproduct, N * width);
    if (projected) add(gradients.dprojected, N * W);
    add(gradients.ddecay, N * W);
    add(gradients.dunit_weights, shares * c.unit_weights * H);
    add(gradients.dnorm_product, shares * 2 * width);
    if (c.passes.output_gate >= 0) add(gradients.dnorm_inner, shares * 2 * H);
    return all;
  }

  static constexpr T kUntouched = 77;
  const kernels::RecurrentKernels<T>& c;
  const StagedKernels<T>& k;
  int64_t H, B, W = 0, N = 0, late = 0, shares = 0;
  bool projected = false;
  std::vector<int64_t> rows, offset;
  std::vector<double> squared_norms;
  GuardedArrays<T> arrays;
  StagedLayer<T> layer;
  StagedGradients<T> gradients;
  T *weight_hh = nullptr, *weight_hr = nullptr;
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

TEST(StagedKernels, StayWithinTheirArraysAndAgreeWithTheReference) {
  const std::vector<std::vector<int64_t>> lengths = {{2}, {3, 1, 0}, {2, 2, 2, 1, 1, 1, 1, 1, 1}};
  for (const Cell* cell : cells())
    for (const int64_t H : {2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 65})
      for (const std::vector<int64_t>& each : lengths)
        for (const bool reverse : {false, true}) {
          SCOPED_TRACE(cell->name + " H " + std::to_string(H) + (reverse ? " reverse" : ""));
          Loop<float> loop(*cell, {each, H, reverse});
          Loop<double> reference(*cell, {each, H, reverse});
          loop.run({0, loop.B});
          reference.run({0, loop.B});
          const std::vector<float> got = loop.results();
          const std::vector<double> expected = reference.results();
          double largest = 0, error = 0;  // of two units layer norm makes large differences of small ones
          for (size_t i = 0; i < got.size(); ++i) {
            largest = std::max(largest, std::abs(expected[i]));
            error = std::max(error, std::abs(got[i] - expected[i]));
          }
          EXPECT_LE(error, (H < 5 ? 1e-2 : 1e-3) * largest);
        }
}

TEST(StagedKernels, AnySplitOfTheBatchAtSharesGivesTheSameBits) {
  for (const Cell* cell : cells()) {
    const Problem problem{{5, 5, 4, 4, 4, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0}, 37, true};
    Loop<float> whole(*cell, problem), parts(*cell, problem);
    whole.run({0, 19});
    parts.run({0, 8, 16, 19});
    EXPECT_TRUE(same_bits(parts.results(), whole.results())) << cell->name;
  }
}

TEST(StagedKernels, EmptyPartsAndEmptySequencesTouchNothing) {
  for (const Cell* cell : cells())
    for (const std::vector<int64_t>& lengths : {std::vector<int64_t>{}, {0}, {0, 0, 0}, {3, 2}}) {
      Loop<float> loop(*cell, {lengths, 9});
      const auto before = loop.results();
      loop.run(lengths.size() == 2 ? std::vector<int64_t>{0, 0} : std::vector<int64_t>{0, loop.B});
      EXPECT_TRUE(same_bits(loop.results(), before)) << cell->name;
    }
}

TEST(StagedKernels, KeepTheProductOnlyWhenAskedTo) {
  for (const Cell* cell : cells()) {
    Loop<float> kept(*cell, {{4, 2, 1}, 11}), lean(*cell, {{4, 2, 1}, 11});
    kept.run({0, 3});
    lean.layer.product = nullptr;
    const StagedWeights<float> weights{
        lean.pack(StagedOperand::kForward, lean.weight_hh, lean.W, lean.c.gates * 11 - lean.late),
        lean.late > 0 ? lean.pack(StagedOperand::kForward, lean.weight_hh + 22 * lean.W, 11, lean.late) : nullptr,
        lean.projected ? lean.pack(StagedOperand::kForward, lean.weight_hr, 11, lean.W) : nullptr};
    lean.k.forward(lean.layer, weights, 0, 3);
    const auto bytes = static_cast<size_t>(kept.N * kept.W) * sizeof(float);
    EXPECT_EQ(std::memcmp(kept.layer.history[0], lean.layer.history[0], bytes), 0) << cell->name;
  }
}

}  // namespace
}  // namespace recur::testing
