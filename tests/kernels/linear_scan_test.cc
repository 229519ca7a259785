// The linear scan's kernel against the scalar reference.
#include "recur/kernels/linear_scan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "recur/base/random.h"

namespace recur::kernels {
namespace {

struct ScanCase {
  int64_t steps, batch, units;
  bool is_complex, is_constant, reverse;
};

// Ragged: row r stops r steps early.
struct Rows {
  explicit Rows(const ScanCase& c) {
    for (int64_t t = 0; t < c.steps; ++t) {
      int64_t running = 0;
      for (int64_t r = 0; r < c.batch; ++r) running += t < std::max<int64_t>(c.steps - r, 1) ? 1 : 0;
      rows.push_back(running);
      offset.push_back(count);
      count += running;
    }
    view = {.steps = c.steps, .batch = c.batch, .rows = rows.data(), .offset = offset.data(), .reverse = c.reverse};
  }

  std::vector<int64_t> rows, offset;
  int64_t count = 0;
  PackedSteps view;
};

std::vector<float> drawn(int64_t count, float scale, Random& random) {
  std::vector<float> values(static_cast<size_t>(count));
  random.normal(values);
  for (float& value : values) value *= scale;
  return values;
}

struct Outputs {
  std::vector<float> h, state, da, db, dstate;
};

Outputs run(const ScanCase& c, const LinearScanKernels<float>& kernels, int64_t units_at_once) {
  const Rows rows(c);
  Random random(7);
  const int64_t W = c.is_complex ? 2 * c.units : c.units, N = rows.count * W;
  const std::vector<float> a = drawn(c.is_constant ? W : N, 0.3f, random), b = drawn(N, 1, random);
  const std::vector<float> initial = drawn(c.batch * W, 1, random), dh = drawn(N, 1, random);
  Outputs out;
  out.h.resize(static_cast<size_t>(N));
  out.state = initial;
  out.dstate = drawn(c.batch * W, 1, random);
  out.da.resize(static_cast<size_t>(c.is_constant ? c.batch * W : N));
  out.db.resize(static_cast<size_t>(N));
  for (int64_t begin = 0; begin < c.units; begin += units_at_once) {
    const int64_t end = std::min(c.units, begin + units_at_once);
    LinearScan<float> forward{.packed = rows.view, .units = c.units};
    forward.is_complex = c.is_complex;
    forward.is_constant = c.is_constant;
    forward.a = a.data();
    forward.b = b.data();
    forward.state = out.state.data();
    forward.h = out.h.data();
    kernels.forward(forward, begin, end);
    LinearScanGrad<float> backward{.packed = rows.view, .units = c.units};
    backward.is_complex = c.is_complex;
    backward.is_constant = c.is_constant;
    backward.a = a.data();
    backward.h = out.h.data();
    backward.initial = initial.data();
    backward.dh = dh.data();
    backward.dstate = out.dstate.data();
    backward.da = out.da.data();
    backward.db = out.db.data();
    kernels.backward(backward, begin, end);
  }
  return out;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 2e-5 * std::max(1.0f, std::abs(b[i]))) << i;
}

template <class F>
void for_each_case(F&& f) {
  for (const int64_t steps : {1, 2, 17})
    for (const int64_t batch : {1, 3, 8})
      for (const int64_t units : {1, 7, 8, 9, 33, 130})
        for (const int flags : {0, 1, 2, 3, 4, 5, 6, 7}) {
          const ScanCase c{steps, batch, units, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
          SCOPED_TRACE(fmt::format("T {} B {} H {} complex {} constant {} reverse {}", steps, batch, units,
                                   c.is_complex, c.is_constant, c.reverse));
          f(c);
        }
}

TEST(LinearScan, IsTheReference) {
  for_each_case([](const ScanCase& c) {
    const Outputs fast = run(c, linear_scan_kernels<float>(), c.units);
    const Outputs plain = run(c, reference_linear_scan_kernels<float>(), c.units);
    expect_near(fast.h, plain.h);
    expect_near(fast.state, plain.state);
    expect_near(fast.da, plain.da);
    expect_near(fast.db, plain.db);
    expect_near(fast.dstate, plain.dstate);
  });
}

TEST(LinearScan, HasTheSameBitsForAnySplitOfTheUnits) {
  for_each_case([](const ScanCase& c) {
    const Outputs whole = run(c, linear_scan_kernels<float>(), c.units), cut = run(c, linear_scan_kernels<float>(), 64);
    EXPECT_EQ(whole.h, cut.h);
    EXPECT_EQ(whole.state, cut.state);
    EXPECT_EQ(whole.da, cut.da);
    EXPECT_EQ(whole.db, cut.db);
    EXPECT_EQ(whole.dstate, cut.dstate);
  });
}

Outputs run_gated(const ScanCase& c, ScanGates gates, const GatedScanKernels<float>& kernels, int64_t units_at_once) {
  const Rows rows(c);
  Random random(9);
  const int64_t N = rows.count * c.units;
  const std::vector<float> sums = drawn(N * gates_of(gates), 2, random), initial = drawn(c.batch * c.units, 1, random);
  const std::vector<float> dh = drawn(N, 1, random);
  Outputs out;
  out.h.resize(static_cast<size_t>(N));
  out.state = initial;
  out.dstate = drawn(c.batch * c.units, 1, random);
  out.da.resize(sums.size());
  for (int64_t begin = 0; begin < c.units; begin += units_at_once) {
    const int64_t end = std::min(c.units, begin + units_at_once);
    GatedScan<float> forward{.packed = rows.view, .units = c.units};
    forward.sums = sums.data();
    forward.state = out.state.data();
    forward.h = out.h.data();
    kernels.forward(forward, begin, end);
    GatedScanGrad<float> backward{.packed = rows.view, .units = c.units};
    backward.sums = sums.data();
    backward.h = out.h.data();
    backward.initial = initial.data();
    backward.dh = dh.data();
    backward.dstate = out.dstate.data();
    backward.dsums = out.da.data();
    kernels.backward(backward, begin, end);
  }
  return out;
}

TEST(GatedScan, IsTheReferenceWithTheSameBitsForAnySplitOfTheUnits) {
  for_each_case([](const ScanCase& c) {
    if (c.is_complex || c.is_constant) return;
    for (const ScanGates gates : {ScanGates::kMinGru, ScanGates::kMinLstm}) {
      const Outputs fast = run_gated(c, gates, gated_scan_kernels<float>(gates), c.units);
      const Outputs plain = run_gated(c, gates, reference_gated_scan_kernels<float>(gates), c.units);
      const Outputs cut = run_gated(c, gates, gated_scan_kernels<float>(gates), 64);
      expect_near(fast.h, plain.h);
      expect_near(fast.state, plain.state);
      expect_near(fast.da, plain.da);
      expect_near(fast.dstate, plain.dstate);
      EXPECT_EQ(fast.h, cut.h);
      EXPECT_EQ(fast.da, cut.da);
      EXPECT_EQ(fast.dstate, cut.dstate);
    }
  });
}

}  // namespace
}  // namespace recur::kernels
