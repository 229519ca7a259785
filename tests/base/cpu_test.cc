#include "recur/base/cpu.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur {
namespace {

TEST(Cpu, SaysSomethingSensible) {
  EXPECT_FALSE(cpu_name().empty());
  EXPECT_GE(cores(), 1);
  EXPECT_GT(current_memory_bytes(), 100 << 10);
  EXPECT_GE(peak_memory_bytes(), current_memory_bytes());
}

TEST(Cpu, SeesMemoryBeingTaken) {
  const int64_t before = current_memory_bytes();
  const std::vector<char> block(64 << 20, 1);
  EXPECT_GT(current_memory_bytes(), before + (60 << 20));
  EXPECT_EQ(block.back(), 1);
}

}  // namespace
}  // namespace recur
