#include "recur/optim/early_stopping.h"

#include <gtest/gtest.h>

#include <cmath>

namespace recur {
namespace {

TEST(EarlyStopping, StopsAfterItsPatienceWithoutImprovement) {
  EarlyStopping stopping({.patience = 2, .min_delta = 0.1});
  EXPECT_TRUE(stopping.observe(5));
  EXPECT_FALSE(stopping.observe(4.95));  // better by less than min_delta
  EXPECT_TRUE(stopping.observe(4.8));
  EXPECT_FALSE(stopping.observe(4.8));
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_FALSE(stopping.observe(std::nan("")));
  EXPECT_TRUE(stopping.should_stop());
  EXPECT_EQ(stopping.best(), 4.8);
}

TEST(EarlyStopping, MaximizesOnRequest) {
  EarlyStopping stopping({.patience = 1, .maximize = true});
  EXPECT_TRUE(stopping.observe(-3));
  EXPECT_TRUE(stopping.observe(-2));
  EXPECT_FALSE(stopping.observe(-2.5));
  EXPECT_TRUE(stopping.should_stop());
}

TEST(EarlyStopping, GoesOnFromAStoredState) {
  EarlyStopping first({.patience = 2}), second({.patience = 2});
  first.observe(1);
  first.observe(2);
  second.load_state(first.state());
  EXPECT_EQ(second.best(), 1);
  EXPECT_FALSE(second.should_stop());
  second.observe(3);
  EXPECT_TRUE(second.should_stop());
  EXPECT_THROW(second.load_state({}), Error);
}

TEST(EarlyStopping, TheLossDecidesBetweenEqualMetrics) {
  EarlyStopping stopping({.patience = 2, .maximize = true});
  EXPECT_TRUE(stopping.observe(0.9, 0.5));
  EXPECT_TRUE(stopping.observe(1.0, 0.21));
  EXPECT_FALSE(stopping.observe(0.9, 0.1));  // a worse metric, whatever its loss
  EXPECT_TRUE(stopping.observe(1.0, 0.2));   // lower than that of the best model
  EXPECT_FALSE(stopping.observe(1.0, 0.2));
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_FALSE(stopping.observe(1.0, std::nan("")));
  EXPECT_TRUE(stopping.should_stop());
  EXPECT_EQ(stopping.best(), 1);
}

TEST(EarlyStopping, ALossThatFallsIsAnImprovement) {
  EarlyStopping stopping({.patience = 2, .maximize = true});
  stopping.observe(0.9, 1);
  for (const double loss : {0.9, 0.8, 0.7, 0.6}) EXPECT_FALSE(stopping.observe(0.8, loss));
  EXPECT_EQ(stopping.without_improvement(), 0);
  stopping.observe(0.8, 0.6);
  EXPECT_EQ(stopping.without_improvement(), 1);
  stopping.observe(0.8, 0.7);
  EXPECT_TRUE(stopping.should_stop());
}

TEST(EarlyStopping, WithinWhatChanceCanDoTheLaterModelIsKept) {
  EarlyStopping stopping({.maximize = true});
  EXPECT_TRUE(stopping.observe(0.9, 0.1, 0.05));
  EXPECT_TRUE(stopping.observe(0.87, 0.2, 0.05));
  EXPECT_TRUE(stopping.observe(0.851, 0.3, 0.05));
  EXPECT_FALSE(stopping.observe(0.84, 0.1, 0.05));  // of the best, not of the last that was kept
  EXPECT_TRUE(stopping.observe(0.95, 0.3, 0.05));
  EXPECT_FALSE(stopping.observe(std::nan(""), 0.3, 0.05));
  EXPECT_EQ(stopping.best(), 0.95);
}

TEST(EarlyStopping, TakesTheStateOfAVersionWithoutLosses) {
  EarlyStopping old({.patience = 2}), stopping({.patience = 2});
  old.observe(1, 1);
  NamedTensors state = old.state();
  state.resize(2);
  stopping.load_state(state);
  EXPECT_EQ(stopping.best(), 1);
  EXPECT_TRUE(stopping.observe(1, 0.5));
}

TEST(EarlyStopping, RejectsNoPatience) {
  EXPECT_THROW(EarlyStopping({.patience = 0}), Error);
  EXPECT_THROW(EarlyStopping({.min_delta = -1}), Error);
}

TEST(EarlyStopping, CountsFromTheLastImprovementAlone) {
  EarlyStopping stopping({.patience = 3});
  for (const double loss : {5.0, 6.0, 6.0, 4.0, 4.0, 4.0}) {
    stopping.observe(loss);
    EXPECT_FALSE(stopping.should_stop()) << loss;
  }
  EXPECT_FALSE(stopping.observe(4.0));  // the same is no improvement
  EXPECT_TRUE(stopping.should_stop());
  EXPECT_EQ(stopping.best(), 4);
}

TEST(EarlyStopping, TakesNoSmallImprovementForOne) {
  EarlyStopping stopping({.patience = 2, .min_delta = 0.5});
  EXPECT_TRUE(stopping.observe(10));
  EXPECT_FALSE(stopping.observe(9.6));
  EXPECT_TRUE(stopping.observe(9.4));
  EXPECT_FALSE(stopping.observe(9));
  EXPECT_FALSE(stopping.observe(8.95));
  EXPECT_TRUE(stopping.should_stop());
}

TEST(EarlyStopping, NanIsNeverTheBestEvenAtFirst) {
  EarlyStopping stopping({.patience = 2});
  EXPECT_FALSE(stopping.observe(std::nan("")));
  EXPECT_TRUE(stopping.observe(1e30));
  EXPECT_FALSE(stopping.observe(std::nan("")));
  EXPECT_FALSE(stopping.observe(std::nan("")));
  EXPECT_TRUE(stopping.should_stop());
}

}  // namespace
}  // namespace recur
