// Layers whose weights consist mostly of blocks of zeros: streams, and whole sequences in evaluation, leave them out.
#include <gtest/gtest.h>

#include <array>

#include "recur/autograd/node.h"
#include "recur/base/threads.h"
#include "recur/nn/static_stream.h"
#include "recur/nn/stepped_layer.h"
#include "recur/nn/stream.h"
#include "tests/support/op_case.h"
#include "tests/support/sparse_weights.h"

namespace recur::testing {
namespace {

constexpr int64_t kSteps = 6, kInput = 24, kHidden = 48;
const std::vector<int64_t> kLengths = {3, 6, 0, 5};
const Mode kEvaluation = Mode::evaluation();

Tensor sequences() { return normal({kSteps, 4, kInput}, 3, DType::kF32); }

Recurrent pruned(RecurrentOptions options, kernels::BlockShape shape) {
  options.input = kInput;
  options.hidden = kHidden;
  Random random(7);
  Recurrent network(options, random);
  uint64_t seed = 1;
  for (auto& [name, value] : network.named_parameters())
    if (name.starts_with("weight_ih") || name.starts_with("weight_hh")) drop_blocks(value, shape, 0.85, ++seed);
  return network;
}

std::vector<RecurrentOptions> sparse_kinds() {
  std::vector<RecurrentOptions> all;
  for (const Cell* cell : cells()) all.push_back({.cell = cell->name, .layers = 2});
  all.push_back({.layers = 2, .projection = 32});
  all.push_back({.cell = "gru", .layer_norm = true});
  all.push_back({.zoneout = 0.2f, .zoneout_inner = 0.1f});
  for (const char* kind : {"mingru", "qrnn"}) all.push_back({.cell = kind});
  return all;
}

std::vector<float> streamed(const Recurrent& network, const Tensor& x, int64_t b, WeightFormat format) {
  Stream stream = network.stream({.weights = format});
  std::vector<float> all, h(static_cast<size_t>(network.output_features()));
  for (int64_t t = 0; t < kSteps; ++t) {
    stream.step(x.values<float>().subspan((t * 4 + b) * kInput, kInput), h);
    all.insert(all.end(), h.begin(), h.end());
  }
  return all;
}

// What training computes, by dense kernels.
Tensor dense(const Recurrent& network, const Tensor& x) { return network(x, {.mode = kEvaluation}).y.detach(); }

TEST(SparseLayer, AStreamIsTheDenseNetworkWithFewerBytes) {
  const Tensor x = sequences();
  for (const kernels::BlockShape shape : {kernels::BlockShape{16, 1}, kernels::BlockShape{4, 16}})
    for (const RecurrentOptions& options : sparse_kinds()) {
      SCOPED_TRACE(options.cell);
      const Recurrent network = pruned(options, shape);
      const Tensor expected = dense(network, x);
      for (const auto& [format, tolerance] : {std::pair(WeightFormat::kF32, 1e-5), {WeightFormat::kI8, 0.05}}) {
        const std::vector<float> y = streamed(network, x, 1, format);
        const int64_t width = network.output_features();
        double error = 0;
        for (int64_t t = 0; t < kSteps; ++t)
          for (int64_t j = 0; j < width; ++j)
            error = std::max(error, static_cast<double>(std::abs(y[static_cast<size_t>(t * width + j)] -
                                                                 expected.values<float>()[(t * 4 + 1) * width + j])));
        EXPECT_LT(error, tolerance);
      }
      Random random(7);
      RecurrentOptions whole = network.options();
      EXPECT_LT(2 * network.stream().weight_bytes(), Recurrent(whole, random).stream().weight_bytes());
    }
}

TEST(SparseLayer, WholeSequencesAreTheStreamToTheBit) {
  const Tensor x = sequences();
  const autograd::NoGrad no_grad;
  for (const kernels::BlockShape shape : {kernels::BlockShape{16, 1}, kernels::BlockShape{4, 16}}) {
    const Recurrent network = pruned({.layers = 2}, shape);
    const Tensor y = network(x, {.mode = kEvaluation}).y;
    const std::vector<float> alone = streamed(network, x, 2, WeightFormat::kF32);
    for (int64_t t = 0; t < kSteps; ++t)
      for (int64_t j = 0; j < kHidden; ++j)
        ASSERT_EQ(y.values<float>()[(t * 4 + 2) * kHidden + j], alone[static_cast<size_t>(t * kHidden + j)]);
  }
}

TEST(SparseLayer, RaggedSequencesBothWaysAreNearTheDenseOnes) {
  const Tensor x = sequences();
  const Recurrent network = pruned({.layers = 2, .bidirectional = true}, {16, 1});
  const RecurrentOutput expected = network(x, {.lengths = kLengths, .mode = kEvaluation});
  const autograd::NoGrad no_grad;
  const RecurrentOutput got = network(x, {.lengths = kLengths, .mode = kEvaluation});
  EXPECT_LT(relative_error(got.y, expected.y.detach()), 1e-5);
  EXPECT_GT(relative_error(got.y, expected.y.detach()), 0) << "sums in another order: else the blocks were multiplied";
  for (size_t l = 0; l < got.state.layers.size(); ++l)
    for (size_t k = 0; k < 2; ++k)
      EXPECT_LT(relative_error(got.state.layers[l][k], expected.state.layers[l][k].detach()), 1e-5);
}

TEST(SparseLayer, ThreadsDoNotChangeABit) {
  const Tensor x = sequences();
  const autograd::NoGrad no_grad;
  const Recurrent network = pruned({}, {4, 16});
  const Tensor one = network(x, {.mode = kEvaluation}).y;
  set_threads(3);
  EXPECT_EQ(relative_error(network(x, {.mode = kEvaluation}).y, one), 0);
  set_threads(1);
}

TEST(SparseLayer, FollowsItsWeights) {
  const Tensor x = sequences();
  const autograd::NoGrad no_grad;
  const Recurrent network = pruned({}, {16, 1});
  const Tensor before = network(x, {.mode = kEvaluation}).y;
  for (Tensor parameter : network.parameters()) parameter.copy_from(Tensor::ones(parameter.shape()));
  EXPECT_GT(relative_error(network(x, {.mode = kEvaluation}).y, before), 0.1);
}

TEST(SparseLayer, AStaticStreamHasItsWeights) {
  const Tensor x = sequences();
  const Recurrent network = pruned({}, {16, 1});
  const Tensor expected = dense(network, x);
  StaticStream<kInput, kHidden> stream(network.stream());
  for (int64_t t = 0; t < kSteps; ++t) {
    std::array<float, kInput> row;
    std::copy_n(x.data<float>() + t * 4 * kInput, kInput, row.begin());
    const std::array<float, kHidden> h = stream.step(row);
    for (int64_t j = 0; j < kHidden; ++j)
      ASSERT_NEAR(h[static_cast<size_t>(j)], expected.values<float>()[t * 4 * kHidden + j], 1e-5);
  }
}

}  // namespace
}  // namespace recur::testing
