// Random numbers of distributions that forecasts are sampled from.
#pragma once

#include "recur/base/random.h"

namespace recur {

// Gamma with mean `shape`, shape > 0 (Marsaglia and Tsang 2000).
double draw_gamma(double shape, Random& random);

// Poisson, mean >= 0: by products of uniforms, from 10 on by transformed rejection (Hörmann 1993).
double draw_poisson(double mean, Random& random);

}  // namespace recur
