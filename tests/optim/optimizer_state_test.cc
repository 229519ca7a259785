// States of optimisers: exact in every precision and at every moment, whole or not taken at all; groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "recur/optim/make_optimizer.h"
#include "recur/optim/stored.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

// Every optimiser with everything it can keep.
std::vector<OptimizerOptions> all_options() {
  std::vector<OptimizerOptions> all;
  for (const std::string_view name : optimizer_names()) all.push_back({.name = std::string(name), .rate = 0.03});
  all.push_back({.name = "sgd", .rate = 0.03, .weight_decay = 0.1, .momentum = 0.9, .nesterov = true});
  all.push_back({.name = "adam", .rate = 0.03, .weight_decay = 0.1, .amsgrad = true});
  all.push_back({.name = "adamw", .rate = 0.03, .weight_decay = 0.1, .decay_vectors = false});
  all.push_back({.name = "rmsprop", .rate = 0.03, .momentum = 0.5, .centered = true});
  return all;
}

Tensors parameters(DType dtype) {
  return {testing::normal({3, 4}, 1, dtype), testing::normal({5}, 2, dtype), testing::normal(Shape{}, 3, dtype)};
}

void step(Optimizer& optimizer, uint64_t number) {
  for (Tensor p : optimizer.parameters()) p.set_grad(testing::normal(p.shape(), 100 + number, p.dtype()));
  optimizer.step();
}

std::string bytes_of(const Tensors& tensors) {
  std::string all;
  for (const Tensor& t : tensors) all.append(reinterpret_cast<const char*>(t.bytes()), t.byte_size());
  return all;
}
std::string bytes_of(const NamedTensors& state) {
  std::string all;
  for (const auto& [name, value] : state) all += name + bytes_of(Tensors{value});
  return all;
}

NamedTensors copy(const NamedTensors& state) {
  NamedTensors result;
  for (const auto& [name, value] : state) result.push_back({name, value.clone()});
  return result;
}

TEST(OptimizerState, StoredAfterAnyStepGoesOnToTheSameBits) {
  for (const DType dtype : {DType::kF32, DType::kF64})
    for (const OptimizerOptions& options : all_options())
      for (uint64_t stored_after = 0; stored_after < 4; ++stored_after) {
        SCOPED_TRACE(options.name + " in " + name_of(dtype) + " after " + std::to_string(stored_after));
        const auto whole = make_optimizer(options, parameters(dtype));
        for (uint64_t n = 0; n < stored_after; ++n) step(*whole, n);
        Tensors now;
        for (const Tensor& p : whole->parameters()) now.push_back(p.clone());
        const auto resumed = make_optimizer(options, now);
        resumed->set_rate(0.5);  // which the state replaces
        resumed->load_state(copy(whole->state()));
        for (uint64_t n = stored_after; n < 5; ++n) step(*whole, n), step(*resumed, n);
        EXPECT_EQ(bytes_of(whole->parameters()), bytes_of(resumed->parameters()));
        EXPECT_EQ(bytes_of(whole->state()), bytes_of(resumed->state()));
        EXPECT_EQ(resumed->steps(), 5);
      }
}

TEST(OptimizerState, IsTakenWholeOrNotAtAll) {
  for (const OptimizerOptions& options : all_options()) {
    SCOPED_TRACE(options.name);
    const auto optimizer = make_optimizer(options, parameters(DType::kF32));
    step(*optimizer, 1);
    const NamedTensors good = copy(optimizer->state());
    step(*optimizer, 2);
    const std::string before = bytes_of(optimizer->state());
    for (size_t i = 0; i < good.size(); ++i) {
      NamedTensors missing = good, renamed = good, reshaped = good, retyped = good;
      missing.erase(missing.begin() + static_cast<int64_t>(i));
      renamed[i].name += "_";
      reshaped[i].value = Tensor::zeros({2, 3, 4}, good[i].value.dtype());
      retyped[i].value = good[i].value.clone(DType::kBF16);
      for (const NamedTensors& bad : {missing, renamed, reshaped, retyped})
        EXPECT_THROW(optimizer->load_state(bad), Error) << good[i].name;
    }
    EXPECT_EQ(bytes_of(optimizer->state()), before);
    optimizer->load_state(good);
    EXPECT_EQ(bytes_of(optimizer->state()), bytes_of(good));
  }
}

TEST(OptimizerState, OrderOfTheTensorsDoesNotMatter) {
  for (const OptimizerOptions& options : all_options()) {
    const auto a = make_optimizer(options, parameters(DType::kF32)),
               b = make_optimizer(options, parameters(DType::kF32));
    step(*a, 1);
    NamedTensors turned = copy(a->state());
    std::reverse(turned.begin(), turned.end());
    b->load_state(turned);
    EXPECT_EQ(bytes_of(a->state()), bytes_of(b->state())) << options.name;
  }
}

struct Plain : Optimizer {
  explicit Plain(const ParameterGroups& groups) : Optimizer(groups, {.rate = 1}) {}
  void update(const Run<float>& run) const override { move(run); }
  void update(const Run<double>& run) const override { move(run); }

 private:
  template <class T>
  static void move(const Run<T>& run) {
    for (int64_t i = 0; i < run.elements.n; ++i) run.elements.w[i] -= run.rate * run.elements.g[i];
  }
};

TEST(OptimizerGroups, AParameterBelongsToTheFirstGroupThatHasIt) {
  for (const bool slow_first : {true, false}) {
    Tensor w = Tensor::ones({1});
    const ParameterGroup slow{.parameters = {w}, .rate_factor = 0.25}, fast{.parameters = {w}};
    const auto made = slow_first ? ParameterGroups{slow, fast} : ParameterGroups{fast, slow};
    Plain optimizer(made);
    w.set_grad(Tensor::ones({1}));
    optimizer.step();
    EXPECT_EQ(w.item(), slow_first ? 0.75 : 0);
  }
}

TEST(OptimizerGroups, MatricesAndVectorsAreToldApartByRank) {
  const Tensor matrix = Tensor::ones({2, 2}), vector = Tensor::ones({2}), scalar = Tensor::ones({}),
               cube = Tensor::ones({1, 2, 2});
  const ParameterGroups groups = decay_matrices_only({vector, matrix, scalar, cube});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_TRUE(groups[0].decay);
  EXPECT_EQ(groups[0].parameters.size(), 2U);
  EXPECT_EQ(groups[0].parameters[1].id(), cube.id());
  EXPECT_FALSE(groups[1].decay);
  EXPECT_EQ(groups[1].parameters[0].id(), vector.id());
}

TEST(OptimizerGroups, KeepTheirRateFactorsWhereMatricesAloneDecay) {
  const Tensor slow = Tensor::ones({2, 2}), fast = Tensor::ones({2}), slow_vector = Tensor::ones({2});
  const ParameterGroups groups = decay_matrices_only(
      ParameterGroups{{.parameters = {slow, slow_vector}, .rate_factor = 0.5}, {.parameters = {fast}}});
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].parameters[0].id(), slow.id());
  EXPECT_EQ(groups[0].rate_factor, 0.5);
  EXPECT_EQ(groups[2].parameters[0].id(), slow_vector.id());
  EXPECT_EQ(groups[2].rate_factor, 0.5);
  EXPECT_FALSE(groups[2].decay);
  EXPECT_EQ(groups[3].parameters[0].id(), fast.id());
  EXPECT_EQ(groups[3].rate_factor, 1);
}

TEST(Optimizers, ARateOfZeroMovesNothing) {
  for (OptimizerOptions options : all_options()) {
    options.weight_decay = 0;
    options.rate = 0;
    const auto optimizer = make_optimizer(options, parameters(DType::kF32));
    const std::string before = bytes_of(optimizer->parameters());
    for (uint64_t n = 0; n < 3; ++n) step(*optimizer, n);
    EXPECT_EQ(bytes_of(optimizer->parameters()), before) << options.name;
  }
}

TEST(Optimizers, BothPrecisionsGoTheSameWay) {
  for (const OptimizerOptions& options : all_options()) {
    const auto single = make_optimizer(options, parameters(DType::kF32));
    const auto both = make_optimizer(options, parameters(DType::kF64));
    for (uint64_t n = 0; n < 6; ++n) step(*single, n), step(*both, n);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_LT(testing::relative_error(single->parameters()[i].clone(DType::kF64), both->parameters()[i]), 1e-4)
          << options.name;
  }
}

TEST(Optimizers, HugeAndTinyGradientsGiveFiniteSteps) {
  for (const char* name : {"adam", "adamw", "rmsprop", "adagrad"})
    for (const float size : {1e-30f, 1e18f}) {
      Tensor w = Tensor::ones({4});
      const auto optimizer = make_optimizer({.name = name, .rate = 0.01}, {w});
      for (int n = 0; n < 3; ++n) {
        w.set_grad(Tensor::full({4}, size));
        optimizer->step();
      }
      for (const float value : std::as_const(w).values<float>()) {
        EXPECT_TRUE(std::isfinite(value)) << name << " " << size;
        EXPECT_NEAR(value, 1, 0.3) << name << " " << size;
      }
    }
}

}  // namespace
}  // namespace recur
