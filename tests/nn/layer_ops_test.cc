#include "recur/nn/layer_ops.h"

#include <gtest/gtest.h>

#include <set>

#include "recur/nn/crf.h"
#include "recur/nn/pooling.h"
#include "recur/nn/time_conv.h"
#include "recur/ops/run_graph.h"
#include "tests/support/op_case.h"
#include "tests/support/traced.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;
using testing::same_bits;

constexpr int64_t F = 4, C = 3;

const GraphInput kY{.name = "y", .shape = {"T", "B", F}};
const GraphInput kLengths{.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"};
const std::vector<AxisSizes> kOthers{{{"T", 31}, {"B", 3}}, {{"T", 2}, {"B", 1}}, {{"T", 1}, {"B", 29}}};

// At other sizes than those traced: the same bits, and nearly so when all is opened.
void expect_open(const TraceSpec& spec, const TensorFunction& f) {
  const OpTable table = all_ops();
  const Graph graph = trace_graph(spec, f), opened = open_graph(graph, table.opens_all_but({}), table);
  for (const AxisSizes& sizes : kOthers) {
    const Tensors inputs = random_inputs(spec.inputs, sizes, 99), direct = f(inputs);
    EXPECT_TRUE(same_bits(run_graph(graph, inputs, table), direct)) << to_string(sizes) << "\n" << graph.str();
    const Tensors parts = run_graph(opened, inputs, table);
    ASSERT_EQ(parts.size(), direct.size());
    for (size_t k = 0; k < parts.size(); ++k)
      EXPECT_LT(relative_error(parts[k], direct[k]), 2e-6) << k << " at " << to_string(sizes) << "\n" << opened.str();
  }
}

TEST(LayerOps, PoolingsTakeLengths) {
  for (const char* kind : {"last", "mean", "max", "attention", "concat"})
    for (const bool bidirectional : {false, true}) {
      SCOPED_TRACE(kind);
      Random random(5);
      const Pooling pooling({.kind = kind, .features = F, .bidirectional = bidirectional}, random);
      const auto f = [&](const Tensors& in) {
        return Tensors{pooling(in[0], in.size() > 1 ? to_lengths(in[1]) : std::vector<int64_t>())};
      };
      expect_open({.inputs = {kY, kLengths}, .parameters = pooling.named_parameters()}, f);
      expect_open({.inputs = {kY}, .parameters = pooling.named_parameters()}, f);
    }
}

TEST(LayerOps, PoolingsOfFullSequencesAndEmptyOnes) {
  Random random(5);
  for (const char* kind : {"last", "max", "attention"}) {
    SCOPED_TRACE(kind);
    const Pooling pooling({.kind = kind, .features = F}, random);
    const auto f = [&](const Tensors& in) { return Tensors{pooling(in[0], to_lengths(in[1]))}; };
    const OpTable table = all_ops();
    const Graph graph = trace_graph({.inputs = {kY, kLengths}, .parameters = pooling.named_parameters()}, f);
    const Graph opened = open_graph(graph, table.opens_all_but({}), table);
    for (const int64_t length : {0, 6}) {
      const Tensors in{normal({6, 2, F}, 1, DType::kF32), Tensor::full({2}, static_cast<double>(length), DType::kI64)};
      EXPECT_LT(relative_error(run_graph(graph, in, table)[0], f(in)[0]), 1e-6);
      EXPECT_LT(relative_error(run_graph(opened, in, table)[0], f(in)[0]), 1e-6);
    }
  }
}

TEST(LayerOps, ConvolutionAlongTimeLeavesLengthsOpen) {
  for (const int64_t stride : {1, 2, 3}) {
    Random random(5);
    const ConvStack stack({.in = F, .widths = {3, 2}, .kernels = {3, 4}, .stride = stride}, random);
    NamedTensors parameters = stack.named_parameters();
    append_state(parameters, "", stack.named_buffers());
    Random pooled(6);
    const Pooling pooling({.kind = "mean", .features = 2}, pooled);
    const auto f = [&](const Tensors& in) {
      const auto [y, lengths] =
          stack(in[0], in.size() > 1 ? to_lengths(in[1]) : std::vector<int64_t>(), Mode::evaluation());
      return Tensors{y, pooling(y, lengths)};
    };
    expect_open({.inputs = {kY, kLengths}, .parameters = parameters}, f);
    expect_open({.inputs = {kY}, .parameters = parameters}, f);
  }
}

TEST(LayerOps, ConditionalRandomFieldsTakeLengths) {
  Crf crf(C);
  Tensor(crf.transitions).copy_from(normal({C, C}, 1, DType::kF32));
  Tensor(crf.start).copy_from(normal({C}, 2, DType::kF32));
  Tensor(crf.end).copy_from(normal({C}, 3, DType::kF32));
  const GraphInput emissions{.name = "emissions", .shape = {"T", "B", C}};
  const GraphInput labels{.name = "labels", .dtype = DType::kI32, .shape = {"T", "B"}, .below = C};
  expect_open({.inputs = {emissions, kLengths, labels}, .parameters = crf.named_parameters()}, [&](const Tensors& in) {
    const auto lengths = to_lengths(in[1]);
    return Tensors{crf.log_partition(in[0], lengths), crf.loss(in[0], in[2], lengths), crf.marginals(in[0], lengths)};
  });
}

// One that is added to the list needs a test here.
TEST(LayerOps, AreThoseOfTheTestsAboveAndOfRecurrentNetworks) {
  const std::set<std::string> tested{"recurrent_layer", "pool_last",        "pool_mean",       "pool_max",
                                     "padding_mask",    "time_conv",        "strided_lengths", "crf_loss",
                                     "crf_marginals",   "crf_log_partition"};
  std::set<std::string> listed;
  for (const Op& op : layer_op_list()) listed.insert(op.name);
  EXPECT_EQ(listed, tested);
}

}  // namespace
}  // namespace recur
