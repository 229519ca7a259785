// Blocks of self-attention after recurrent layers: an RNN-Transformer hybrid.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/linear.h"
#include "recur/nn/mode.h"
#include "recur/nn/norm.h"

namespace recur {

struct AttentionBlocksOptions {
  int64_t features = 0;  // F of the steps, a multiple of twice the heads
  int64_t blocks = 1;
  int64_t heads = 4;
  int64_t expansion = 4;  // the feed-forward layer has this many times F units
  float dropout = 0;      // on what is added to a step
};

// One block (Vaswani et al. 2017), with the norms first (Xiong et al. 2020) and rotary positions (Su et al. 2021):
//   x + W attention(rotated q, rotated k, v of norm(x)), then x + W2 gelu(W1 norm(x))
// Parameters: attention_norm.*, query.*, key.*, value.*, joined.*, feed_norm.*, wide.*, narrow.*.
class AttentionBlock : public Module {
 public:
  AttentionBlock(const AttentionBlocksOptions& options, Random& random);

  // x [T, B, F] of sequences of these lengths (empty: all T). A step attends to all steps of its sequence.
  Tensor operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;

 private:
  Tensor attended(const Tensor& x, const std::vector<int64_t>& lengths) const;

  AttentionBlocksOptions options_;
  LayerNorm attention_norm_, feed_norm_;
  Linear query_, key_, value_, joined_, wide_, narrow_;
};

// Blocks one after the other, and a last norm. Parameters: block0.*, block1.*, ..., norm.*.
class AttentionBlocks : public Module {
 public:
  explicit AttentionBlocks(const AttentionBlocksOptions& options, Random& random = default_random());

  // x [T, B, F] -> [T, B, F], zeros in the padding.
  Tensor operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;

 private:
  std::vector<AttentionBlock> blocks_;
  LayerNorm norm_;
};

// A lower bound on the number of their parameters, floating-point, so that it cannot overflow.
double least_parameters(const AttentionBlocksOptions& options);

// x [T, B, heads, d], d even: each pair of features i and i + d/2 of step t is turned by the angle t / 10000^(2 i / d),
// so that products of two steps depend on the distance between them (Su et al. 2021).
Tensor rotate_positions(const Tensor& x);

}  // namespace recur
