#include "recur/tasks/denoise/denoise_network.h"

#include "recur/base/error.h"
#include "recur/ops/binary.h"

namespace recur {

Tensor DenoiseNetwork::operator()(const Tensor& x, Mode mode, GradientTrace* trace) const {
  const auto [height, width] = unit();
  if (x.rank() != 4 || x.size(1) != channels_ || x.size(2) % height != 0 || x.size(3) % width != 0) {
    fail("DenoiseNetwork: expected x [N, {}, H, W] of multiples of {} and {}, got {}", channels_, height, width,
         x.shape().str());
  }
  return x - noise(x, mode, trace);
}

}  // namespace recur
