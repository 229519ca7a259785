// Each cell's passes over rows: backward against differences of forward in f64, and the SIMD ones in f32 against both,
// on arrays that end where memory ends and with hidden sizes of every remainder.
#include "recur/kernels/cell_passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "recur/base/random.h"
#include "recur/nn/cells/cell.h"
#include "tests/support/guarded.h"

namespace recur::testing {
namespace {

using kernels::CellRows;
using kernels::CellRowsBackward;
using kernels::RecurrentKernels;
using Numbers = std::vector<double>;

Numbers drawn(int64_t count, uint64_t seed) {
  Random random(seed);
  Numbers result(static_cast<size_t>(count));
  for (double& value : result) value = static_cast<double>(random.normal());
  return result;
}

// What a step reads, in f64; and the weights of what it gives in a sum to differentiate.
struct Inputs {
  Inputs(const RecurrentKernels<double>& k, int64_t rows, int64_t hidden) : B(rows), H(hidden) {
    x = drawn(B * k.gates * H, 1);
    bias_x = drawn(k.gates * H, 2);
    r = drawn(B * k.gates * H, 3);
    unit_weights = drawn(k.unit_weights * H, 4);
    for (int s = 0; s < k.states; ++s) {
      before.push_back(drawn(B * H, 10 + static_cast<uint64_t>(s)));
      d_after.push_back(drawn(B * H, 20 + static_cast<uint64_t>(s)));
    }
  }

  int64_t B, H;
  Numbers x, bias_x, r, unit_weights;
  std::vector<Numbers> before, d_after;
};

// A step of all rows, and the way back, in the precision T.
template <class T>
struct Pass {
  Pass(const RecurrentKernels<T>& kernels, const Inputs& in) : k(kernels), B(in.B), H(in.H) {
    rows.rows = B;
    rows.hidden = H;
    rows.x = arrays.copy_of(in.x);
    rows.bias_x = arrays.copy_of(in.bias_x);
    rows.r = arrays.copy_of(in.r);
    rows.unit_weights = k.unit_weights > 0 ? arrays.copy_of(in.unit_weights) : nullptr;
    for (int s = 0; s < k.states; ++s) {
      rows.before[s] = arrays.copy_of(in.before[s]);
      rows.after[s] = arrays.make(B * H, T(77));
    }
    rows.saved = arrays.make(B * k.saved * H, T(77));
    rows.late = k.passes.late != nullptr ? arrays.make(B * H, T(77)) : nullptr;
    if (k.passes.late != nullptr) k.passes.late(rows);
    k.passes.forward(rows);
  }

  void back(const Inputs& in) {
    gradients.rows = B;
    gradients.hidden = H;
    gradients.unit_weights = rows.unit_weights;
    for (int s = 0; s < k.states; ++s) {
      gradients.before[s] = rows.before[s];
      gradients.after[s] = rows.after[s];
      gradients.dstate[s] = arrays.copy_of(in.d_after[s]);
    }
    gradients.saved = rows.saved;
    gradients.dx = arrays.make(B * k.gates * H, T(77));
    gradients.dr = k.split ? arrays.make(B * k.gates * H, T(77)) : gradients.dx;
    gradients.dunit_weights = arrays.make(k.unit_weights * H);
    k.passes.backward(gradients);
  }

  // The states after, weighted; late values are not among them, as they are given to `r` by hand.
  double weighted(const Inputs& in) const {
    double sum = 0;
    for (int s = 0; s < k.states; ++s)
      for (int64_t i = 0; i < B * H; ++i) sum += static_cast<double>(rows.after[s][i]) * in.d_after[s][i];
    return sum;
  }

  const RecurrentKernels<T>& k;
  int64_t B, H;
  GuardedArrays<T> arrays;
  CellRows<T> rows;
  CellRowsBackward<T> gradients;
};

class EveryCell : public ::testing::TestWithParam<const Cell*> {
 protected:
  const RecurrentKernels<double>& wide() const { return GetParam()->f64; }
  const RecurrentKernels<float>& single() const { return GetParam()->f32; }
};

void expect_gradient(Numbers Inputs::*which, const RecurrentKernels<double>& k, Inputs in, const double* got,
                     const char* name) {
  constexpr double kStep = 1e-6;
  for (size_t i = 0; i < (in.*which).size(); ++i) {
    const double at = (in.*which)[i];
    (in.*which)[i] = at + kStep;
    const double above = Pass<double>(k, in).weighted(in);
    (in.*which)[i] = at - kStep;
    const double below = Pass<double>(k, in).weighted(in);
    (in.*which)[i] = at;
    EXPECT_NEAR(got[i], (above - below) / (2 * kStep), 1e-6) << name << ' ' << i;
  }
}

TEST_P(EveryCell, BackwardIsTheDerivativeOfForward) {
  if (GetParam()->f64.passes.late != nullptr) return;  // what comes through `late` is the next test's
  const Inputs in(wide(), 2, 3);
  Pass<double> pass(wide(), in);
  pass.back(in);
  expect_gradient(&Inputs::x, wide(), in, pass.gradients.dx, "x");
  expect_gradient(&Inputs::r, wide(), in, pass.gradients.dr, "r");
  if (wide().unit_weights > 0)
    expect_gradient(&Inputs::unit_weights, wide(), in, pass.gradients.dunit_weights, "unit weights");
  for (int s = 0; s < wide().states; ++s) {
    for (int64_t i = 0; i < in.B * in.H; ++i) {
      constexpr double kStep = 1e-6;
      Inputs moved = in;
      moved.before[s][i] = in.before[s][i] + kStep;
      const double above = Pass<double>(wide(), moved).weighted(in);
      moved.before[s][i] = in.before[s][i] - kStep;
      const double below = Pass<double>(wide(), moved).weighted(in);
      EXPECT_NEAR(pass.gradients.dstate[s][i], (above - below) / (2 * kStep), 1e-6) << "state " << s << ' ' << i;
    }
  }
}

TEST_P(EveryCell, LateBackwardIsTheDerivativeOfLate) {
  if (wide().passes.late == nullptr) return;
  const Inputs in(wide(), 2, 3);
  Pass<double> pass(wide(), in);
  pass.back(in);
  // Alone: gradients of nothing but `late`, weighted as the states.
  const int64_t width = in.B * wide().gates * in.H;
  std::fill(pass.gradients.dx, pass.gradients.dx + width, 0.0);
  for (int s = 0; s < wide().states; ++s)
    std::fill(pass.gradients.dstate[s], pass.gradients.dstate[s] + in.B * in.H, 0.0);
  pass.gradients.dlate = pass.arrays.copy_of(in.d_after[0]);
  wide().passes.late_backward(pass.gradients);
  const auto late_of = [&](const Inputs& of) {
    const Pass<double> made(wide(), of);
    double sum = 0;
    for (int64_t i = 0; i < of.B * of.H; ++i) sum += made.rows.late[i] * in.d_after[0][i];
    return sum;
  };
  constexpr double kStep = 1e-6;
  const auto expect = [&](const std::function<double&(Inputs&, int64_t)>& element, int64_t count, const double* got) {
    for (int64_t i = 0; i < count; ++i) {
      Inputs up = in, down = in;
      element(up, i) += kStep;
      element(down, i) -= kStep;
      EXPECT_NEAR(got[i], (late_of(up) - late_of(down)) / (2 * kStep), 1e-6) << i;
    }
  };
  expect([](Inputs& of, int64_t i) -> double& { return of.x[i]; }, width, pass.gradients.dx);
  expect([](Inputs& of, int64_t i) -> double& { return of.before[0][i]; }, in.B* in.H, pass.gradients.dstate[0]);
}

TEST_P(EveryCell, EveryHiddenSizeAgreesWithTheReferenceAndStaysWithinItsArrays) {
  for (int64_t hidden = 1; hidden <= 35; hidden += hidden < 20 ? 1 : 5) {
    const Inputs in(wide(), 3, hidden);
    Pass<double> want(wide(), in);
    Pass<float> got(single(), in);
    want.back(in);
    got.back(in);
    const auto expect_same = [&](const float* a, const double* b, int64_t count, const char* name) {
      for (int64_t i = 0; i < count; ++i) ASSERT_NEAR(a[i], b[i], 2e-5 * (1 + std::abs(b[i]))) << name << hidden;
    };
    for (int s = 0; s < wide().states; ++s) {
      expect_same(got.rows.after[s], want.rows.after[s], in.B * hidden, "after");
      expect_same(got.gradients.dstate[s], want.gradients.dstate[s], in.B * hidden, "dstate");
    }
    expect_same(got.rows.saved, want.rows.saved, in.B * wide().saved * hidden, "saved");
    expect_same(got.gradients.dx, want.gradients.dx, in.B * wide().gates * hidden, "dx");
    expect_same(got.gradients.dr, want.gradients.dr, in.B * wide().gates * hidden, "dr");
    if (wide().unit_weights > 0)
      expect_same(got.gradients.dunit_weights, want.gradients.dunit_weights, wide().unit_weights * hidden, "dw");
  }
}

TEST_P(EveryCell, WithoutABiasItIsZero) {
  Inputs in(wide(), 2, 5);
  std::fill(in.bias_x.begin(), in.bias_x.end(), 0.0);
  Pass<float> with(single(), in), without(single(), in);
  without.rows.bias_x = nullptr;
  if (single().passes.late != nullptr) single().passes.late(without.rows);
  single().passes.forward(without.rows);
  for (int s = 0; s < single().states; ++s)
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(with.rows.after[s][i], without.rows.after[s][i]);
}

TEST_P(EveryCell, WithoutHItIsTakenAsZero) {
  if (single().passes.late != nullptr) return;  // its product takes h in
  Inputs in(wide(), 2, 5);
  std::fill(in.before[0].begin(), in.before[0].end(), 0.0);
  Pass<float> with(single(), in), without(single(), in);
  without.rows.before[0] = nullptr;
  single().passes.forward(without.rows);
  for (int s = 0; s < single().states; ++s)
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(with.rows.after[s][i], without.rows.after[s][i]);
}

TEST_P(EveryCell, NoRowsAreNothingToDo) {
  const Inputs in(wide(), 0, 4);
  Pass<float> none(single(), in);
  none.back(in);
  for (int64_t i = 0; i < single().unit_weights * 4; ++i) EXPECT_EQ(none.gradients.dunit_weights[i], 0);
}

TEST_P(EveryCell, UnitWeightsGradientsAreAddedToWhatIsThere) {
  if (wide().unit_weights == 0) return;
  const Inputs in(wide(), 3, 5);
  Pass<double> pass(wide(), in);
  pass.back(in);
  const Numbers once(pass.gradients.dunit_weights, pass.gradients.dunit_weights + wide().unit_weights * 5);
  for (int s = 0; s < wide().states; ++s) std::copy_n(in.d_after[s].begin(), 15, pass.gradients.dstate[s]);
  wide().passes.backward(pass.gradients);
  for (size_t i = 0; i < once.size(); ++i) EXPECT_NEAR(pass.gradients.dunit_weights[i], 2 * once[i], 1e-12);
}

TEST_P(EveryCell, FromTheOutputGateOnIsTheSameGradientInTwoParts) {
  if (wide().passes.output_gate < 0) {
    EXPECT_EQ(wide().passes.backward_from_output_gate, nullptr);
    return;
  }
  const Inputs in(wide(), 2, 4);
  Pass<double> whole(wide(), in), parts(wide(), in);
  whole.back(in);
  parts.back(in);
  // h = o tanh(c): d_o = dh tanh(c), and c takes dh o (1 - tanh(c)^2).
  for (int64_t row = 0; row < in.B; ++row) {
    for (int64_t unit = 0; unit < in.H; ++unit) {
      const int64_t i = row * in.H + unit;
      const double o = parts.rows.saved[(row * wide().saved + wide().passes.output_gate) * in.H + unit];
      const double squashed = std::tanh(parts.rows.after[1][i]), dh = in.d_after[0][i];
      EXPECT_NEAR(parts.rows.after[0][i], o * squashed, 1e-12);
      parts.gradients.dstate[0][i] = dh * squashed;
      parts.gradients.dstate[1][i] = in.d_after[1][i] + dh * o * (1 - squashed * squashed);
    }
  }
  std::fill_n(parts.gradients.dunit_weights, wide().unit_weights * in.H, 0.0);
  wide().passes.backward_from_output_gate(parts.gradients);
  for (int64_t i = 0; i < in.B * wide().gates * in.H; ++i)
    EXPECT_NEAR(parts.gradients.dx[i], whole.gradients.dx[i], 1e-12) << i;
  for (int s = 0; s < wide().states; ++s)
    for (int64_t i = 0; i < in.B * in.H; ++i)
      EXPECT_NEAR(parts.gradients.dstate[s][i], whole.gradients.dstate[s][i], 1e-12) << s;
}

INSTANTIATE_TEST_SUITE_P(CellPasses, EveryCell, ::testing::ValuesIn(cells().begin(), cells().end()),
                         [](const auto& each) { return each.param->name; });

}  // namespace
}  // namespace recur::testing
