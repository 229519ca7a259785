// The part of the networks that turns an example into features.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/pooling.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/adapt/adapt_encoder.h"

namespace recur {

// Examples side by side.
struct AdaptBatch {
  Tensor x;  // [T, B, F], zeros in the padding, or symbols i32 [T, B]
  std::vector<int64_t> lengths;

  int64_t size() const { return std::ssize(lengths); }
};
AdaptBatch batch_of(std::span<const AdaptExample> examples, const AdaptShape& shape, DType dtype);

// What the normalisation of convolutions takes for mean and variance: those of the first `rows` examples, the shots,
// for all (0: of all of them); or what was kept of earlier ones. So an example is read alike whatever else is asked
// (Bronskill et al., "TaskNorm: rethinking batch normalization for meta-learning", 2020: MetaBN).
struct AdaptNorms {
  int64_t rows = 0;
  const Tensors* given = nullptr;  // mean and variance [C] of each layer
  Tensors* kept = nullptr;         // where to put them
};

// Convolution, normalisation, ReLU, maximum.
class AdaptConv : public Module {
 public:
  struct Options {
    int64_t in = 0, out = 0;
    int64_t height = 1, width = 1;  // of the filters
  };
  AdaptConv(const Options& options, Random& random);
  // x [N, C, H, W] -> [N, O, H / 2, W / 2], where a side of one pixel stays. `layer`: its number, for the norms.
  Tensor operator()(const Tensor& x, const AdaptNorms& norms, size_t layer) const;

  Parameter weight;        // [O, C, KH, KW]
  Parameter scale, shift;  // [O], of the normalisation

 private:
  Tensor normalised(const Tensor& x, const AdaptNorms& norms, size_t layer) const;
};

// Parameters: 0.weight ... of layers of an mlp or convolutions; embedding.weight, rnn.* of recurrent ones.
class AdaptBody : public Module {
 public:
  AdaptBody(const AdaptModelOptions& options, const AdaptShape& shape, Random& random);

  // [B, E].
  Tensor operator()(const AdaptBatch& batch, const AdaptNorms& norms, Mode mode) const;
  int64_t features() const { return features_; }              // E
  bool normalises() const { return !convolutions_.empty(); }  // what is read depends on the norms
  std::vector<int64_t> norm_sizes() const;                    // C of each layer

 private:
  Tensor convolved(const Tensor& x, const AdaptNorms& norms) const;
  Tensor recurrent(const AdaptBatch& batch, Mode mode) const;

  AdaptModelOptions options_;
  AdaptShape shape_;
  int64_t features_ = 0;
  std::vector<Linear> layers_;
  std::vector<AdaptConv> convolutions_;
  std::optional<Embedding> embedding_;
  std::optional<Recurrent> rnn_;
  std::optional<Pooling> pooling_;
};

// Throws Error when such networks have more than `elements` parameters, found without making any.
void check_size(const AdaptOptions& options, const AdaptShape& shape, int64_t elements);

}  // namespace recur
