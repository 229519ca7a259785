#include "recur/base/random_bulk.h"

#include <gtest/gtest.h>

#include <array>

#include "recur/base/random.h"

namespace recur::internal {
namespace {

using Batch = std::array<uint32_t, kBatchWords>;

TEST(RandomBulkLoops, GiveTheWordsOfConsecutiveBlocks) {
  constexpr uint64_t kSeed = 0x0123456789abcdef, kStream = 0xfedcba9876543210;
  // The second start carries from the lower into the upper word of the counter inside the batch.
  for (const uint64_t first : {uint64_t{0}, (uint64_t{1} << 32) - 5, ~uint64_t{0} - kBatchBlocks}) {
    Batch words;
    random_words(kSeed, kStream, first, words.data());
    for (uint64_t i = 0; i < kBatchBlocks; ++i) {
      const uint64_t block = first + i;
      const auto expected =
          philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0x76543210, 0xfedcba98},
                     {0x89abcdef, 0x01234567});
      for (size_t j = 0; j < 4; ++j) ASSERT_EQ(words[4 * i + j], expected[j]) << first << " block " << i;
    }
  }
}

TEST(RandomBulkLoops, UniformsStayBelowOne) {
  Batch words;
  for (size_t i = 0; i < words.size(); ++i) words[i] = static_cast<uint32_t>(i) << 24 | 0x00ffff00u | 0xffu;
  std::array<float, kBatchWords> out;
  words_to_uniform(words.data(), out.data());
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], static_cast<float>(words[i] >> 8) / 16777216.0f);
  EXPECT_LT(out.back(), 1.0f);
}

TEST(RandomBulkLoops, MaskComparesWithoutSign) {
  Batch words{};
  words[0] = 0x7fffffff, words[1] = 0x80000000, words[2] = 0xffffffff;
  std::array<float, kBatchWords> out;
  words_to_mask(words.data(), 0x80000000, 2.5f, out.data());
  EXPECT_EQ(out[0], 2.5f);
  EXPECT_EQ(out[1], 0.0f);
  EXPECT_EQ(out[2], 0.0f);
  EXPECT_EQ(out[3], 2.5f);
}

}  // namespace
}  // namespace recur::internal
