#include "recur/kernels/quantize.h"

#include <algorithm>
#include <cmath>

namespace recur::kernels {

float quantize_row(const float* x, int64_t n, int8_t* q) {
  float largest = 0, poison = 0;
  for (int64_t i = 0; i < n; ++i) {
    largest = std::max(largest, std::abs(x[i]));
    poison += x[i] * 0.0f;
  }
  const float scale = largest / 127.0f + poison;
  const float inverse = scale > kLeastScale ? 127.0f / largest : 0.0f;
  for (int64_t i = 0; i < n; ++i) q[i] = inverse == 0 ? int8_t{0} : static_cast<int8_t>(std::nearbyint(x[i] * inverse));
  return scale;
}

}  // namespace recur::kernels
