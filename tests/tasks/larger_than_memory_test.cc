// Tasks on series whose data are on disk: what is measured and predicted is that of the same data in memory, and a
// training is the same each time.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

// Nearly nothing fits into memory as long as it lives.
class TinyMemory {
 public:
  TinyMemory() { ::setenv("RECUR_DATA_MEMORY", "100", 1); }
  TinyMemory(const TinyMemory&) = delete;
  TinyMemory& operator=(const TinyMemory&) = delete;
  ~TinyMemory() { ::unsetenv("RECUR_DATA_MEMORY"); }
};

struct Results {
  std::vector<double> losses;      // of some steps
  std::vector<Metric> validation;  // before them
  std::vector<float> parameters;   // after them
};

Results train_some(const TinyTask& tiny, const TrainingData& data, uint64_t seed = 1) {
  const auto training = make_tiny(tiny)->train(data, {.seed = seed});
  Results results;
  if (training->has_validation()) results.validation = training->validate().metrics;
  for (int i = 0; i < 12; ++i) results.losses.push_back(train_by_hand(*training, 1));
  for (const auto& [name, value] : training->module().named_parameters()) {
    const auto values = value.values<float>();
    results.parameters.insert(results.parameters.end(), values.begin(), values.end());
  }
  return results;
}

void expect_same(const std::vector<Metric>& a, const std::vector<Metric>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].value, b[i].value) << a[i].name;
  }
}

std::vector<TinyTask> tasks_on_series() {
  const std::vector<std::string> forecast{"batch=4",   "hidden=4", "members=1", "horizon=2",
                                          "context=4", "season=2", "samples=5", "least_past=1"};
  const auto with = [](std::vector<std::string> options, const std::vector<std::string>& more) {
    options.insert(options.end(), more.begin(), more.end());
    return options;
  };
  const std::vector<std::string> detect{"batch=4", "hidden=4", "window=8"};
  return {
      {"diagnose",
       "diagnose",
       "a.csv",
       tiny_records,
       {"batch=4", "hidden=4", "label_columns=ill,tested", "select=loss", "bootstrap=5"}},
      {"detect_forecast", "detect", "a.csv", tiny_wave, detect},
      {"detect_reconstruct", "detect", "a.csv", tiny_wave, with(detect, {"method=reconstruct", "warm_up=3"})},
      {"detect_classify", "detect", "a.csv", tiny_wave, with(detect, {"method=classify", "balanced=true"})},
      {"forecast_direct", "forecast", "a.csv", tiny_series_with_gaps, forecast},
      {"forecast_autoregressive", "forecast", "a.csv", tiny_series_with_gaps,
       with(forecast, {"decoder=autoregressive", "sampling=scale"})},
      {"forecast_standard", "forecast", "a.csv", tiny_series_with_gaps,
       with(forecast, {"scaler=standard", "center=standard", "members=2"})},
      {"forecast_smoothing", "forecast", "a.csv", tiny_series_whole, with(forecast, {"decoder=smoothing"})},
      {"recognize", "recognize", "a.csv", tiny_clips, {"batch=4", "hidden=4", "network=rnn"}},
      {"recognize_frames", "recognize", "a.csv", tiny_recordings, {"batch=2", "hidden=4", "window=8"}},
  };
}

class LargerThanMemory : public ::testing::TestWithParam<TinyTask> {};

TEST_P(LargerThanMemory, IsMeasuredAndPredictedAsInMemory) {
  const Scratch scratch;
  const auto file = tiny_data(GetParam(), scratch, 1), other = tiny_data(GetParam(), scratch, 2);
  const auto taught = teach(make_tiny(GetParam()), {.files = {file}, .held_out = 0.25}, 5);
  taught.training->validate();
  taught.trained().save(scratch / "model.recur");
  const auto model = load_trained(scratch / "model.recur");
  Kept scored, predicted;
  const Evaluation memory = model->evaluate({other}, &scored);
  model->predict({other}, predicted);

  const TinyMemory tiny;
  Kept scored_again, predicted_again;
  const Evaluation disk = model->evaluate({other}, &scored_again);
  model->predict({other}, predicted_again);
  expect_same(memory.metrics, disk.metrics);
  ASSERT_EQ(memory.tables.size(), disk.tables.size());
  for (size_t i = 0; i < memory.tables.size(); ++i) EXPECT_EQ(memory.tables[i].rows, disk.tables[i].rows);
  EXPECT_EQ(scored.rows(), scored_again.rows());
  EXPECT_EQ(predicted.rows(), predicted_again.rows());
  EXPECT_FALSE(predicted.rows().empty());
}

TEST_P(LargerThanMemory, IsValidatedAsInMemoryAndLearntTheSameEachTime) {
  const Scratch scratch;
  const TrainingData data{.files = {tiny_data(GetParam(), scratch)}, .held_out = 0.25};
  const Results memory = train_some(GetParam(), data);
  const TinyMemory tiny;
  const Results disk = train_some(GetParam(), data), again = train_some(GetParam(), data);
  expect_same(memory.validation, disk.validation);
  EXPECT_EQ(disk.losses, again.losses);
  EXPECT_EQ(disk.parameters, again.parameters);
  // Windows of a forecast are drawn in the same order.
  if (GetParam().task == "forecast") {
    EXPECT_EQ(memory.parameters, disk.parameters);
  }
}

// A checkpoint holds the place of what was trained on, not of what was read ahead.
TEST_P(LargerThanMemory, GoesOnWhereItWasSaved) {
  const Scratch scratch;
  const TinyMemory tiny;
  const TrainingData data{.files = {tiny_data(GetParam(), scratch)}, .held_out = 0.25};
  const auto first = make_tiny(GetParam())->train(data, {.seed = 1});
  for (int i = 0; i < 5; ++i) first->step();
  StateWriter writer;
  first->save_state(writer);
  writer.save(scratch / "state");
  const double next = first->step().loss;  // without changing the model
  const auto second = make_tiny(GetParam())->train(data, {.seed = 1});
  second->step();
  second->load_state(StateReader::open(scratch / "state"));
  EXPECT_EQ(second->step().loss, next);
}

INSTANTIATE_TEST_SUITE_P(Tasks, LargerThanMemory, ::testing::ValuesIn(tasks_on_series()), name_of_tiny);

}  // namespace
}  // namespace recur
