#include "recur/data/tables/guess_label.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsEmpty;

TEST(GuessLabel, NotesAnAnomalyColumnOfOtherNumbers) {
  const auto row = [](int i) { return std::to_string(i) + "," + std::to_string(i * i % 7) + (i == 5 ? ",2" : ",0"); };
  const std::string table = table_of("t,x,outlier\n", 12, row);
  EXPECT_THAT(notes_of(table, {.find_anomalies = true}),
              ElementsAre(HasSubstr("column 'outlier' is taken for a channel, since it has '2' besides 0 and 1")));
  EXPECT_THAT(notes_of(table), IsEmpty());
}

TEST(GuessLabel, TakesColumnsOfAnomaliesForLabelsWhereTheyAreLookedFor) {
  const std::string text = "t,x,is_anomaly\n1,5,0\n2,6,1\n3,7,0\n";
  EXPECT_THAT(guess(text).values, ElementsAre("x", "is_anomaly"));
  const Columns columns = guess(text, {.label_steps = true, .find_anomalies = true});
  EXPECT_THAT(columns.values, ElementsAre("x"));
  EXPECT_THAT(columns.step_labels, ElementsAre("is_anomaly"));
  EXPECT_THAT(guess("t,x,outlier\n1,5,0.5\n2,6,1\n", {.find_anomalies = true}).values, ElementsAre("x", "outlier"));
}

}  // namespace
}  // namespace recur
