// Recurrent layers of which each halves the time: what a decoder with attention reads of long sequences.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"

namespace recur {

struct PyramidOptions {
  RecurrentOptions rnn;  // of each layer; `input` is that of the first, `layers` and `widths` are not used
  int64_t hidden = 0;    // H of each
  int64_t layers = 1;
};

// Chan, Jaitly, Le and Vinyals 2016, "Listen, attend and spell": a layer reads pairs of steps of the one below, so that
// [T, B, F] becomes [T / 2 rounded up, B, D H]. A pair is projected to H features before it is read, as a convolution
// of two taps with stride 2; behind an odd last step are zeros. Parameters: pair0.*, rnn0.*, pair1.*, ...
class Pyramid : public Module {
 public:
  Pyramid(const PyramidOptions& options, Random& random);

  struct Output {
    Tensor y;                      // zeros in the padding
    std::vector<int64_t> lengths;  // of y; empty: all
  };
  // x [T, B, F], zeros in the padding.
  Output operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;

  int64_t output_features() const { return layers_.back().output_features(); }

 private:
  double dropout_;
  bool locked_;
  std::vector<TimeConv> pairs_;
  std::vector<Recurrent> layers_;
};

}  // namespace recur
