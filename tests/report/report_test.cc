#include "recur/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/report/html_page.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ReportRun long_run(int64_t steps) {
  ReportRun run{.name = "long", .facts = {{"task", std::string("lm")}}, .options = {}, .history = {}};
  for (int64_t step = 1; step <= steps; ++step) {
    const auto t = static_cast<double>(step);
    run.history.push_back(
        {.step = step,
         .epoch = t / 100,
         .metrics = {{"train_loss", 1 + std::sin(t / 7)}, {"train_rate", 1 / t}, {"valid_loss", 2 / t}}});
  }
  run.best_step = steps;
  return run;
}

TEST(Report, OfAHundredThousandStepsIsBelowAMegabyte) {
  const std::vector<ReportRun> runs{long_run(100000)};
  const std::string html = report_html("Long", runs);
  EXPECT_LT(html.size(), 1u << 20);
  EXPECT_EQ(html, report_html("Long", runs));
  EXPECT_THAT(html, HasSubstr("best: step 100000"));
}

TEST(Report, PutsSideBySideWhatDiffers) {
  ReportRun a{
      .name = "a", .facts = {}, .options = {{"hidden", std::string("8")}, {"lr", std::string("0.1")}}, .history = {}};
  ReportRun b{.name = "b", .facts = {}, .options = {{"hidden", std::string("8")}}, .history = {}};
  const std::string html = report_html("Both", std::vector{a, b});
  EXPECT_THAT(html, HasSubstr("<td>lr</td>"));
  EXPECT_THAT(html, Not(HasSubstr("<td>hidden</td>")));
}

TEST(Report, EscapesWhatDataSay) {
  ReportRun run{.name = "<script>alert(1)</script>",
                .facts = {{"labels", std::string("a \"b\" & <i>")}},
                .options = {},
                .history = {}};
  const std::string html = report_html("T", std::vector{run, run});
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("a &quot;b&quot; &amp; &lt;i&gt;"));
}

TEST(Report, ReadsGradientsAndPassesOverWhatIsNone) {
  testing::Scratch scratch;
  const auto path = scratch.put("gradients.jsonl", "{\"step\":5,\"gradient_norm\":[[1,2],[3]]}\n{\"step\":6\n[]\n");
  const auto rows = read_gradients(path);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].step, 5);
  EXPECT_THAT(rows[0].of_layers[0], ElementsAre(1, 2));
}

TEST(Report, NamesTheWorstExamples) {
  KeptRows rows;
  rows.columns({"id", "loss"});
  for (const double loss : {0.5, 3.0, std::nan(""), 2.0}) {
    const std::vector<TableCell> cells{std::string(loss == 3 ? "worst" : "other"), loss};
    rows.row(cells);
  }
  const Table table = worst_examples(rows, 2);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(std::get<std::string>(table.rows[0][0]), "worst");
  EXPECT_EQ(std::get<double>(table.rows[1][1]), 2);
}

const std::vector<ScoredAnswer> kAnswers{
    {.name = "yes", .examples = {{0.9, true}, {0.8, false}, {0.6, true}, {0.1, false}}}};

TEST(AnswerCharts, RocGoesThroughEveryThreshold) {
  const LineChart chart = roc_chart(kAnswers);
  ASSERT_EQ(chart.curves.size(), 1u);
  EXPECT_EQ(chart.curves[0].name, "yes (0.750)");
  EXPECT_THAT(chart.curves[0].xs, ElementsAre(0, 0, 0.5, 0.5, 1));
  EXPECT_THAT(chart.curves[0].ys, ElementsAre(0, 0.5, 0.5, 1, 1));
}

TEST(AnswerCharts, PrecisionOverRecall) {
  const LineChart chart = precision_recall_chart(kAnswers);
  EXPECT_EQ(chart.curves[0].name, "yes (0.833)");  // (1 + 2/3) / 2
  EXPECT_THAT(chart.curves[0].xs, ElementsAre(0.5, 0.5, 1, 1));
  EXPECT_THAT(chart.curves[0].ys, ElementsAre(1, 0.5, DoubleNear(2.0 / 3, 1e-12), 0.5));
}

TEST(AnswerCharts, CalibrationHasThePointsOfBinsThatAreNotEmpty) {
  const LineChart chart = calibration_chart(kAnswers);
  EXPECT_THAT(chart.curves[0].xs, ElementsAre(DoubleNear(0.1, 1e-12), DoubleNear(0.6, 1e-12), DoubleNear(0.8, 1e-12),
                                              DoubleNear(0.9, 1e-12)));
  EXPECT_THAT(chart.curves[0].ys, ElementsAre(0, 1, 0, 1));
}

TEST(AnswerCharts, AreMadeFromWhatModelsWrite) {
  KeptRows examples, predictions;
  examples.columns({"id", "label", "loss", "predicted"});
  predictions.columns({"id", "label", "probability", "p.no", "p.yes"});
  for (const bool yes : {true, false}) {
    const std::string label = yes ? "yes" : "no";
    examples.row(std::vector<TableCell>{std::string("1"), label, 0.1, label});
    predictions.row(std::vector<TableCell>{std::string("1"), label, 0.9, yes ? 0.1 : 0.9, yes ? 0.9 : 0.1});
  }
  const auto answers = scored_answers(examples, predictions);
  ASSERT_EQ(answers.size(), 1u);  // of two classes one says all
  EXPECT_EQ(answers[0].name, "yes");
  EXPECT_EQ(answers[0].examples[0].score, 0.9);
  EXPECT_TRUE(answers[0].examples[0].positive);
  EXPECT_TRUE(scored_answers(KeptRows(), KeptRows()).empty());
}

}  // namespace
}  // namespace recur
