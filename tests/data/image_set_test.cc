#include "recur/data/image_set.h"

#include <gtest/gtest.h>

#include "tests/data/array_bytes.h"
#include "tests/data/images/png_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

ImageSet read(const std::vector<DataFile>& files, const ImageSetOptions& options = {}) {
  return ImageSet::read(files, options);
}

DataFile memory(std::string name, std::string bytes) {
  return DataFile::from_memory(std::move(name), std::move(bytes));
}

const GreyImage kSmall{.width = 3, .height = 2, .values = {0, 0.2f, 0.4f, 0.6f, 0.8f, 1}};

TEST(ImageSet, ReadsFoldersOfClassesAndSaysWhatItPassesOver) {
  const Scratch scratch;
  scratch.put("set/cat/10.png", png_bytes(kSmall));
  scratch.put("set/cat/2.pgm", "P2 1 1 9\n3");
  scratch.put("set/dog/a.png", png_bytes(kSmall));
  scratch.put("set/dog/broken.png", png_bytes(kSmall).substr(0, 40));
  scratch.put("set/dog/notes.txt", "nothing");
  const ImageSet set = read({scratch / "set"});
  ASSERT_EQ(set.size(), 3);
  EXPECT_EQ(set.item(0).id, "cat/2.pgm");
  EXPECT_EQ(set.item(0).label, "cat");
  EXPECT_EQ(set.item(0).format, ImageFormat::kPnm);
  EXPECT_EQ(set.item(1).id, "cat/10.png");
  EXPECT_EQ(set.item(2).label, "dog");
  EXPECT_EQ(set.load(1).values, read_image(scratch / "set/dog/a.png").values);
  ASSERT_EQ(set.faults().size(), 1u);
  EXPECT_NE(set.faults()[0].message.find("broken.png"), std::string::npos);
  EXPECT_NE(set.notes().back().find("1 file that is not a picture is skipped, the first of them dog/notes.txt"),
            std::string::npos)
      << set.notes().back();
}

TEST(ImageSet, ReadsLists) {
  const Scratch scratch;
  scratch.put("a.png", png_bytes(kSmall));
  scratch.put("list.csv", "file,class\na.png,cat\nmissing.png,dog\n");
  const ImageSet set = read({scratch / "list.csv"});
  ASSERT_EQ(set.size(), 1);
  EXPECT_EQ(set.item(0).id, "a.png");
  EXPECT_EQ(set.item(0).label, "cat");
  ASSERT_EQ(set.faults().size(), 1u);
  EXPECT_NE(set.faults()[0].message.find("list.csv:3: no such file: 'missing.png'"), std::string::npos);
  EXPECT_ERROR(read({memory("empty.txt", "\n")}), "empty.txt: no pictures");
  EXPECT_ERROR(read({memory("list.txt", "gone.png\n")}), "none of 1 pictures can be read: list.txt:1: no such file");
}

TEST(ImageSet, ReadsArrays) {
  const ImageSet bytes = read({memory("x.npy", npy_of("|u1", "(2, 1, 2)", std::string("\0\x33\x66\xff", 4)))});
  ASSERT_EQ(bytes.size(), 2);
  EXPECT_EQ(bytes.item(1).id, "x.npy[1]");
  EXPECT_EQ(bytes.item(1).bits, 8);
  EXPECT_EQ(bytes.load(1).values, (std::vector<float>{0x66 / 255.0f, 1}));
  const ImageSet reals = read({memory("x.npy", npy_of("<f4", "(2, 2)", f32_bytes({-1, 2, 3.5f, 400})))});
  ASSERT_EQ(reals.size(), 1);
  EXPECT_EQ(reals.item(0).bits, 0);
  EXPECT_EQ(reals.load(0).values, (std::vector<float>{-1, 2, 3.5f, 400}));
  const ImageSet first = read({memory("x.npy", npy_of("<f4", "(1, 3, 1, 2)", f32_bytes({1, 2, 3, 4, 5, 6})))});
  EXPECT_EQ(first.load(0).channels, 3);
  EXPECT_EQ(first.load(0).values, (std::vector<float>{1, 3, 5, 2, 4, 6}));
  const ImageSet idx = read({memory("digits", idx_of(8, {2, 2, 2}, std::string(8, '\xff')))});
  EXPECT_EQ(idx.size(), 2);
  EXPECT_EQ(idx.load(0).values, std::vector<float>(4, 1));
}

TEST(ImageSet, ArraysThatSayTooLittleAreErrors) {
  EXPECT_ERROR(read({memory("x.npy", npy_of("<f4", "(6,)", f32_bytes({1, 2, 3, 4, 5, 6})))}),
               "x.npy: an array of shape (6); expected [N, H, W]");
  EXPECT_ERROR(read({memory("x.npy", npy_of("|u1", "(1, 2, 2, 2)", "12345678"))}), "with C 1 or 3");
  EXPECT_ERROR(read({memory("x.npy", npy_of("|u1", "(5, 5, 3)", std::string(75, 'a')))}),
               "is one picture in colour, or 5 pictures that are 3 wide");
  EXPECT_ERROR(read({memory("x.npy", npy_of("|u1", "(2, 3, 3, 3)", std::string(54, 'a')))}),
               "second place or in the last");
  EXPECT_ERROR(read({memory("x.npy", npy_of("|u1", "(2, 30000, 30000)", "a"))}), "x.npy");
  EXPECT_ERROR(read({memory("x.npy", npy_of("|u1", "(2, 2, 2)", "abc"))}), "x.npy: ");
  EXPECT_ERROR(read({memory("x.npy", npy_of("<f4", "(1, 1, 1)", f32_bytes({NAN})))}), "expected a number");
}

TEST(ImageSet, WritesArraysAsTheyCame) {
  for (const std::string& bytes :
       {npy_of("|u1", "(2, 1, 2)", std::string("\0\x33\x66\xff", 4)),
        npy_of("<u2", "(1, 1, 2)", std::string("\0\x33\x66\xff", 4)), npy_of("<f4", "(1, 2)", f32_bytes({-1, 2.5f})),
        npy_of("<f8", "(1, 2)", f64_bytes({-1, 2.5})), npy_of("<i2", "(1, 2)", std::string("\xff\xff\x10\0", 4)),
        npy_of("<f4", "(1, 3, 1, 2)", f32_bytes({1, 2, 3, 4, 5, 6}))}) {
    const ImageSet set = read({memory("x.npy", bytes)});
    std::vector<Image> images;
    for (int64_t i = 0; i < set.size(); ++i) images.push_back(set.load(i));
    const NumberArray before = read_array(memory("x.npy", bytes));
    const DataFile file = memory("y.npy", npy_bytes(set.arrays()[0], images));
    const NumberArray after = read_array(file);
    EXPECT_EQ(before.shape, after.shape);
    EXPECT_EQ(before.values, after.values);
    EXPECT_EQ(ArrayReader(file).element_type().bytes, set.arrays()[0].element.bytes);
  }
}

TEST(ImageSet, WhatIsMoreThanMemoryIsReadFromDisk) {
  const std::string bytes = npy_of("|u1", "(3, 2, 2)", "abcdefghijkl");
  const ImageSet disk = read({memory("x.npy", bytes)}, {.memory_bytes = 20}), ram = read({memory("x.npy", bytes)});
  EXPECT_FALSE(disk.in_memory());
  EXPECT_TRUE(ram.in_memory());
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(disk.load(i).values, ram.load(i).values);
}

}  // namespace
}  // namespace recur
