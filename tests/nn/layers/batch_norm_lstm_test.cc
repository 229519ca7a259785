#include "recur/nn/layers/batch_norm_lstm.h"

#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/stream.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

Recurrent batch_norm_lstm(const RecurrentOptions& options, int64_t steps) {
  const std::vector<LayerKind> kinds{batch_norm_lstm_kind({.steps = steps})};
  RecurrentOptions own = options;
  own.cell = kBatchNormLstm;
  Random random(3);
  return Recurrent(own, random, kinds);
}

std::string own_name(const std::string& name) {
  constexpr std::string_view kSuffix = "_l0";
  EXPECT_TRUE(name.ends_with(kSuffix)) << name;
  return name.substr(0, name.size() - kSuffix.size());
}

Mode training() { return Mode::training(); }

TEST(BatchNormLstm, IsALoopOverPyTorchsBatchNorm) {
  const Golden golden("batch_norm_lstm");
  Recurrent network = batch_norm_lstm({.input = 3, .hidden = 4}, golden.integer("steps"));
  network.to(DType::kF64);
  NamedTensors state;
  for (const NamedTensor& each : network.named_parameters()) {
    state.push_back({each.name, golden["param." + own_name(each.name)]});
  }
  for (const NamedTensor& each : network.named_buffers()) state.push_back(each);
  network.load_state(state);
  Tensor x = golden["input.x"];
  x.set_requires_grad(true);
  const Tensor y = network(x, {.mode = training()}).y;
  EXPECT_LT(relative_error(y, golden["train.y"]), 1e-10);
  Tensors inputs{x};
  for (const Tensor& parameter : network.parameters()) inputs.push_back(parameter);
  const Tensors gradients = grad(Tensors{sum(y * golden["weight.y"])}, inputs);
  EXPECT_LT(relative_error(gradients[0], golden["grad.x"]), 1e-9);
  const NamedTensors named = network.named_parameters();
  for (size_t k = 0; k < named.size(); ++k) {
    EXPECT_LT(relative_error(gradients[k + 1], golden["grad." + own_name(named[k].name)]), 1e-8) << named[k].name;
  }
  network(x + 0.5, {.mode = training()});
  for (const NamedTensor& each : network.named_buffers()) {
    EXPECT_LT(relative_error(each.value, golden["stat." + own_name(each.name)]), 1e-10) << each.name;
  }
  EXPECT_LT(relative_error(network(x, {.mode = Mode::evaluation()}).y, golden["eval.y"]), 1e-10);
}

TEST(BatchNormLstm, GradientsAreThoseOfFiniteDifferences) {
  Recurrent network = batch_norm_lstm({.input = 3, .hidden = 4, .layers = 2, .bidirectional = true}, 2);
  network.to(DType::kF64);
  const RecurrentState zero = network.zero_state(5, DType::kF64);
  const auto run = [&](const Tensors& in) {
    RecurrentState state = zero;
    state.layers[0] = {in[1], in[2]};
    const RecurrentOutput out = network(in[0], {.lengths = {4, 2, 4, 3, 4}, .state = state, .mode = training()});
    return Tensors{out.y, out.state.layers[3][1]};
  };
  const Tensors inputs{normal({4, 5, 3}), normal({5, 4}, 2), normal({5, 4}, 3)};
  EXPECT_LT(gradient_error(run, inputs), 1e-5);
}

TEST(BatchNormLstm, InEvaluationSequencesAreEachAsAloneAndBatchesAsInTraining) {
  const Recurrent network = batch_norm_lstm({.input = 3, .hidden = 4, .bidirectional = true}, 4);
  const Tensor x = normal({6, 200, 3}, 4, DType::kF32);
  Tensor trained;
  for (int i = 0; i < 3; ++i) trained = network(x, {.mode = training()}).y;
  const Tensor whole = network(x, {.mode = Mode::evaluation()}).y;
  // But for the variance, which is unbiased in the running statistics, and the last steps, which share theirs.
  EXPECT_LT(relative_error(rows(whole, 0, 1), rows(trained, 0, 1)), 0.1);
  const Tensor alone = network(slice(x, {.axis = 1, .begin = 7}, 1), {.mode = Mode::evaluation()}).y;
  EXPECT_LT(relative_error(alone, slice(whole, {.axis = 1, .begin = 7}, 1)), 1e-5);
  // One sequence has no statistics.
  const Tensor one = network(slice(x, {.axis = 1, .begin = 7}, 1), {.mode = training()}).y;
  EXPECT_LT(relative_error(one, alone), 1e-6);
}

TEST(BatchNormLstm, SaysWhatDoesNotFit) {
  EXPECT_ERROR(batch_norm_lstm({.input = 3, .hidden = 4}, 0), "steps: expected at least 1, got 0");
  EXPECT_ERROR(batch_norm_lstm({.input = 3, .hidden = 4, .layer_norm = true}, 2),
               "layer_norm is an option of cells such as lstm; lstm_batch_norm has none");
  EXPECT_ERROR(batch_norm_lstm({.input = 3, .hidden = 4}, 2).stream(), "cannot go step by step");
}

}  // namespace
}  // namespace recur::testing
