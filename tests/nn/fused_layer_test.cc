// The fused and the staged loop against their composed twin.
#include "recur/nn/fused_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/staged_layer.h"
#include "recur/ops/binary.h"
#include "recur/ops/precision.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

// What the fused loop leaves to the staged one.
struct Extras {
  bool bias = true;
  bool projection = false, norm = false, mask = false, zoneout = false, decay = false;
  bool training = true;  // zoneout by masks, not by its share
};

struct LayerCase {
  const Cell* cell;
  int64_t steps, batch, hidden;
  bool reverse, ragged;
  Extras extras = {};

  int64_t width() const { return extras.projection ? hidden / 2 + 2 : hidden; }  // wider than H and narrower
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
  LayerInputs(const LayerCase& c, DType dtype) : of_type(dtype) {
    const int64_t G = c.cell->gates, H = c.hidden, W = c.width(), F = 5;
    const int64_t units = c.cell->unit_weights;
    x = leaf({c.steps, c.batch, F}, 1, 1);
    p.weight_ih = leaf({G * H, F}, 2, 0.4);
    p.weight_hh = leaf({G * H, W}, 3, 1 / std::sqrt(static_cast<double>(H)));
    if (c.extras.bias) p.bias_ih = leaf({G * H}, 4, 0.2);
    if (c.extras.bias) p.bias_hh = leaf({G * H}, 5, 0.2);
    if (units > 0) p.unit_weights = leaf({units, H}, 6, 0.3);
    for (int k = 0; k < c.cell->states; ++k) states.push_back(leaf({c.batch, k == 0 ? W : H}, 7 + k, 1));
    if (c.extras.projection) p.projection = leaf({W, H}, 11, 1 / std::sqrt(static_cast<double>(H)));
    if (c.extras.decay) decay = leaf({c.steps, c.batch, W}, 15, 0.6);
    if (!c.extras.norm) return;
    p.norm_ih = leaf({2, G * H}, 12, 0.5);
    p.norm_hh = leaf({2, G * H}, 13, 0.5);
    if (c.cell->states > 1) p.norm_inner = leaf({2, H}, 14, 0.5);
  }

  LayerOptions options(const LayerCase& c) const {
    LayerOptions o{.cell = c.cell, .reverse = c.reverse};
    const auto zoneout = [&](int64_t width, double share) {
      if (!c.extras.training) return Tensor::scalar(share, of_type);
      return step(normal({c.steps, c.batch, width}, 30, of_type));
    };
    if (c.extras.mask) o.recurrent_mask = step(normal({c.batch, c.width()}, 31, of_type)) * 2.0;
    if (c.extras.zoneout) o.zoneout = zoneout(c.width(), 0.3);
    if (c.extras.zoneout && c.cell->states > 1) o.zoneout_inner = zoneout(c.hidden, 0.2);
    return o;
  }

  Tensor x, decay;
  LayerParameters p;
  Tensors states, leaves;

 private:
  Tensor leaf(const Shape& shape, uint64_t seed, double scale) {
    Tensor t = normal(shape, seed, of_type) * scale;
    leaves.push_back(t.set_requires_grad());
    return t;
  }

  DType of_type;
};

// The outputs and the gradients of a fixed weighted sum of them.
template <class Run>
Tensors outputs_and_gradients(const LayerCase& c, DType dtype, Run run) {
  const LayerInputs in(c, dtype);
  const Packing packing(c.steps, c.batch, c.ragged ? ragged_lengths(c.steps, c.batch) : std::vector<int64_t>());
  Tensors before;
  for (const Tensor& state : in.states) before.push_back(packing.sort(state));
  LayerOptions options = in.options(c);
  if (c.extras.decay) options.decay = packing.pack(in.decay);
  const LayerOutput out = run(packing.pack(in.x), before, in.p, packing, options);
  Tensors results{packing.unpack(out.y)};
  for (const Tensor& state : out.states) results.push_back(packing.unsort(state));
  Tensors weights;
  for (size_t i = 0; i < results.size(); ++i) weights.push_back(normal(results[i].shape(), 20 + i, dtype));
  const Tensors gradients = grad(results, in.leaves, {.grad_outputs = weights});
  results.insert(results.end(), gradients.begin(), gradients.end());
  return results;
}

double largest(const Tensor& t) {
  const Tensor values = t.clone(DType::kF64);
  double result = 0;
  for (const double value : values.values<double>()) result = std::max(result, std::abs(value));
  return result;
}

// The relative error; of a hundredth where all there is, a single unit say, is next to 0: rounding a gate shifts what
// it lets through by 6e-8.
double rounding_error(const Tensor& a, const Tensor& b) {
  return relative_error(a, b) * std::min(1.0, 100 * largest(b));
}

template <class Run>
void expect_as_composed(const LayerCase& c, Run run, double tolerance = 2e-5) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    const Tensors fused = outputs_and_gradients(c, dtype, run);
    const Tensors composed = outputs_and_gradients(c, dtype, run_composed_layer);
    for (size_t i = 0; i < fused.size(); ++i) {
      if (dtype == DType::kF32)
        EXPECT_LT(rounding_error(fused[i], composed[i]), tolerance) << "output " << i;
      else
        EXPECT_LT(relative_error(fused[i], composed[i]), 1e-11) << "output " << i << " in f64";
    }
  }
}

class Layer : public ::testing::TestWithParam<LayerCase> {};

TEST_P(Layer, FusedAgreesWithComposedInBothPrecisions) { expect_as_composed(GetParam(), run_layer); }

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

TEST(FusedLayer, IsWhatRunsForEveryPlainCellWithoutLateGates) {
  for (const Cell* cell : cells()) EXPECT_EQ(cell->f32.forward != nullptr, cell->late_gates() == 0) << cell->name;
}

void expect_the_same_on_threads(const LayerCase& c) {
  const Tensors one = outputs_and_gradients(c, DType::kF32, run_layer);
  set_threads(3);
  const Tensors three = outputs_and_gradients(c, DType::kF32, run_layer);
  set_threads(1);
  for (size_t i = 0; i < one.size(); ++i)
    EXPECT_EQ(relative_error(three[i], one[i]), 0) << c.cell->name << " output " << i;
}

TEST(FusedLayer, BatchSplitOverThreadsGivesTheSameBits) {
  for (const char* name : {"lstm", "gru", "lstm_peephole"})
    expect_the_same_on_threads({&find_cell(name), 9, 21, 40, false, true});
}

// --- the staged loop ----------------------------------------------------------------------------------------------

struct NamedExtras {
  const char* name;
  Extras extras;
};
const NamedExtras kExtras[] = {
    {"Plain", {}},
    {"WithoutBias", {.bias = false}},
    {"Projection", {.projection = true}},
    {"LayerNorm", {.norm = true}},
    {"RecurrentMask", {.mask = true}},
    {"Zoneout", {.zoneout = true}},
    {"ZoneoutInEvaluation", {.zoneout = true, .training = false}},
    {"Decay", {.decay = true}},
    {"AllTogether", {.projection = true, .norm = true, .mask = true, .zoneout = true, .decay = true}},
};

// As the cell allows.
Extras for_cell(Extras extras, const Cell& cell) {
  if (cell.states == 1) extras.projection = false;
  return extras;
}

LayerOutput run_staged(const Tensor& x, const Tensors& states, const LayerParameters& p, const Packing& packing,
                       const LayerOptions& options) {
  return packing.packed_rows() == 0 ? run_composed_layer(x, states, p, packing, options)
                                    : run_staged_layer(x, states, p, packing, options);
}

class StagedLayer : public ::testing::TestWithParam<std::tuple<const Cell*, NamedExtras>> {};

TEST_P(StagedLayer, AgreesWithComposedInBothPrecisions) {
  const auto& [cell, named] = GetParam();
  const Extras extras = for_cell(named.extras, *cell);
  std::vector<LayerCase> shapes = {{cell, 3, 21, 70, false, false, extras},  // several tiles of rows and panels
                                   {cell, 2, 9, 300, true, false, extras}};  // a product cut in depth
  for (const int64_t T : {1, 2, 17})
    for (const int64_t B : {1, 3, 8})
      for (const int64_t H : {1, 7, 8, 9, 33}) {  // every direction and raggedness with some of each
        const size_t turn = shapes.size();
        shapes.push_back({cell, T, B, H, turn % 2 == 1, turn / 2 % 2 == 1, extras});
      }
  for (const LayerCase& shape : shapes) {
    // One unit is normalised to its shift whatever it is, but for the rounding of the mean.
    if (extras.norm && shape.hidden == 1) continue;
    SCOPED_TRACE(name_of(shape));
    // One number alone may be the small difference of others of size 1, such as (1 - z) n and z h of a GRU, whose
    // roundings then count in full; in the norm over several it does not show, nor in f64.
    const bool alone = shape.batch == 1 && shape.hidden == 1;
    expect_as_composed(shape, run_staged, alone ? 1e-3 : extras.norm ? 5e-4 : 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Slow, StagedLayer,
                         ::testing::Combine(::testing::ValuesIn(cells().begin(), cells().end()),
                                            ::testing::ValuesIn(kExtras)),
                         [](const auto& info) {
                           return std::get<0>(info.param)->name + "_" + std::get<1>(info.param).name;
                         });

TEST(StagedLayers, BatchSplitOverThreadsGivesTheSameBits) {
  for (const Cell* cell : cells())
    expect_the_same_on_threads({cell, 9, 21, 40, true, true, for_cell(kExtras[8].extras, *cell)});
}

TEST(StagedLayers, RecomputationGivesTheBitsOfKeepingEverything) {
  for (const Cell* cell : cells()) {
    const LayerCase c{cell, 9, 5, 12, true, true, for_cell(kExtras[8].extras, *cell)};
    const Tensors kept = outputs_and_gradients(c, DType::kF32, run_layer);
    const auto in_segments = [](const Tensor& x, const Tensors& states, const LayerParameters& p,
                                const Packing& packing, LayerOptions options) {
      options.recompute = 4;
      return run_layer(x, states, p, packing, options);
    };
    const Tensors again = outputs_and_gradients(c, DType::kF32, in_segments);
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_LT(relative_error(again[i], kept[i]), 3e-6) << cell->name << i;
  }
}

TEST(StagedLayers, TraceTheNormsThatComposedOnesDo) {
  const auto trace = [](auto run) {
    std::vector<double> norms;
    const auto traced = [&](const Tensor& x, const Tensors& states, const LayerParameters& p, const Packing& packing,
                            LayerOptions options) {
      options.trace = &norms;
      return run(x, states, p, packing, options);
    };
    outputs_and_gradients({&find_cell("lstm"), 6, 4, 9, false, true, {.zoneout = true}}, DType::kF64, traced);
    return norms;
  };
  const std::vector<double> staged = trace(run_staged), composed = trace(run_composed_layer);
  ASSERT_EQ(staged.size(), composed.size());
  for (size_t t = 0; t < staged.size(); ++t) EXPECT_NEAR(staged[t], composed[t], 1e-10 * composed[t]) << t;
}

// Operands rounded to 8 bits of mantissa: results within some percent of their size.
TEST(StagedLayers, MultiplyInBf16WhereAskedTo) {
  for (const Cell* cell : cells()) {
    const LayerCase c{cell, 2, 7, 35, false, false, for_cell({.projection = true, .zoneout = true}, *cell)};
    const Tensors full = outputs_and_gradients(c, DType::kF32, run_staged);
    const ProductPrecision half(Precision::kBf16);
    const Tensors rounded = outputs_and_gradients(c, DType::kF32, run_staged);
    for (size_t i = 0; i < full.size(); ++i) EXPECT_LT(relative_error(rounded[i], full[i]), 0.05) << cell->name << i;
    EXPECT_GT(relative_error(rounded[0], full[0]), 1e-5) << cell->name;
  }
}

// Which spares the product that leads to it.
TEST(FusedLayer, GivesTheSameGradientsWhereNobodyNeedsThatOfTheInitialState) {
  for (const int64_t steps : {1, 4}) {
    for (const char* cell : {"lstm", "gru", "rnn"}) {
      Random random(5);
      const Recurrent network({.cell = cell, .input = 3, .hidden = 9}, random);
      const Tensor x = normal({steps, 2, 3}, 6, DType::kF32), weights = normal({steps, 2, 9}, 7, DType::kF32);
      const auto gradients = [&](bool of_state) {
        RecurrentState state = network.zero_state(2);
        Tensors leaves = network.parameters();
        for (Tensor& part : state.layers[0]) {
          part.set_requires_grad(of_state);
          if (of_state) leaves.push_back(part);
        }
        return grad({network(x, {.state = state}).y}, leaves, {.grad_outputs = {weights}});
      };
      const Tensors with = gradients(true), without = gradients(false);
      for (size_t i = 0; i < without.size(); ++i) EXPECT_EQ(relative_error(without[i], with[i]), 0) << cell << ' ' << i;
    }
  }
}

}  // namespace
}  // namespace recur::testing
