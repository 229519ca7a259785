#include "recur/nn/layers/layer_time.h"

#include <vector>

#include "recur/nn/linear_scan.h"
#include "recur/nn/unit_scan.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"

namespace recur {

TimeResult PackedTime::scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const {
  const Tensors made = linear_scan(a, b, initial, packing_, {.reverse = reverse_, .is_complex = is_complex});
  return {made[0], made[1]};
}

TimeResult PackedTime::gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const {
  const Tensors made = recur::gated_scan(gates, sums, initial, packing_, reverse_);
  return {made[0], made[1]};
}

TimeResult PackedTime::unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight,
                                 const Tensor& initial) const {
  const Tensors made = recur::unit_scan(loop, sums, weight, initial, packing_, reverse_);
  return {made[0], made[1]};
}

// Rows of x, and those of `initial` behind them, chosen by number.
TimeResult PackedTime::previous(const Tensor& x, const Tensor& initial) const {
  const int64_t N = packing_.packed_rows(), B = packing_.batch(), steps = packing_.steps();
  if (N == 0) return {x, initial};
  std::vector<int32_t> before(static_cast<size_t>(N)), last(static_cast<size_t>(B));
  for (int64_t t = 0; t < steps; ++t) {
    const int64_t other = reverse_ ? t + 1 : t - 1;
    const int64_t carried = other < 0 || other == steps ? 0 : packing_.rows(other);
    for (int64_t r = 0; r < packing_.rows(t); ++r)
      before[static_cast<size_t>(packing_.offset(t) + r)] =
          static_cast<int32_t>(r < carried ? packing_.offset(other) + r : N + r);
  }
  for (int64_t r = 0; r < B; ++r) {
    const int64_t at = packing_.last(r, reverse_);
    last[static_cast<size_t>(r)] = static_cast<int32_t>(at < 0 ? N + r : at);
  }
  const Tensor all = concat({x, initial}, 0);
  return {index_select(all, Tensor::from(before, {N})), index_select(all, Tensor::from(last, {B}))};
}

TimeResult StepTime::gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const {
  const Tensors made = scan_coefficients(gates, sums);
  return scan(made[0], made[1], initial);
}

TimeResult StepTime::unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight,
                               const Tensor& initial) const {
  const Tensor h = unit_scan_step(loop, sums, weight, initial);
  return {h, h};
}

TimeResult StepTime::scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const {
  const Tensor h = linear_scan_step(a, b, initial, is_complex);
  return {h, h};
}

}  // namespace recur
