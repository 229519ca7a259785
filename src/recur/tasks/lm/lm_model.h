// The network of the language model: embedding, recurrent layers, linear decoder.
#pragma once

#include <optional>

#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/cross_entropy.h"
#include "recur/tasks/lm/lm_options.h"

namespace recur {

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const LmModelOptions& options, int64_t vocabulary, int64_t elements);

// Parameters: embedding.weight, rnn.*, projection.weight (where a tied table needs another width than the layers give),
// decoder.weight (not when tied) and decoder.bias.
class LmModel : public Module {
 public:
  LmModel(const LmModelOptions& options, int64_t vocabulary, Random& random);

  struct Output {
    Tensor features;       // [T, B, E or H], what logits() and loss() take
    Tensor y;              // [T, B, H] of the last layer
    Tensor dropped;        // y after dropout
    RecurrentState state;  // after the last step
  };
  // ids [T, B] i32.
  Output operator()(const Tensor& ids, const RunOptions& options) const;

  // In evaluation, of rows of the embedding's table instead of ids: x [T, B, E] -> what logits() takes [T, B, ...].
  Tensor evaluate(const Tensor& x) const;
  const Embedding& embedding() const { return embedding_; }
  const Recurrent& rnn() const { return rnn_; }

  int64_t vocabulary() const { return embedding_.weight->size(0); }  // V
  RecurrentState zero_state(int64_t batch) const { return rnn_.zero_state(batch, decoder_.weight->dtype()); }

  Tensor logits(const Tensor& features) const { return decoder_(features); }  // [..., V]
  // The cross-entropy of the logits and targets, without an array of all logits.
  Tensor loss(const Tensor& features, const Tensor& targets, const CrossEntropyOptions& options) const;

 private:
  RecurrentOutput run_layers(const Tensor& ids, const RunOptions& options) const;
  Tensor drop(const Tensor& x, Mode mode) const;
  void initialize(Random& random);

  LmModelOptions options_;
  Embedding embedding_;
  Recurrent rnn_;
  std::optional<Linear> projection_;
  Linear decoder_;
};

}  // namespace recur
