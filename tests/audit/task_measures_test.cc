#include "recur/audit/task_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "recur/audit/audit.h"
#include "recur/audit/read_decisions.h"
#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::HasSubstr;

// A tiny model that has learnt for a few steps.
struct Taught {
  explicit Taught(const TinyTask& tiny) : task(make_tiny(tiny)), file(tiny_data(tiny, scratch)) {
    training = task->train({.files = {DataFile(file)}, .held_out = 0.3}, {.seed = 1});
    train_by_hand(*training, 5);
    if (training->has_validation()) training->validate();
  }
  Scratch scratch;
  std::unique_ptr<Task> task;
  std::filesystem::path file;
  std::unique_ptr<Training> training;
};

TinyTask tiny_of(const std::string& name) {
  for (const TinyTask& tiny : tiny_tasks())
    if (tiny.name == name) return tiny;
  fail("no tiny task {}", name);
}

struct Case {
  TinyTask tiny;
  std::vector<std::string> measures;  // those that must be compared
};

std::vector<Case> cases() {
  return {
      {tiny_of("classify"), {"accuracy", "macro_f1"}},
      {{"levels", "classify", "levels.jsonl", tiny_levels, {"batch=4", "hidden=4", "network=rnn"}}, {"rmse", "mae"}},
      {tiny_of("tag"), {"accuracy", "span_f1"}},
      {tiny_of("translate"), {"chrf", "exact_match", "token_error_rate"}},
      {tiny_of("transcribe"), {"wer", "cer", "exact_match"}},
      {tiny_of("forecast"), {"smape", "mase"}},
      {tiny_of("denoise"), {"psnr", "ssim"}},
      {tiny_of("caption"), {"cider"}},
      {tiny_of("synthesize"), {"mel_distance"}},
      {tiny_of("recognize"), {"accuracy", "macro_f1"}},
      {{"frames", "recognize", "a.csv", tiny_recordings, {"batch=4", "hidden=4", "network=rnn"}}, {"event_f1"}}};
}

class TaskMeasures : public ::testing::TestWithParam<Case> {};

TEST_P(TaskMeasures, OfAllExamplesAreWhatEvaluateSaysAndOfNoneUndefined) {
  const Taught taught(GetParam().tiny);
  KeptRows examples;
  const Evaluation evaluation = taught.training->trained().evaluate({DataFile(taught.file)}, &examples);
  std::vector<int64_t> all(examples.rows().size());
  std::iota(all.begin(), all.end(), int64_t{0});
  std::vector<std::string> compared;
  for (const TaskMeasure& measure : task_measures(GetParam().tiny.task, examples)) {
    EXPECT_FALSE(measure.of({})) << measure.name;
    const std::optional<double> value = measure.of(all);
    if (!value) continue;
    EXPECT_NEAR(*value, evaluation.at(measure.name), 1e-5 * std::max(1.0, std::abs(*value))) << measure.name;
    compared.push_back(measure.name);
  }
  EXPECT_EQ(compared, GetParam().measures);
}

INSTANTIATE_TEST_SUITE_P(All, TaskMeasures, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.tiny.name; });

KeptRows rows_of(const std::vector<std::string>& names, const std::vector<std::vector<TableCell>>& rows) {
  KeptRows out;
  out.columns(names);
  for (const auto& row : rows) out.row(row);
  return out;
}

const TaskMeasure& named(const std::vector<TaskMeasure>& measures, const std::string& name) {
  for (const TaskMeasure& measure : measures)
    if (measure.name == name) return measure;
  fail("no measure {}", name);
}

TEST(TaskMeasure, WeighsByWordsAndNotByRecordings) {
  const KeptRows rows = rows_of({"sound", "word_errors", "words", "character_errors", "characters"},
                                {{std::string("a"), int64_t{1}, int64_t{2}, int64_t{3}, int64_t{8}},
                                 {std::string("b"), int64_t{1}, int64_t{8}, int64_t{0}, int64_t{32}},
                                 {std::string("c"), int64_t{2}, int64_t{0}, int64_t{2}, int64_t{0}}});
  const auto measures = task_measures("transcribe", rows);
  const std::vector<int64_t> first{0, 1}, silent{2}, twice{0, 0, 1};
  EXPECT_DOUBLE_EQ(*named(measures, "wer").of(first), 0.2);
  EXPECT_DOUBLE_EQ(*named(measures, "wer").of(twice), 3 / 12.0);
  EXPECT_DOUBLE_EQ(*named(measures, "exact_match").of(first), 0.5);
  EXPECT_FALSE(named(measures, "wer").of(silent));  // words where nobody speaks
}

TEST(TaskMeasure, WithoutSpansOrLongReferencesIsUndefined) {
  const KeptRows tags = rows_of({"sentence", "tokens", "correct", "hits", "false_alarms", "misses"},
                                {{int64_t{1}, int64_t{4}, int64_t{4}, int64_t{0}, int64_t{0}, int64_t{0}},
                                 {int64_t{2}, int64_t{4}, int64_t{3}, int64_t{1}, int64_t{1}, int64_t{0}}});
  const std::vector<int64_t> first{0}, both{0, 1};
  const auto of_tags = task_measures("tag", tags);
  EXPECT_FALSE(named(of_tags, "span_f1").of(first));
  EXPECT_DOUBLE_EQ(*named(of_tags, "span_f1").of(both), 2 / 3.0);
  const std::string four = "one two three four";
  const KeptRows texts = rows_of({"sentence", "target", "prediction", "token_errors", "target_tokens"},
                                 {{int64_t{1}, std::string("one two"), std::string("one two"), int64_t{0}, int64_t{2}},
                                  {int64_t{2}, four, std::string(), int64_t{4}, int64_t{4}}});
  const std::vector<int64_t> empty{1};
  const auto of_texts = task_measures("translate", texts);
  EXPECT_FALSE(named(of_texts, "bleu").of(first));   // no hypothesis could have a sequence of four words
  EXPECT_EQ(*named(of_texts, "bleu").of(empty), 0);  // a translation that is not there is wrong
  EXPECT_DOUBLE_EQ(*named(of_texts, "token_error_rate").of(both), 4 / 6.0);
}

std::string groups_of(int64_t records, const char* text) {
  std::string out = text;
  for (int64_t i = 0; i < records; ++i) out += fmt::format("{}\n", i % 2 == 0 ? "odd" : "even");
  return out;
}

TEST(AuditOfATask, ComparesItsMetricsAndRefusesWhatNeedsDecisions) {
  const Taught taught(tiny_of("tag"));
  const DataFiles data{DataFile(taught.file)};
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(11, "place\n"));
  const Trained& model = taught.training->trained();
  const ReadDecisions read = read_decisions(model, data, groups, {.groups = {"place"}});
  std::vector<std::string> figures;
  for (const auto& row : audit(read.decisions, {.bootstrap = {.samples = 20}}).figures.rows) {
    if (!std::holds_alternative<double>(row[4])) continue;
    figures.push_back(text_of(row[1]) + "/" + text_of(row[2]));
  }
  EXPECT_THAT(figures, Contains("odd/accuracy"));
  EXPECT_THAT(figures, Contains("/accuracy_difference"));
  EXPECT_THAT(figures, Contains("/loss_difference"));
  EXPECT_ERROR(read_decisions(model, data, groups, {.groups = {"place"}, .positive = "O"}),
               "positive: this model makes no");
  const DecisionOptions high{.groups = {"place"}, .threshold = 0.5};
  EXPECT_ERROR(read_decisions(model, data, groups, high), "threshold: this model makes no");
}

TEST(AuditOfATask, AnomaliesAreDecisions) {
  const Taught taught(tiny_of("detect"));
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(75, "half\n"));
  const ReadDecisions read =
      read_decisions(taught.training->trained(), {DataFile(taught.file)}, groups, {.groups = {"half"}});
  EXPECT_EQ(read.decisions.size(), 75);
  EXPECT_TRUE(read.decisions.records[8].actual.value());
  EXPECT_FALSE(read.decisions.records[0].actual.value());
  EXPECT_TRUE(read.decisions.records[0].score.has_value());
  EXPECT_FALSE(read.decisions.probabilities);
  EXPECT_ERROR(fit_group_thresholds(read, {.groups = {"half"}}), "equalize: expected a model that gives probabilities");
}

TEST(AuditOfATask, ManyClassesAreComparedByAccuracyOrOneAgainstTheOthers) {
  const Taught taught({"classes", "classify", "a.jsonl", tiny_classes, {"batch=4", "hidden=4", "network=rnn"}});
  const DataFiles data{DataFile(taught.file)};
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(32, "half\n"));
  const Trained& model = taught.training->trained();
  const ReadDecisions all = read_decisions(model, data, groups, {.groups = {"half"}});
  EXPECT_EQ(all.decisions.measures.size(), 2u);
  EXPECT_THAT(all.notes, Contains(HasSubstr("of the 8 classes are compared")));
  const ReadDecisions one = read_decisions(model, data, groups, {.groups = {"half"}, .positive = "c3"});
  EXPECT_TRUE(one.decisions.measures.empty());
  EXPECT_TRUE(one.decisions.records[0].chosen.has_value());
  const DecisionOptions odd{.groups = {"half"}, .positive = "c3", .threshold = 1.5};
  EXPECT_ERROR(read_decisions(model, data, groups, odd), "threshold: expected a probability");
  EXPECT_ERROR(read_decisions(model, data, groups, {.groups = {"half"}, .label = "c3"}), "label: this model makes no");
}

}  // namespace
}  // namespace recur
