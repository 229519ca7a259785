// The density of a pen's next move: a mixture of Gaussians in the plane, and whether the pen is lifted.
#pragma once

#include <cstdint>
#include <span>

#include "recur/base/random.h"
#include "recur/data/strokes/writings.h"
#include "recur/nn/linear.h"

namespace recur {

struct PenMixtureOptions {
  int64_t in = 0;     // H
  int64_t parts = 0;  // M Gaussians
};

// Of each Gaussian: its weight (a softmax), mean, the logarithms of two deviations, and the correlation (a tanh); and
// the log-odds of a lift (Graves, "Generating sequences with recurrent neural networks", 2013, equations 15 to 26). A
// deviation is e^(l + softplus(r - l)) of what the layer gives, r, with l = kLeastLogDeviation, and a correlation is
// tanh(c tanh(r / c)), c = kMostTurned: moves of one size, or along one line, have no boundless density.
// Parameters: density.weight [6 M + 1, H], density.bias: weights, means of x, of y, deviations of x, of y,
// correlations; the lift.
class PenMixture : public Module {
 public:
  static constexpr double kLeastLogDeviation = -5, kMostTurned = 3;

  explicit PenMixture(const PenMixtureOptions& options, Random& random = default_random());

  // features [..., H] -> what describes the density [..., 6 M + 1].
  Tensor operator()(const Tensor& features) const { return describe_(features); }
  // -ln of the density of moves [..., 3] (x, y, and 1 where the pen is lifted) -> [...], in nats.
  Tensor losses(const Tensor& described, const Tensor& moves) const;

  // A move of one density, 6 M + 1 numbers. With `bias` 0 as it is; more makes Gaussians narrower, by e^bias, and the
  // likely ones likelier (Graves, section 5.4).
  PenMove draw(std::span<const float> described, double bias, Random& random) const;

  DType dtype() const { return describe_.weight->dtype(); }

 private:
  int64_t parts_;
  Linear describe_;
};

}  // namespace recur
