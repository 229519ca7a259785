// What holds of every task's trained model: it may be shared among threads, cloned, and asked for each example.
#include "recur/tasks/trained.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <thread>

#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

class EveryTrained : public ::testing::TestWithParam<TinyTask> {
 protected:
  // After a few steps and a validation, so that there are thresholds.
  Taught<Task> taught() const {
    auto taught = teach(make_tiny(GetParam()), tiny_training_data(data_, 0.3), 3);
    taught.training->validate();
    return taught;
  }
  bool is(std::string_view name) const { return GetParam().task == name; }

  Scratch scratch_;
  const DataFiles data_ = tiny_files(GetParam(), scratch_);
};

std::string text_of(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* whole = std::get_if<int64_t>(&cell)) return std::to_string(*whole);
  return fmt::format("{:a}", std::get<double>(cell));  // every bit
}

std::string text_of(const Kept& kept) {
  std::string text = fmt::format("{}\n", fmt::join(kept.names(), ","));
  for (const auto& row : kept.rows()) {
    for (const TableCell& cell : row) text += text_of(cell) + ",";
    text += "\n";
  }
  return text + kept.written();
}

// All that a model says of the data, to the bit.
std::string said(const Trained& trained, const DataFiles& data) {
  Kept predicted, scores, written;
  trained.predict(data, predicted);
  std::string text;
  const Evaluation evaluation = trained.evaluate(data, &scores);
  for (const Metric& each : evaluation.metrics) text += fmt::format("{}={:a}\n", each.name, each.value);
  if (trained.info().name == "lm") trained.generate({.prompt = "the ", .length = 30}, written);
  if (trained.info().name == "detect") {
    const auto session = trained.session();
    for (const char* line : {"x,y", "0.5,1", "2,NA", "0,0"}) session->take({line}, written);
  }
  return text + text_of(predicted) + text_of(scores) + text_of(written);
}

// While it lives, data sets keep nothing in memory that they can have on disk.
struct NoMemoryForData {
  NoMemoryForData() { ::setenv("RECUR_DATA_MEMORY", "1", 1); }
  ~NoMemoryForData() { ::unsetenv("RECUR_DATA_MEMORY"); }
};

TEST_P(EveryTrained, LearnsFromDataOnDiskAndSaysTheSameOfThem) {
  std::optional<NoMemoryForData> none(std::in_place);
  const auto from_disk = taught();
  const std::string on_disk = said(from_disk.trained(), data_);
  none.reset();
  EXPECT_EQ(on_disk, said(from_disk.trained(), data_));
}

TEST_P(EveryTrained, SaysTheSameToManyThreadsAtOnce) {
  const auto taught = this->taught();
  const Trained& trained = taught.trained();
  const std::string alone = said(trained, data_);
  constexpr int kThreads = 8;
  std::vector<std::string> together(kThreads);
  std::vector<std::thread> threads;
  for (std::string& each : together) threads.emplace_back([&] { each = said(trained, data_); });
  for (std::thread& each : threads) each.join();
  for (const std::string& each : together) EXPECT_EQ(each, alone);
}

TEST_P(EveryTrained, OfAFileSaysTheSameToManyThreadsAtOnce) {
  taught().trained().save_int8(scratch_ / "model.recur");
  const std::unique_ptr<const Trained> trained = load_trained(scratch_ / "model.recur");
  std::vector<std::string> together(4);
  std::vector<std::thread> threads;
  // Nothing has been packed or cached by an earlier use.
  for (std::string& each : together) threads.emplace_back([&] { each = said(*trained, data_); });
  for (std::thread& each : threads) each.join();
  for (const std::string& each : together) EXPECT_EQ(each, said(*trained, data_));
}

TEST_P(EveryTrained, ACloneHasItsOwnOptionsAndTheSameWeights) {
  std::unique_ptr<Trained> clone;
  {
    const auto taught = this->taught();
    const std::string options = taught.trained().options_toml(), before = said(taught.trained(), data_);
    clone = with_use(taught.trained(), {"eval_batch=3"});
    EXPECT_EQ(taught.trained().options_toml(), options);
    EXPECT_NE(clone->options_toml(), options);
    EXPECT_EQ(said(taught.trained(), data_), before);
    const Tensors own = taught.trained().module().parameters(), same = clone->module().parameters();
    ASSERT_EQ(own.size(), same.size());
    for (size_t i = 0; i < own.size(); ++i) EXPECT_EQ(own[i].id(), same[i].id());
  }
  EXPECT_FALSE(said(*clone, data_).empty());  // and needs the first no more
}

// The mean of a column, each row weighted by another; "": all alike.
double mean_of(const Kept& rows, std::string_view column, std::string_view weight = "") {
  const std::vector<double> values = rows.numbers(column);
  const std::vector<double> weights = weight.empty() ? std::vector(values.size(), 1.0) : rows.numbers(weight);
  return std::inner_product(values.begin(), values.end(), weights.begin(), 0.0) /
         std::accumulate(weights.begin(), weights.end(), 0.0);
}

TEST_P(EveryTrained, EvaluationGivesARowForEachExample) {
  const auto taught = this->taught();
  Kept rows;
  const Evaluation result = taught.trained().evaluate(data_, &rows);
  const Evaluation without = taught.trained().evaluate(data_);
  for (const Metric& each : without.metrics) EXPECT_EQ(result.at(each.name), each.value) << each.name;
  for (const auto& row : rows.rows()) EXPECT_EQ(row.size(), rows.names().size());
  const auto count = std::ssize(rows.rows());
  if (is("lm")) {
    EXPECT_EQ(count, 12);  // lines, each for itself: no parts of the text's own loss
    return;
  }
  if (is("detect")) {  // a step has a score and no loss
    EXPECT_EQ(count, result.examples);
    EXPECT_EQ(rows.names().back(), "label");
    return;
  }
  if (is("tag")) {
    EXPECT_EQ(count, 11);
    EXPECT_NEAR(mean_of(rows, "loss", "tokens"), result.at("loss"), 1e-5);
    EXPECT_NEAR(mean_of(rows, "correct") * 11 / static_cast<double>(result.examples), result.at("accuracy"), 1e-9);
    return;
  }
  if (is("translate")) {
    EXPECT_EQ(count, 13);
    EXPECT_NEAR(mean_of(rows, "loss", "tokens"), result.at("loss"), 1e-5);
    return;
  }
  if (is("transcribe")) {
    EXPECT_EQ(count, 11);
    EXPECT_NEAR(mean_of(rows, "loss", "tokens"), result.at("loss"), 1e-5);
    return;
  }
  if (is("synthesize")) {
    EXPECT_EQ(count, 11);
    EXPECT_NEAR(mean_of(rows, "loss", "frames"), result.at("loss"), 1e-5);
    return;
  }
  if (is("act")) {
    EXPECT_EQ(count, 100);  // episodes
    EXPECT_NEAR(mean_of(rows, "return"), result.at("return"), 1e-9);
    EXPECT_NEAR(mean_of(rows, "steps") * 100, static_cast<double>(result.examples), 1e-6);
    return;
  }
  if (is("diagnose")) {
    EXPECT_EQ(count, 13 * 2 - 3);  // answers that are known
  } else {
    EXPECT_EQ(count, result.examples);
  }
  EXPECT_NEAR(mean_of(rows, "loss"), result.at("loss"), 1e-5);
}

// By which a resumed run notices that its data have changed.
TEST_P(EveryTrained, ItsTrainingTellsItsOwnDataFromOthers) {
  const auto checksum = [](const DataFiles& data, std::vector<std::string> more = {}) {
    TinyTask tiny = GetParam();
    tiny.options.insert(tiny.options.end(), more.begin(), more.end());
    return make_tiny(tiny)->train({.files = data}, {})->data_checksum();
  };
  const std::string own = checksum(data_);
  EXPECT_FALSE(own.empty());
  EXPECT_EQ(checksum(data_), own);
  if (is("act")) {
    EXPECT_NE(checksum(data_, {"env=t-maze:3"}), own);
  } else {
    EXPECT_NE(checksum(tiny_files(GetParam(), scratch_, 2)), own);
  }
}

TEST(TinyTasks, AreOfEveryTask) {
  const std::vector<TinyTask> tiny = tiny_tasks();
  for (const TaskInfo& info : tasks()) EXPECT_GE(std::ranges::count(tiny, info.name, &TinyTask::task), 1) << info.name;
}

INSTANTIATE_TEST_SUITE_P(All, EveryTrained, ::testing::ValuesIn(tiny_tasks()), name_of_tiny);

}  // namespace
}  // namespace recur
