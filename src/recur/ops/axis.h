// A tensor seen around one axis.
#pragma once

#include "recur/tensor/shape.h"

namespace recur {

// The shape as [outer, n, inner], where n is the size of the axis: element (o, k, i) lies at (o * n + k) * inner + i.
struct AroundAxis {
  AroundAxis(const Shape& shape, int axis) : n(shape[axis]), inner(shape.stride(axis)) {
    for (int k = 0; k < shape.normalize(axis); ++k) outer *= shape[k];
  }

  int64_t outer = 1, n, inner;
};

}  // namespace recur
