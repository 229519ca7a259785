// A block around a layer of any kind, so that stacks of several train well: norm, layer, projection and skip.
#pragma once

#include <memory>
#include <optional>

#include "recur/nn/layers/layer_kinds.h"
#include "recur/nn/linear.h"
#include "recur/nn/norm.h"

namespace recur {

// What RecurrentOptions::block names.
enum class BlockKind {
  kNone,
  kResidual,     // u = W_e x, or x itself where F = H;  y = u + W_o layer(norm(u))
  kFeedForward,  // and then y + W_n gelu(W_w norm(y)), with 2 H units between; the gelu by tanh
};
// The block around layer `layer` of a stack; UsageError for another name.
BlockKind block_of(const RecurrentOptions& options, size_t layer);

// Parameters: enter.* (where F != H), norm.*, inner.* (the layer's own), leave.*; of the feed-forward part feed_norm.*,
// wide.*, narrow.*. The states are the layer's. The options' dropout is on what is added.
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
  Tensors zero_states(int64_t batch, DType dtype) const override { return inner_->zero_states(batch, dtype); }
  int growing_axis(size_t state) const override { return inner_->growing_axis(state); }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override;
  LayerOutput run_traced(const PaddedLayerInput& input) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

  const SequenceLayer& inner() const { return *inner_; }

 private:
  // u + W_o y and what follows; `drop` is applied to what is added.
  template <class Drop>
  Tensor leave(const Tensor& u, const Tensor& y, const Drop& drop) const;

  int64_t input_;
  float dropout_;
  bool locked_;
  std::optional<Linear> enter_;
  LayerNorm norm_;
  std::shared_ptr<const SequenceLayer> inner_;
  Linear leave_;
  std::optional<LayerNorm> feed_norm_;
  std::optional<Linear> wide_, narrow_;
};

}  // namespace recur
