#include "recur/base/finite.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(CheckFinite, NamesThePlaceOfWhatIsNoNumberAndAsksForItOnlyThen) {
  int asked = 0;
  const auto place = [&] { return "record " + std::to_string(++asked); };
  check_finite(std::vector<float>{0, -1e38f, 1e-40f}, place);
  check_finite(1e308, place);
  check_finite(1e-40f, place);
  EXPECT_EQ(asked, 0);
  EXPECT_ERROR(check_finite(std::vector<float>{1, std::numeric_limits<float>::quiet_NaN()}, place),
               "record 1: the prediction is NaN");
  EXPECT_ERROR(check_finite(std::vector<double>{-std::numeric_limits<double>::infinity()}, place),
               "record 2: the prediction is infinite");
  EXPECT_THROW(check_finite(std::numeric_limits<double>::quiet_NaN(), place), NotFiniteError);
}

}  // namespace
}  // namespace recur
