// Layers that are no cells, in one stack with cells: whole runs, chunks, streams, gradients, states.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/state_bytes.h"
#include "recur/nn/stream.h"
#include "recur/ops/sum.h"
#include "tests/nn/layers/averaging_layer.h"
#include "tests/nn/layers/growing_layer.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

constexpr int64_t kSteps = 8, kInput = 4;

// Needs the whole sequence.
class UnsteppableLayer : public GrowingLayer {
 public:
  using GrowingLayer::GrowingLayer;
  std::string kind() const override { return "unsteppable"; }
  std::shared_ptr<const Stepper> stepper(const StreamOptions&) const override { return nullptr; }
};

template <class Layer>
LayerKind kind_of(const char* name, bool reverses) {
  return {.name = name, .description = "for tests", .reverses = reverses, .make = [](const LayerSpec& spec) {
            return std::make_shared<const Layer>(spec);
          }};
}

std::span<const LayerKind> kinds() {
  static const std::vector<LayerKind> all = [] {
    std::vector<LayerKind> list(layer_kinds().begin(), layer_kinds().end());
    list.push_back(kind_of<AveragingLayer>("averaging", true));
    list.push_back(kind_of<GrowingLayer>("growing", false));
    list.push_back(kind_of<UnsteppableLayer>("unsteppable", false));
    return list;
  }();
  return all;
}

Recurrent make(RecurrentOptions options) {
  Random random(5);
  options.input = kInput;
  return Recurrent(options, random, kinds());
}
Recurrent mixed(bool bidirectional = false) {
  return make({.widths = {6, 6, 3}, .cells = {"lstm", "averaging", "gru"}, .bidirectional = bidirectional});
}

const Tensor x = normal({kSteps, 3, kInput}, 1, DType::kF32);

void expect_same(const RecurrentState& a, const RecurrentState& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t l = 0; l < a.layers.size(); ++l) {
    ASSERT_EQ(a.layers[l].size(), b.layers[l].size());
    for (size_t k = 0; k < a.layers[l].size(); ++k) {
      EXPECT_EQ(a.layers[l][k].shape(), b.layers[l][k].shape());
      EXPECT_LT(relative_error(a.layers[l][k], b.layers[l][k]), 1e-6) << "state " << k << " of layer " << l;
    }
  }
}

// The outputs [end - begin, 3, H] of steps of x.
Tensor play(Stream& stream, int64_t begin, int64_t end) {
  Tensor y = Tensor::empty({end - begin, 3, stream.output_features()});
  const auto size = static_cast<size_t>(3 * stream.output_features());
  for (int64_t t = begin; t < end; ++t)
    stream.step(x.values<float>().subspan(static_cast<size_t>(t * 3 * kInput), 3 * kInput),
                {y.data<float>() + (t - begin) * static_cast<int64_t>(size), size});
  return y;
}

TEST(OtherLayers, HaveTheNamesOfTheirPlaceInTheStack) {
  std::vector<std::string> names;
  for (const NamedTensor& each : mixed(true).named_parameters()) names.push_back(each.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"weight_ih_l0", "bias_hh_l0_reverse", "rates_l1", "rates_l1_reverse"}));
  EXPECT_EQ(mixed(true).output_features(), 6);
}

TEST(OtherLayers, ChunksAndStreamsAreTheWholeRun) {
  for (const Recurrent& network : {mixed(), make({.widths = {5, 5, 3}, .cells = {"gru", "growing", "lstm"}}),
                                   make({.cell = "growing", .hidden = 1})}) {
    const RecurrentOutput whole = network(x);
    const RecurrentOutput first = network(rows(x, 0, 3)), second = network(rows(x, 3, kSteps), {.state = first.state});
    EXPECT_LT(relative_error(concat({first.y, second.y}, 0), whole.y), 1e-6);
    expect_same(second.state, whole.state);

    Stream stream = network.stream({.streams = 3});
    EXPECT_LT(relative_error(play(stream, 0, kSteps), whole.y), 1e-6);
    expect_same(stream.state(), whole.state);
    stream.set_state(first.state);
    EXPECT_LT(relative_error(play(stream, 3, kSteps), second.y), 1e-6);
  }
}

TEST(OtherLayers, RaggedSequencesAreEachAsAlone) {
  const Recurrent network = mixed(true);
  const std::vector<int64_t> lengths = {5, 0, 8};
  const RecurrentOutput together = network(x, {.lengths = lengths});
  for (const int64_t b : {0, 2}) {
    const RecurrentOutput alone = network(rows(slice(x, {.axis = 1, .begin = b}, 1), 0, lengths[b]));
    const Tensor own = rows(slice(together.y, {.axis = 1, .begin = b}, 1), 0, lengths[b]);
    EXPECT_LT(relative_error(own, alone.y), 1e-6);
    EXPECT_LT(relative_error(rows(together.state.layers[2][0], b, b + 1), alone.state.layers[2][0]), 1e-6);
  }
  EXPECT_EQ(sum(abs(rows(together.state.layers[2][0], 1, 2))).item(), 0);
}

TEST(OtherLayers, GradientsAreThoseOfFiniteDifferences) {
  Recurrent network = mixed(true);
  network.to(DType::kF64);
  const RecurrentState zero = network.zero_state(2, DType::kF64);
  const auto run = [&](const Tensors& in) {
    RecurrentState state = zero;
    state.layers[2][0] = in[1];
    const RecurrentOutput out = network(in[0], {.lengths = {3, 2}, .state = state});
    return Tensors{out.y, out.state.layers[3][0]};
  };
  const Tensors inputs{normal({3, 2, kInput}), normal(zero.layers[2][0].shape(), 2)};
  EXPECT_LT(gradient_error(run, inputs), 1e-6);
  EXPECT_LT(second_gradient_error(run, inputs), 1e-5);
}

TEST(OtherLayers, StatesGoThroughBytesAndResetOneStreamAtATime) {
  const Recurrent network = mixed();
  Stream stream = network.stream({.streams = 3});
  play(stream, 0, 4);
  Stream other = network.stream({.streams = 3}), fork = stream;
  other.set_state(state_from_bytes(to_bytes(stream.state())));
  const Tensor went_on = play(stream, 4, kSteps);
  EXPECT_EQ(relative_error(play(other, 4, kSteps), went_on), 0);
  EXPECT_EQ(relative_error(play(fork, 4, kSteps), went_on), 0);

  expect_same(network(x).state.reset({1, 0, 1}), [&] {
    stream.reset();
    play(stream, 0, kSteps);
    stream.reset(1);
    return stream.state();
  }());
}

TEST(OtherLayers, AGrowingStateIsForkedAndShrinksAgain) {
  Stream stream = make({.cell = "growing", .hidden = 1}).stream({.streams = 3});
  const Tensor first = play(stream, 0, 5);
  EXPECT_EQ(stream.state().layers[0][0].shape(), (Shape{3, 5, kInput}));
  Stream fork = stream;
  play(fork, 5, kSteps);
  EXPECT_EQ(stream.state().layers[0][0].size(1), 5);
  stream.reset();
  EXPECT_EQ(stream.state().layers[0][0].size(1), 0);
  EXPECT_EQ(relative_error(play(stream, 0, 5), first), 0);
}

TEST(OtherLayers, ReadTheRowsOfSymbols) {
  const Recurrent network = make({.widths = {4, 4}, .cells = {"averaging", "gru"}});
  const Tensor table = normal({2, kInput}, 3, DType::kF32);
  Tensor ids = Tensor::empty({kSteps, 3}, DType::kI32);
  for (int64_t i = 0; i < ids.numel(); ++i) ids.data<int32_t>()[i] = static_cast<int32_t>(i % 2);
  EXPECT_EQ(relative_error(network(Symbols{ids, table}).y, network(embedding(table, ids)).y), 0);
}

TEST(OtherLayers, SayWhatTheyCannotDo) {
  EXPECT_ERROR(make({.cell = "averagin", .hidden = 1}), "unknown cell 'averagin'; did you mean 'averaging'?");
  EXPECT_ERROR(make({.cell = "growing", .hidden = 1, .bidirectional = true}), "growing goes forwards only");
  EXPECT_ERROR(make({.cell = "unsteppable", .hidden = 1}).stream(), "kind unsteppable cannot go step by step");
  const Recurrent network = mixed();
  EXPECT_ERROR(network(x, {.decay = {Tensor(), Tensor::ones({kSteps, 3, 6}), Tensor()}}),
               "decay of layer 1: averaging takes none");
  RecurrentState state = network.zero_state(3);
  state.layers[1][0] = Tensor::zeros({3, 6});
  EXPECT_ERROR(network(x, {.state = state}), "state 0 of layer 1: expected [3, 2, 6], got [3, 6]");
}

TEST(LayerKinds, ListEveryCell) {
  for (const Cell* cell : cells()) {
    EXPECT_EQ(find_layer_kind(cell->name).description, cell->description);
    EXPECT_TRUE(find_layer_kind(cell->name).reverses);
  }
  EXPECT_THROW(find_layer_kind("lstn"), UsageError);
  EXPECT_ERROR(find_layer_kind("lstn"), "unknown cell 'lstn'; did you mean 'lstm'?; known: rnn,");
}

}  // namespace
}  // namespace recur::testing
