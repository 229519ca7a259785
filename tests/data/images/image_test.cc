#include "recur/data/images/image.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "recur/base/base64.h"
#include "recur/base/random.h"
#include "tests/data/images/png_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

Image read(std::string bytes, const char* name = "a.png", int64_t most = kMostPixels) {
  return read_image(DataFile::from_memory(name, std::move(bytes)), most);
}

// Rows without a filter, as a PNG of any kind holds them. Chunks between header and data: palettes.
std::string png_of(uint32_t width, uint32_t height, int bits, int colours, const std::string& raw,
                   const std::string& between = "") {
  std::vector<Bytef> packed(::compressBound(static_cast<uLong>(raw.size())));
  uLongf size = static_cast<uLongf>(packed.size());
  ::compress(packed.data(), &size, reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()));
  std::string header = big_endian(width) + big_endian(height);
  header += {static_cast<char>(bits), static_cast<char>(colours), 0, 0, 0};
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + between +
         png_chunk("IDAT", std::string(reinterpret_cast<const char*>(packed.data()), size)) + png_chunk("IEND", "");
}

TEST(ReadImage, PngOfEightAndSixteenBitsAreExact) {
  const Image eight = read(png_of(3, 1, 8, 0, std::string("\0\0\x33\xff", 4)));
  EXPECT_EQ(eight.bits, 8);
  EXPECT_EQ(eight.channels, 1);
  EXPECT_EQ(eight.values, (std::vector<float>{0, 0x33 / 255.0f, 1}));
  const Image sixteen = read(png_of(2, 1, 16, 0, std::string("\0\x01\x02\xff\xfe", 5)));
  EXPECT_EQ(sixteen.bits, 16);
  EXPECT_EQ(sixteen.values, (std::vector<float>{0x0102 / 65535.0f, 0xfffe / 65535.0f}));
}

TEST(ReadImage, PngOfOneBitIsBlackAndWhite) {
  const Image image = read(png_of(3, 2, 1, 0, std::string("\0\xA0\0\x40", 4)));
  EXPECT_EQ(image.bits, 1);
  EXPECT_EQ(image.values, (std::vector<float>{1, 0, 1, 0, 1, 0}));
}

TEST(ReadImage, PalettesAreColours) {
  const std::string palette = png_chunk("PLTE", std::string("\xff\0\0\0\xff\0", 6));
  const Image image = read(png_of(2, 1, 8, 3, std::string("\0\x01\0", 3), palette));
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.bits, 8);
  EXPECT_EQ(image.values, (std::vector<float>{0, 1, 0, 1, 0, 0}));
  EXPECT_FALSE(image.had_alpha);
}

TEST(ReadImage, WhatIsTransparentIsLaidOnWhite) {
  const Image image = read(png_of(3, 1, 8, 6, std::string("\0\0\0\0\0\xff\xff\0\0\0\0\0\x33", 13)));
  EXPECT_EQ(image.channels, 3);
  EXPECT_TRUE(image.had_alpha);
  const std::vector<float> expected{1, 1, 1, 1, 1, 0, 0.8f, 0.8f, 0.8f};
  for (size_t i = 0; i < 9; ++i) EXPECT_NEAR(image.values[i], expected[i], i < 6 && i > 2 ? 1 : 1e-6) << i;
  const Image opaque = read(png_of(1, 1, 8, 4, std::string("\0\x40\xff", 3)));
  EXPECT_FALSE(opaque.had_alpha);
  EXPECT_EQ(opaque.values, (std::vector<float>{0x40 / 255.0f}));
}

TEST(ReadImage, WritesWhatItReads) {
  Random random(3);
  for (const int bits : {8, 16}) {
    for (const int64_t channels : {1, 3}) {
      Image image{.height = 5, .width = 7, .channels = channels, .bits = bits, .values = {}};
      const auto largest = bits == 8 ? 255 : 65535;
      for (int64_t i = 0; i < 35 * channels; ++i) {
        image.values.push_back(static_cast<float>(random.below(static_cast<uint64_t>(largest) + 1)) /
                               static_cast<float>(largest));
      }
      for (const std::string& bytes : {recur::png_bytes(image, bits), pnm_bytes(image, bits)}) {
        const Image again = read(bytes);
        EXPECT_EQ(again.bits, bits);
        EXPECT_EQ(again.channels, channels);
        EXPECT_EQ(again.width, 7);
        EXPECT_EQ(again.values, image.values);
      }
    }
  }
  Image beyond{.height = 1, .width = 3, .values = {-1, 2, NAN}};
  EXPECT_EQ(read(recur::png_bytes(beyond, 8)).values, (std::vector<float>{0, 1, 0}));
}

TEST(ReadImage, PgmAndPpmOfDigitsAndBytes) {
  const Image digits = read("P2 # a comment\n3 1\n# more\n4\n0 2\n4\n", "a.pgm");
  EXPECT_EQ(digits.values, (std::vector<float>{0, 0.5f, 1}));
  const Image colours = read(std::string("P6\n1 2 255\n\xff\0\0\0\0\xff", 17), "a.ppm");
  EXPECT_EQ(colours.channels, 3);
  EXPECT_EQ(colours.height, 2);
  EXPECT_EQ(colours.values, (std::vector<float>{1, 0, 0, 0, 0, 1}));
  const Image wide = read(std::string("P5 1 1 1000\n\x01\xf4", 14), "a.pgm");
  EXPECT_EQ(wide.bits, 16);
  EXPECT_EQ(wide.values, (std::vector<float>{0.5f}));
  EXPECT_ERROR(read("P5 3 1 255\nab", "a.pgm"), "a.pgm: ");
  EXPECT_ERROR(read("P5 8 1 255\nabcdefg", "a.pgm"), "a.pgm: the file is cut off: expected 8 bytes of values, got 7");
  EXPECT_ERROR(read("P2 2 1 9\n1 a", "a.pgm"), "a.pgm: byte 12: expected the next value, a number");
  EXPECT_ERROR(read("P2 2 1 9\n1 4.5", "a.pgm"), "a.pgm: byte 13: expected a blank behind the next value");
  EXPECT_ERROR(read("P2 2 1 9\n1 4 5", "a.pgm"), "a.pgm: has more than 2 values");
  EXPECT_ERROR(read("P2 2 1 9\n1 10", "a.pgm"), "a.pgm: value 2 is 10, expected at most 9");
  EXPECT_ERROR(read("P2 2 1 0\n1 1", "a.pgm"), "expected a largest value of 1 .. 65535, got 0");
  EXPECT_ERROR(read("P2 2", "a.pgm"), "expected the height, but the file is cut off");
  EXPECT_ERROR(read("P5 9999999999 1 255\n", "a.pgm"), "the width is too large");
  for (const std::string one : {"P5 2 1 255\nab", "P2 2 1 9\n1 2 "}) {
    EXPECT_ERROR(read(one + "\n" + one, "a.pgm"), "a.pgm: has several pictures one behind the other");
    EXPECT_ERROR(read(one + "\n# next\n" + one, "a.pgm"), "a.pgm: has several pictures one behind the other");
    EXPECT_EQ(read(one + "\nP5x", "a.pgm").width, 2);
    EXPECT_EQ(read(one + "\nPx and other bytes", "a.pgm").width, 2);
  }
}

TEST(ReadImage, SizesThatAFileClaimsAreHeldAgainstIt) {
  const GreyImage small{.width = 3, .height = 2, .values = std::vector<float>(6, 0.5f)};
  EXPECT_ERROR(read(png_bytes(small, 30000, 30000)), "a.png: expected at most 67108864 pixels, got 30000 x 30000");
  EXPECT_ERROR(read(png_bytes(small, 8000, 8000)), "bytes cannot hold 8000 x 8000 pixels: the file is cut off");
  EXPECT_ERROR(read("P5 30000 30000 255\nabc", "a.pgm"), "a.pgm: expected at most");
  EXPECT_ERROR(read("P5 8000 8000 255\nabc", "a.pgm"), "cannot hold 8000 x 8000 pixels");
  EXPECT_ERROR(read(png_bytes(small), "b.png", 5), "b.png: expected at most 5 pixels, got 3 x 2");
  EXPECT_ERROR(read("no picture", "c.png"), "c.png: expected a picture (PNG, JPEG, PGM or PPM)");
}

// A picture of 8 x 8 that falls from white at the upper left to black, and one of colours; made by Pillow, quality 90.
const char* const kGreyJpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGB"
    "YUGBIUFRT/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAf/EABkQAAEFAAAAAAAAAAAAAAAAAAgAJDRCUf/aAAgBAQAAPwAKYppj"
    "zbL/2Q==";
const char* const kColourJpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGB"
    "YUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAI"
    "AAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAwj/xA"
    "AUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCSACWW/9k=";
const char* const kCmykJpeg =
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFB"
    "gSFBUU/8AAFAgAAgACBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBL"
    "AAA/AH0+n0+v/9k=";

TEST(ReadImage, JpegOfGreyAndColours) {
  ASSERT_TRUE(can_read_jpeg());
  const Image grey = read(base64_decode(kGreyJpeg), "a.jpg");
  ASSERT_EQ(grey.channels, 1);
  ASSERT_EQ(grey.pixels(), 64);
  for (int64_t y = 0; y < 8; ++y) {
    for (int64_t x = 0; x < 8; ++x) {
      EXPECT_NEAR(grey.values[static_cast<size_t>(y * 8 + x)], 1 - static_cast<float>(x + y) / 14, 0.02);
    }
  }
  const Image colours = read(base64_decode(kColourJpeg), "a.jpg");
  ASSERT_EQ(colours.channels, 3);
  EXPECT_NEAR(colours.values[0], 200 / 255.0, 0.03);
  EXPECT_NEAR(colours.values[1], 40 / 255.0, 0.03);
  EXPECT_NEAR(colours.values[2], 90 / 255.0, 0.03);
  EXPECT_ERROR(read(base64_decode(kCmykJpeg), "print.jpg"),
               "print.jpg: expected a JPEG of grey or of red, green "
               "and blue, got CMYK");
}

TEST(ReadImage, DamagedFilesAreErrorsOrPictures) {
  Random random(1);
  const GreyImage small{.width = 3, .height = 2, .values = std::vector<float>(6, 0.5f)};
  for (const std::string& whole :
       {png_bytes(small), base64_decode(kGreyJpeg), base64_decode(kColourJpeg), std::string("P5 2 2 255\nabcd")}) {
    for (size_t cut = 0; cut < whole.size(); ++cut) {
      std::string changed = whole;
      changed[random.below(changed.size())] = static_cast<char>(random.below(256));
      for (const std::string& bytes : {whole.substr(0, cut), changed}) {
        try {
          const Image image = read(bytes, "a", 10000);
          EXPECT_EQ(std::ssize(image.values), image.pixels() * image.channels);
        } catch (const Error& error) {
          EXPECT_NE(std::string(error.what()).find("a: "), std::string::npos) << error.what();
        }
      }
    }
  }
  const std::string jpeg = base64_decode(kGreyJpeg);
  EXPECT_ERROR(read(jpeg.substr(0, jpeg.size() - 12), "a.jpg"), "a.jpg: ");
}

TEST(GreyOf, WeighsColours) {
  const Image image{.height = 1, .width = 2, .channels = 3, .values = {1, 0, 0, 0.3f, 0.3f, 0.3f}};
  EXPECT_FALSE(is_grey(image));
  const Image grey = grey_of(image);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_NEAR(grey.values[0], 0.2125, 1e-6);
  EXPECT_EQ(grey.values[1], 0.3f);
}

TEST(IsImageName, GoesByTheExtension) {
  EXPECT_TRUE(is_image_name("a/B.PNG"));
  EXPECT_TRUE(is_image_name("a.jpeg"));
  EXPECT_FALSE(is_image_name("a.txt"));
  EXPECT_FALSE(is_image_name("png"));
}

}  // namespace
}  // namespace recur
