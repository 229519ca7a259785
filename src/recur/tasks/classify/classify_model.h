// The network of the classifier: embedding or series; then convolution, recurrent layers and pooling, or convolutions
// alone, or both side by side, or an MLP; linear output.
#pragma once

#include <optional>
#include <vector>

#include "recur/nn/attention_blocks.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/pooling.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/classify/classify_options.h"
#include "recur/tasks/explainable.h"

namespace recur {

struct ClassifySizes {
  bool text = false;
  int64_t features = 0;  // V of texts, F of series
  int64_t outputs = 0;   // classes, or 1
};

// Sequences side by side, the shorter ones padded.
struct SequenceBatch {
  Tensor x;  // symbols i32 [T, B], or features f32 [T, B, F], zeros in the padding
  std::vector<int64_t> lengths;
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const ClassifyModelOptions& options, const ClassifySizes& sizes, int64_t elements);

// Parameters: embedding.weight, positions.weight; conv.*, rnn.*, blocks.*, pooling.* of recurrent layers; fcn.* of
// convolutions beside them or alone; mlp0.* and so on; decoder.*. Network, dropout, pooling and so on must have been
// chosen: neither "auto" nor unset.
class ClassifyModel : public Module {
 public:
  ClassifyModel(const ClassifyModelOptions& options, const ClassifySizes& sizes, Random& random);

  // [B, outputs].
  Tensor operator()(const SequenceBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;

  // In evaluation, of sequences that are all of T steps: x [T, B, F], of texts rows of embedding.weight -> [B,
  // outputs].
  Tensor evaluate(const Tensor& x) const;
  // What its recurrent layers read of one such sequence [T, 1, F]; nothing without any.
  std::optional<RecurrentReading> recurrent(const Tensor& x) const;
  // How much attention pooling reads of each of their steps, [T']; undefined without it.
  Tensor attention(const Tensor& x) const;

  const std::optional<Embedding>& embedding() const { return embedding_; }

 private:
  Tensor embed(const Tensor& ids, Mode mode) const;
  Tensor with_positions(const Tensor& x) const;
  Tensor input(const SequenceBatch& batch, Mode mode) const;
  Tensor drop(const Tensor& x, Mode mode) const;
  struct Call {
    const std::vector<int64_t>& lengths;
    Mode mode;
    GradientTrace* trace = nullptr;
  };
  Tensor run_layers(const Tensor& x, const RunOptions& run) const;
  Tensor read_recurrently(const Tensor& x, const Call& call) const;
  Tensor read(const Tensor& x, const Call& call) const;
  Tensor read_at_once(const Tensor& x, Mode mode) const;

  ClassifyModelOptions options_;
  std::optional<Embedding> embedding_, positions_;
  std::optional<ConvStack> conv_;
  std::optional<Recurrent> rnn_;
  std::optional<AttentionBlocks> blocks_;
  std::optional<Pooling> pooling_;
  std::optional<ConvStack> fcn_;
  std::vector<Linear> mlp_;
  std::optional<Linear> decoder_;
};

}  // namespace recur
