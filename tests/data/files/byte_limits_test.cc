#include "recur/data/files/byte_limits.h"

#include <gtest/gtest.h>

#include "tests/data/files/environment.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(ByteLimits, ComeFromTheEnvironment) {
  {
    const Environment memory("RECUR_DATA_MEMORY", ""), unpacked("RECUR_UNPACKED_BYTES", "");
    EXPECT_EQ(usual_memory_bytes(), int64_t{256} << 20);
    EXPECT_EQ(unpacked_bytes_allowed(), int64_t{256} << 20);
  }
  const Environment memory("RECUR_DATA_MEMORY", "1000"), unpacked("RECUR_UNPACKED_BYTES", "5000000000");
  EXPECT_EQ(usual_memory_bytes(), 1000);
  EXPECT_EQ(unpacked_bytes_allowed(), 5'000'000'000);
  for (const char* const wrong : {"1k", "0", "-5", "much"}) {
    const Environment set("RECUR_DATA_MEMORY", wrong);
    EXPECT_ERROR(usual_memory_bytes(), "RECUR_DATA_MEMORY: expected a number of bytes, got");
  }
}

}  // namespace
}  // namespace recur
