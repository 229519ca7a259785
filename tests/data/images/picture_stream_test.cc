#include "recur/data/images/picture_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

Image picture(int64_t height, int64_t width, int64_t channels, float first) {
  Image image{.height = height, .width = width, .channels = channels, .values = {}};
  for (int64_t i = 0; i < height * width * channels; ++i) image.values.push_back(static_cast<float>(i % 2) * first);
  return image;
}

TEST(PictureStream, PicturesComeOutWholeHoweverTheyAreCut) {
  const std::vector<Image> pictures{picture(3, 2, 1, 1), picture(2, 5, 3, 1), picture(1, 1, 3, 0)};
  const std::string bytes = pnm_bytes(pictures[0], 8) + "\n" + pnm_bytes(pictures[1], 16) + pnm_bytes(pictures[2], 8);
  for (const size_t piece : {1, 2, 3, 11, 1000}) {
    PictureStream stream("camera");
    std::vector<Image> got;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      stream.add(std::string_view(bytes).substr(at, piece));
      while (auto image = stream.next()) got.push_back(*std::move(image));
    }
    stream.finish();
    ASSERT_EQ(got.size(), 3u) << piece;
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(got[i].values, pictures[i].values);
      EXPECT_EQ(got[i].width, pictures[i].width);
      EXPECT_EQ(got[i].channels, pictures[i].channels);
    }
  }
}

TEST(PictureStream, CommentsOfHeadersAreReadOver) {
  PictureStream stream("camera");
  stream.add("P5 # 9 9 9\n2 1# wide\n255\n");
  EXPECT_FALSE(stream.next());
  stream.add("ab");
  EXPECT_EQ(stream.next()->values.size(), 2u);
}

TEST(PictureStream, WhatIsNoPictureIsAnErrorWithItsNumber) {
  const auto read = [](const std::string& bytes, bool ends = true) {
    PictureStream stream("camera", 1000);
    stream.add("P5 1 1 255\na");
    stream.add(bytes);
    while (stream.next()) {
    }
    if (ends) stream.finish();
  };
  EXPECT_ERROR(read("GIF89a"), "camera, picture 2: expected a binary PGM or PPM picture");
  EXPECT_ERROR(read("P2 1 1 255 7"), "camera, picture 2: expected a binary PGM or PPM picture");
  EXPECT_ERROR(read("P5 2 2 255\nabc"), "camera, picture 2: is cut off after 14 bytes");
  EXPECT_ERROR(read("P5 2 2"), "camera, picture 2: is cut off after 6 bytes");
  EXPECT_ERROR(read("P5 2 x 255\n", false), "camera, picture 2: byte");
  EXPECT_ERROR(read("P5 2 2 70000\n", false), "expected a largest value of 1 .. 65535");
  EXPECT_ERROR(read("P6 30000 30000 255\n", false), "camera, picture 2: expected at most");
  EXPECT_ERROR(read("P5 0 2 255\n", false), "camera, picture 2: ");
  EXPECT_ERROR(read("P5 " + std::string(5000, ' '), false), "camera, picture 2: its header has no end");
}

}  // namespace
}  // namespace recur
