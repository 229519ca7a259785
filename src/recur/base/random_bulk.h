// The inner loops of bulk random draws, in vector instructions chosen at run time. Integer arithmetic and exact
// conversions only, so every instruction set gives the same bits.
#pragma once

#include <cstdint>

namespace recur::internal {

constexpr int kBatchBlocks = 64;  // blocks of Philox4x32-10 computed at a time
constexpr int kBatchWords = 4 * kBatchBlocks;

// words[4 i + j] is word j of block first + i, for i in [0, kBatchBlocks).
void random_words(uint64_t seed, uint64_t stream, uint64_t first, uint32_t* words);

// out[i] in [0, 1) from the upper 24 bits of words[i], for i in [0, kBatchWords).
void words_to_uniform(const uint32_t* words, float* out);

// out[i] = words[i] < threshold ? value : 0, for i in [0, kBatchWords).
void words_to_mask(const uint32_t* words, uint32_t threshold, float value, float* out);

}  // namespace recur::internal
