// Multiplicative exponential smoothing of series side by side, differentiable (Holt and Winters, without the trend):
//
//   l_t     = a y_t / s_t + (1 - a) l_(t-1)
//   s_(t+m) = g y_t / l_t + (1 - g) s_t
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// Of each series, [B] each but `seasonals` [m, B]: all in (0, 1), the first factors of the season above 0. An undefined
// `seasonals` is a season of 1.
struct SmoothingParameters {
  Tensor level;           // a
  Tensor season = {};     // g, undefined without a season
  Tensor seasonals = {};  // s_0 .. s_(m-1)
};

struct Smoothed {
  Tensor levels;     // l [T, B]
  Tensor seasonals;  // s [T + m, B]; undefined without a season
};

// y [T, B] above 0.
Smoothed smooth(const Tensor& y, const SmoothingParameters& parameters);

}  // namespace recur
