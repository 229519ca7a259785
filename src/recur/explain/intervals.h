// How far a mean of draws may be off.
#pragma once

#include <cstdint>

namespace recur {

// The factor that a standard error is multiplied by: the quantile (1 + level) / 2 of Student's t distribution with that
// many degrees of freedom, at least 1. level in (0, 1).
double t_factor(double level, int64_t degrees);

}  // namespace recur
