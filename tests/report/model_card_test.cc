#include "recur/report/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const TaskInfo kTask{.name = "classify", .summary = "one label for a sequence", .data = "tables", .unit = "texts"};

ReportRun card_run() {
  return {.name = "first",
          .facts = {{"task", std::string("classify")}, {"training_data", std::string("a|b.csv")}},
          .options = {{"hidden", std::string("8")}},
          .history = {}};
}

ReportRun tested_run() {
  ReportRun run = card_run();
  run.evaluation = ReportEvaluation{
      .data = "test.csv",
      .unit = "texts",
      .result = {.examples = 500, .metrics = {{"loss", 0.25}, {"accuracy", 0.875}}, .tables = {}},
      .groups = {{.name = "by sex", .columns = {"sex", "accuracy"}, .rows = {{std::string("f"), 0.5}}}}};
  return run;
}

TEST(ModelCard, SaysWhatIsMissing) {
  const std::string card = model_card(card_run(), kTask);
  EXPECT_THAT(card, HasSubstr("# Model card: first"));
  EXPECT_THAT(card, HasSubstr("Not measured on test data."));
  EXPECT_THAT(card, HasSubstr("No groups were compared."));
  EXPECT_THAT(card_limits(card_run()), Contains(HasSubstr("not been measured on data that it has not seen")));
}

TEST(ModelCard, HasFiguresAndGroups) {
  const std::string card = model_card(tested_run(), kTask);
  EXPECT_THAT(card, HasSubstr("On test.csv: 500 texts."));
  EXPECT_THAT(card, HasSubstr("| accuracy | 0.875 |"));
  EXPECT_THAT(card, HasSubstr("**by sex**"));
  EXPECT_THAT(card_limits(tested_run()), Not(Contains(HasSubstr("groups"))));
}

TEST(ModelCard, TellsOfSmallTestsAndOfBaselinesThatAreAsGood) {
  ReportRun run = tested_run();
  run.evaluation->result.examples = 40;
  run.evaluation->result.verdict = "the model is no better than naive Bayes: accuracy 0.87, naive Bayes 0.88";
  EXPECT_THAT(card_limits(run), Contains(HasSubstr("The test has 40 texts")));
  EXPECT_THAT(card_limits(run), Contains(HasSubstr("The model is no better than naive Bayes")));
}

// What data and files are called cannot break out of its cell.
TEST(ModelCard, KeepsTablesWhole) {
  const std::string card = model_card(card_run(), kTask);
  EXPECT_THAT(card, HasSubstr("a\\|b.csv"));
  EXPECT_THAT(card, HasSubstr("| training data |"));
}

}  // namespace
}  // namespace recur
