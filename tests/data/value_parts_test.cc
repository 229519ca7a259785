#include "recur/data/value_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/data/scaler.h"
#include "tests/data/sequences_of.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(ValueParts, AreThoseOfTheSequencesThatAreWanted) {
  const std::string text = "id,time,x,y\na,1,1,10\na,2,2,20\nb,1,3,30\nc,1,4,40\nc,2,5,50\n";
  std::vector<Scaler> scalers;
  for (const int64_t memory_bytes : {int64_t{1} << 30, int64_t{1}}) {
    const SequenceSet set = sequences_of("a.csv", text, {.memory_bytes = memory_bytes});
    const std::vector<int64_t> which{2, 0};
    std::vector<float> seen;
    const PartSource parts = value_parts(set, which);
    for (int pass = 0; pass < 2; ++pass) {
      seen.clear();
      parts([&](std::span<const float> part) { seen.insert(seen.end(), part.begin(), part.end()); });
      EXPECT_THAT(seen, ElementsAre(4, 40, 5, 50, 1, 10, 2, 20));
    }
    scalers.push_back(Scaler::fit(ScalerKind::kRobust, set.width(), parts));
  }
  EXPECT_EQ(scalers[0].maps({}, 2), scalers[1].maps({}, 2));
}

}  // namespace
}  // namespace recur
