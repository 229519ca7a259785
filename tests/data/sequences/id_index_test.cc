#include "recur/data/sequences/id_index.h"

#include <gtest/gtest.h>

#include <string>

namespace recur::internal {
namespace {

TEST(IdIndex, FindsEverySequenceAsItGrows) {
  std::vector<Sequence> sequences;
  IdIndex index(sequences);
  EXPECT_FALSE(index.find("0"));
  for (size_t i = 0; i < 5000; ++i) {
    sequences.emplace_back().id = std::to_string(i);
    index.add_last();
  }
  for (size_t i = 0; i < 5000; ++i) EXPECT_EQ(index.find(std::to_string(i)), i);
  EXPECT_FALSE(index.find("5000"));
  EXPECT_FALSE(index.find(""));
}

}  // namespace
}  // namespace recur::internal
