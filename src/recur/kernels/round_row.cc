#include "recur/kernels/round_row.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "recur/kernels/quantize.h"

namespace recur::kernels {

template <class T>
void round_row(T* x, int64_t n) {
  constexpr T kShift = std::is_same_v<T, float> ? T(12582912.0) : T(6755399441055744.0);  // rounds to a whole number
  T largest = 0, poison = 0;
  for (int64_t i = 0; i < n; ++i) {
    largest = std::max(largest, std::abs(x[i]));
    poison += x[i] * T(0);
  }
  const T scale = largest / T(127) + poison, inverse = scale > T(kLeastScale) ? T(127) / largest : T(0);
  for (int64_t i = 0; i < n; ++i) x[i] = inverse == 0 ? scale * T(0) : (x[i] * inverse + kShift - kShift) * scale;
}
template void round_row(float* x, int64_t n);
template void round_row(double* x, int64_t n);

}  // namespace recur::kernels
