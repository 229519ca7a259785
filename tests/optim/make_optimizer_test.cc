#include "recur/optim/make_optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/optim/asgd.h"

namespace recur {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(MakeOptimizer, MakesEachThatItNamesAndEachLowersALoss) {
  for (const std::string_view name : optimizer_names()) {
    Tensor w = Tensor::ones({2});
    const auto optimizer = make_optimizer({.name = std::string(name), .rate = 0.125}, {w});
    EXPECT_EQ(optimizer->rate(), 0.125);
    w.set_grad(Tensor::ones({2}));
    optimizer->step();
    EXPECT_LT(w.data<float>()[1], 1) << name;
  }
  EXPECT_EQ(optimizer_names().size(), 6u);
}

TEST(MakeOptimizer, UsesTheDefaultsOfTheOptimizer) {
  Tensor w = Tensor::ones({2});
  EXPECT_EQ(make_optimizer({}, {w})->rate(), 1e-3);
  EXPECT_EQ(make_optimizer({.name = "rmsprop"}, {w})->rate(), 1e-2);
  EXPECT_NE(dynamic_cast<Asgd*>(make_optimizer({.name = "asgd"}, {w}).get()), nullptr);
}

TEST(MakeOptimizer, HandsItsOptionsOn) {
  Tensor w = Tensor::ones({2});
  const auto keeps = [&](const OptimizerOptions& o, const char* what) {
    EXPECT_THAT(make_optimizer(o, {w})->state(), Contains(Field(&NamedTensor::name, what)));
  };
  keeps({.name = "sgd", .momentum = 0.9}, "momentum_buffer");
  keeps({.name = "rmsprop", .centered = true}, "grad_avg");
  keeps({.name = "adamw", .amsgrad = true}, "max_exp_avg_sq");
}

TEST(MakeOptimizer, LeavesVectorsOutOfTheDecayOnRequest) {
  Tensor matrix = Tensor::ones({1, 1}), bias = Tensor::ones({1});
  const auto sgd =
      make_optimizer({.name = "sgd", .rate = 1, .weight_decay = 0.5, .decay_vectors = false}, {matrix, bias});
  matrix.set_grad(Tensor::zeros({1, 1}));
  bias.set_grad(Tensor::zeros({1}));
  sgd->step();
  EXPECT_EQ(matrix.item(), 0.5);
  EXPECT_EQ(bias.item(), 1);
}

TEST(MakeOptimizer, SuggestsTheNearestName) {
  EXPECT_THAT([] { make_optimizer({.name = "adm"}, {Tensor::ones({1})}); },
              ThrowsMessage<UsageError>(HasSubstr("did you mean 'adam'")));
}

}  // namespace
}  // namespace recur
