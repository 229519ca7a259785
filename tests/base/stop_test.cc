#include "recur/base/stop.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(Stop, IsThrownWhileTheFlagOfTheInnermostScopeIsSet) {
  EXPECT_NO_THROW(check_stop());
  std::atomic<bool> outer{true}, inner{false};
  const StopScope watches(&outer);
  EXPECT_THROW(check_stop(), Stopped);
  {
    const StopScope other(&inner);
    EXPECT_NO_THROW(check_stop());
    inner = true;
    EXPECT_THROW(check_stop(), Stopped);
    const StopScope none(nullptr);
    EXPECT_NO_THROW(check_stop());
  }
  outer = false;
  EXPECT_NO_THROW(check_stop());
}

}  // namespace
}  // namespace recur
