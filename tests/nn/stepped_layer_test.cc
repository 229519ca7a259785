// Whole sequences with int8 weights: what Recurrent does in evaluation when it is told to.
#include "recur/nn/stepped_layer.h"

#include <gtest/gtest.h>

#include "recur/autograd/node.h"
#include "recur/base/threads.h"
#include "recur/nn/stream.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

constexpr int64_t kSteps = 7, kInput = 5, kHidden = 21;

const Tensor x = normal({kSteps, 4, kInput}, 3, DType::kF32);
const std::vector<int64_t> lengths = {3, 7, 0, 5};

Recurrent in_int8(RecurrentOptions options) {
  options.input = kInput;
  options.hidden = kHidden;
  Random random(7);
  Recurrent network(options, random);
  network.infer_in_int8();
  return network;
}

std::vector<RecurrentOptions> every_kind() {
  std::vector<RecurrentOptions> all;
  for (const Cell* cell : cells()) all.push_back({.cell = cell->name, .layers = 2});
  all.push_back({.layers = 2, .projection = 3});
  all.push_back({.cell = "gru", .layer_norm = true});
  all.push_back({.zoneout = 0.2f, .zoneout_inner = 0.1f});
  return all;
}

TEST(SteppedLayer, IsTheStreamOfEachSequence) {
  const autograd::NoGrad no_grad;
  for (const RecurrentOptions& options : every_kind()) {
    SCOPED_TRACE(options.cell);
    const Recurrent network = in_int8(options);
    const RecurrentOutput run = network(x, {.lengths = lengths, .mode = Mode::evaluation()});
    const int64_t width = network.output_features();
    std::vector<float> h(static_cast<size_t>(width));
    for (int64_t b = 0; b < 4; ++b) {
      Stream stream = network.stream({.weights = WeightFormat::kI8});
      for (int64_t t = 0; t < lengths[b]; ++t) {
        stream.step(x.values<float>().subspan((t * 4 + b) * kInput, kInput), h);
        const auto y = run.y.values<float>().subspan((t * 4 + b) * width, width);
        EXPECT_TRUE(std::equal(h.begin(), h.end(), y.begin())) << "step " << t << " of sequence " << b;
      }
      const Tensors alone = stream.state().layers.back(), together = run.state.layers.back();
      for (size_t k = 0; k < alone.size(); ++k) {
        const auto size = static_cast<size_t>(alone[k].numel());
        const auto expected = alone[k].values<float>(), got = together[k].values<float>().subspan(b * size, size);
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), got.begin())) << "state " << k;
      }
    }
  }
}

TEST(SteppedLayer, IsNearTheFullNetworkInBothDirections) {
  const autograd::NoGrad no_grad;
  for (RecurrentOptions options : every_kind()) {
    options.bidirectional = true;
    Recurrent network = in_int8(options);
    const RecurrentOutput rounded = network(x, {.lengths = lengths, .mode = Mode::evaluation()});
    network.infer_in_int8(false);
    const RecurrentOutput full = network(x, {.lengths = lengths, .mode = Mode::evaluation()});
    EXPECT_LT(relative_error(rounded.y, full.y), 0.05) << options.cell;
    EXPECT_GT(relative_error(rounded.y, full.y), 0) << options.cell;
    for (size_t l = 0; l < full.state.layers.size(); ++l)
      for (size_t k = 0; k < full.state.layers[l].size(); ++k)
        EXPECT_LT(relative_error(rounded.state.layers[l][k], full.state.layers[l][k]), 0.05) << options.cell;
  }
}

TEST(SteppedLayer, ThreadsDoNotChangeABit) {
  const autograd::NoGrad no_grad;
  const Recurrent network = in_int8({.bidirectional = true});
  const Tensor one = network(x, {.lengths = lengths, .mode = Mode::evaluation()}).y;
  set_threads(3);
  EXPECT_EQ(relative_error(network(x, {.lengths = lengths, .mode = Mode::evaluation()}).y, one), 0);
  set_threads(1);
}

TEST(SteppedLayer, IsLeftAsideWhereSomethingIsLearnt) {
  Recurrent network = in_int8({});
  const Tensor recorded = network(x, {.mode = Mode::evaluation()}).y;
  EXPECT_TRUE(recorded.requires_grad());
  network.infer_in_int8(false);
  EXPECT_EQ(relative_error(recorded, network(x, {.mode = Mode::evaluation()}).y), 0);
}

TEST(SteppedLayer, FollowsItsWeights) {
  const autograd::NoGrad no_grad;
  const Recurrent network = in_int8({});
  const Tensor before = network(x, {.mode = Mode::evaluation()}).y;
  for (Tensor parameter : network.parameters()) parameter.copy_from(Tensor::zeros(parameter.shape()));
  const Tensor after = network(x, {.mode = Mode::evaluation()}).y;
  EXPECT_GT(relative_error(before, after), 0);
  for (const float value : after.values<float>()) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace recur::testing
