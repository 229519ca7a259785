#include "recur/data/files/number_array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "tests/data/array_bytes.h"
#include "tests/support/pack.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kPlenty = 1 << 20;

DataFile file_of(std::string bytes) { return DataFile::from_memory("a", std::move(bytes)); }
NumberArray npy(std::string bytes, int64_t most = kPlenty, int64_t memory = kPlenty) {
  return read_array(file_of(std::move(bytes)), {.max_values = most, .memory_bytes = memory});
}
NumberArray idx(std::string bytes) { return read_array(file_of(std::move(bytes)), {.max_values = kPlenty}); }

TEST(NumberArray, ReadsFloatsOfEverySize) {
  EXPECT_THAT(npy(npy_of("<f4", "(2, 2)", f32_bytes({1, -2.5F, 3, 1e30F}))).values,
              ElementsAre(1, -2.5, 3, double{1e30F}));
  EXPECT_THAT(npy(npy_of("<f8", "(3,)", f64_bytes({1, 0.1, -1e300}))).values, ElementsAre(1, 0.1, -1e300));
  // 1, -2, the smallest subnormal and 65504 in half precision
  EXPECT_THAT(
      npy(npy_of("<f2", "(4,)", little(0x3C00, 2) + little(0xC000, 2) + little(1, 2) + little(0x7BFF, 2))).values,
      ElementsAre(1, -2, std::ldexp(1, -24), 65504));
}

TEST(NumberArray, ReadsIntegersOfEverySizeAndByteOrder) {
  EXPECT_THAT(npy(npy_of("|i1", "(2,)", "\x7F\x80")).values, ElementsAre(127, -128));
  EXPECT_THAT(npy(npy_of("|u1", "(2,)", "\x7F\x80")).values, ElementsAre(127, 128));
  EXPECT_THAT(npy(npy_of("|b1", "(2,)", std::string("\x00\x01", 2))).values, ElementsAre(0, 1));
  EXPECT_THAT(npy(npy_of("<i2", "(1,)", "\xFE\xFF")).values, ElementsAre(-2));
  EXPECT_THAT(npy(npy_of(">i2", "(1,)", "\xFF\xFE")).values, ElementsAre(-2));
  EXPECT_THAT(npy(npy_of("<u4", "(1,)", "\xFF\xFF\xFF\xFF")).values, ElementsAre(4294967295.0));
  EXPECT_THAT(npy(npy_of("<i8", "(1,)", little(static_cast<uint64_t>(-3), 8))).values, ElementsAre(-3));
  EXPECT_THAT(npy(npy_of(">f8", "(1,)", std::string("\x3F\xF0\0\0\0\0\0\0", 8))).values, ElementsAre(1));
}

TEST(NumberArray, PutsColumnsIntoRows) {
  const NumberArray flat = npy(npy_of("<f4", "(2, 3)", f32_bytes({1, 4, 2, 5, 3, 6}), true));
  EXPECT_THAT(flat.values, ElementsAre(1, 2, 3, 4, 5, 6));
  const NumberArray cube = npy(npy_of("<f4", "(2, 2, 2)", f32_bytes({1, 5, 3, 7, 2, 6, 4, 8}), true));
  EXPECT_THAT(cube.values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(cube.shape, ElementsAre(2, 2, 2));
}

// More columns than a block holds, in memory and, with memory for nothing, on disk.
TEST(NumberArray, PutsColumnsOfLargeArraysIntoRows) {
  const std::vector<std::array<int64_t, 3>> shapes{{30, 40, 17}, {1, 3000, 3}, {3, 1, 5000}, {5000, 2, 1}};
  for (const auto& shape : shapes) {
    std::vector<float> columns;
    for (int64_t k = 0; k < shape[2]; ++k) {
      for (int64_t j = 0; j < shape[1]; ++j) {
        for (int64_t i = 0; i < shape[0]; ++i) columns.push_back(static_cast<float>((i * shape[1] + j) * shape[2] + k));
      }
    }
    const std::string file =
        npy_of("<f4", fmt::format("({}, {}, {})", shape[0], shape[1], shape[2]), f32_bytes(columns), true);
    for (const int64_t memory : {int64_t{1}, kPlenty}) {
      const NumberArray array = npy(file, kPlenty, memory);
      ASSERT_EQ(array.values.size(), columns.size());
      for (size_t i = 0; i < array.values.size(); ++i) ASSERT_EQ(array.values[i], static_cast<double>(i));
    }
  }
}

TEST(NumberArray, IsReadInPiecesOfAnySize) {
  for (const bool column_major : {false, true}) {
    const DataFile file = file_of(npy_of("<f4", "(6, 1)", f32_bytes({1, 2, 3, 4, 5, 6}), column_major));
    ArrayReader reader(file);
    EXPECT_EQ(reader.size(), 6);
    std::vector<double> some(4), rest(2);
    reader.read(some);
    reader.read(std::span<double>());
    reader.read(rest);
    EXPECT_THAT(some, ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(rest, ElementsAre(5, 6));
  }
}

TEST(NumberArray, ReadsShapesOfAnyRank) {
  EXPECT_THAT(npy(npy_of("<f4", "()", f32_bytes({7}))).values, ElementsAre(7));
  EXPECT_ERROR(npy(npy_of("<f4", "(0, 5)", "")), "an axis of the array is empty: it has the shape (0, 5)");
  EXPECT_ERROR(npy(npy_of("<f4", "(3, 0)", "", true)), "an axis of the array is empty");
  EXPECT_ERROR(npy(npy_of("<f4", "(1000000000000, 1000000000000, 0)", "")), "an axis of the array is empty");
}

TEST(NumberArray, ReadsIdxAndCompressedFiles) {
  const NumberArray array = idx(gzip(idx_of(0x08, {2, 3}, "\x01\x02\x03\xFF\x05\x06")));
  EXPECT_THAT(array.shape, ElementsAre(2, 3));
  EXPECT_THAT(array.values, ElementsAre(1, 2, 3, 255, 5, 6));
  EXPECT_THAT(idx(idx_of(0x0B, {1}, "\xFF\xFE")).values, ElementsAre(-2));
  EXPECT_THAT(idx(idx_of(0x0D, {1}, std::string("\x3F\x80\0\0", 4))).values, ElementsAre(1));
}

TEST(NumberArray, ReadsTheArraysOfAnNpz) {
  const std::string x = npy_of("<f4", "(2,)", f32_bytes({1, 2})), y = npy_of("<i8", "(1,)", little(7, 8));
  for (const bool deflate : {false, true}) {
    for (const int64_t memory : {int64_t{0}, kPlenty}) {
      const auto arrays =
          npz_arrays(file_of(zip_of({{"x.npy", x}, {"readme", "?"}, {"y.npy", y}}, deflate)), {.memory_bytes = memory});
      ASSERT_EQ(arrays.size(), 2U);
      EXPECT_EQ(arrays[0].name, "x");
      EXPECT_THAT(read_array(arrays[0].file).values, ElementsAre(1, 2));
      EXPECT_THAT(read_array(arrays[1].file).values, ElementsAre(7));
    }
  }
}

TEST(NumberArray, TellsFormatsByTheirFirstBytes) {
  EXPECT_EQ(array_format(file_of(npy_of("<f4", "(1,)", f32_bytes({1})))), "npy");
  EXPECT_EQ(array_format(file_of(zip_of({{"a", "b"}}, false))), "npz");
  EXPECT_EQ(array_format(file_of(idx_of(0x08, {1}, "a"))), "idx");
  EXPECT_EQ(array_format(file_of("a,b\n1,2\n")), "");
  EXPECT_EQ(array_format(file_of("")), "");
}

TEST(NumberArray, RefusesWhatDoesNotFit) {
  const std::string good = npy_of("<f4", "(3,)", f32_bytes({1, 2, 3}));
  for (size_t length = 0; length < good.size(); ++length) EXPECT_THROW(npy(good.substr(0, length)), Error) << length;
  EXPECT_ERROR(npy(good.substr(0, good.size() - 1)), "a: the array is cut off");
  EXPECT_ERROR(npy(good + "x"), "a: unexpected bytes after the array");
  EXPECT_ERROR(npy(good, 2), "more than the 2 values");
  EXPECT_ERROR(npy(npy_of("<f4", "(3037000500, 3037000500, 4)", "")), "more than the");
  EXPECT_ERROR(npy(npy_of("<f4", "(-1,)", "")), "shape '(-1,'");
  EXPECT_ERROR(npy(npy_of("<f4", "(1,1,1,1,1,1,1,1,1)", f32_bytes({1}))), "shape");
  EXPECT_ERROR(npy(npy_of("<c8", "(1,)", std::string(8, '\0'))), "elements of type '<c8'");
  EXPECT_ERROR(npy(npy_of("<U5", "(1,)", "")), "are not read");
  EXPECT_ERROR(npy(npy_of("<f4", "(1,)", f32_bytes({std::numeric_limits<float>::infinity()}))),
               "element 1 is infinite");
  EXPECT_ERROR(npy("\x93NUMPY\x09" + good.substr(7)), "a: NumPy's format 9 is not known");
  EXPECT_ERROR(npy("\x93NUMPY\x01" + std::string(1, '\0') + little(2, 2) + "{}"), "no 'descr'");
  EXPECT_ERROR(npy("plain text, and long enough"), "this is not a NumPy array");
  EXPECT_ERROR(idx(idx_of(0x0A, {1}, "a")), "this is not an IDX array");
  EXPECT_ERROR(idx(idx_of(0x08, {0xFFFFFFFF, 0xFFFFFFFF}, "a")), "more than the");
}

}  // namespace
}  // namespace recur
