#include "recur/tasks/task_measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

struct MeasuredCase {
  TinyTask tiny;
  std::vector<std::string> measures;  // those that must be compared
};

std::vector<MeasuredCase> measured_cases() {
  return {
      {tiny_of("classify"), {"accuracy", "macro_f1"}},
      {{"levels", "classify", "levels.jsonl", tiny_levels, {"batch=4", "hidden=4", "network=rnn"}}, {"rmse", "mae"}},
      {tiny_of("tag"), {"accuracy", "span_f1"}},
      {tiny_of("translate"), {"chrf", "exact_match", "token_error_rate"}},
      {tiny_of("transcribe"), {"wer", "cer", "exact_match"}},
      {tiny_of("forecast"), {"smape", "mase"}},
      {tiny_of("denoise"), {"psnr", "ssim"}},
      {tiny_of("denoise_series"), {"snr", "rmse"}},
      {tiny_of("caption"), {"cider"}},
      {tiny_of("synthesize"), {"mel_distance"}},
      {tiny_of("recognize"), {"accuracy", "macro_f1"}},
      {{"frames", "recognize", "a.csv", tiny_recordings, {"batch=4", "hidden=4", "network=rnn"}}, {"event_f1"}}};
}

class TaskMeasures : public ::testing::TestWithParam<MeasuredCase> {};

TEST_P(TaskMeasures, OfAllExamplesAreWhatEvaluateSaysAndOfNoneUndefined) {
  const TaughtTiny taught(GetParam().tiny);
  KeptRows examples;
  const Evaluation evaluation = taught.trained().evaluate({DataFile(taught.file)}, &examples);
  std::vector<int64_t> all(examples.rows().size());
  std::iota(all.begin(), all.end(), int64_t{0});
  std::vector<std::string> compared;
  for (const TaskMeasure& measure : taught.trained().measures(examples)) {
    EXPECT_FALSE(measure.of({})) << measure.name;
    const std::optional<double> value = measure.of(all);
    if (!value) continue;
    EXPECT_NEAR(*value, evaluation.at(measure.name), 1e-5 * std::max(1.0, std::abs(*value))) << measure.name;
    compared.push_back(measure.name);
  }
  EXPECT_EQ(compared, GetParam().measures);
}

INSTANTIATE_TEST_SUITE_P(All, TaskMeasures, ::testing::ValuesIn(measured_cases()),
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
  const TaughtTiny taught(tiny_of("transcribe"));
  const auto measures = taught.trained().measures(rows);
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
  const TaughtTiny tagger(tiny_of("tag")), translator(tiny_of("translate"));
  const auto of_tags = tagger.trained().measures(tags);
  EXPECT_FALSE(named(of_tags, "span_f1").of(first));
  EXPECT_DOUBLE_EQ(*named(of_tags, "span_f1").of(both), 2 / 3.0);
  const std::string four = "one two three four";
  const KeptRows texts = rows_of({"sentence", "target", "prediction", "token_errors", "target_tokens"},
                                 {{int64_t{1}, std::string("one two"), std::string("one two"), int64_t{0}, int64_t{2}},
                                  {int64_t{2}, four, std::string(), int64_t{4}, int64_t{4}}});
  const std::vector<int64_t> empty{1};
  const auto of_texts = translator.trained().measures(texts);
  EXPECT_FALSE(named(of_texts, "bleu").of(first));   // no hypothesis could have a sequence of four words
  EXPECT_EQ(*named(of_texts, "bleu").of(empty), 0);  // a translation that is not there is wrong
  EXPECT_DOUBLE_EQ(*named(of_texts, "token_error_rate").of(both), 4 / 6.0);
}

}  // namespace
}  // namespace recur
