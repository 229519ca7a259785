#include "recur/tasks/classify/series_defaults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur {
namespace {

using ::testing::HasSubstr;

struct Chosen {
  ClassifyOptions options;
  std::string said;
  double steps = 0;
};

Chosen choose(const SeriesSize& size, ClassifyOptions options = {}) {
  Chosen out{.options = std::move(options), .said = {}};
  out.said = choose_series_defaults(out.options, size);
  out.steps =
      series_epochs(out.options, size) * static_cast<double>(size.count) / static_cast<double>(*out.options.data.batch);
  return out;
}

TEST(SeriesDefaults, FewSeriesGetAnEnsembleSmallBatchesAndEnoughSteps) {
  const Chosen chosen = choose({.count = 29, .mean_steps = 100, .most_steps = 100, .features = 1});
  EXPECT_EQ(chosen.options.model.network, "lstm-fcn");
  EXPECT_EQ(chosen.options.model.members, 5);
  EXPECT_EQ(chosen.options.data.batch, 8);
  EXPECT_TRUE(chosen.options.augment.has("warp"));
  EXPECT_GE(chosen.steps, 800);
  EXPECT_THAT(chosen.said, HasSubstr("an ensemble of 5"));
  EXPECT_THAT(chosen.said, HasSubstr("29 training series of 100 steps"));
}

TEST(SeriesDefaults, ManySeriesGetOneNetworkAndAFewPasses) {
  const Chosen chosen = choose({.count = 100000, .mean_steps = 30, .most_steps = 30, .features = 3});
  EXPECT_EQ(chosen.options.model.members, 1);
  EXPECT_TRUE(chosen.options.augment.has("none"));
  EXPECT_GE(chosen.steps, 200000 / 32);
  EXPECT_LE(chosen.steps, 1000000 / 32);
}

TEST(SeriesDefaults, LongSeriesGetLess) {
  const Chosen chosen = choose({.count = 200, .mean_steps = 2000, .most_steps = 2000, .features = 1});
  EXPECT_EQ(chosen.options.model.filters, (std::vector<int64_t>{64, 128, 64}));
  EXPECT_GT(*chosen.options.model.filter_stride, 1);
  EXPECT_THAT(chosen.said, HasSubstr("of stride"));
}

TEST(SeriesDefaults, WhatIsGivenStays) {
  ClassifyOptions options;
  options.model.network = "cnn";
  options.model.filters = std::vector<int64_t>{9};
  options.model.filter_stride = 7;
  options.model.members = 4;
  options.data.batch = 5;
  options.augment.kinds = {"mixup"};
  const Chosen chosen = choose({.count = 200, .mean_steps = 9000, .most_steps = 9000, .features = 1}, options);
  EXPECT_EQ(chosen.options.model.network, "cnn");
  EXPECT_EQ(chosen.options.model.filters, (std::vector<int64_t>{9}));
  EXPECT_EQ(chosen.options.model.filter_stride, 7);
  EXPECT_EQ(chosen.options.model.members, 4);
  EXPECT_EQ(chosen.options.data.batch, 5);
  EXPECT_TRUE(chosen.options.augment.has("mixup"));
  EXPECT_EQ(chosen.said, "");
}

}  // namespace
}  // namespace recur
