// The linear path of series classification, beside the network: a weight for each class and feature of random
// convolutional kernels. It learns in seconds, and needs few series.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/dataset.h"
#include "recur/nn/random_kernels.h"
#include "recur/tasks/classify/path_mix.h"
#include "recur/tasks/classify/sequence_encoder.h"

namespace recur {

// Buffers: those of RandomKernels ("kernels.channels", ...), weight [C, features], bias [C], mix [2]. None is trained
// with the network.
class KernelPath : public Module {
 public:
  KernelPath(const RandomKernelsOptions& options, int64_t classes);

  // x [T, B, F] -> [B, C], differentiable in x.
  Tensor operator()(const Tensor& x, const std::vector<int64_t>& lengths) const;

  // [N, C] of all sequences, in their order.
  std::vector<float> scores(const Dataset<EncodedSequence>& sequences) const;

  // Learns from series, their classes [N], 0 .. C - 1, and their weights in the loss (empty: all 1; those of weight 0
  // are not learnt from). Of many series it learns from 1500, evenly spread.
  struct Fit {
    std::vector<int64_t> learnt;  // sequences that it learnt from
    std::vector<float> left_out;  // [learnt, C], their scores by what the others say (ridge.h)
  };
  Fit fit(const DatasetPtr<EncodedSequence>& sequences, std::span<const float> classes, std::span<const float> weights,
          uint64_t seed);
  // [N, C] of the sequences of a fit, each by what was learnt from others.
  std::vector<float> unseen_scores(const Dataset<EncodedSequence>& sequences, const Fit& fit) const;

  const PathMix& mix() const { return mix_; }
  PathMix& mix() { return mix_; }

 private:
  int64_t classes() const { return bias_.size(0); }

  RandomKernels kernels_;
  Tensor weight_, bias_;
  PathMix mix_;
};

}  // namespace recur
