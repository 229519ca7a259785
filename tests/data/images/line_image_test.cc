#include "recur/data/images/line_image.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "tests/data/images/png_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

DataFile picture(std::string bytes) { return DataFile::from_memory("a.png", std::move(bytes)); }

TEST(ReadGrey, GivesGreyValues) {
  const GreyImage image{.width = 3, .height = 2, .values = {0, 0.2f, 1, 1, 0.6f, 0}};
  const GreyImage read = read_grey(picture(png_bytes(image)));
  EXPECT_EQ(read.width, 3);
  EXPECT_EQ(read.height, 2);
  ASSERT_EQ(read.values.size(), 6u);
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(read.values[i], image.values[i], 1.0 / 255);
}

TEST(ReadGrey, WhatIsNoneIsAnErrorThatNamesTheFile) {
  const GreyImage image{.width = 3, .height = 2, .values = std::vector<float>(6, 0.5f)};
  EXPECT_ERROR(read_grey(picture("hello")), "a.png: expected a picture");
  EXPECT_ERROR(read_grey(picture("")), "a.png");
  EXPECT_ERROR(read_grey(picture(png_bytes(image)), 5), "a.png: expected at most 5 pixels, got 3 x 2");
  EXPECT_ERROR(read_grey(picture(png_bytes(image, 60000, 60000))), "expected at most");
  EXPECT_ERROR(read_grey(picture(png_bytes(image, 3, 200))), "a.png");
  EXPECT_ERROR(read_grey(DataFile("no/such.png")), "no/such.png");
  const std::string whole = png_bytes(image);
  Random random(1);
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    std::string changed = whole;
    changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    for (const std::string& bytes : {whole.substr(0, cut), changed}) {
      try {
        const GreyImage read = read_grey(picture(bytes), 10000);
        EXPECT_EQ(std::ssize(read.values), read.width * read.height);
      } catch (const Error&) {
      }
    }
  }
}

TEST(LineRows, AreColumnsOfInk) {
  const GreyImage image{.width = 4, .height = 2, .values = {1, 0, 1, 0.5f, 1, 1, 0, 0.5f}};
  const FrameRows rows = line_rows(image, 2);
  EXPECT_EQ(rows.width, 2);
  EXPECT_EQ(rows.steps(), 4);
  EXPECT_EQ(rows.values, (std::vector<float>{0, 0, 1, 0, 0, 1, 0.5f, 0.5f}));
}

TEST(LineRows, KeepProportionsAndSayNothingOfPolarity) {
  Random random(2);
  GreyImage image{.width = 90, .height = 30, .values = std::vector<float>(90 * 30, 1)};
  for (int64_t x = 20; x < 40; ++x) {
    for (int64_t y = 10; y < 20; ++y) image.values[y * 90 + x] = 0;
  }
  GreyImage dark = image;
  for (float& value : dark.values) value = 0.8f - 0.5f * value;
  const FrameRows rows = line_rows(image, 15), same = line_rows(dark, 15);
  EXPECT_EQ(rows.steps(), 45);
  ASSERT_EQ(same.values.size(), rows.values.size());
  for (size_t i = 0; i < rows.values.size(); ++i) EXPECT_NEAR(rows.values[i], same.values[i], 1e-5);
  EXPECT_NEAR(rows.values[15 * 15 + 7], 1, 1e-5);  // in the middle of the ink
  EXPECT_NEAR(rows.values[30 * 15 + 7], 0, 1e-5);
  EXPECT_EQ(line_rows(image, 15, 0.5).steps(), 23);
  EXPECT_EQ(line_rows(image, 60).steps(), 180);
  const GreyImage blank{.width = 1, .height = 40, .values = std::vector<float>(40, 1)};
  EXPECT_EQ(line_rows(blank, 8).steps(), 1);
  for (const float ink : line_rows(blank, 8).values) EXPECT_EQ(ink, 0);
}

}  // namespace
}  // namespace recur
