#include "recur/tasks/shuffled_batches.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

const std::vector<int64_t> kLengths{3, 1, 4, 1, 5, 9, 2, 6};

StateReader saved(const ShuffledBatches& batches, const std::filesystem::path& path) {
  StateWriter state;
  batches.save(state);
  state.save(path);
  return StateReader::open(path);
}

TEST(ShuffledBatches, GoOnWhereTheyWereSaved) {
  const Scratch scratch;
  ShuffledBatches first(kLengths, {.batch = 3}, 5), second(kLengths, {.batch = 3}, 5);
  for (int i = 0; i < 4; ++i) {
    first.next();
    first.dropout().bits();
  }
  second.load(saved(first, scratch / "state"));
  EXPECT_EQ(first.epoch(), second.epoch());
  for (int i = 0; i < 6; ++i) {
    const auto a = first.next(), b = second.next();
    EXPECT_TRUE(std::ranges::equal(a.sequences, b.sequences));
    EXPECT_EQ(first.dropout().bits(), second.dropout().bits());
  }
}

TEST(ShuffledBatches, RefuseOtherData) {
  const Scratch scratch;
  const ShuffledBatches first(kLengths, {}, 5);
  ShuffledBatches fewer({3, 1}, {}, 5);
  EXPECT_ERROR(fewer.load(saved(first, scratch / "state")),
               "they had 8 sequences with 31 steps in total, and now have 2 with 4");
}

TEST(UsualEpochs, AreManyForLittleDataAndFewForMuch) {
  EXPECT_EQ(usual_epochs(1), 300);
  EXPECT_EQ(usual_epochs(100), 25);
  EXPECT_EQ(usual_epochs(100000), 8);
}

}  // namespace
}  // namespace recur
