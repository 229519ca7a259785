#include "recur/data/files/scratch_array.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

std::vector<std::byte> bytes_of(size_t count, int first) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(first + static_cast<int>(i));
  return bytes;
}

std::vector<std::byte> read(const ScratchArray& file, int64_t offset, size_t count) {
  std::vector<std::byte> out(count);
  file.read(offset, out);
  return out;
}

TEST(ScratchArray, HoldsWhatWasPutLastAndZerosBetween) {
  ScratchArray file("test");
  file.write(8, bytes_of(4, 10));
  file.write(0, bytes_of(2, 50));
  file.write(9, bytes_of(1, 99));
  EXPECT_EQ(read(file, 0, 4), (std::vector<std::byte>{std::byte{50}, std::byte{51}, std::byte{0}, std::byte{0}}));
  EXPECT_EQ(read(file, 8, 4), (std::vector<std::byte>{std::byte{10}, std::byte{99}, std::byte{12}, std::byte{13}}));
  EXPECT_ERROR(read(file, 8, 5), "test in a scratch file in");
  file.resize(20);
  EXPECT_EQ(read(file, 16, 4), std::vector<std::byte>(4));
}

TEST(ScratchArray, SaysThatThereCanBeNone) {
  EXPECT_ERROR(ScratchArray("records: cannot keep the values", "/nowhere"),
               "records: cannot keep the values in a scratch file in /nowhere: ");
}

}  // namespace
}  // namespace recur
