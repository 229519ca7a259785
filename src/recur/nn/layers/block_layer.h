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
};
// The names of all, as in RecurrentOptions::block.
std::span<const std::string_view> block_names();
// The block around layer `layer` of a stack; UsageError for another name.
BlockKind block_of(const RecurrentOptions& options, size_t layer);

// With RecurrentOptions::block_conv = K, the layer reads silu(conv(norm(u))), a causal convolution of each feature over
// K steps (nn/causal_conv.h), after those of the blocks of xLSTM (Beck et al. 2024) and Gated DeltaNet (Yang et al.
// 2024), which have K = 4 but convolve only some of what the layer reads, or each part by itself.
//
// heads_norm is layer normalisation of what each head gives, by itself, times a factor for each unit; there are as many
// heads as RecurrentOptions::memory_heads says, also around a layer that has none of its own.
//
// Parameters: enter.* (where F != H), norm.*, inner.* (the layer's own), leave.*; of the convolution weight_conv [K,
// H], the present step last, and bias_conv [H]; of the heads' norm weight_heads [what the layer gives]; of the
// feed-forward part feed_norm.*, wide.*, gate.* (of kXlstm), narrow.*. The states are the layer's, then what the
// convolution read in the last K - 1 steps, the latest first, each [B, H]. The options' dropout is on what is added.
class BlockLayer : public SequenceLayer {
 public:
  // Around a layer of this kind and of the options of `spec`. REQUIRES: block is not kNone.
  BlockLayer(const LayerKind& kind, BlockKind block, const LayerSpec& spec);

  std::string kind() const override { return inner_->kind(); }
  bool reverse() const override { return inner_->reverse(); }
  DType dtype() const override { return inner_->dtype(); }
  int64_t input_features() const override { return input_; }
  int64_t output_features() const override { return inner_->input_features(); }
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
  void make_conv(const LayerSpec& spec);
  void make_heads_norm(const LayerSpec& spec);
  void make_feed_forward(BlockKind block, const LayerSpec& spec);
  Tensor enter(const Tensor& x) const;  // u
  // What the layer reads of norm(u) [rows, H]: that, or silu of the convolution. Puts what that leaves into `last`.
  Tensor read(const Tensor& normal, const Tensors& states, const LayerTime& time, Tensors& last) const;
  // What the layer makes of u [N, H] at all steps or the last ones, and the states.
  LayerOutput run_inner(OutputSteps steps, const Tensor& u, const Tensors& states, const LayerCall& call) const;
  Tensor heads_norm(const Tensor& y) const;  // y [..., what the layer gives]
  // u + W_o y and what follows; `drop` is applied to what is added.
  template <class Drop>
  Tensor leave(const Tensor& u, const Tensor& y, const Drop& drop) const;

  int64_t input_;
  float dropout_;
  bool locked_;
  std::optional<Linear> enter_;
  LayerNorm norm_;
  std::shared_ptr<const SequenceLayer> inner_;
  size_t inner_states_;
  Parameter conv_weight_, conv_bias_;  // undefined where there is no convolution
  int64_t heads_ = 0;
  Parameter heads_weight_;  // undefined where heads have no norm
  Linear leave_;
  std::optional<LayerNorm> feed_norm_;
  std::optional<Linear> wide_, gate_, narrow_;  // gate_: of kXlstm alone
};

}  // namespace recur
