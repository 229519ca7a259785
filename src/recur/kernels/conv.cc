#include "recur/kernels/conv.h"

#include <algorithm>

#include "recur/kernels/kernels.h"

namespace recur::kernels {

DirectConv DirectConv::of_gradient() const {
  DirectConv gradient = *this;
  gradient.channels = filters;
  gradient.filters = channels;
  for (int axis = 0; axis < 2; ++axis) {
    gradient.image[axis] = out(axis);
    gradient.padding[axis] = dilation[axis] * (kernel[axis] - 1) - padding[axis];
  }
  return gradient;
}

bool has_direct_conv() { return !use_reference(); }

}  // namespace recur::kernels
