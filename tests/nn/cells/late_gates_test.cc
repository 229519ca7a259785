// A cell with two late gates, which no cell of the list has: the loops and the stream know of late gates only what
// Cell::late says.
#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/gradient_check.h"
#include "recur/kernels/recurrent-inl.h"
#include "recur/kernels/stream-inl.h"
#include "recur/nn/layers/cell_layer.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/staged_layer.h"
#include "recur/nn/stream.h"
#include "recur/ops/binary.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// r, z = sigmoid(.) of h; n = tanh(.) and m = sigmoid(.) of r h; h_t = z h + (1 - z) r n m.
struct TwoLateGates : GateDefaults {
  static constexpr int kGates = 4, kStates = 1, kSaved = 4, kUnitWeights = 0;
  static constexpr bool kSplit = false;
  static constexpr int kLateGates = 2;

  template <class V>
  static HWY_INLINE V late(const V* x, const V* r, const V& h, V* saved) {
    saved[0] = sigmoid(x[0] + r[0]);
    return saved[0] * h;
  }
  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V* saved) {
    saved[1] = sigmoid(x[1] + r[1]);
    saved[2] = tanh(x[2] + r[2]);
    saved[3] = sigmoid(x[3] + r[3]);
    const V fresh = saved[0] * saved[2] * saved[3];
    s[0] = fresh + saved[1] * (s[0] - fresh);
  }
  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V*) {
    const V r = at.saved[0], z = at.saved[1], n = at.saved[2], m = at.saved[3], d = ds[0] * (1.0f - z);
    dx[0] = d * n * m * r * (1.0f - r);
    dx[1] = ds[0] * (at.before[0] - r * n * m) * z * (1.0f - z);
    dx[2] = d * r * m * (1.0f - n * n);
    dx[3] = d * r * n * m * (1.0f - m);
    ds[0] = ds[0] * z;
  }
  template <class V>
  static HWY_INLINE void late_backward(const Step<V>& at, V d_late, V* ds, V* dx) {
    const V r = at.saved[0];
    dx[0] = d_late * at.before[0] * r * (1.0f - r);
    ds[0] = ds[0] + d_late * r;
  }
};

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace recur::testing {
namespace {

const Cell& two_late() {
  namespace here = HWY_NAMESPACE;
  using Gates = here::TwoLateGates;
  static const Cell cell = {.name = "two_late",
                            .description = "for tests",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .step = composed_step<Gates>,
                            .f32 = here::float_kernels<Gates, here::Lanes>().full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = here::float_kernels<Gates, here::Lanes>().half,
                            .stream = here::stream_kernels<Gates>()};
  return cell;
}

Recurrent make(RecurrentOptions options) {
  static const LayerKind kinds[] = {{.name = "two_late", .reverses = true, .make = [](const LayerSpec& spec) {
                                       return std::make_shared<const CellLayer>(two_late(), spec);
                                     }}};
  options.cell = "two_late";
  options.input = 3;
  if (options.hidden == 0) options.hidden = 9;
  Random random(5);
  return Recurrent(options, random, kinds);
}

TEST(LateGates, GoThroughTheirEquations) {
  Recurrent network = make({.hidden = 1});
  network.to(DType::kF64);
  const Tensors p = network.parameters();
  const auto at = [&](int i, int64_t k) { return p[i].values<double>()[k]; };
  const double x[] = {0.4, -1.2, 0.7}, h = -0.6;
  const auto sum = [&](int g, double operand) {
    double total = at(1, g) * operand + at(2, g) + at(3, g);
    for (int64_t f = 0; f < 3; ++f) total += at(0, g * 3 + f) * x[f];
    return total;
  };
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  const double r = sigmoid(sum(0, h)), z = sigmoid(sum(1, h));
  const double fresh = r * std::tanh(sum(2, r * h)) * sigmoid(sum(3, r * h));
  RecurrentState state = network.zero_state(1, DType::kF64);
  state.layers[0][0] = Tensor::full({1, 1}, h, DType::kF64);
  const Tensor input = Tensor::from(std::vector<double>(x, x + 3), {1, 1, 3});
  EXPECT_NEAR(network(input, {.state = state}).y.item(), z * h + (1 - z) * fresh, 1e-12);
}

TEST(LateGates, StreamAsTheStagedAndTheComposedLoopRun) {
  constexpr int64_t kSteps = 5, kBatch = 3;
  for (const bool norm : {false, true})
    for (const int64_t hidden : {1, 7, 33}) {
      if (norm && hidden == 1) continue;  // one unit is normalised to its shift, whatever it is
      const Recurrent network = make({.hidden = hidden, .layer_norm = norm});
      const Tensor x = normal({kSteps, kBatch, 3}, 2, DType::kF32);
      const Packing packing(kSteps, kBatch, {});
      const auto& layer = dynamic_cast<const CellLayer&>(*network.layers()[0]);
      const Tensors states{normal({kBatch, hidden}, 3, DType::kF32)};
      const LayerOptions options{.cell = &two_late()};
      const LayerOutput composed = run_composed_layer(packing.pack(x), states, layer.tensors(), packing, options);
      const LayerOutput staged = run_staged_layer(packing.pack(x), states, layer.tensors(), packing, options);
      EXPECT_LT(relative_error(staged.y, composed.y), norm ? 1e-4 : 2e-6);

      Stream stream = network.stream({.streams = kBatch});
      stream.set_state({.layers = {states}});
      std::vector<float> h(static_cast<size_t>(kBatch * hidden));
      for (int64_t t = 0; t < kSteps; ++t) stream.step(x.values<float>().subspan(t * kBatch * 3, kBatch * 3), h);
      EXPECT_LT(relative_error(stream.state().layers[0][0], composed.states[0]), norm ? 1e-4 : 2e-6);
    }
}

TEST(LateGates, HaveExactGradientsUnderEveryOption) {
  const std::vector<RecurrentOptions> kinds = {
      {}, {.layer_norm = true}, {.bidirectional = true, .zoneout = 0.2f}, {.layers = 2, .recompute = 2}};
  for (RecurrentOptions options : kinds) {
    options.hidden = 4;
    Recurrent network = make(options);
    network.to(DType::kF64);
    const auto run = [&](const Tensors& in) {
      const RecurrentOutput out = network(in[0], {.lengths = {4, 2}, .mode = Mode::evaluation()});
      return Tensors{out.y, out.state.layers[0][0]};
    };
    EXPECT_LT(gradient_error(run, {normal({4, 2, 3})}), 1e-6);
    EXPECT_LT(second_gradient_error(run, {normal({4, 2, 3})}), 1e-5);
  }
}

TEST(LateGates, RefuseAProjection) { EXPECT_ERROR(make({.projection = 2}), "projection needs a cell"); }

}  // namespace
}  // namespace recur::testing
