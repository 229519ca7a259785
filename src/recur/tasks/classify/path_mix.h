// How much a network and the linear path beside it count.
#pragma once

#include <cstdint>
#include <span>

#include "recur/tensor/tensor.h"

namespace recur {

// Both give scores [C] of a record, of the network the logarithms of its probabilities. Those of both together are the
// softmax of the network's times one factor plus the path's times another.
class PathMix {
 public:
  // The factors [2], a buffer of the path: at first one half each.
  const Tensor& factors() const { return factors_; }
  double network_share() const { return share(0); }
  double path_share() const { return share(1); }

  // Makes the network's log-probabilities those of both.
  void combine(std::span<float> network, std::span<const float> path) const;
  // Chooses the factors, among multiples of a quarter up to 1.5, that give the lowest cross-entropy on examples: the
  // log-probabilities [N, C] of the network, the scores [N, C] of the path, and the classes [N], of which those beyond
  // C - 1 are left out.
  void choose(std::span<const float> network, std::span<const float> path, std::span<const float> classes);

 private:
  double share(int64_t i) const;

  Tensor factors_ = Tensor::full({2}, 0.5f);
};

}  // namespace recur
