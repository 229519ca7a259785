// Checks of options.
#pragma once

#include "recur/base/error.h"

namespace recur {

// Throws unless 0 <= value < 1.
inline void check_fraction(const char* name, double value) {
  if (!(value >= 0 && value < 1)) fail("{}: expected at least 0 and below 1, got {}", name, value);
}

// Throws unless value > 0.
inline void check_positive(const char* name, double value) {
  if (!(value > 0)) fail("{}: expected more than 0, got {}", name, value);
}

// Throws unless value >= 0.
inline void check_not_negative(const char* name, double value) {
  if (!(value >= 0)) fail("{}: expected at least 0, got {}", name, value);
}

}  // namespace recur
