#include "recur/optim/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "recur/base/threads.h"
#include "recur/optim/adagrad.h"
#include "recur/optim/adam.h"
#include "recur/optim/asgd.h"
#include "recur/optim/clip.h"
#include "recur/optim/rmsprop.h"
#include "recur/optim/sgd.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

using Make = std::function<std::unique_ptr<Optimizer>(const Tensors&)>;

// Every optimiser with everything it can keep.
std::vector<Make> all_optimizers() {
  return {
      [](const Tensors& p) {
        return std::make_unique<Sgd>(p, SgdOptions{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1});
      },
      [](const Tensors& p) { return std::make_unique<Asgd>(p, AsgdOptions{.average_after = 2}); },
      [](const Tensors& p) { return std::make_unique<Adam>(p, AdamOptions{.amsgrad = true}); },
      [](const Tensors& p) { return std::make_unique<AdamW>(p, AdamOptions{.weight_decay = 0.1}); },
      [](const Tensors& p) { return std::make_unique<Rmsprop>(p, RmspropOptions{.momentum = 0.5, .centered = true}); },
      [](const Tensors& p) { return std::make_unique<Adagrad>(p, AdagradOptions{.rate_decay = 0.1}); }};
}

Tensors make_parameters() {
  Tensors result;
  for (const Shape& shape : {Shape{3, 5}, Shape{7}, Shape{}, Shape{0, 2}, Shape{150, 150}}) {
    result.push_back(testing::normal(shape, 1 + result.size(), DType::kF32));
    result.back().set_requires_grad();
  }
  return result;
}

Tensors copies(const Tensors& tensors) {
  Tensors result;
  for (const Tensor& t : tensors) result.push_back(t.clone());
  return result;
}

// Gradients that depend on `number` alone.
void set_gradients(Optimizer& optimizer, uint64_t number) {
  for (Tensor p : optimizer.parameters()) p.set_grad(testing::normal(p.shape(), 100 + number, DType::kF32));
}

void step(Optimizer& optimizer, uint64_t number) {
  set_gradients(optimizer, number);
  optimizer.step();
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.bytes(), b.bytes(), a.byte_size()) == 0;
}

bool same_bits(const Tensors& a, const Tensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto& x, auto& y) { return same_bits(x, y); });
}

NamedTensors copy(const NamedTensors& state) {
  NamedTensors result;
  for (const auto& [name, value] : state) result.push_back({name, value.clone()});
  return result;
}

TEST(Optimizer, GoesOnFromAStoredStateToTheSameBits) {
  for (const Make& make : all_optimizers()) {
    const auto whole = make(make_parameters());
    whole->set_rate(0.05);
    for (uint64_t n = 0; n < 4; ++n) step(*whole, n);
    const NamedTensors stored = copy(whole->state());
    Tensors parameters;
    for (const Tensor& p : whole->parameters()) parameters.push_back(p.clone());
    for (uint64_t n = 4; n < 7; ++n) step(*whole, n);

    const auto resumed = make(parameters);
    resumed->load_state(stored);
    EXPECT_EQ(resumed->steps(), 4);
    EXPECT_EQ(resumed->rate(), 0.05);
    for (uint64_t n = 4; n < 7; ++n) step(*resumed, n);
    EXPECT_TRUE(same_bits(whole->parameters(), resumed->parameters()));
    const AverageScope average(*whole), other_average(*resumed);
    EXPECT_TRUE(same_bits(whole->parameters(), resumed->parameters()));
  }
}

TEST(Optimizer, GivesTheSameBitsForAnyNumberOfThreads) {
  const int before = threads();
  for (const Make& make : all_optimizers()) {
    Tensors first;
    for (const int count : {1, 3}) {
      set_threads(count);
      const auto optimizer = make(make_parameters());
      for (uint64_t n = 0; n < 3; ++n) step(*optimizer, n);
      if (count == 1)
        first = optimizer->parameters();
      else
        EXPECT_TRUE(same_bits(first, optimizer->parameters()));
    }
  }
  set_threads(before);
}

TEST(Optimizer, UpdatesATiedParameterOnceAndKeepsItsIdentity) {
  Tensor w = Tensor::ones({2});
  const Tensor other_handle = w;
  Sgd sgd({w, w, other_handle}, {.rate = 1});
  EXPECT_EQ(sgd.parameters().size(), 1u);
  w.set_grad(Tensor::from({0.25f, 0.5f}, {2}));
  sgd.step();
  EXPECT_THAT(other_handle.values<float>(), ElementsAre(0.75f, 0.5f));
  EXPECT_EQ(sgd.parameters()[0].id(), w.id());
}

TEST(Optimizer, PassesOverParametersWithoutAGradient) {
  for (const Make& make : all_optimizers()) {
    Tensor with = Tensor::ones({3}), without = Tensor::ones({3});
    const auto optimizer = make({with, without});
    for (int n = 0; n < 4; ++n) {
      with.set_grad(Tensor::ones({3}));
      optimizer->step();
    }
    EXPECT_LT(with.data<float>()[0], 1);
    EXPECT_EQ(without.data<float>()[0], 1);
    const AverageScope scope(*optimizer);
    EXPECT_EQ(without.data<float>()[0], 1);
  }
}

TEST(Optimizer, GroupsHaveTheirOwnRateAndDecay) {
  Tensor matrix = Tensor::ones({1, 1}), bias = Tensor::ones({1}), slow = Tensor::ones({1});
  ParameterGroups groups = decay_matrices_only({matrix, bias});
  groups.push_back({.parameters = {slow}, .rate_factor = 0.5});
  Sgd sgd(groups, {.rate = 1, .weight_decay = 0.5});
  for (Tensor p : sgd.parameters()) p.set_grad(Tensor::full(p.shape(), 0.25));
  sgd.step();
  EXPECT_EQ(matrix.item(), 1 - 0.75);
  EXPECT_EQ(bias.item(), 1 - 0.25);
  EXPECT_EQ(slow.item(), 1 - 0.75 / 2);
}

TEST(Optimizer, ZeroGradForgetsTheGradients) {
  Tensor w = Tensor::ones({2});
  Adam adam({w}, {});
  w.set_grad(Tensor::ones({2}));
  adam.zero_grad();
  EXPECT_FALSE(w.grad().defined());
  adam.step();
  EXPECT_EQ(w.data<float>()[0], 1);
}

TEST(Optimizer, ASteadyStepTakesNothingFromTheArena) {
  for (const Make& make : all_optimizers()) {
    const auto optimizer = make(make_parameters());
    step(*optimizer, 1);
    const ArenaStats before = arena_stats();
    reset_arena_peak();
    for (int n = 0; n < 5; ++n) optimizer->step();
    EXPECT_EQ(arena_stats().peak_bytes, before.bytes_in_use);
    EXPECT_EQ(arena_stats().system_allocations, before.system_allocations);
  }
}

TEST(Optimizer, RejectsAStateOfAnotherAndStaysAsItWas) {
  Tensor w = Tensor::ones({2});
  Adam adam({w}, {.rate = 0.5});
  const auto error = [](const char* text) { return ThrowsMessage<Error>(HasSubstr(text)); };
  EXPECT_THAT([&] { adam.load_state(Sgd({w}, {}).state()); }, error("expected 'exp_avg' once"));
  EXPECT_THAT([&] { adam.load_state(Adam({w}, {.amsgrad = true}).state()); }, error("no 'max_exp_avg_sq'"));
  EXPECT_THAT([&] { adam.load_state(Adam({Tensor::ones({3})}, {}).state()); }, error("expected f32 [2], got f32 [3]"));
  EXPECT_THAT([&] { adam.load_state(Adam({Tensor::ones({2}, DType::kF64)}, {}).state()); }, error("got f64"));
  NamedTensors twice = adam.state();
  twice.push_back(twice[0]);
  EXPECT_THAT([&] { adam.load_state(twice); }, error("2 times"));
  EXPECT_EQ(adam.rate(), 0.5);
}

TEST(Optimizer, RejectsWhatItCannotUpdate) {
  Tensor w = Tensor::ones({2});
  EXPECT_THROW(Sgd(Tensors{}, {}), Error);
  EXPECT_THROW(Sgd({w, Tensor::ones({2}, DType::kF64)}, {}), Error);
  EXPECT_THROW(Sgd({Tensor::ones({2}, DType::kBF16)}, {}), Error);
  EXPECT_THROW(Sgd({w}, {.rate = -1}), Error);
  EXPECT_THROW(Sgd({w}, {.rate = 1, .nesterov = true}), Error);
  EXPECT_THROW(Sgd({w}, {.rate = 1, .weight_decay = -1}), Error);
  EXPECT_THROW(Adam({w}, {.beta1 = 1}), Error);
  EXPECT_THROW(Rmsprop({w}, {.alpha = -0.1}), Error);
  EXPECT_THROW(Adagrad({w}, {.rate_decay = -1}), Error);
  Sgd sgd({w}, {});
  EXPECT_THROW(sgd.set_rate(std::nan("")), Error);
  w.set_grad(Tensor::ones({2}, DType::kF64));
  EXPECT_THROW(sgd.step(), Error);
  EXPECT_EQ(sgd.steps(), 0);
}

TEST(Asgd, AveragesFromTheTriggerOnAndSwapsBothWays) {
  Tensor w = Tensor::zeros({1});
  Asgd asgd({w}, {.rate = 1});
  const auto move = [&](float by) {
    w.set_grad(Tensor::from({-by}, {1}));
    asgd.step();
  };
  move(1);
  { const AverageScope nothing_yet(asgd); }
  EXPECT_EQ(w.item(), 1);
  EXPECT_FALSE(asgd.averaging());
  asgd.start_averaging();
  EXPECT_TRUE(asgd.averaging());
  move(1);  // 2
  move(2);  // 4
  asgd.start_averaging();
  move(5);  // 9
  {
    const AverageScope scope(asgd);
    EXPECT_FLOAT_EQ(static_cast<float>(w.item()), 5);
    EXPECT_THROW(asgd.step(), Error);
    EXPECT_THROW(asgd.state(), Error);
  }
  EXPECT_EQ(w.item(), 9);
}

TEST(NonMonotonicTrigger, FiresWhenWorseThanTheBestBeforeTheInterval) {
  NonMonotonicTrigger trigger(2);
  for (const double loss : {5.0, 4.0, 4.5, 4.8}) EXPECT_FALSE(trigger.observe(loss)) << loss;
  NonMonotonicTrigger resumed(2);
  resumed.load_state(trigger.state());
  EXPECT_TRUE(trigger.observe(4.1));  // worse than 4.0; 4.5 and 4.8 lie within the interval
  EXPECT_TRUE(trigger.observe(1));
  EXPECT_FALSE(resumed.observe(3.9));
  EXPECT_FALSE(resumed.triggered());
}

TEST(Optimizer, KeepsItsParametersSideBySideInOneArray) {
  const Tensors parameters = make_parameters();
  const Tensors before = copies(parameters);
  const Sgd optimizer(parameters, {});
  EXPECT_TRUE(same_bits(parameters, before));
  for (size_t i = 0; i + 1 < parameters.size(); ++i) {
    const Tensor &p = parameters[i], &next = parameters[i + 1];
    EXPECT_TRUE(p.shares_storage_with(next));
    EXPECT_EQ(std::as_const(p).bytes() + p.byte_size(), std::as_const(next).bytes());
  }
}

TEST(Optimizer, FindsAParameterThatWasGivenOtherStorage) {
  Tensors parameters = make_parameters();
  Sgd optimizer(parameters, {.rate = 1});
  parameters[1].rebind(Tensor::full({7}, 5));
  parameters[1].set_grad(Tensor::ones({7}));
  optimizer.step();
  for (const float value : parameters[1].values<float>()) EXPECT_EQ(value, 4);
}

TEST(Optimizer, ClippedStepIsClipNormAndStepToTheBit) {
  for (const Make& make : all_optimizers())
    for (const double limit : {1.0, 1e9}) {
      const auto fused = make(make_parameters()), apart = make(make_parameters());
      for (uint64_t n = 0; n < 3; ++n) {
        set_gradients(*fused, n);
        set_gradients(*apart, n);
        const double norm = fused->clipped_step(limit);
        EXPECT_EQ(norm, gradient_norm(fused->parameters()));  // the gradients are as they were
        EXPECT_EQ(norm, clip_norm(apart->parameters(), limit));
        apart->step();
      }
      EXPECT_TRUE(same_bits(fused->parameters(), apart->parameters()));
    }
}

TEST(Optimizer, ClipsTheNormOfGradientsTimesTheirRateFactors) {
  Tensor steep = Tensor::zeros({1}), other = Tensor::zeros({1});
  for (Tensor* p : {&steep, &other}) p->set_requires_grad();
  Sgd optimizer(ParameterGroups{{.parameters = {steep}, .rate_factor = 0.01}, {.parameters = {other}}}, {.rate = 1});
  steep.set_grad(Tensor::full({1}, 300));
  other.set_grad(Tensor::full({1}, 4));
  EXPECT_DOUBLE_EQ(optimizer.gradient_norm(), 5);
  EXPECT_DOUBLE_EQ(optimizer.clipped_step(0.5), 5);
  EXPECT_NEAR(other.item(), -0.4, 1e-6);
  EXPECT_NEAR(steep.item(), -0.3, 1e-6);  // 300 times a tenth and the factor
}

TEST(Optimizer, TakesNoClippedStepWithoutAFiniteNorm) {
  const Tensors parameters = make_parameters();
  const Tensors before = copies(parameters);
  Adam optimizer(parameters, {});
  set_gradients(optimizer, 1);
  Tensor g = parameters[1].grad();
  g.data<float>()[3] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(optimizer.clipped_step(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(optimizer.steps(), 0);
  EXPECT_TRUE(same_bits(parameters, before));
  EXPECT_THROW(optimizer.clipped_step(0), Error);
}

}  // namespace
}  // namespace recur
