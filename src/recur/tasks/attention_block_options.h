// The options of self-attention after recurrent layers, for every task that reads whole sequences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "recur/base/config_field.h"
#include "recur/nn/attention_blocks.h"

namespace recur {

// Both are called by visit() functions.
template <class Visitor>
void visit_attention_blocks(Visitor& v, int64_t& blocks) {
  v("attention_blocks", blocks,
    "Number of self-attention blocks after the recurrent layers that read the input: pre-norm, rotary positions "
    "(Vaswani et al. 2017, Su et al. 2021); the features must be a multiple of twice the heads",
    Range{0, 1000});
}

// `of`: the options that these are the heads of.
template <class Visitor>
void visit_heads(Visitor& v, int64_t& heads, const char* of = "attention_blocks") {
  v("heads", heads, std::string("Number of attention heads (") + of + ")", Range{1, 1024});
}

// Nothing where options.blocks is 0.
inline std::optional<AttentionBlocks> some_attention_blocks(const AttentionBlocksOptions& options, Random& random) {
  if (options.blocks == 0) return {};
  return std::optional<AttentionBlocks>(std::in_place, options, random);
}

}  // namespace recur
