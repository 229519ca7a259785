// Every task that predicts gives records that can be explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>

#include "recur/explain/baseline.h"
#include "recur/explain/explain.h"
#include "recur/explain/gradients.h"
#include "recur/explain/model_tables.h"
#include "recur/explain/states.h"
#include "recur/ops/reshape.h"
#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// A tiny model, a few steps old, and its data.
struct Model {
  Model(const TinyTask& tiny, const std::vector<std::string>& more, int steps = 5) : task(make_tiny(tiny)) {
    Config config;
    task->declare(config);
    for (const std::string& each : more) config.apply_override(each);
    file = tiny_data(tiny, scratch);
    training = task->train({.files = {DataFile(file)}, .held_out = 0.3}, {.seed = 1});
    train_by_hand(*training, steps);
    if (training->has_validation()) training->validate();
  }

  const Trained& trained() const { return training->trained(); }
  std::unique_ptr<ExplainableData> data() const { return trained().explainable({DataFile(file)}); }

  Scratch scratch;
  std::unique_ptr<Task> task;
  std::filesystem::path file;
  std::unique_ptr<Training> training;
};

// The first record with steps enough, at its last step where one has to be chosen.
std::unique_ptr<Explainable> first_record(const ExplainableData& data, const std::string& task) {
  for (int64_t i = 0; i < data.size(); ++i) {
    if (data.steps(i) < 2) continue;
    ExplainTarget target;
    if (task == "tag" || task == "lm") target.step = data.steps(i);
    return data.record(i, target);
  }
  fail("no record");
}

double score_of(const Explainable& record) {
  const ReadRecord& read = record.read();
  return record.score(reshape(read.x, {read.steps(), 1, read.features()})).clone(DType::kF64).values<double>()[0];
}

struct Case {
  std::string name, task;
  std::vector<std::string> options;  // of networks without kinks
};

std::vector<Case> cases() {
  return {{"lm", "lm", {}},
          {"classify", "classify", {}},
          {"classify_ensemble", "classify", {"members=2"}},
          {"tag", "tag", {"output=softmax"}},
          {"tag_crf", "tag", {"output=crf"}},
          {"detect_forecast", "detect", {"method=forecast"}},
          {"detect_reconstruct", "detect", {"method=reconstruct"}},
          {"detect_classify", "detect", {"method=classify"}},
          {"forecast_autoregressive", "forecast", {}},
          {"forecast_smoothing", "forecast", {"decoder=smoothing", "head=mse"}},
          {"diagnose", "diagnose", {}},
          {"translate", "translate", {"scheduled_sampling=none"}},
          {"translate_ensemble", "translate", {"members=2"}},
          {"recognize", "recognize", {}},
          {"transcribe_ctc", "transcribe", {"conv_widths=0", "subsample=1"}},
          {"transcribe_transducer", "transcribe", {"conv_widths=0", "subsample=1", "output=transducer"}},
          {"transcribe_attention", "transcribe", {"conv_widths=0", "subsample=1", "output=ctc_attention"}}};
}

class TasksExplained : public ::testing::TestWithParam<Case> {};

// With 200 points in f64 as with 50 in f32. The baseline is near enough for a score that moves to be worth a relative
// residual.
TEST_P(TasksExplained, IntegratedGradientsAddUpInBothPrecisions) {
  const Case& one = GetParam();
  const Model model(tiny_of(one.task), one.options);
  {
    const auto data = model.data();
    const auto record = first_record(*data, one.task);
    const Attribution found = attribute(*record, {.points = 50});
    EXPECT_LT(*found.residual, 1e-3) << found.score << " " << found.baseline_score;
    EXPECT_NEAR(found.score, score_of(*record), 1e-6 * std::max(1.0, std::abs(found.score)));
    EXPECT_EQ(found.note, "");
    EXPECT_FALSE(record->read().target.empty());
  }
  model.training->module().to(DType::kF64);
  const auto data = model.data();
  const auto record = first_record(*data, one.task);
  ASSERT_EQ(record->read().x.dtype(), DType::kF64);
  EXPECT_LT(*attribute(*record, {.points = 200}).residual, 1e-8);
}

// All variants of a batch are scored as each alone.
TEST_P(TasksExplained, VariantsDoNotDependOnEachOther) {
  const Case& one = GetParam();
  const Model model(tiny_of(one.task), one.options);
  const auto data = model.data();
  const auto record = first_record(*data, one.task);
  const Attribution found = attribute(*record, {.method = "occlusion", .by = "step"});
  const Tensor baseline = baseline_of(record->read());
  const Parts parts(record->read(), baseline, {.by = "step"});
  for (int64_t i = 0; i < parts.size(); ++i) {
    Tensor x = record->read().x.clone();
    for (int64_t at = 0; at < x.numel(); ++at) {
      if (parts.of_number()[static_cast<size_t>(at)] == i) x.data<float>()[at] = baseline.values<float>()[at];
    }
    const Tensor alone = record->score(reshape(x, {x.size(0), 1, x.size(1)}));
    EXPECT_NEAR(found.values[static_cast<size_t>(i)], found.score - double{alone.values<float>()[0]},
                2e-5 * std::max(1.0, std::abs(found.score)));
  }
}

TEST_P(TasksExplained, HasStatesGatesAndMemory) {
  const Case& one = GetParam();
  const Model model(tiny_of(one.task), one.options);
  const auto data = model.data();
  const auto record = first_record(*data, one.task);
  const ReadRecord& read = record->read();
  const auto readings = record->recurrent(reshape(read.x, {read.steps(), 1, read.features()}));
  EXPECT_EQ(readings.empty(), one.name == "forecast_smoothing");
  if (!readings.empty()) {
    for (const StateTrace& trace : trace_states(*record)) EXPECT_GT(trace.steps, 0);
  }
  EXPECT_GT(memory_of(*record).norms.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, TasksExplained, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

// --- The score is what predict says ---

// Rows of predictions by their id, as "column" has them.
std::map<std::string, double> predicted(const Model& model, const std::string& column, const std::string& id) {
  Kept kept;
  model.trained().predict({DataFile(model.file)}, kept);
  const auto at = static_cast<size_t>(std::ranges::find(kept.names(), id) - kept.names().begin());
  const std::vector<double> values = kept.numbers(column);
  std::map<std::string, double> out;
  for (size_t i = 0; i < values.size(); ++i) {
    const TableCell& cell = kept.rows()[i].at(at);
    const auto* text = std::get_if<std::string>(&cell);
    out[text != nullptr ? *text : std::to_string(std::get<int64_t>(cell))] = values[i];
  }
  return out;
}

double worst_difference(const Model& model, const std::map<std::string, double>& expected,
                        const ExplainTarget& target) {
  const auto data = model.data();
  double worst = 0;
  int64_t compared = 0;
  for (int64_t i = 0; i < data->size(); ++i) {
    if (data->steps(i) == 0) continue;
    worst = std::max(worst, std::abs(score_of(*data->record(i, target)) - expected.at(data->id(i))));
    ++compared;
  }
  EXPECT_GT(compared, 2);
  return worst;
}

TEST(ExplainedScore, OfTextIsTheProbabilityWithTheLinearPath) {
  const Model model(tiny_of("classify"), {"ngrams=64", "ngram_characters=4", "most_steps=4"}, 2);
  EXPECT_LT(worst_difference(model, predicted(model, "p.pos", "id"), {.name = "pos", .probability = true}), 1e-5);
}

TEST(ExplainedScore, OfCharactersToo) {
  const Model model(tiny_of("classify"), {"tokens=chars", "ngrams=64", "positions=8"}, 2);
  EXPECT_LT(worst_difference(model, predicted(model, "p.neg", "id"), {.name = "neg", .probability = true}), 1e-5);
}

TEST(ExplainedScore, OfValuesIsInTheirUnits) {
  const TinyTask levels{"levels", "classify", "levels.jsonl", tiny_levels, {"batch=4", "hidden=4", "network=rnn"}};
  const Model model(levels, {});
  EXPECT_LT(worst_difference(model, predicted(model, "value", "id"), {}), 1e-5);
}

TEST(ExplainedScore, OfADiagnosisIsItsProbability) {
  const Model model(tiny_of("diagnose"), {});
  EXPECT_LT(worst_difference(model, predicted(model, "p.ill", "id"), {.name = "ill", .probability = true}), 1e-5);
}

// --- What a model has not ---

TEST(ExplainedTarget, NamesWhatTheModelHas) {
  const Model text(tiny_of("classify"), {});
  EXPECT_ERROR(text.data()->record(0, {.name = "maybe"}), "the model has no class 'maybe'; it has neg, pos");
  EXPECT_ERROR(text.data()->record(0, {.step = 2}), "one output per record");
  const Model records(tiny_of("diagnose"), {});
  EXPECT_ERROR(records.data()->record(0, {.name = "well"}), "no label 'well'; it has ill, tested");
  EXPECT_ERROR(records.data()->record(0, {.step = 99}), "expected a step from 1 to");
  const Model tags(tiny_of("tag"), {});
  const auto sentences = tags.data();
  EXPECT_ERROR(first_record(*sentences, "classify"), "choose one from 1 to");
  const Model series(tiny_of("forecast"), {});
  EXPECT_ERROR(series.data()->record(0, {.name = "q1.5"}), "expected mean or a quantile");
  EXPECT_ERROR(series.data()->record(0, {.step = 3}), "from 1 to 2");
  const Model lines(tiny_of("lm"), {});
  EXPECT_ERROR(lines.data()->record(0, {.step = 1}), "has no symbols before it");
  const Model waves(tiny_of("detect"), {});
  EXPECT_ERROR(waves.data()->record(0, {.name = "x"}), "one score per step");
}

TEST(ExplainedTarget, OfForecastsAreQuantilesToo) {
  const Model model(tiny_of("forecast"), {});
  const auto data = model.data();
  const double low = score_of(*data->record(0, {.name = "q0.1", .step = 1}));
  const double middle = score_of(*data->record(0, {.step = 1})),
               high = score_of(*data->record(0, {.name = "0.9", .step = 1}));
  EXPECT_LT(low, middle);
  EXPECT_LT(middle, high);
}

TEST(ExplainedTarget, OfTranslationsMayBeGiven) {
  const Model model(tiny_of("translate"), {});
  const auto data = model.data();
  const auto own = data->record(0, {}), given = data->record(0, {.name = "ab"});
  EXPECT_LT(score_of(*own), 0);
  EXPECT_EQ(given->read().target, "'ab'");
  const auto token = data->record(0, {.name = "ab", .step = 3, .probability = true});
  EXPECT_THAT(token->read().target, HasSubstr("its end"));
  const ReadRecord& read = given->read();
  const AttentionMap map = given->attention(reshape(read.x, {read.steps(), 1, read.features()}));
  EXPECT_EQ(map.weights.size(0), 3);
  EXPECT_EQ(map.weights.size(1), read.steps());
}

TEST(ExplainedTarget, OfSoundsIsATextOrAWordOfIt) {
  const Model model(tiny_of("transcribe"), {"output=attention"});
  const auto data = model.data();
  const auto whole = data->record(0, {.name = "ab c"}), shorter = data->record(0, {.name = "c"});
  const auto word = data->record(0, {.name = "ab c", .step = 1});
  EXPECT_EQ(whole->read().target, "'ab c'");
  EXPECT_EQ(word->read().target, "word 1, 'ab', of 'ab c' against the same without it");
  EXPECT_NEAR(score_of(*word), score_of(*whole) - score_of(*shorter), 1e-4);
  EXPECT_LT(score_of(*data->record(0, {})), 0);
  EXPECT_ERROR(data->record(0, {.name = "ab c", .step = 3}), "expected a step from 1 to 2");
  const ReadRecord& read = whole->read();
  EXPECT_EQ(read.channels.front(), "band 1");
  const AttentionMap map = whole->attention(reshape(read.x, {read.steps(), 1, read.features()}));
  EXPECT_EQ(map.weights.size(0), 5);  // of four symbols and the end
  EXPECT_EQ(map.queries.back(), "end");
}

TEST(ModelTables, OfTinyModels) {
  const Model model(tiny_of("diagnose"), {});
  const auto data = model.data();
  const ExplainedRecords records{.data = *data, .which = {0, 1, 2}, .target = {}};
  EXPECT_EQ(gate_table(records).rows.size(), 2u);
  const MemoryTable memory = memory_table(records);
  EXPECT_GE(memory.steps_of_most, memory.steps_of_half);
  EXPECT_EQ(correlation_table(records, {}, 3).rows.size(), 3u);
  EXPECT_GT(state_table(records).rows.size(), 3u);
  EXPECT_ERROR(attention_table(records), "this model has no attention");
  const Table near = neighbour_table(records, *data, 2);
  ASSERT_EQ(near.rows.size(), 6u);
  EXPECT_EQ(near.rows[0][0], near.rows[0][2]);  // each is its own nearest
  const Table on = unit_run_table(records, {.units = {0}, .threshold = -2});
  EXPECT_EQ(on.rows.size(), 3u);
  EXPECT_ERROR(unit_run_table(records, {.units = {99}}), "units: rnn.l0 has units");
}

}  // namespace
}  // namespace recur
