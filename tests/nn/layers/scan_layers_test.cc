// Every kind of layer that is no cell, and blocks: the run against the recurrence step by step, gradients, chunks,
// streams and traces.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/base/threads.h"
#include "recur/nn/layer_ops.h"
#include "recur/nn/layers/delta_layer.h"
#include "recur/nn/layers/scan_layer.h"
#include "recur/nn/pooling.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/nn/stream.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/run_graph.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur::testing {
namespace {

constexpr const char* kScanKinds[] = {"mingru", "minlstm",        "qrnn",     "indrnn", "sru",
                                      "lru",    "rg_lru",         "griffin",  "slstm",  "mlstm",
                                      "delta",  "delta_negative", "attention"};

// With scales of norms, and factors of blocks' skips, that are not all 1.
Recurrent network_of(const RecurrentOptions& options, DType dtype = DType::kF32) {
  Random random(11);
  Recurrent network(options, random);
  for (const NamedTensor& each : network.named_parameters()) {
    const bool starts_at_one = each.name.find("norm.") != std::string::npos || each.name.starts_with("weight_heads") ||
                               each.name.starts_with("weight_skip");
    if (!starts_at_one) continue;
    Tensor value = each.value;
    for (int64_t i = 0; i < value.numel(); ++i) value.data<float>()[i] += 0.3F * static_cast<float>(random.normal());
  }
  network.to(dtype);
  return network;
}

// Heads where H has them: 33 units in 3, 8 in 2.
int64_t some_heads(int64_t hidden) { return hidden % 3 == 0 ? 3 : hidden % 2 == 0 ? 2 : 1; }

std::vector<int64_t> some_lengths(int64_t steps, int64_t batch) {
  std::vector<int64_t> lengths;
  for (int64_t b = 0; b < batch; ++b)
    lengths.push_back((b * 7 + steps) % (steps + 1));  // the first is full, some are 0
  return lengths;
}

// States that a network can be in: after a few steps.
Tensors lived_states(const SequenceLayer& layer, int64_t batch, DType dtype) {
  const Packing packing(3, batch, {});
  const Tensor x = normal({3 * batch, layer.input_features()}, 21, dtype);
  const autograd::NoGrad no_grad;
  return layer.run({.x = x}, layer.zero_states(batch, dtype), {.packing = packing}).states;
}

struct LayerRun {
  LayerOutput out;
  Tensors gradients;  // of x, the parameters and the states
};

template <class Run>
LayerRun run_and_differentiate(const SequenceLayer& layer, const Tensor& x, const Tensors& states, Run&& run) {
  LayerRun result{.out = run(x, states), .gradients = {}};
  const Tensor weight = normal(result.out.y.shape(), 5, x.dtype());
  Tensors of{x};
  for (const Tensor& parameter : layer.parameters()) of.push_back(parameter);
  result.gradients = grad(Tensors{sum(result.out.y * weight)}, of);
  return result;
}

void expect_layer_as_composed(const std::string& kind, int64_t steps, int64_t batch, int64_t hidden, DType dtype) {
  const Recurrent network = network_of(
      {.cell = kind, .input = 5, .hidden = hidden, .bidirectional = true, .memory_heads = some_heads(hidden)}, dtype);
  const double tolerance = dtype == DType::kF32 ? 3e-5 : 1e-11;
  for (const auto& each : network.layers()) {
    SCOPED_TRACE(fmt::format("{} T {} B {} H {} {}", kind, steps, batch, hidden, each->reverse() ? "reverse" : ""));
    const auto& layer = dynamic_cast<const ScanLayer&>(*each);
    const Packing packing(steps, batch, some_lengths(steps, batch));
    Tensor x = normal({packing.packed_rows(), 5}, 3, dtype);
    x.set_requires_grad(true);
    const Tensors states = lived_states(layer, batch, dtype);
    const LayerRun fast = run_and_differentiate(layer, x, states, [&](const Tensor& in, const Tensors& before) {
      return layer.run({.x = in}, before, {.packing = packing});
    });
    const LayerRun twin = run_and_differentiate(layer, x, states, [&](const Tensor& in, const Tensors& before) {
      return layer.run_composed(in, before, packing);
    });
    EXPECT_LT(relative_error(fast.out.y, twin.out.y), tolerance);
    for (size_t k = 0; k < states.size(); ++k)
      EXPECT_LT(relative_error(fast.out.states[k], twin.out.states[k]), tolerance) << "state " << k;
    for (size_t k = 0; k < fast.gradients.size(); ++k)
      EXPECT_LT(relative_error(fast.gradients[k], twin.gradients[k]), 10 * tolerance) << "gradient " << k;
  }
}

// Against the gradient of the states between two halves of the sequence.
TEST(ScanLayers, TraceHoldsTheGradientOfWhatEachStepLeaves) {
  for (const std::string kind : kScanKinds) {
    for (const char* block : {"none", "feed_forward", "xlstm", "xlstm_up"}) {
      SCOPED_TRACE(kind + " " + block);
      const Recurrent network =
          network_of({.cell = kind, .input = 5, .hidden = 8, .block = block, .memory_heads = 2}, DType::kF64);
      const int64_t steps = 7, middle = 3;
      const Tensor x = normal({steps, 3, 5}, 31, DType::kF64), weight = normal({1, 3, 8}, 32, DType::kF64);
      const auto backward = [&](const RecurrentOutput& out) {
        sum(rows(out.y, out.y.size(0) - 1, out.y.size(0)) * weight).backward();
      };
      GradientTrace trace;
      backward(network(x, {.trace = &trace}));
      const RecurrentState first = network(rows(x, 0, middle)).state;
      RecurrentState between = first.detach();
      // Marks of what has been seen are states that nothing is learnt through.
      for (size_t k = 0; k < first.layers[0].size(); ++k)
        if (first.layers[0][k].requires_grad()) between.layers[0][k].set_requires_grad();
      backward(network(rows(x, middle, steps), {.state = between}));
      double norm = 0;
      for (const Tensor& part : between.layers[0]) {
        if (part.grad().defined()) norm += sum(part.grad() * part.grad()).item();
      }
      ASSERT_EQ(std::ssize(trace.norms[0]), steps);
      EXPECT_GT(norm, 0);
      EXPECT_NEAR(trace.norms[0][middle - 1], std::sqrt(norm), 1e-9);
    }
  }
}

TEST(ScanLayers, BeginWithALongMemoryWhereAsked) {
  for (const char* kind : {"mingru", "minlstm", "qrnn", "sru", "lru", "rg_lru"}) {
    const auto kept = [&](const char* init) {
      const Recurrent network =
          network_of({.cell = kind, .input = 5, .hidden = 32, .init = init, .chrono_steps = 300}, DType::kF64);
      GradientTrace trace;
      const RecurrentOutput out = network(normal({101, 2, 5}, 31, DType::kF64), {.trace = &trace});
      sum(rows(out.y, 100, 101)).backward();
      return trace.norms[0].front() / trace.norms[0].back();
    };
    EXPECT_GT(kept("chrono"), 0.05) << kind;
    EXPECT_GT(kept("chrono"), 2 * kept("uniform")) << kind;  // an LRU remembers up to 1000 steps even so
  }
}

TEST(ScanLayers, AnglesOfAnLruLearnSlowerTheLongerItRemembers) {
  const Recurrent network =
      network_of({.cell = "lru", .input = 5, .hidden = 8, .init = "chrono", .chrono_steps = 300}, DType::kF32);
  const NamedTensors parameters = network.named_parameters();
  const std::vector<double> factors = network.rate_factors();
  ASSERT_EQ(factors.size(), parameters.size());
  for (size_t i = 0; i < factors.size(); ++i)
    EXPECT_EQ(factors[i], parameters[i].name.find("theta") != std::string::npos ? 1.0 / 150 : 1) << parameters[i].name;
}

TEST(ScanLayers, TraceOfALayerInReverseBeginsAtItsEnd) {
  const Recurrent network = network_of({.cell = "mingru", .input = 5, .hidden = 8, .bidirectional = true}, DType::kF64);
  GradientTrace trace;
  const RecurrentOutput out = network(normal({6, 2, 5}, 31, DType::kF64), {.lengths = {6, 4}, .trace = &trace});
  sum(rows(out.y, 1, 2)).backward();
  ASSERT_EQ(trace.norms.size(), 2u);
  EXPECT_NEAR(trace.norms[0][1], 4, 1e-12);  // ones of 8 units of 2 sequences
  EXPECT_NEAR(trace.norms[1][1], 4, 1e-12);
  EXPECT_EQ(trace.norms[0][2], 0);
  EXPECT_EQ(trace.norms[1][0], 0);
  EXPECT_GT(trace.norms[0][0], 0);
  EXPECT_GT(trace.norms[1][5], 0);
}

TEST(ScanLayers, AreTheRecurrenceStepByStep) {
  for (const char* kind : kScanKinds)
    for (const int64_t steps : {1, 2, 17})
      for (const int64_t batch : {1, 3, 8})
        for (const int64_t hidden : {1, 7, 8, 9, 33}) expect_layer_as_composed(kind, steps, batch, hidden, DType::kF64);
}

TEST(ScanLayers, AreSoInSinglePrecisionAndOverSeveralChunks) {
  for (const char* kind : kScanKinds) {
    expect_layer_as_composed(kind, 17, 3, 33, DType::kF32);
    expect_layer_as_composed(kind, 150, 3, 12, DType::kF32);
    expect_layer_as_composed(kind, 150, 3, 12, DType::kF64);
  }
}

TEST(ScanLayers, GradientsAreThoseOfFiniteDifferences) {
  for (const char* kind : kScanKinds)
    for (const bool bidirectional : {false, true}) {
      SCOPED_TRACE(kind);
      const Recurrent network = network_of(
          {.cell = kind, .input = 2, .hidden = 4, .bidirectional = bidirectional, .memory_heads = 2}, DType::kF64);
      const Tensors parameters = network.parameters();
      // Two windows, the state handed on; stabilisers in it carry no gradient, and need none.
      const auto run = [&](const Tensors& in) {
        return with_parameters(network, Tensors(in.begin() + 1, in.end()), [&] {
          const RecurrentOutput first = network(rows(in[0], 0, 3), {.lengths = {3, 1, 0}});
          return Tensors{first.y, network(rows(in[0], 3, 5), {.lengths = {1, 2, 2}, .state = first.state}).y};
        });
      };
      Tensors inputs{normal({5, 3, 2}, 1)};
      for (const Tensor& parameter : parameters) inputs.push_back(parameter.detach().clone());
      EXPECT_LT(gradient_error(run, inputs), 2e-6);
      EXPECT_LT(second_gradient_error(run, inputs, {.max_entries = 8}), 2e-5);
    }
}

std::vector<RecurrentOptions> stacks() {
  std::vector<RecurrentOptions> all;
  for (const char* kind : kScanKinds) {
    all.push_back({.cell = kind, .input = 4, .hidden = 6, .layers = 2, .memory_heads = 2});
    all.push_back({.cell = kind, .input = 4, .widths = {6, 6, 9}, .bias = false, .block = "feed_forward"});
    all.push_back(
        {.cell = kind, .input = 4, .hidden = 6, .layers = 2, .block = "residual", .block_conv = 4, .memory_heads = 2});
    all.push_back(
        {.cell = kind, .input = 4, .hidden = 24, .layers = 2, .bias = false, .block = "xlstm", .memory_heads = 2});
    all.push_back({.cell = kind, .input = 4, .hidden = 12, .block = "xlstm_up", .block_conv = 4, .memory_heads = 2});
  }
  all.push_back({.cell = "lstm", .input = 4, .hidden = 5, .bias = false, .block = "feed_forward", .block_conv = 2});
  all.push_back({.cell = "lstm", .input = 4, .hidden = 4, .layers = 2, .projection = 3, .block = "residual"});
  all.push_back(
      {.cell = "lstm", .input = 4, .hidden = 7, .projection = 6, .block = "xlstm", .block_conv = 4, .memory_heads = 3});
  all.push_back({.cell = "gru", .input = 4, .hidden = 7, .layers = 2, .block = "feed_forward"});
  all.push_back({.cell = "gru", .input = 4, .hidden = 6, .layers = 2, .bias = false, .block = "xlstm_up"});
  all.push_back({.input = 4, .widths = {6, 5, 3}, .cells = {"mingru", "lstm", "mlstm"}});
  all.push_back({.cell = "attention", .input = 4, .hidden = 6, .layers = 2, .memory_heads = 2, .attention_window = 5});
  all.push_back({.input = 4, .widths = {6, 6}, .cells = {"lstm", "attention"}, .blocks = {"none", "feed_forward"}});
  return all;
}

TEST(ScanLayers, LastIsWhatPoolingTakesOfAllSteps) {
  std::vector<RecurrentOptions> all = stacks();
  for (const char* block : {"none", "residual", "xlstm", "xlstm_up"})
    all.push_back({.cell = "lstm", .input = 4, .hidden = 6, .layers = 2, .bidirectional = true, .block = block});
  for (const RecurrentOptions& options : all)
    for (const std::vector<int64_t>& lengths : {std::vector<int64_t>{}, {2, 5, 0}, {5, 5, 0}, {0, 0, 0}}) {
      SCOPED_TRACE(fmt::format("{} {} {}", options.cell, options.block, fmt::join(lengths, " ")));
      const Recurrent network = network_of(options, DType::kF64);
      const Tensor weight = normal({3, network.output_features()}, 2, DType::kF64);
      const auto gradients = [&](const auto& run) {
        Tensor x = normal({5, 3, 4}, 1, DType::kF64);
        x.set_requires_grad(true);
        Tensors inputs = network.parameters();
        inputs.push_back(x);
        const Tensor y = run(x);
        Tensors all_of = grad(Tensors{sum(y * weight) + sum(x)}, inputs);
        all_of.push_back(y);
        return all_of;
      };
      const Tensors last = gradients([&](const Tensor& x) { return network.last(x, {.lengths = lengths}); });
      const Tensors pooled = gradients([&](const Tensor& x) {
        return pool_last(network(x, {.lengths = lengths}).y, lengths, options.bidirectional);
      });
      for (size_t k = 0; k < last.size(); ++k) EXPECT_LT(relative_error(last[k], pooled[k]), 1e-12) << k;
    }
}

TEST(ScanLayers, LastDropsAsAllStepsDo) {
  for (const bool locked : {false, true})
    for (const char* block : {"none", "feed_forward", "xlstm", "xlstm_up"}) {
      SCOPED_TRACE(fmt::format("{} {}", block, locked));
      const Recurrent network = network_of({.cell = "lru",
                                            .input = 4,
                                            .hidden = 6,
                                            .layers = 2,
                                            .bidirectional = true,
                                            .block = block,
                                            .dropout = 0.5F,
                                            .locked_dropout = locked});
      const Tensor x = normal({1, 5, 4}, 1, DType::kF32);
      for (const std::vector<int64_t>& lengths : {std::vector<int64_t>{}, {1, 0, 1, 1, 0}}) {
        if (locked && !lengths.empty()) continue;  // draws no masks for the empty ones
        Random a(3), b(3);
        const Tensor last = network.last(x, {.lengths = lengths, .mode = Mode::training(a)});
        const Tensor all = network(x, {.lengths = lengths, .mode = Mode::training(b)}).y;
        EXPECT_EQ(relative_error(last, reshape(all, last.shape())), 0);
        const Tensor evaluated = network.last(x, {.lengths = lengths, .mode = Mode::evaluation()});
        EXPECT_GT(relative_error(last, evaluated), 0.05);
      }
    }
}

TEST(ScanLayers, LastOfNothingIsZerosWithGradients) {
  for (const char* block : {"none", "feed_forward"})
    for (const int64_t steps : {0, 4}) {
      const Recurrent network = network_of({.cell = "lru", .input = 4, .hidden = 6, .layers = 2, .block = block});
      GradientTrace trace;
      const Tensor y = network.last(normal({steps, 2, 4}, 1, DType::kF32), {.lengths = {0, 0}, .trace = &trace});
      EXPECT_EQ(y.shape(), (Shape{2, 6}));
      EXPECT_EQ(sum(abs(y)).item(), 0);
      EXPECT_EQ(trace.norms.size(), 2);
      for (const Tensor& g : grad({sum(y) + sum(network.parameters()[0])}, network.parameters()))
        EXPECT_TRUE(std::isfinite(sum(g).item()));
    }
}

void expect_same_states(const RecurrentState& a, const RecurrentState& b, double tolerance) {
  for (size_t l = 0; l < a.layers.size(); ++l)
    for (size_t k = 0; k < a.layers[l].size(); ++k)
      EXPECT_LT(relative_error(a.layers[l][k], b.layers[l][k]), tolerance) << "state " << k << " of layer " << l;
}

// Outputs [end - begin, 3, H] of steps of x.
Tensor stepped(Stream& stream, const Tensor& x, int64_t begin, int64_t end) {
  const int64_t F = x.size(2);
  Tensor y = Tensor::empty({end - begin, 3, stream.output_features()});
  const auto size = static_cast<size_t>(3 * stream.output_features());
  for (int64_t t = begin; t < end; ++t)
    stream.step(x.values<float>().subspan(static_cast<size_t>(t * 3 * F), static_cast<size_t>(3 * F)),
                {y.data<float>() + (t - begin) * static_cast<int64_t>(size), size});
  return y;
}

TEST(ScanLayers, ChunksAndStreamsAreTheWholeRun) {
  constexpr int64_t kSteps = 40;
  const Tensor x = normal({kSteps, 3, 4}, 1, DType::kF32);
  for (const RecurrentOptions& options : stacks()) {
    SCOPED_TRACE(fmt::format("{} {} {}", options.cell, options.layers, options.block));
    const Recurrent network = network_of(options);
    const autograd::NoGrad no_grad;
    const RecurrentOutput whole = network(x);
    const RecurrentOutput first = network(rows(x, 0, 15)),
                          second = network(rows(x, 15, kSteps), {.state = first.state});
    EXPECT_LT(relative_error(concat({first.y, second.y}, 0), whole.y), 2e-5);
    expect_same_states(second.state, whole.state, 2e-5);

    Stream stream = network.stream({.streams = 3});
    EXPECT_LT(relative_error(stepped(stream, x, 0, kSteps), whole.y), 2e-5);
    expect_same_states(stream.state(), whole.state, 2e-5);
    stream.set_state(first.state);
    EXPECT_LT(relative_error(stepped(stream, x, 15, kSteps), second.y), 2e-5);
    // Copies go on by themselves; one stream is reset alone.
    Stream fork = stream;
    fork.reset(1);
    const RecurrentState before = stream.state(), after = fork.state();
    for (size_t l = 0; l < after.layers.size(); ++l) {
      for (size_t k = 0; k < after.layers[l].size(); ++k) {
        EXPECT_EQ(relative_error(rows(after.layers[l][k], 0, 1), rows(before.layers[l][k], 0, 1)), 0) << k;
        EXPECT_EQ(sum(abs(rows(after.layers[l][k], 1, 2))).item(), 0) << k;
      }
    }
  }
}

TEST(ScanLayers, StreamsInFewerBitsAreNear) {
  const Tensor x = normal({10, 3, 4}, 1, DType::kF32);
  for (const RecurrentOptions& options : stacks()) {
    SCOPED_TRACE(fmt::format("{} {} {}", options.cell, options.layers, options.block));
    const Recurrent network = network_of(options);
    Stream exact = network.stream({.streams = 3});
    const Tensor y = stepped(exact, x, 0, 10);
    for (const kernels::WeightFormat format : {kernels::WeightFormat::kBF16, kernels::WeightFormat::kI8}) {
      Stream rounded = network.stream({.streams = 3, .weights = format});
      // The norm of a head magnifies the error of one that gives little.
      const bool is_rough = options.block.starts_with("xlstm") && format == kernels::WeightFormat::kI8;
      EXPECT_LT(relative_error(stepped(rounded, x, 0, 10), y), is_rough ? 0.4 : 0.1);
    }
  }
}

TEST(ScanLayers, RaggedSequencesAreEachAsAlone) {
  const Tensor x = normal({9, 3, 4}, 1, DType::kF32);
  const std::vector<int64_t> lengths = {5, 0, 9};
  for (RecurrentOptions options : stacks()) {
    SCOPED_TRACE(fmt::format("{} {} {}", options.cell, options.layers, options.block));
    options.bidirectional = true;
    const Recurrent network = network_of(options);
    const autograd::NoGrad no_grad;
    const RecurrentOutput together = network(x, {.lengths = lengths});
    for (const int64_t b : {0, 2}) {
      const RecurrentOutput alone = network(rows(slice(x, {.axis = 1, .begin = b}, 1), 0, lengths[b]));
      const Tensor own = rows(slice(together.y, {.axis = 1, .begin = b}, 1), 0, lengths[b]);
      EXPECT_LT(relative_error(own, alone.y), 1e-5);
      for (size_t l = 0; l < alone.state.layers.size(); ++l)
        EXPECT_LT(relative_error(rows(together.state.layers[l][0], b, b + 1), alone.state.layers[l][0]), 1e-5);
    }
    EXPECT_EQ(sum(abs(rows(together.state.layers[0][0], 1, 2))).item(), 0);
  }
}

TEST(ScanLayers, RunAsGraphs) {
  const GraphInput input{.name = "x", .shape = {"T", "B", 4}};
  const GraphInput lengths{.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"};
  const OpTable table = all_ops();
  for (RecurrentOptions options : stacks()) {
    SCOPED_TRACE(fmt::format("{} {} {}", options.cell, options.layers, options.block));
    options.bidirectional = options.cells.empty();
    const Recurrent network = network_of(options);
    const TensorFunction f = [&](const Tensors& in) {
      const RecurrentOutput out = network(in[0], {.lengths = to_lengths(in[1]), .mode = Mode::evaluation()});
      Tensors all{out.y};
      for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
      return all;
    };
    const TraceSpec spec{.inputs = {input, lengths}, .parameters = network.named_parameters()};
    const Graph graph = trace_graph(spec, f);
    const autograd::NoGrad no_grad;
    for (const AxisSizes& sizes : std::vector<AxisSizes>{{{"T", 31}, {"B", 3}}, {{"T", 1}, {"B", 7}}}) {
      const Tensors inputs = random_inputs(spec.inputs, sizes, 99), direct = f(inputs);
      const Tensors parts = run_graph(graph, inputs, table);
      ASSERT_EQ(parts.size(), direct.size());
      for (size_t k = 0; k < parts.size(); ++k)
        EXPECT_LT(relative_error(parts[k], direct[k]), 5e-5) << k << " at " << to_string(sizes);
    }
  }
}

TEST(ScanLayers, TrainToTheSameBitsForAnyNumberOfThreads) {
  const int before = threads();
  for (const char* kind : kScanKinds) {
    SCOPED_TRACE(kind);
    const Recurrent network = network_of({.cell = kind, .input = 5, .hidden = 130, .memory_heads = 2});
    const Tensor x = normal({20, 9, 5}, 1, DType::kF32);
    const auto gradients = [&](int count) {
      set_threads(count);
      return grad(Tensors{sum(square(network(x).y))}, network.parameters());
    };
    const Tensors one = gradients(1), three = gradients(3);
    for (size_t k = 0; k < one.size(); ++k) EXPECT_EQ(relative_error(one[k], three[k]), 0) << k;
  }
  set_threads(before);
}

// However alike the keys: what powers of the matrix itself would lose all digits on.
TEST(Delta, InvertsTriangularMatricesWell) {
  for (const int64_t size : {1, 2, 5, 16, 32, 50}) {
    Tensor a = Tensor::zeros({2, size, size});
    for (int64_t m = 0; m < 2; ++m)
      for (int64_t r = 0; r < size; ++r)
        for (int64_t i = 0; i < r; ++i) a.data<float>()[(m * size + r) * size + i] = m == 0 ? 1.0f : 1.9f;
    Tensor one = Tensor::zeros({size, size});
    for (int64_t r = 0; r < size; ++r) one.data<float>()[r * size + r] = 1;
    const Tensor product = matmul(inverse_of_unit_lower(a), a + one);
    EXPECT_LT(sum(abs(product - one)).item() / static_cast<double>(size), 1e-4) << size;
  }
}

TEST(Blocks, DropWhatTheyAddInTrainingAlone) {
  for (const auto& [block, locked] :
       {std::pair{"feed_forward", false}, {"feed_forward", true}, {"xlstm", false}, {"xlstm_up", false}}) {
    const Recurrent network = network_of({.cell = "mingru",
                                          .input = 4,
                                          .hidden = 4,
                                          .layers = 2,
                                          .block = block,
                                          .dropout = 0.5f,
                                          .locked_dropout = locked});
    const Tensor x = normal({6, 2, 4}, 1, DType::kF32);
    Random random(3);
    const Tensor trained = network(x, {.mode = Mode::training(random)}).y;
    const Tensor evaluated = network(x, {.mode = Mode::evaluation()}).y;
    EXPECT_GT(relative_error(trained, evaluated), 0.05);
    EXPECT_EQ(relative_error(network(x, {.mode = Mode::evaluation()}).y, evaluated), 0);
  }
}

TEST(Blocks, ReadByAConvolutionInBothDirections) {
  for (const char* kind : {"mingru", "lstm", "delta"}) {
    const Recurrent network = network_of({.cell = kind,
                                          .input = 3,
                                          .hidden = 4,
                                          .layers = 2,
                                          .bidirectional = true,
                                          .block = "feed_forward",
                                          .block_conv = 3,
                                          .memory_heads = 2},
                                         DType::kF64);
    const auto run = [&](const Tensors& in) { return Tensors{network(in[0], {.lengths = {5, 2, 0}}).y}; };
    EXPECT_LT(gradient_error(run, {normal({5, 3, 3}, 1)}), 2e-6) << kind;
    // Padding is not read.
    const Tensor x = normal({5, 3, 3}, 1);
    Tensor other = x.clone();
    for (int64_t t = 2; t < 5; ++t) other.data<double>()[(t * 3 + 1) * 3] = 9;
    EXPECT_EQ(relative_error(run({other})[0], run({x})[0]), 0) << kind;
  }
}

TEST(Blocks, OfXlstmHaveExactGradientsToSecondOrder) {
  for (const char* block : {"xlstm", "xlstm_up"})
    for (const char* kind : {"lstm", "slstm", "mlstm"}) {
      SCOPED_TRACE(fmt::format("{} {}", block, kind));
      const Recurrent network = network_of(
          {.cell = kind, .input = 3, .hidden = 6, .block = block, .block_conv = 2, .memory_heads = 2}, DType::kF64);
      const auto run = [&](const Tensors& in) { return Tensors{network(in[0], {.lengths = {4, 2, 0}}).y}; };
      EXPECT_LT(gradient_error(run, {normal({4, 3, 3}, 1)}), 2e-6);
      EXPECT_LT(second_gradient_error(run, {normal({4, 3, 3}, 1)}, {.max_entries = 8}), 2e-5);
    }
}

TEST(Blocks, RefuseHeadsThatDoNotDivideTheUnits) {
  EXPECT_ERROR(network_of({.cell = "gru", .input = 3, .hidden = 8, .block = "xlstm", .memory_heads = 3}),
               "memory_heads: expected a divisor of 8 units for block = xlstm, got 3");
  EXPECT_ERROR(
      network_of({.cell = "gru", .input = 3, .hidden = 8, .block = "xlstm", .memory_heads = 8}),
      "memory_heads: expected at least 2 units for each head of block = xlstm: normalisation makes a single one 0, "
      "got 8 units in 8 heads");
  EXPECT_ERROR(network_of({.cell = "gru", .input = 3, .hidden = 8, .block = "xlstm_up", .memory_heads = 3}),
               "memory_heads: expected a divisor of 16 units for block = xlstm_up, got 3");
}

TEST(Blocks, RefuseOneUnit) {
  for (const char* block : {"residual", "feed_forward", "xlstm", "xlstm_up"})
    EXPECT_ERROR(network_of({.cell = "gru", .input = 3, .hidden = 1, .block = block}),
                 "hidden: expected at least 2 units in a block: layer normalisation makes a single one 0, got 1");
  EXPECT_ERROR(network_of({.cell = "mlstm", .input = 3, .hidden = 1, .block = "residual", .memory_heads = 2}),
               "hidden: expected at least 2 units in a block");
}

TEST(Blocks, RefuseToAddWhatALayerReadsToFewerUnits) {
  EXPECT_ERROR(network_of({.cell = "lstm", .input = 3, .hidden = 4, .projection = 2, .block = "xlstm_up"}),
               "projection: block = xlstm_up adds what its layer reads to what that gives, so that both have as many "
               "units, got 8 and 2");
}

TEST(Blocks, RefuseAConvolutionWithoutABlock) {
  EXPECT_ERROR(network_of({.cell = "mingru", .input = 3, .hidden = 4, .block_conv = 4}), "set block");
  EXPECT_ERROR(network_of({.cell = "mingru", .input = 3, .hidden = 4, .block = "residual", .block_conv = 1}),
               "expected 0 or at least 2 steps, got 1");
}

TEST(Blocks, NameTheirParts) {
  const auto names_of = [](const RecurrentOptions& options) {
    std::vector<std::string> names;
    for (const NamedTensor& each : network_of(options).named_parameters()) names.push_back(each.name);
    return names;
  };
  EXPECT_EQ(names_of({.cell = "mingru", .input = 4, .hidden = 4, .bias = false, .block = "xlstm"}),
            (std::vector<std::string>{"norm.weight_l0", "norm.bias_l0", "inner.weight_ih_l0", "weight_heads_l0",
                                      "leave.weight_l0", "feed_norm.weight_l0", "feed_norm.bias_l0", "wide.weight_l0",
                                      "gate.weight_l0", "narrow.weight_l0"}));
  EXPECT_EQ(
      names_of({.cell = "mingru", .input = 4, .hidden = 4, .bias = false, .block = "xlstm_up", .block_conv = 4}),
      (std::vector<std::string>{"norm.weight_l0", "norm.bias_l0", "up.weight_l0", "up_gate.weight_l0", "weight_conv_l0",
                                "inner.weight_ih_l0", "weight_heads_l0", "weight_skip_l0", "leave.weight_l0"}));
  const std::vector<std::string> names =
      names_of({.cell = "mingru", .input = 3, .hidden = 4, .layers = 2, .block = "residual"});
  EXPECT_EQ(names, (std::vector<std::string>{"enter.weight_l0", "enter.bias_l0", "norm.weight_l0", "norm.bias_l0",
                                             "inner.weight_ih_l0", "inner.bias_ih_l0", "leave.weight_l0",
                                             "leave.bias_l0", "norm.weight_l1", "norm.bias_l1", "inner.weight_ih_l1",
                                             "inner.bias_ih_l1", "leave.weight_l1", "leave.bias_l1"}));
}

TEST(ScanLayers, SayWhatTheyCannotDo) {
  const auto expect = [](RecurrentOptions options, const char* message) {
    options.input = options.hidden = 4;
    EXPECT_ERROR(network_of(options), message);
  };
  expect({.cell = "mingru", .layer_norm = true}, "layer_norm is an option of cells such as lstm; mingru has none");
  expect({.cell = "lru", .zoneout = 0.1f}, "zoneout is an option of cells such as lstm; lru has none");
  expect({.cell = "delta", .recompute = 4}, "recompute is an option of cells such as lstm; delta has none");
  expect({.cell = "qrnn", .init = "orthogonal"}, "init: expected uniform or chrono of a layer of kind qrnn");
  expect({.cell = "slstm", .init = "chrono"}, "init is an option of cells");
  expect({.cell = "sru", .bias = false, .init = "chrono"}, "init: chrono sets biases, and there are none");
  expect({.cell = "mlstm", .memory_heads = 3}, "memory_heads: expected a divisor of 4 units for mlstm, got 3");
  expect({.cell = "attention", .attention_window = 1}, "attention_window: expected at least 2 steps, got 1");
  expect({.layers = 2, .blocks = {"none"}}, "blocks: expected one for each of 2 layers, got 1");
  expect({.layers = 2, .blocks = {"none", "residul"}}, "unknown block 'residul'; did you mean 'residual'?");
  expect({.cell = "lstm", .block = "residul"}, "unknown block 'residul'; did you mean 'residual'?");
  const Recurrent network = network_of({.cell = "mingru", .input = 2, .hidden = 4});
  EXPECT_ERROR(network(Tensor::zeros({3, 2, 2}), {.decay = {Tensor::ones({3, 2, 4})}}), "mingru takes none");
}

}  // namespace
}  // namespace recur::testing
