#include "recur/base/error.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(Error, FormatsItsMessageAndUsageErrorsAreErrors) {
  try {
    fail_usage("matmul: b: expected {} rows, got {}", 3, 4);
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "matmul: b: expected 3 rows, got 4");
    EXPECT_NE(dynamic_cast<const UsageError*>(&error), nullptr);
  }
}

}  // namespace
}  // namespace recur
