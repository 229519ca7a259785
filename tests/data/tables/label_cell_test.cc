#include "recur/data/tables/label_cell.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(LabelCell, TakesWordsForClasses) {
  const CellRules rules{TableOptions{}};
  for (const char* label : {"None", "NA", "null", "nan", "N/A", "walk"}) EXPECT_EQ(label_cell(label, rules), label);
  EXPECT_EQ(label_cell(" 1.0 ", rules), "1");
  EXPECT_EQ(label_cell(" ", rules), "");
  EXPECT_EQ(label_cell("?", rules), "");
  EXPECT_EQ(label_cell("NA", CellRules{TableOptions{.missing = "NA"}}), "");
}

}  // namespace
}  // namespace recur
