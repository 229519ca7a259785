// A model that has learnt to look for one event says that it is this event.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/explain/explain.h"
#include "recur/explain/sanity.h"
#include "tests/support/scratch.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

constexpr int kSteps = 16, kChannels = 3;

struct Planted {
  std::string csv = "id,t,a,b,c,class\n";
  std::vector<int64_t> step;  // of each record, -1: none
};

// Noise in three channels; of the class "event" the second one has a spike at some step.
Planted planted_events(int records, uint64_t seed) {
  Random random(seed);
  Planted out;
  for (int i = 0; i < records; ++i) {
    const bool event = i % 2 == 1;
    const auto at = static_cast<int64_t>(random.below(kSteps));
    out.step.push_back(event ? at : -1);
    for (int t = 0; t < kSteps; ++t) {
      out.csv += fmt::format("r{},{}", i, t);
      for (int c = 0; c < kChannels; ++c) {
        const double spike = event && c == 1 && t == at ? 4 : 0;
        out.csv += fmt::format(",{:.3f}", spike + 0.5 * double{random.normal()});
      }
      out.csv += event ? ",event\n" : ",none\n";
    }
  }
  return out;
}

std::unique_ptr<Task> small_classifier_task() {
  auto task = make_task("classify");
  Config config;
  task->declare(config);
  for (const char* each : {"network=rnn", "cell=gru", "hidden=12", "pooling=max", "batch=16", "label_column=class",
                           "bidirectional=false", "members=1", "augment=none"}) {
    config.apply_override(each);
  }
  return task;
}

TEST(PlantedEventSlow, IsTheFirstAttributionAndRandomWeightsDisagree) {
  const Scratch scratch;
  const Planted train = planted_events(200, 1), test = planted_events(100, 2);
  const auto train_file = scratch.put("train.csv", train.csv), test_file = scratch.put("test.csv", test.csv);
  const auto task = small_classifier_task();
  const auto training = task->train({.files = {DataFile(train_file)}}, {.seed = 1});
  train_by_hand(*training, 120, 0.02);
  const Trained& model = training->trained();
  EXPECT_GT(model.evaluate({DataFile(test_file)}).at("accuracy"), 0.95);

  const auto data = model.explainable({DataFile(test_file)});
  std::vector<std::vector<double>> trained_values;
  int64_t events = 0, found = 0;
  for (int64_t i = 0; i < data->size(); ++i) {
    const auto record = data->record(i, {.name = "event"});
    const Attribution of = attribute(*record);
    trained_values.push_back(of.values);
    const int64_t step = test.step[static_cast<size_t>(i)];
    if (step < 0) continue;
    ++events;
    const auto first = static_cast<size_t>(std::ranges::max_element(of.values) - of.values.begin());
    found += of.parts[first].step == step && of.parts[first].channel == 1;
  }
  ASSERT_EQ(events, 50);
  EXPECT_GE(static_cast<double>(found), 0.95 * static_cast<double>(events));

  Random random(7);
  randomise(training->module(), random);
  double sum = 0;
  for (int64_t i = 0; i < data->size(); ++i) {
    const auto record = data->record(i, {.name = "event"});
    sum += rank_correlation(attribute(*record).values, trained_values[static_cast<size_t>(i)]);
  }
  EXPECT_LE(std::abs(sum / static_cast<double>(data->size())), 0.2);
}

TEST(RankCorrelation, IsSpearmans) {
  EXPECT_NEAR(rank_correlation({1, 2, 3}, {10, 20, 1000}), 1, 1e-12);
  EXPECT_NEAR(rank_correlation({1, 2, 3}, {3, 2, 1}), -1, 1e-12);
  EXPECT_NEAR(rank_correlation({1, 2, 3, 4, 5}, {2, 1, 4, 3, 5}), 0.8, 1e-12);
  EXPECT_NEAR(rank_correlation({1, 1, 2}, {1, 1, 5}), 1, 1e-12);  // equal values share their mean rank
  EXPECT_EQ(rank_correlation({1, 1}, {1, 2}), 0);
}

}  // namespace
}  // namespace recur
