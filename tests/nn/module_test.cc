#include "recur/nn/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/nn/linear.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<std::string> names(const NamedTensors& tensors) {
  std::vector<std::string> result;
  for (const NamedTensor& t : tensors) result.push_back(t.name);
  return result;
}

class Scaled : public Module {
 public:
  Scaled() : mean_(Tensor::zeros({2})) {
    register_buffer("mean", mean_);
    register_module("inner", inner_);
    register_parameter("scale", scale_);
    register_parameter("none", {});
  }
  using Module::register_module;
  using Module::register_parameter;

  Tensor mean_;
  Parameter scale_{Tensor::ones({3})};
  Linear inner_{{.in = 2, .out = 3}};
};

class TiedPair : public Module {
 public:
  TiedPair() : first_({.in = 2, .out = 2}), second_({.in = 2, .out = 2, .bias = false, .tied = first_.weight}) {
    register_module("first", first_);
    register_module("second", second_);
  }

  Linear first_, second_;
};

TEST(Module, ListsParametersInOrderWithTheNamesOfTheirChildren) {
  Scaled module;
  EXPECT_THAT(names(module.named_parameters()), ElementsAre("inner.weight", "inner.bias", "scale"));
  EXPECT_THAT(names(module.named_buffers()), ElementsAre("mean"));
  EXPECT_THAT(names(module.state()), ElementsAre("inner.weight", "inner.bias", "scale", "mean"));
  EXPECT_EQ(module.parameter_count(), 6 + 3 + 3);
  for (const Tensor& parameter : module.parameters()) EXPECT_TRUE(parameter.requires_grad());
  EXPECT_FALSE(module.mean_.requires_grad());
}

TEST(Module, GivesTheRateFactorOfEachParameter) {
  Scaled module;
  module.register_parameter("slow", Parameter(Tensor::ones({1})), 0.125);
  EXPECT_THAT(module.rate_factors(), ElementsAre(1, 1, 1, 0.125));
}

TEST(Module, ListsATiedParameterOnce) {
  TiedPair module;
  EXPECT_THAT(names(module.named_parameters()), ElementsAre("first.weight", "first.bias"));
  EXPECT_EQ(parameters(module.first_, module.second_, module).size(), 2u);
}

TEST(Module, ACopyIsAHandleOnTheSameModule) {
  auto original = std::make_unique<Scaled>();
  Scaled copy = *original;
  original->infer_in_int8();
  original.reset();
  EXPECT_TRUE(copy.infers_in_int8());
  EXPECT_TRUE(copy.inner_.infers_in_int8());
  EXPECT_EQ(copy.parameters()[0].id(), copy.inner_.weight->id());
}

TEST(Module, RejectsNamesThatCannotBeToldApart) {
  Scaled module;
  EXPECT_THROW(module.register_parameter("scale", Parameter(Tensor::ones({1}))), Error);
  EXPECT_THROW(module.register_parameter("a.b", Parameter(Tensor::ones({1}))), Error);
  EXPECT_THROW(module.register_module("", module.inner_), Error);
  EXPECT_THROW(module.register_parameter("count", Parameter(Tensor::zeros({1}, DType::kI64))), Error);
}

TEST(Module, LoadsTheStateOfAnotherBitForBit) {
  Scaled from, to;
  from.mean_.data<float>()[1] = 0.25f;
  const void* id = to.inner_.weight->id();
  to.load_state(from.state());
  EXPECT_EQ(to.inner_.weight->id(), id);
  EXPECT_THAT(to.inner_.weight->values<float>(), ::testing::ElementsAreArray(from.inner_.weight->values<float>()));
  EXPECT_EQ(to.mean_.data<float>()[1], 0.25f);
}

TEST(Module, ConvertsTheDtypeOfALoadedState) {
  Scaled from, to;
  from.to(DType::kF64);
  EXPECT_EQ(from.inner_.bias->dtype(), DType::kF64);
  EXPECT_EQ(from.mean_.dtype(), DType::kF64);
  to.load_state(from.state());
  EXPECT_EQ(to.inner_.bias->data<float>()[2], static_cast<float>(from.inner_.bias->data<double>()[2]));
}

TEST(Module, ConvertedParametersStillLearn) {
  Linear layer({.in = 2, .out = 1});
  const Tensor handle = layer.parameters()[0];
  layer.to(DType::kF64);
  layer(Tensor::ones({1, 2}, DType::kF64)).backward();
  EXPECT_EQ(handle.grad().data<double>()[0], 1.0);
}

TEST(Module, ABadStateChangesNothingAndIsNamed) {
  Scaled module;
  const float before = module.scale_->data<float>()[0];
  const auto load = [&](auto&& change) {
    NamedTensors state;
    for (const auto& [name, value] : module.state()) state.push_back({name, Tensor::full(value.shape(), 7)});
    change(state);
    module.load_state(state);
  };
  const auto error = [](const char* text) { return ThrowsMessage<Error>(HasSubstr(text)); };
  EXPECT_THAT([&] { load([](auto& s) { s.pop_back(); }); }, error("'mean' is missing"));
  EXPECT_THAT([&] { load([](auto& s) { s[3].value = Tensor::zeros({3}); }); }, error("expected shape [2], got [3]"));
  EXPECT_THAT([&] { load([](auto& s) { s.push_back({"scala", s[0].value}); }); }, error("did you mean 'scale'"));
  EXPECT_THAT([&] { load([](auto& s) { s.push_back(s[0]); }); }, error("twice"));
  EXPECT_EQ(module.scale_->data<float>()[0], before);
}

// Three levels, one leaf module shared by two parents.
class Inner : public Module {
 public:
  explicit Inner(const Linear& shared) : shared_(shared), own_({.in = 1, .out = 1, .bias = false}) {
    register_module("shared", shared_);
    register_module("own", own_);
  }
  Linear shared_, own_;
};
class Outer : public Module {
 public:
  Outer() : left_(shared_), right_(shared_) {
    register_module("left", left_);
    register_module("right", right_);
  }
  using Module::register_buffer;
  using Module::register_module;
  Linear shared_{{.in = 2, .out = 2, .bias = false}};
  Inner left_, right_;
};

TEST(Module, NamesPathsThroughEveryLevelAndSharedChildrenOnce) {
  Outer module;
  EXPECT_THAT(names(module.state()), ElementsAre("left.shared.weight", "left.own.weight", "right.own.weight"));
  EXPECT_EQ(module.parameter_count(), 4 + 1 + 1);
}

TEST(Module, PartsStandAmongItsOwnWithASuffixOfTheirNames) {
  class Stack : public Module {
   public:
    Stack() {
      register_part("_l0", scaled_);
      register_part("_l1", linear_);
      register_module("inner", linear_);
    }
    Scaled scaled_;
    Linear linear_{{.in = 2, .out = 2}};
  } stack;
  EXPECT_THAT(names(stack.state()),
              ElementsAre("inner.weight_l0", "inner.bias_l0", "scale_l0", "weight_l1", "bias_l1", "mean_l0"));
  stack.infer_in_int8();
  EXPECT_TRUE(stack.scaled_.inner_.infers_in_int8());
  EXPECT_EQ(stack.parameters()[3].id(), stack.linear_.weight->id());
}

TEST(Module, WhatIsRegisteredLaterCounts) {
  Outer module;
  const Outer handle = module;
  module.register_buffer("late", Tensor::zeros({3}));
  EXPECT_THAT(names(handle.named_buffers()), ElementsAre("late"));
}

TEST(Module, LoadingASharedTensorReachesEveryPlaceItIsUsed) {
  Outer module;
  NamedTensors state;
  for (const auto& [name, value] : module.state()) state.push_back({name, Tensor::full(value.shape(), 3)});
  module.load_state(state);
  EXPECT_EQ(module.right_.shared_.weight->data<float>()[3], 3);
  // The other name of a shared tensor is not one of its state.
  state.push_back({"right.shared.weight", state[0].value});
  EXPECT_THAT([&] { module.load_state(state); }, ThrowsMessage<Error>(HasSubstr("no tensor 'right.shared.weight'")));
}

TEST(Module, ConvertingKeepsSharedTensorsShared) {
  Outer module;
  module.to(DType::kF64);
  EXPECT_EQ(module.left_.shared_.weight->dtype(), DType::kF64);
  EXPECT_EQ(module.left_.shared_.weight->id(), module.right_.shared_.weight->id());
  module.to(DType::kF32);
  EXPECT_EQ(module.parameter_count(), 6);
  EXPECT_THROW(module.to(DType::kBF16), Error);
  EXPECT_THROW(module.to(DType::kI32), Error);
}

TEST(Module, ConvertingThereAndBackKeepsTheBits) {
  Scaled module;
  const Tensor before = module.inner_.weight->clone();
  module.to(DType::kF64);
  module.to(DType::kF32);
  EXPECT_THAT(module.inner_.weight->values<float>(), ::testing::ElementsAreArray(before.values<float>()));
}

TEST(Module, AnEmptyModuleHasNothing) {
  class Empty : public Module {
  } module;
  EXPECT_TRUE(module.parameters().empty());
  EXPECT_EQ(module.parameter_count(), 0);
  EXPECT_NO_THROW(module.load_state({}));
  EXPECT_THAT([&] { module.load_state({{"x", Tensor::ones({1})}}); }, ThrowsMessage<Error>(HasSubstr("no tensor 'x'")));
}

TEST(Linear, ComputesAnAffineMapOfTheLastAxis) {
  Linear layer({.in = 2, .out = 3});
  layer.load_state({{"weight", Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2})}, {"bias", Tensor::from({1, 0, -1}, {3})}});
  const Tensor y = layer(Tensor::from({1, 1, 0, 2}, {2, 1, 2}));
  EXPECT_EQ(y.shape(), (Shape{2, 1, 3}));
  EXPECT_THAT(y.values<float>(), ElementsAre(4, 7, 10, 5, 8, 11));
}

TEST(Linear, StartsWithinItsBoundFromTheGivenGenerator) {
  Random random(3), same(3);
  Linear layer({.in = 16, .out = 50}, random), twin({.in = 16, .out = 50}, same);
  EXPECT_THAT(layer.weight->values<float>(), ::testing::ElementsAreArray(twin.weight->values<float>()));
  float largest = 0;
  for (float w : layer.weight->values<float>()) largest = std::max(largest, std::abs(w));
  EXPECT_LE(largest, 0.25f);
  EXPECT_GT(largest, 0.24f);
}

TEST(Linear, RejectsSizesAndTiedWeightsThatDoNotFit) {
  EXPECT_THROW(Linear({.in = 0, .out = 3}), Error);
  EXPECT_THROW(Linear({.in = 2, .out = 3, .tied = Parameter(Tensor::zeros({2, 3}))}), Error);
}

}  // namespace
}  // namespace recur
