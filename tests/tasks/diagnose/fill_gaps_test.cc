#include "recur/tasks/diagnose/fill_gaps.h"

#include <gtest/gtest.h>

#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;
using Values = std::vector<float>;

// Two channels, five steps.
const Values kGappy{kNone, 1, kNone, kNone, 5, kNone, kNone, 2, kNone, kNone};

TEST(FillGaps, ForwardTakesTheLastValueAndBeforeTheFirstTheNormalOne) {
  EXPECT_EQ(fill_gaps(kGappy, 2, "forward").values, (Values{0, 1, 0, 1, 5, 1, 5, 2, 5, 2}));
}

TEST(FillGaps, ForwardBackTakesTheNextBeforeTheFirst) {
  EXPECT_EQ(fill_gaps(kGappy, 2, "forward_back").values, (Values{5, 1, 5, 1, 5, 1, 5, 2, 5, 2}));
}

TEST(FillGaps, NormalTakesTheNormalValue) {
  EXPECT_EQ(fill_gaps(kGappy, 2, "normal").values, (Values{0, 1, 0, 0, 5, 0, 0, 2, 0, 0}));
}

TEST(FillGaps, AChannelThatIsNeverMeasuredIsNormal) {
  const Values none(6, kNone);
  for (const char* fill : {"normal", "forward", "forward_back"}) {
    EXPECT_EQ(fill_gaps(none, 2, fill).values, Values(6, 0)) << fill;
  }
}

TEST(FillGaps, MasksSayWhatWasMeasured) {
  EXPECT_EQ(fill_gaps(kGappy, 2, "forward").masks, (Values{0, 1, 0, 0, 1, 0, 0, 1, 0, 0}));
}

TEST(FillGaps, ElapsedCountsStepsSinceTheLastMeasurementBefore) {
  EXPECT_EQ(fill_gaps(kGappy, 2, "forward").elapsed, (Values{0, 0, 1, 1, 2, 2, 1, 3, 2, 1}));
}

}  // namespace
}  // namespace recur
