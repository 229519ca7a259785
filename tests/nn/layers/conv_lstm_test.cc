#include "recur/nn/layers/conv_lstm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/base/threads.h"
#include "recur/nn/layers/conv_lstm_loop.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/state_bytes.h"
#include "recur/nn/stream.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

constexpr int64_t kSteps = 6, kChannels = 2, kHeight = 3, kWidth = 4, kInput = kChannels * kHeight * kWidth;

std::span<const LayerKind> kinds() {
  static const std::vector<LayerKind> all = [] {
    std::vector<LayerKind> list(layer_kinds().begin(), layer_kinds().end());
    list.push_back(conv_lstm_kind({.height = kHeight, .width = kWidth}));
    return list;
  }();
  return all;
}

Recurrent make(bool bidirectional = false) {
  Random random(3);
  return Recurrent(
      {.input = kInput, .widths = {3, 2}, .cells = {"conv_lstm", "conv_lstm"}, .bidirectional = bidirectional}, random,
      kinds());
}

const Tensor x = normal({kSteps, 3, kInput}, 1, DType::kF32);

TEST(ConvLstm, ChunksAreTheWholeRun) {
  const Recurrent network = make();
  const RecurrentOutput whole = network(x);
  EXPECT_EQ(whole.y.shape(), (Shape{kSteps, 3, 2 * kHeight * kWidth}));
  EXPECT_EQ(whole.state.layers[1][1].shape(), (Shape{3, 2, kHeight, kWidth}));
  const RecurrentOutput first = network(rows(x, 0, 2));
  const RecurrentState carried = state_from_bytes(to_bytes(first.state));
  const RecurrentOutput second = network(rows(x, 2, kSteps), {.state = carried});
  EXPECT_LT(relative_error(concat({first.y, second.y}, 0), whole.y), 1e-6);
  for (size_t l = 0; l < 2; ++l) {
    for (size_t k = 0; k < 2; ++k) {
      EXPECT_LT(relative_error(second.state.layers[l][k], whole.state.layers[l][k]), 1e-6);
    }
  }
}

TEST(ConvLstm, RaggedSequencesAreEachAsAlone) {
  const Recurrent network = make(true);
  const std::vector<int64_t> lengths = {4, 0, 6};
  const RecurrentOutput together = network(x, {.lengths = lengths});
  for (const int64_t b : {0, 2}) {
    const RecurrentOutput alone = network(rows(slice(x, {.axis = 1, .begin = b}, 1), 0, lengths[b]));
    EXPECT_LT(relative_error(rows(slice(together.y, {.axis = 1, .begin = b}, 1), 0, lengths[b]), alone.y), 1e-5);
    for (size_t l = 0; l < 4; ++l) {
      EXPECT_LT(relative_error(rows(together.state.layers[l][1], b, b + 1), alone.state.layers[l][1]), 1e-5) << l;
    }
  }
  EXPECT_EQ(sum(abs(rows(together.state.layers[2][0], 1, 2))).item(), 0);
}

TEST(ConvLstm, GradientsAreThoseOfFiniteDifferences) {
  Recurrent network = make(true);
  network.to(DType::kF64);
  const RecurrentState zero = network.zero_state(2, DType::kF64);
  const auto run = [&](const Tensors& in) {
    RecurrentState state = zero;
    state.layers[0][1] = in[1];
    const RecurrentOutput out = network(in[0], {.lengths = {3, 2}, .state = state});
    return Tensors{out.y, out.state.layers[3][0]};
  };
  const Tensors inputs{normal({3, 2, kInput}), normal(zero.layers[0][1].shape(), 2)};
  EXPECT_LT(gradient_error(run, inputs), 1e-6);
  EXPECT_LT(second_gradient_error(run, inputs), 1e-5);
}

struct LoopCase {
  int64_t steps, batch, hidden, height, width, kernel;
  bool reverse;
};

// Outputs of the fused or the composed loop, and gradients of a sum that weighs each of them differently.
Tensors outcome(const LoopCase& each, bool fused, DType dtype) {
  std::vector<int64_t> lengths;
  for (int64_t b = 0; b < each.batch; ++b) lengths.push_back((b * 7 + each.steps) % (each.steps + 1));
  const Packing packing(each.steps, each.batch, lengths);
  const Shape state{each.batch, each.hidden, each.height, each.width};
  const Shape projected = state.with(0, packing.packed_rows()).with(1, 4 * each.hidden);
  // Weights so small that 17 steps do not make much of rounding.
  const Tensor weight = normal({4 * each.hidden, each.hidden, each.kernel, each.kernel}, 2, dtype) * 0.2;
  Tensors in{normal(projected, 1, dtype), weight, normal(state, 3, dtype), normal(state, 4, dtype)};
  for (Tensor& t : in) t.set_requires_grad();
  const auto loop = fused ? conv_lstm_loop : composed_conv_lstm_loop;
  Tensors all = loop(in[0], in[1], {in[2], in[3]}, packing, each.reverse);
  Tensor loss = Tensor::scalar(0, dtype);
  for (size_t k = 0; k < 3; ++k) loss = loss + sum(all[k] * normal(all[k].shape(), 5 + k, dtype));
  for (const Tensor& gradient : grad(Tensors{loss}, in)) all.push_back(gradient);
  return all;
}

TEST(ConvLstm, TheFusedLoopIsTheComposedOne) {
  for (const int64_t steps : {1, 2, 17}) {
    for (const int64_t batch : {1, 3, 8}) {
      for (const int64_t hidden : {1, 7, 8, 9}) {
        for (const bool reverse : {false, true}) {
          const LoopCase each{steps, batch, hidden, 3, 5, 3, reverse};
          for (const DType dtype : {DType::kF32, DType::kF64}) {
            const Tensors fused = outcome(each, true, dtype), composed = outcome(each, false, dtype);
            ASSERT_EQ(fused.size(), composed.size());
            for (size_t k = 0; k < fused.size(); ++k) {
              EXPECT_LT(relative_error(fused[k], composed[k]), dtype == DType::kF64 ? 1e-11 : 1e-4)
                  << "T " << steps << " B " << batch << " hidden " << hidden << " reverse " << reverse << ": " << k;
            }
          }
        }
      }
    }
  }
}

TEST(ConvLstm, IsTheSameForAnyNumberOfThreads) {
  const LoopCase each{5, 6, 9, 7, 5, 3, false};
  const Tensors once = outcome(each, true, DType::kF32);
  set_threads(3);
  const Tensors again = outcome(each, true, DType::kF32);
  set_threads(1);
  for (size_t k = 0; k < once.size(); ++k) EXPECT_EQ(relative_error(again[k], once[k]), 0) << k;
}

// With images of one pixel and a kernel of one tap it is an LSTM.
TEST(ConvLstm, OfOnePixelIsAnLstm) {
  const std::vector<LayerKind> list{conv_lstm_kind({.height = 1, .width = 1, .kernel = 1})};
  Random random(3);
  Recurrent network({.cell = "conv_lstm", .input = 5, .hidden = 4}, random, list);
  Recurrent lstm({.cell = "lstm", .input = 5, .hidden = 4}, random);
  const NamedTensors own = network.named_parameters();
  NamedTensors same;
  for (const NamedTensor& each : lstm.named_parameters()) {
    const bool ih = each.name == "weight_ih_l0", hh = each.name == "weight_hh_l0", first = each.name == "bias_ih_l0";
    const Tensor from = ih ? own[0].value : hh ? own[1].value : first ? own[2].value : Tensor::zeros({16});
    same.push_back({each.name, reshape(from, each.value.shape())});
  }
  lstm.load_state(same);
  const Tensor in = normal({7, 3, 5}, 4, DType::kF32);
  EXPECT_LT(relative_error(network(in).y, lstm(in).y), 1e-5);
}

TEST(ConvLstm, SeesNeighboursAlone) {
  Random random(4);
  const Recurrent network({.cell = "conv_lstm", .input = kInput, .hidden = 2}, random, kinds());
  Tensor one = Tensor::zeros({2, 1, kInput});
  const Tensor before = network(one).y;
  one.data<float>()[0] = 1;  // the upper left pixel of the first image
  const Tensor after = network(one).y;
  const auto changed = [&](int64_t t, int64_t row, int64_t column) {
    const auto at = static_cast<size_t>((t * 2 * kHeight + row) * kWidth + column);
    return before.values<float>()[at] != after.values<float>()[at];
  };
  EXPECT_TRUE(changed(0, 1, 1));
  EXPECT_FALSE(changed(0, 2, 1));
  EXPECT_TRUE(changed(1, 2, 2));  // one more pixel a step
  EXPECT_FALSE(changed(1, 0, 3));
}

TEST(ConvLstm, SaysWhatDoesNotFit) {
  Random random(1);
  EXPECT_ERROR(Recurrent({.cell = "conv_lstm", .input = 13, .hidden = 2}, random, kinds()),
               "conv_lstm: expected a multiple of 3 x 4 features, got 13");
  const std::vector<LayerKind> even{conv_lstm_kind({.height = 2, .width = 2, .kernel = 2})};
  EXPECT_ERROR(Recurrent({.cell = "conv_lstm", .input = 4, .hidden = 2}, random, even),
               "an odd kernel, got 2 x 2 and 2");
  EXPECT_ERROR(make().stream(), "cannot go step by step");
}

}  // namespace
}  // namespace recur::testing
