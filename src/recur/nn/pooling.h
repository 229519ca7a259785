// A sequence of any length as one vector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/nn/linear.h"
#include "recur/nn/module.h"

namespace recur {

// Each takes y [T, B, F], zeros in the padding, and the lengths 0 .. T of its B sequences (empty: all T) -> [B, F].
// What is behind a sequence's end has no influence; a sequence of length 0 gives zeros. No gradient goes there, but for
// the mean's, which is that of every other step: layers that know the lengths leave it out.

// The output after the last step. With both directions, y [T, B, 2 H], the backward half is its last one too: at the
// first step.
Tensor pool_last(const Tensor& y, const std::vector<int64_t>& lengths, bool bidirectional);
Tensor pool_mean(const Tensor& y, const std::vector<int64_t>& lengths);
Tensor pool_max(const Tensor& y, const std::vector<int64_t>& lengths);  // each feature by itself

// 1 at the steps behind a sequence's end, 0 elsewhere: [T, B, 1]. Undefined where there are none.
Tensor padding_mask(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths, DType dtype = DType::kF32);

// The mean weighted by softmax over t of v . tanh(W y_t + b): Yang et al., "Hierarchical attention networks for
// document classification" (2016).
class AttentionPooling : public Module {
 public:
  AttentionPooling(int64_t features, Random& random);

  Tensor operator()(const Tensor& y, const std::vector<int64_t>& lengths) const;
  // The weights alone, [T, B], 0 in the padding.
  Tensor weights(const Tensor& y, const std::vector<int64_t>& lengths) const;

 private:
  Linear hidden_, score_;
};

struct PoolingOptions {
  // "last", "mean", "max", "attention", or "concat": last, max and mean behind one another (Howard and Ruder,
  // "Universal language model fine-tuning for text classification", 2018).
  std::string kind = "last";
  int64_t features = 0;  // F
  bool bidirectional = false;
};

// One of them, by name.
class Pooling : public Module {
 public:
  Pooling(const PoolingOptions& options, Random& random);

  Tensor operator()(const Tensor& y, const std::vector<int64_t>& lengths) const;

  int64_t output_features() const { return (options_.kind == "concat" ? 3 : 1) * options_.features; }

 private:
  PoolingOptions options_;
  std::optional<AttentionPooling> attention_;
};

}  // namespace recur
