#include "recur/data/tables/guess_layout.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(GuessLayout, AsksWhetherColumnsOfDifferentLengthsAreSeries) {
  const std::string header = "Y1,Y2,Y3,Y4,Y5,Y6,Y7,Y8\n", row = "1,2,3,4,5,6,7,8\n";
  EXPECT_ERROR(guess(header + row + "1,,3,4,,6,7,8\n1,,3,4,,6,7,8\n"), "layout = long");
  EXPECT_EQ(guess(header + row + "1,2,3,4,5,,,\n").layout, Layout::kWide);
  EXPECT_EQ(guess("date," + header + "2020-01-01," + row + "2020-01-02," + row + "2020-01-03," + row).layout,
            Layout::kLong);
}

}  // namespace
}  // namespace recur
