// Training that rounds as int8 inference does.
#include "recur/nn/fake_int8.h"

#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/kernels/quantize.h"
#include "recur/nn/layers/cell_layer.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/recurrent_layer.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

TEST(FakeInt8, IsWhatTheFileHoldsMultipliedOut) {
  Tensor x = normal({5, 37}, 3, DType::kF32);
  std::fill_n(x.data<float>() + 37, 37, 0.0f);
  const Tensor y = fake_int8(x);
  std::vector<int8_t> q(37);
  for (int64_t row = 0; row < 5; ++row) {
    const float scale = kernels::quantize_row(x.data<float>() + row * 37, 37, q.data());
    for (int64_t k = 0; k < 37; ++k)
      ASSERT_EQ(y.values<float>()[static_cast<size_t>(row * 37 + k)],
                static_cast<float>(q[static_cast<size_t>(k)]) * scale);
  }
  EXPECT_ERROR(fake_int8(Tensor::ones({3})), "expected a matrix");
}

TEST(FakeInt8, GradientsPassStraightThrough) {
  Tensor x = normal({2, 3}, 1);
  x.set_requires_grad();
  const Tensor weight = normal({2, 3}, 2);
  EXPECT_EQ(relative_error(grad(Tensors{sum(fake_int8(x) * weight)}, {x})[0], weight), 0);
}

// With rounded weights, what training computes is what int8 inference does, for every cell.
TEST(FakeInt8, TrainingComputesWhatInferenceDoes) {
  const Tensor x = normal({6, 3, 9}, 4, DType::kF32);
  for (const Cell* cell : cells()) {
    Random random(7);
    Recurrent network({.cell = cell->name, .input = 9, .hidden = 21, .layers = 2, .bidirectional = true}, random);
    Tensors rounded;
    for (const auto& [name, parameter] : network.named_parameters())
      rounded.push_back(name.starts_with("weight_") ? fake_int8(parameter) : parameter);
    const Tensor plain = network(x).y.detach();
    const Tensor trained = with_parameters(network, rounded, [&] {
      const Int8Training scope;
      return network(x).y;
    });
    const autograd::NoGrad no_grad;
    network.infer_in_int8();
    const Tensor inferred = network(x, {.mode = Mode::evaluation()}).y;
    EXPECT_LT(relative_error(trained.detach(), inferred), 1e-5) << cell->name;
    EXPECT_GT(relative_error(plain, inferred), 1e-4) << cell->name;
  }
}

TEST(FakeInt8, TheLoopIsItsTwin) {
  const Packing packing(5, 3, {5, 2, 4});
  for (const Cell* cell : cells()) {
    Random random(7);
    Recurrent network({.cell = cell->name, .input = 4, .hidden = 9}, random);
    network.to(DType::kF64);
    const auto& layer = dynamic_cast<const CellLayer&>(*network.layers()[0]);
    Tensor x = normal({packing.packed_rows(), 4}, 3);
    x.set_requires_grad();
    const LayerOptions options{.cell = cell};
    const Int8Training scope;
    const auto gradients = [&](const LayerOutput& out) {
      Tensors of{x};
      for (const Tensor& parameter : network.parameters()) of.push_back(parameter);
      Tensors all = grad(Tensors{sum(out.y * normal(out.y.shape(), 5))}, of);
      all.push_back(out.y.detach());
      return all;
    };
    const Tensors zeros = layer.zero_states(3, DType::kF64);
    const Tensors fast = gradients(run_layer(x, zeros, layer.tensors(), packing, options));
    const Tensors twin = gradients(run_composed_layer(x, zeros, layer.tensors(), packing, options));
    for (size_t k = 0; k < fast.size(); ++k) EXPECT_LT(relative_error(fast[k], twin[k]), 1e-11) << cell->name << k;
  }
}

}  // namespace
}  // namespace recur::testing
