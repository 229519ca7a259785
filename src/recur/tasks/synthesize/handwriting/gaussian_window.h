// A soft window that moves over a sequence and never goes back.
#pragma once

#include <cstdint>

#include "recur/nn/linear.h"

namespace recur {

struct GaussianWindowOptions {
  int64_t in = 0;     // H, features that move it
  int64_t parts = 0;  // K Gaussians
  // The places that a step goes on before anything is learnt.
  double pace = 1;
};

// A sum of K Gaussians over the places u = 0 .. S - 1 of a sequence: phi(u) = sum over k of alpha_k exp(-beta_k
// (kappa_k
// - u)²), of which alpha, beta and the step of kappa are the exponentials of a linear layer of h (Graves, "Generating
// sequences with recurrent neural networks", 2013, equations 46 to 51).
// Parameters: move.weight [3 K, H], move.bias [3 K], those of alpha, beta and kappa one after the other.
class GaussianWindow : public Module {
 public:
  explicit GaussianWindow(const GaussianWindowOptions& options, Random& random = default_random());

  struct Output {
    Tensor seen;     // [B, E], the sum of what is read, weighted by phi
    Tensor weights;  // phi [B, S]
    Tensor kappa;    // [B, K], of the next step
  };
  // h [B, H], kappa [B, K] of the step before (zeros at first), read [B, S, E], within [B, S], 1 for the places of a
  // sequence and 0 behind it.
  Output operator()(const Tensor& h, const Tensor& kappa, const Tensor& read, const Tensor& within) const;

  int64_t parts() const { return parts_; }

 private:
  int64_t parts_;
  Linear move_;
};

}  // namespace recur
