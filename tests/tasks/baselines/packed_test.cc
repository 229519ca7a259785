#include "recur/tasks/baselines/packed.h"

#include <gtest/gtest.h>

#include "recur/base/base64.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Packed, NumbersOfAnySizeComeBack) {
  const std::vector<uint64_t> numbers{0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX, 5};
  EXPECT_EQ(unpack(pack(numbers)), numbers);
  EXPECT_TRUE(unpack(pack({})).empty());
}

TEST(Packed, SevenBitsAByteTheLowestFirst) { EXPECT_EQ(base64_decode(pack(std::vector<uint64_t>{300})), "\xAC\x02"); }

TEST(Packed, DamagedTextIsRefused) {
  EXPECT_ERROR(unpack(base64_encode("\x05\x80")), "the last packed number is truncated");
  EXPECT_ERROR((unpack(base64_encode(std::string(10, '\xff') + '\x01'))), "a packed number has more than 64 bits");
  EXPECT_ERROR(unpack("?"), "");
}

}  // namespace
}  // namespace recur
