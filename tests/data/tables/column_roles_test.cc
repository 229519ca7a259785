#include "recur/data/tables/column_roles.h"

#include <gtest/gtest.h>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(ColumnRoles, SaysWhatDoesNotExistOrIsDeclaredTwice) {
  EXPECT_ERROR(guess("time,price\n1,2\n", {.columns = {.values = {"pirce"}}}),
               "a.csv: there is no column 'pirce', which an option names; did you mean 'price'?; columns: time, price");
  EXPECT_ERROR(guess("t,x\n1,2\n", {.columns = {.id = "t", .time = "t"}}), "column 't' is declared for two things");
  EXPECT_ERROR(guess("t,x\n1,2\n", {.columns = {.values = {"#0"}}}), "there is no column '#0'");
  EXPECT_ERROR(guess("t,x\n1,2\n", {.columns = {.step_labels = {"t", "x"}}}), "a step has one label");
  EXPECT_ERROR(guess("a,b\nx,y\n"), "no column of numbers is left for values");
  EXPECT_ERROR(guess("x,x\n1,2\n"), "two columns are called 'x'");
}

}  // namespace
}  // namespace recur
