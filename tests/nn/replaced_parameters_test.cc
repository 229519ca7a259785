#include "recur/nn/replaced_parameters.h"

#include <gtest/gtest.h>

#include <thread>

#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/crf.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/norm.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/stream.h"
#include "recur/nn/time_conv.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

// A recurrent network with a head, the last step's output.
class Model : public Module {
 public:
  explicit Model(RecurrentOptions options, uint64_t seed = 3) : Model(options, Random(seed)) {}

  Tensor operator()(const Tensor& x) const {
    const Tensor y = rnn_(x, {.mode = Mode::evaluation()}).y;
    return head_(row(y, y.size(0) - 1));
  }

  Recurrent rnn_;
  Linear head_;

 private:
  Model(RecurrentOptions options, Random random)
      : rnn_(
            [&] {
              options.input = 2;
              options.hidden = 4;
              return options;
            }(),
            random),
        head_({.in = rnn_.output_features(), .out = 1}, random) {
    register_module("rnn", rnn_);
    register_module("head", head_);
  }
};

// Other values, of the same shapes and type as the module's parameters.
Tensors others(const Module& module, uint64_t seed = 20) {
  Tensors values;
  for (const Tensor& own : module.parameters()) values.push_back(normal(own.shape(), seed++, own.dtype()) * 0.5);
  return values;
}

void set_parameters(const Module& module, const Tensors& values) {
  Tensors own = module.parameters();
  for (size_t i = 0; i < own.size(); ++i) own[i].copy_from(values[i]);
}

const Tensor x = normal({5, 3, 2}, 1, DType::kF32);

std::vector<RecurrentOptions> every_kind() {
  std::vector<RecurrentOptions> all;
  for (const Cell* cell : cells()) all.push_back({.cell = cell->name, .layers = 2});
  all.push_back({.projection = 3, .layer_norm = true});
  all.push_back({.bidirectional = true, .recompute = 2});
  return all;
}

TEST(ReplacedParameters, MakeTheModuleOneOfTheirValues) {
  for (const RecurrentOptions& options : every_kind()) {
    SCOPED_TRACE(options.cell);
    const Model model(options), twin(options, 4);
    const Tensors values = others(model);
    set_parameters(twin, values);
    const Tensor before = model(x), wanted = twin(x);
    EXPECT_EQ(relative_error(with_parameters(model, values, [&] { return model(x); }), wanted), 0);
    EXPECT_EQ(relative_error(model(x), before), 0);

    // The gradient reaches the tensors, and not the parameters.
    Tensors leaves = values;
    for (Tensor& each : leaves) each = each.detach().set_requires_grad();
    const ReplacedParameters scope(model, leaves);
    const Tensors got = grad({sum(model(x))}, leaves), expected = grad({sum(twin(x))}, twin.parameters());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(relative_error(got[i], expected[i]), 0) << i;
  }
}

TEST(ReplacedParameters, ReachEveryModule) {
  Random random(1);
  const auto expect_replaced = [](const Module& module, auto run) {
    const Tensors values = others(module);
    const Tensor before = run(), replaced = with_parameters(module, values, run);
    set_parameters(module, values);
    EXPECT_EQ(relative_error(replaced, run()), 0);
    EXPECT_GT(relative_error(replaced, before), 1e-3);
  };
  const Linear linear({.in = 2, .out = 3}, random);
  expect_replaced(linear, [&] { return linear(x); });
  const LayerNorm norm({.features = 2});
  expect_replaced(norm, [&] { return norm(x); });
  const BatchNorm batch_norm({.channels = 2});
  expect_replaced(batch_norm, [&] { return batch_norm(reshape(x, {15, 2}), Mode::evaluation()); });
  const TimeConv conv({.in = 2, .out = 3}, random);
  expect_replaced(conv, [&] { return conv(x); });
  const Crf crf(2);
  expect_replaced(crf, [&] { return crf.loss(x, Tensor::zeros({5, 3}, DType::kI32), {}); });
  const Embedding embedding({.vocabulary = 4, .features = 3}, random);
  expect_replaced(embedding, [&] { return embedding(Tensor::zeros({2}, DType::kI32)); });
}

// The gradient of the loss after two steps of gradient descent, with respect to where they began (MAML).
TEST(ReplacedParameters, GradientThroughTwoInnerStepsIsThatOfFiniteDifferences) {
  for (const char* cell : {"lstm", "gru"}) {
    Model model({.cell = cell});
    model.to(DType::kF64);
    const Tensor support = normal({4, 3, 2}, 5), query = normal({4, 3, 2}, 6), target = normal({3, 1}, 7);
    const auto loss = [&](const Tensor& input) { return mean(square(model(input) - target)); };
    const auto after_two_steps = [&](const Tensors& start) {
      Tensors fast = start;
      for (int step = 0; step < 2; ++step) {
        const ReplacedParameters scope(model, fast);
        const Tensors gradients = grad({loss(support)}, fast, {.create_graph = true});
        for (size_t i = 0; i < fast.size(); ++i) fast[i] = fast[i] - gradients[i] * 0.3;
      }
      return Tensors{with_parameters(model, fast, [&] { return loss(query); })};
    };
    // Recording, since finite differences are taken outside any graph and the inner gradients are needed in both.
    const auto recorded = [&](const Tensors& in) {
      const autograd::RecordScope on(true);
      Tensors start;
      for (const Tensor& each : in) start.push_back(each.requires_grad() ? each : each.detach().set_requires_grad());
      return after_two_steps(start);
    };
    EXPECT_LT(gradient_error(recorded, model.parameters()), 1e-6) << cell;
  }
}

TEST(ReplacedParameters, ScopesNestAndTheInnermostCounts) {
  Random random(1);
  const Linear layer({.in = 2, .out = 2, .bias = false}, random);
  class Holder : public Module {
   public:
    explicit Holder(const Linear& layer) { register_module("layer", layer); }
  };
  const Holder holder(layer);
  const auto filled = [](double value) { return Tensors{Tensor::full({2, 2}, value)}; };
  const auto value = [&] { return layer.weight->values<float>()[0]; };
  const float own = value();
  {
    const ReplacedParameters outer(holder, filled(2));
    EXPECT_EQ(value(), 2);
    {
      const ReplacedParameters inner(layer, filled(3));
      EXPECT_EQ(value(), 3);
    }
    const Linear other({.in = 2, .out = 2}, random);
    const ReplacedParameters of_another(other, {Tensor::zeros({2, 2}), Tensor::zeros({2})});
    EXPECT_EQ(value(), 2);
    EXPECT_TRUE(layer.weight.is_replaced());
    EXPECT_EQ(layer.parameters()[0].id(), layer.weight.own().id());
  }
  EXPECT_EQ(value(), own);
  EXPECT_THROW(with_parameters(layer, filled(4), []() -> int { fail("in between"); }), Error);
  EXPECT_EQ(value(), own);
}

TEST(ReplacedParameters, OfTiedWeightsAreOne) {
  const Embedding in({.vocabulary = 3, .features = 2});
  const Linear out({.in = 2, .out = 3, .bias = false, .tied = in.weight});
  const Tensors values{Tensor::full({3, 2}, 2)};
  const ReplacedParameters scope(in, values);
  EXPECT_EQ(out(Tensor::ones({1, 2})).values<float>()[0], 4);
  EXPECT_EQ(in(Tensor::zeros({1}, DType::kI32)).values<float>()[0], 2);
}

TEST(ReplacedParameters, AreSeenByTheirThreadAlone) {
  const Model model({.layers = 2});
  const Tensor own = model(x);
  constexpr int kThreads = 8;
  std::vector<Tensors> values;
  Tensors wanted, got(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    values.push_back(others(model, 100 * static_cast<uint64_t>(i + 1)));
    wanted.push_back(with_parameters(model, values.back(), [&] { return model(x); }));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      const ReplacedParameters scope(model, values[i]);
      for (int run = 0; run < 20; ++run) got[i] = model(x);
    });
  EXPECT_EQ(relative_error(model(x), own), 0);
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(relative_error(got[i], wanted[i]), 0) << i;
}

// What is kept of the weights in another form is neither used for the replacements nor lost.
TEST(ReplacedParameters, LeaveThePackedWeightsAlone) {
  for (const bool int8 : {false, true}) {
    const autograd::NoGrad no_grad;
    Model model({}), twin({}, 4);
    if (int8) model.infer_in_int8();
    if (int8) twin.infer_in_int8();
    const Tensors values = others(model);
    set_parameters(twin, values);
    const Tensor own = model(x);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(relative_error(with_parameters(model, values, [&] { return model(x); }), twin(x)), 0);
      EXPECT_EQ(relative_error(model(x), own), 0);
    }
  }
}

TEST(ReplacedParameters, AreThoseOfAStreamMadeMeanwhile) {
  const Recurrent network({.input = 2, .hidden = 4}), twin({.input = 2, .hidden = 4});
  const Tensors values = others(network);
  set_parameters(twin, values);
  Stream stream = with_parameters(network, values, [&] { return network.stream(); }), expected = twin.stream();
  std::vector<float> out(4), want(4);
  stream.step(x.values<float>().first(2), out);
  expected.step(x.values<float>().first(2), want);
  EXPECT_EQ(out, want);
}

TEST(ReplacedParameters, RefuseWhatDoesNotFit) {
  const Linear layer({.in = 2, .out = 3});
  const Tensor weight = Tensor::zeros({3, 2}), bias = Tensor::zeros({3});
  EXPECT_ERROR(ReplacedParameters(layer, {weight}), "expected a tensor for each of 2 parameters, got 1");
  EXPECT_ERROR(ReplacedParameters(layer, {weight, Tensor::zeros({2})}), "'bias': expected f32 [3], got f32 [2]");
  EXPECT_ERROR(ReplacedParameters(layer, {Tensor::zeros({3, 2}, DType::kF64), bias}),
               "'weight': expected f32 [3, 2], got f64 [3, 2]");
  EXPECT_ERROR(ReplacedParameters(layer, {weight, Tensor()}), "'bias': the tensor is undefined");
  EXPECT_NO_THROW(ReplacedParameters(layer, {weight, bias}));
  EXPECT_FALSE(layer.weight.is_replaced());
}

}  // namespace
}  // namespace recur::testing
