// The fused loop against its composed twin.
#include "recur/nn/fused_layer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/precision.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

struct LayerCase {
  const Cell* cell;
  int64_t steps, batch, hidden;
  bool reverse, ragged;
};

std::string name_of(const LayerCase& c) {
  return fmt::format("{}_T{}_B{}_H{}{}{}", c.cell->name, c.steps, c.batch, c.hidden, c.reverse ? "_reverse" : "",
                     c.ragged ? "_ragged" : "");
}

std::vector<int64_t> ragged_lengths(int64_t steps, int64_t batch) {
  std::vector<int64_t> lengths;
  for (int64_t b = 0; b < batch; ++b) lengths.push_back((b * 7 + 3) % (steps + 1));  // some of them 0
  return lengths;
}

struct LayerInputs {
  LayerInputs(const LayerCase& c, DType dtype) {
    const int64_t G = c.cell->gates, H = c.hidden, F = 5;
    x = normal({c.steps, c.batch, F}, 1, dtype);
    const double scale = 1 / std::sqrt(static_cast<double>(H));
    p.weight_ih = (normal({G * H, F}, 2, dtype) * 0.4);
    p.weight_hh = (normal({G * H, H}, 3, dtype) * scale);
    p.bias_ih = (normal({G * H}, 4, dtype) * 0.2);
    p.bias_hh = (normal({G * H}, 5, dtype) * 0.2);
    const auto units = static_cast<int64_t>(c.cell->unit_weights.size());
    if (units > 0) p.unit_weights = normal({units, H}, 6, dtype) * 0.3;
    for (int k = 0; k < c.cell->states; ++k) states.push_back(normal({c.batch, H}, 7 + k, dtype));
    for (Tensor* t : {&x, &p.weight_ih, &p.weight_hh, &p.bias_ih, &p.bias_hh, &p.unit_weights})
      if (t->defined()) leaves.push_back(t->set_requires_grad());
    for (Tensor& state : states) leaves.push_back(state.set_requires_grad());
  }

  Tensor x;
  LayerParameters p;
  Tensors states, leaves;
};

// The outputs and the gradients of a fixed weighted sum of them.
template <class Run>
Tensors outputs_and_gradients(const LayerCase& c, DType dtype, Run run) {
  const LayerInputs in(c, dtype);
  const Packing packing(c.steps, c.batch, c.ragged ? ragged_lengths(c.steps, c.batch) : std::vector<int64_t>());
  Tensors before;
  for (const Tensor& state : in.states) before.push_back(packing.sort(state));
  const LayerOutput out =
      run(packing.pack(in.x), before, in.p, packing, LayerOptions{.cell = c.cell, .reverse = c.reverse});
  Tensors results{packing.unpack(out.y)};
  for (const Tensor& state : out.states) results.push_back(packing.unsort(state));
  Tensors weights;
  for (size_t i = 0; i < results.size(); ++i) weights.push_back(normal(results[i].shape(), 20 + i, dtype));
  const Tensors gradients = grad(results, in.leaves, {.grad_outputs = weights});
  results.insert(results.end(), gradients.begin(), gradients.end());
  return results;
}

class Layer : public ::testing::TestWithParam<LayerCase> {};

TEST_P(Layer, FusedAgreesWithComposedInBothPrecisions) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    const Tensors fused = outputs_and_gradients(GetParam(), dtype, run_layer);
    const Tensors composed = outputs_and_gradients(GetParam(), dtype, run_composed_layer);
    for (size_t i = 0; i < fused.size(); ++i)
      EXPECT_LT(relative_error(fused[i], composed[i]), dtype == DType::kF32 ? 2e-5 : 1e-12)
          << "output " << i << " in " << recur::name_of(dtype);
  }
}

// In the norm over all units: one alone may be next to 0. The kink of ReLU turns a rounding into a change of slope,
// which grows from step to step.
TEST_P(Layer, Bf16ProductsComeCloseToFullOnes) {
  const bool kinked = GetParam().cell->name == "rnn_relu" && GetParam().steps > 2;
  if (GetParam().hidden == 1 || kinked) return;
  const Tensors full = outputs_and_gradients(GetParam(), DType::kF32, run_layer);
  const ProductPrecision half(Precision::kBf16);
  const Tensors rounded = outputs_and_gradients(GetParam(), DType::kF32, run_layer);
  for (size_t i = 0; i < full.size(); ++i) EXPECT_LT(relative_error(rounded[i], full[i]), 0.03) << "output " << i;
}

std::vector<LayerCase> layer_cases() {
  std::vector<LayerCase> cases;
  for (const Cell* cell : cells()) {
    if (cell->f32.forward == nullptr) continue;
    for (const int64_t T : {1, 2, 17})
      for (const int64_t B : {1, 3, 8})
        for (const int64_t H : {1, 7, 8, 9, 33})
          for (const bool reverse : {false, true})
            for (const bool ragged : {false, true}) cases.push_back({cell, T, B, H, reverse, ragged});
    cases.push_back({cell, 3, 21, 70, false, false});  // several tiles of rows and panels of units
    cases.push_back({cell, 3, 50, 128, true, true});
    cases.push_back({cell, 2, 7, 300, false, false});  // a product cut in depth
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Shapes, Layer, ::testing::ValuesIn(layer_cases()),
                         [](const auto& info) { return name_of(info.param); });

TEST(FusedLayer, IsWhatRunsForEveryPlainCellButOne) {
  for (const Cell* cell : cells())
    EXPECT_EQ(cell->f32.forward != nullptr, cell->name != "gru_reset_before") << cell->name;
}

TEST(FusedLayer, BatchSplitOverThreadsGivesTheSameBits) {
  for (const char* name : {"lstm", "gru", "lstm_peephole"}) {
    const LayerCase c{&find_cell(name), 9, 21, 40, false, true};
    const Tensors one = outputs_and_gradients(c, DType::kF32, run_layer);
    set_threads(3);
    const Tensors three = outputs_and_gradients(c, DType::kF32, run_layer);
    set_threads(1);
    for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(relative_error(three[i], one[i]), 0) << name << " output " << i;
  }
}

}  // namespace
}  // namespace recur::testing
