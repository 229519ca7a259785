#include "recur/data/tables/guess_wide.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"

namespace recur {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// Six rows of nine steps between other columns.
template <class Before, class Behind>
std::string wide(std::string before, const Before& cell_before, const std::string& behind, const Behind& cell_behind) {
  for (int i = 0; i < 9; ++i) before += fmt::format("t{},", i);
  return table_of(before + behind + "\n", 6,
                  [&](int i) { return cell_before(i) + "1.5,2,3,4,5,6,7,8,9," + cell_behind(i); });
}

TEST(GuessWide, LeavesOutNumbersBesideTheNumberedColumns) {
  const auto before = [](int i) { return fmt::format("p{},{},", i, i % 2 + 30); };
  const auto behind = [](int i) { return fmt::format("{}", i % 3); };
  const std::string text = wide("name,age,", before, "target", behind);
  const Columns columns = guess(text);
  EXPECT_EQ(columns.layout, Layout::kWide);
  EXPECT_EQ(columns.id, "name");
  EXPECT_THAT(columns.ignored, ElementsAre("age", "target"));
  EXPECT_THAT(notes_of(text),
              Contains("a.csv: 2 columns are left out, not being called as steps are, 't0' to 't8': age, target; "
                       "label_column, id_column or static_columns can name them"));
  EXPECT_THAT(guess(text, {.columns = {.labels = {"target"}}}).ignored, ElementsAre("age"));
}

TEST(GuessWide, TakesTheIdThatDiffersFromRowToRow) {
  const auto before = [](int i) { return fmt::format("{},{},", 7000 + 3 * i, i % 2 + 5); };
  const auto behind = [](int i) { return std::string(i % 2 == 0 ? "walk" : "run"); };
  const std::string text = wide("sample_id,subject,", before, "label", behind);
  const Columns columns = guess(text);
  EXPECT_EQ(columns.id, "sample_id");
  EXPECT_THAT(columns.labels, ElementsAre("label"));
  EXPECT_THAT(columns.ignored, ElementsAre("subject"));
  EXPECT_THAT(notes_of(text), Contains("a.csv: column 'sample_id' is taken for the id, since it differs from row to "
                                       "row; set id_column to another"));
  const auto subject = [](int i) { return fmt::format("{},", i % 2 + 5); };
  EXPECT_EQ(guess(wide("subject,", subject, "label", behind)).id, "subject");  // nothing differs
}

}  // namespace
}  // namespace recur
