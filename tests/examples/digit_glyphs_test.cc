#include "examples/support/digit_glyphs.h"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace examples {
namespace {

using ::testing::ElementsAre;

int64_t ink(const Glyphs& glyphs, int64_t i) {
  return std::accumulate(glyphs.of(i), glyphs.of(i) + glyphs.height * glyphs.width, int64_t{0});
}

TEST(DigitGlyphs, DrawnDigitsHaveTheInkOfTheirSegmentsAndVary) {
  recur::Random random(1);
  const Glyphs glyphs = draw_glyphs(200, random);
  EXPECT_EQ(glyphs.count(), 200);
  std::vector<int64_t> of_digit(10);
  for (int64_t i = 0; i < 200; ++i) of_digit[static_cast<size_t>(i % 10)] += ink(glyphs, i);
  for (const size_t digit : {0, 2, 3, 4, 5, 6, 7, 9}) EXPECT_LT(of_digit[digit], of_digit[8]) << digit;
  for (const size_t digit : {0, 2, 3, 4, 5, 6, 7, 9}) EXPECT_GT(of_digit[digit], of_digit[1]) << digit;
  EXPECT_NE(ink(glyphs, 8), ink(glyphs, 18));
  // Nothing is cut off at the edge.
  for (int64_t i = 0; i < 200; ++i) {
    for (int64_t k = 0; k < 28; ++k) {
      EXPECT_EQ(glyphs.of(i)[k] + glyphs.of(i)[27 * 28 + k] + glyphs.of(i)[28 * k] + glyphs.of(i)[28 * k + 27], 0);
    }
  }
}

TEST(DigitGlyphs, AreReadFromIdxFiles) {
  const recur::testing::Scratch scratch;
  // Magic number: bytes, three axes; two pictures of 1 x 3.
  const std::string head("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03", 16);
  const auto path = scratch.put("digits.idx", head + "\x01\x02\x03\xff\x05\x06");
  Glyphs glyphs = read_glyphs(path, 8);
  EXPECT_EQ(glyphs.height, 1);
  EXPECT_EQ(glyphs.width, 3);
  EXPECT_THAT(glyphs.values, ElementsAre(1, 2, 3, 255, 5, 6));
  const Glyphs last = split_off(glyphs, 1);
  EXPECT_THAT(last.values, ElementsAre(255, 5, 6));
  EXPECT_EQ(glyphs.count(), 1);
  EXPECT_ERROR(read_glyphs(path, 2),
               "expected bytes (u1) [pictures, height, width] with sides of at most 2, got u1 [2, 1, 3]");
  const std::string labels("\0\0\x08\x01\0\0\0\x02", 8);
  EXPECT_ERROR(read_glyphs(scratch.put("labels.idx", labels + "ab"), 8), "got u1 [2]");
  EXPECT_ERROR(read_glyphs(scratch / "none", 8), "none");
}

}  // namespace
}  // namespace examples
