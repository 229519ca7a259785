#include "recur/tasks/classify/classify_baselines.h"

#include <gtest/gtest.h>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

Targets targets(const std::vector<std::string>& labels, std::string_view kind = "class") {
  return Targets::fit(labels, kind);
}

double metric(const BaselineResults& results, size_t method, std::string_view name) {
  for (const Metric& each : results.methods.at(method).metrics) {
    if (each.name == name) return each.value;
  }
  return -1;
}

ClassifyExamples texts(const std::vector<std::vector<int32_t>>& symbols, std::vector<float> classes) {
  std::vector<EncodedSequence> all;
  for (const auto& each : symbols) all.push_back({.symbols = each, .steps = std::ssize(each)});
  return {.sequences = dataset_of(std::move(all)), .targets = std::move(classes)};
}

ClassifyExamples series(const std::vector<std::vector<float>>& values, std::vector<float> answers) {
  std::vector<EncodedSequence> all;
  for (const auto& each : values) all.push_back({.values = each, .steps = std::ssize(each), .features = 1});
  return {.sequences = dataset_of(std::move(all)), .targets = std::move(answers)};
}

TEST(ClassifyBaselines, TextsHaveTheMajorityAndNaiveBayes) {
  const Targets classes = targets({"a", "a", "b"});
  const ClassifyExamples train = texts({{1, 2}, {1, 3}, {4, 2}}, {0, 0, 1});
  const ClassifyBaselines baselines = ClassifyBaselines::fit(train, classes);
  const BaselineResults results = baselines.measure(texts({{1}, {4}, {4, 2}}, {0, 1, 1}), classes);
  ASSERT_EQ(results.methods.size(), 2u);
  EXPECT_EQ(results.methods[0].name, "majority");
  EXPECT_DOUBLE_EQ(metric(results, 0, "accuracy"), 1.0 / 3);
  EXPECT_EQ(results.methods[1].name, "naive Bayes");
  EXPECT_DOUBLE_EQ(metric(results, 1, "accuracy"), 1);
}

TEST(ClassifyBaselines, SeriesHaveTheNearestNeighbourInTwoKinds) {
  const Targets classes = targets({"a", "b"});
  const ClassifyBaselines baselines = ClassifyBaselines::fit(series({{0, 0, 3, 0}, {0, 0, 0, 0}}, {0, 1}), classes);
  const BaselineResults results = baselines.measure(series({{0, 3, 0, 0}, {0, 0, 0, 1}}, {0, 1}), classes);
  ASSERT_EQ(results.methods.size(), 3u);
  EXPECT_DOUBLE_EQ(metric(results, 1, "accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(metric(results, 2, "accuracy"), 1);
}

TEST(ClassifyBaselines, ValuesHaveTheMean) {
  const std::vector<std::string> labels{"0.5", "1.5"};
  const Targets values = targets(labels, "value");
  const ClassifyExamples train = series({{0}, {1}}, {-1, 1});
  const BaselineResults results = ClassifyBaselines::fit(train, values).measure(series({{1}}, {1}), values);
  EXPECT_EQ(results.methods[0].name, "mean");
  EXPECT_DOUBLE_EQ(metric(results, 0, "loss"), 1);
  EXPECT_DOUBLE_EQ(metric(results, 1, "loss"), 0);
  EXPECT_FALSE(results.by.higher_is_better);
}

TEST(ClassifyBaselines, OfManySeriesAShareIsKept) {
  std::vector<std::vector<float>> all(300, std::vector<float>(1000, 0));
  const Targets classes = targets({"a", "b"});
  const ClassifyBaselines baselines = ClassifyBaselines::fit(series(all, std::vector<float>(300, 0)), classes);
  const BaselineResults results = baselines.measure(series({{0}}, {0}), classes);
  EXPECT_EQ(results.methods[1].part, "150 of 300 series");
}

TEST(ClassifyBaselines, TextBecomesTheSame) {
  const Targets classes = targets({"a", "b"});
  for (const ClassifyExamples& train : {texts({{1}, {2}}, {0, 1}), series({{1}, {2}}, {0, 1})}) {
    const ClassifyBaselines baselines = ClassifyBaselines::fit(train, classes);
    EXPECT_EQ(ClassifyBaselines::from_text(baselines.to_text(), classes).to_text(), baselines.to_text());
  }
  EXPECT_ERROR((ClassifyBaselines::from_text(R"({"usual": 2})", classes)),
               "baselines: an answer is none of the model's");
  EXPECT_ERROR((ClassifyBaselines::from_text("[]", classes)), "baselines: expected a JSON object");
}

}  // namespace
}  // namespace recur
