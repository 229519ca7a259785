// A block around a layer of any kind, so that stacks of several train well: norm, layer, projection and skip.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "recur/nn/layers/layer_kinds.h"
#include "recur/nn/layers/layer_time.h"
#include "recur/nn/linear.h"
#include "recur/nn/norm.h"

namespace recur {

// What RecurrentOptions::block names.
enum class BlockKind {
  kNone,
  kResidual,     // u = W_e x, or x itself where F = H;  y = u + W_o layer(norm(u))
  kFeedForward,  // and then y + W_n gelu(W_w norm(y)), with 2 H units between; the gelu by tanh
  // y = u + W_o heads_norm(layer(norm(u))), and then y + W_n (gelu(W_g norm(y)) . W_w norm(y)), with 4/3 H units
  // between: after the block of sLSTM in xLSTM (Beck et al. 2024), which has no W_o, and that of mLSTM in xLSTM 7B
  // (Beck et al. 2025, arXiv 2503.13427), which has SiLU and 8/3 H units.
  kXlstm,
  // y = u + W_o ((heads_norm(layer(c)) + s . c) . silu(W_g norm(u))), where c = W_u norm(u) has 2 H units, and so has
  // the layer; s is a factor for each. After the block of mLSTM in xLSTM (Beck et al. 2024), whose values are made of
  // what the convolution reads, whose maps to query, key and value are block-diagonal, and whose mLSTM has no output
  // gate of its own.
  kXlstmUp,
};
// The names of all, as in RecurrentOptions::block.
std::span<const std::string_view> block_names();
// The block around layer `layer` of a stack; UsageError for another name.
BlockKind block_of(const RecurrentOptions& options, size_t layer);

// With RecurrentOptions::block_conv = K, the layer reads silu(conv(norm(u))), a causal convolution of each feature over
// K steps (nn/causal_conv.h), after those of the blocks of xLSTM (Beck et al. 2024) and Gated DeltaNet (Yang et al.
// 2024), which have K = 4 but convolve only some of what the layer reads, or each part by itself. Of kXlstmUp that is
// c = silu(conv(W_u norm(u))).
//
// heads_norm is layer normalisation of what each head gives, by itself, times a factor for each unit; there are as many
// heads as RecurrentOptions::memory_heads says, also around a layer that has none of its own.
//
// Parameters, where E is what the layer reads, 2 H of kXlstmUp, else H: enter.* (where F != H), norm.*, up.* (W_u),
// inner.* (the layer's own), leave.*; of the convolution weight_conv [K, E], the present step last, and bias_conv [E];
// of the heads' norm weight_heads [what the layer gives]; of kXlstmUp up_gate.* (W_g) and weight_skip [E] (s); of the
// feed-forward part feed_norm.*, wide.*, gate.* (of kXlstm), narrow.*. The states are the layer's, then what the
// convolution read in the last K - 1 steps, the latest first, each [B, E]. The options' dropout is on what is added.
class BlockLayer : public SequenceLayer {
 public:
  // Around a layer of this kind and of the options of `spec`. REQUIRES: block is not kNone.
  BlockLayer(const LayerKind& kind, BlockKind block, const LayerSpec& spec);

  std::string kind() const override { return inner_->kind(); }
  bool reverse() const override { return inner_->reverse(); }
  DType dtype() const override { return inner_->dtype(); }
  int64_t input_features() const override { return input_; }
  int64_t output_features() const override { return hidden_; }
  int64_t decay_features() const override { return inner_->decay_features(); }
  Tensors zero_states(int64_t batch, DType dtype) const override;
  int growing_axis(size_t state) const override { return state < inner_states_ ? inner_->growing_axis(state) : -1; }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override;
  LayerOutput run_last(const LayerInput& input, const Tensors& states, const LayerCall& call) const override;
  LayerOutput run_traced(const PaddedLayerInput& input) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

  const SequenceLayer& inner() const { return *inner_; }
  int64_t norm_heads() const { return heads_; }  // of the norm behind the layer; 0: there is none

 private:
  // What a block has of each step before its layer runs.
  struct Entered {
    Tensor u, normal;  // norm(u)
    Tensor read;       // what the layer reads
  };

  void make_conv(const LayerSpec& spec);
  void make_heads_norm(BlockKind block, const LayerSpec& spec);
  void make_skip();
  void make_feed_forward(BlockKind block, const LayerSpec& spec);
  Entered enter(const Tensor& x) const;  // read: before the convolution
  // silu of the convolution of rows [rows, E], or the rows themselves. Puts what the convolution leaves into `last`.
  Tensor convolve(const Tensor& rows, const Tensors& states, const LayerTime& time, Tensors& last) const;
  // What the layer makes of entered.read [N, E] at all steps or the last ones, and the states. Puts what the layer
  // reads into entered.read.
  LayerOutput run_inner(OutputSteps steps, Entered& entered, const Tensors& states, const LayerCall& call) const;
  Tensor heads_norm(const Tensor& y) const;  // y [..., what the layer gives]
  // u + W_o y and what follows; `drop` is applied to what is added.
  template <class Drop>
  Tensor leave(const Entered& entered, const Tensor& y, const Drop& drop) const;

  int64_t input_, hidden_;
  float dropout_;
  bool locked_;
  std::optional<Linear> enter_;
  LayerNorm norm_;
  std::optional<Linear> up_, up_gate_;  // of kXlstmUp
  std::shared_ptr<const SequenceLayer> inner_;
  size_t inner_states_;
  Parameter conv_weight_, conv_bias_;  // undefined where there is no convolution
  int64_t heads_ = 0;
  Parameter heads_weight_;  // undefined where heads have no norm
  Parameter skip_weight_;   // of kXlstmUp alone
  Linear leave_;
  std::optional<LayerNorm> feed_norm_;
  std::optional<Linear> wide_, gate_, narrow_;  // gate_: of kXlstm alone
};

}  // namespace recur
