#include "recur/base/counted.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(Counted, IsOneOrMany) {
  EXPECT_EQ(counted(1, "row", "rows"), "1 row");
  EXPECT_EQ(counted(0, "row", "rows"), "0 rows");
  EXPECT_EQ(counted(2, "line is", "lines are"), "2 lines are");
}

}  // namespace
}  // namespace recur
