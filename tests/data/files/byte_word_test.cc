#include "recur/data/files/byte_word.h"

#include <gtest/gtest.h>

#include <string>

#include "recur/base/random.h"

namespace recur::internal {
namespace {

TEST(ByteWord, FindsEveryPlaceOfAByteAndNoOther) {
  Random random(1);
  for (int round = 0; round < 10'000; ++round) {
    std::string text(8, ' ');
    for (char& c : text) c = random.below(3) == 0 ? ',' : static_cast<char>(random.below(256));
    uint64_t places = places_of(',', load_8(text.data()));
    for (size_t i = 0; i < 8; ++i) {
      if (text[i] != ',') continue;
      ASSERT_EQ(first_place(places), i) << round;
      places &= places - 1;
    }
    ASSERT_EQ(places, 0u) << round;
  }
}

TEST(ByteWord, HasTheFirstByteInTheLowestPlace) {
  EXPECT_EQ(load_8("\1\2\3\4\5\6\7\x08"), 0x0807060504030201u);
  EXPECT_EQ(load_4("\1\2\3\4"), 0x04030201u);
}

}  // namespace
}  // namespace recur::internal
