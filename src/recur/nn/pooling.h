// Pooling: a sequence of any length becomes one vector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/nn/linear.h"
#include "recur/nn/module.h"

namespace recur {

// Each takes y [T, B, F], zeros in the padding, and the lengths 0 .. T of its B sequences (empty: all T) -> [B, F].
// Padding has no influence; a sequence of length 0 gives zeros. Padding gets no gradient, except from pool_mean, where
// it gets that of every other step: layers that know the lengths ignore it.

// The output after the last step. In a bidirectional y [T, B, 2 H], the backward half is taken at the first step, which
// is its last.
Tensor pool_last(const Tensor& y, const std::vector<int64_t>& lengths, bool bidirectional);
Tensor pool_mean(const Tensor& y, const std::vector<int64_t>& lengths);
Tensor pool_max(const Tensor& y, const std::vector<int64_t>& lengths);  // each feature by itself

// 1 in the padding, 0 elsewhere: [T, B, 1]. Undefined if there is no padding.
Tensor padding_mask(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths, DType dtype = DType::kF32);
// y [T, B, F], and zeros where padding_mask() is 1; no lengths: y.
Tensor zeros_in_padding(const Tensor& y, const std::vector<int64_t>& lengths);

// The mean weighted by softmax over t of v . tanh(W y_t + b): Yang et al., "Hierarchical attention networks for
// document classification" (2016).
class AttentionPooling : public Module {
 public:
  AttentionPooling(int64_t features, Random& random);

  Tensor operator()(const Tensor& y, const std::vector<int64_t>& lengths) const;
  // Only the weights, [T, B], 0 in the padding.
  Tensor weights(const Tensor& y, const std::vector<int64_t>& lengths) const;

 private:
  Linear hidden_, score_;
};

struct PoolingOptions {
  // "last", "mean", "max", "attention", or "concat": last, max and mean concatenated (Howard and Ruder,
  // "Universal language model fine-tuning for text classification", 2018).
  std::string kind = "last";
  int64_t features = 0;  // F
  bool bidirectional = false;
};

// One kind of pooling, chosen by name.
class Pooling : public Module {
 public:
  Pooling(const PoolingOptions& options, Random& random);

  Tensor operator()(const Tensor& y, const std::vector<int64_t>& lengths) const;

  int64_t output_features() const { return (options_.kind == "concat" ? 3 : 1) * options_.features; }
  bool is_last() const { return options_.kind == "last"; }  // all it reads is Recurrent::last()
  const AttentionPooling* attention() const { return attention_ ? &*attention_ : nullptr; }  // null of other kinds

 private:
  PoolingOptions options_;
  std::optional<AttentionPooling> attention_;
};

}  // namespace recur
