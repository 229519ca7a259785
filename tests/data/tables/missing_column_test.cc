#include "recur/data/tables/missing_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "recur/base/error.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

const std::vector<std::string> kColumns{"time", "price"};

TEST(MissingColumn, IsWrongUsageWhenAnOptionNamesIt) {
  EXPECT_THROW(fail_missing_column("a.csv", "pirce", kColumns, true), UsageError);
  EXPECT_ERROR(fail_missing_column("a.csv", "pirce", kColumns, true),
               "a.csv: there is no column 'pirce', which an option names; did you mean 'price'?; columns: time, price");
}

TEST(MissingColumn, IsAnErrorOfTheDataWhenEarlierOnesHadIt) {
  try {
    fail_missing_column("b.csv:3", "label", kColumns, false);
  } catch (const UsageError&) {
    FAIL() << "the command was right";
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "b.csv:3: there is no column 'label', which the training data or the first file had; columns: time, price");
  }
}

TEST(MissingColumn, ListsTheFirstOfManyColumns) {
  EXPECT_ERROR(fail_missing_column("a.csv", "x", std::vector<std::string>(31, "#"), true), "#, ... and 1 more");
}

}  // namespace
}  // namespace recur
