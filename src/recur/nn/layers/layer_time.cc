#include "recur/nn/layers/layer_time.h"

#include <vector>

#include "recur/nn/linear_scan.h"
#include "recur/nn/unit_scan.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

TimeResult of_one(const ScanResult& result) { return {result.outputs[0], result.states[0]}; }

}  // namespace

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

CausalConvResult PackedTime::convolve(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                      const Tensors& before) const {
  return causal_conv(x, weight, bias, before, packing_, reverse_);
}

// Rows that have ended keep their states.
ScanResult PackedTime::loop(const Tensors& x, const Tensors& states, const ScanStep& step) const {
  const int64_t steps = packing_.steps(), batch = packing_.batch();
  ScanResult result{.states = states, .outputs = {}};
  std::vector<Tensors> outputs;  // of each, in the order of time
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse_ ? steps - 1 - s : s, n = packing_.rows(t), begin = packing_.offset(t);
    Tensors own, before;
    for (const Tensor& each : x) own.push_back(rows(each, begin, begin + n));
    for (const Tensor& state : result.states) before.push_back(rows(state, 0, n));
    const Tensors made = step(own, before);
    outputs.resize(made.size() - states.size(), Tensors(static_cast<size_t>(steps)));
    for (size_t k = 0; k < made.size(); ++k) {
      if (k >= states.size())
        outputs[k - states.size()][static_cast<size_t>(t)] = made[k];
      else
        result.states[k] = n == batch ? made[k] : concat({made[k], rows(result.states[k], n, batch)}, 0);
    }
  }
  for (const Tensors& output : outputs) result.outputs.push_back(concat(output, 0));
  return result;
}

TimeResult ComposedTime::scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const {
  const bool is_fixed = a.rank() == 1;
  return of_one(loop(is_fixed ? Tensors{b} : Tensors{b, a}, {initial}, [&](const Tensors& x, const Tensors& h) {
    const Tensor after = linear_scan_step(is_fixed ? a : x[1], x[0], h[0], is_complex);
    return Tensors{after, after};
  }));
}

TimeResult ComposedTime::gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const {
  const Tensors made = scan_coefficients(gates, sums);
  return scan(made[0], made[1], initial);
}

TimeResult ComposedTime::unit_scan(kernels::UnitLoop kind, const Tensor& sums, const Tensor& weight,
                                   const Tensor& initial) const {
  return of_one(loop({sums}, {initial}, [&](const Tensors& x, const Tensors& h) {
    const Tensor after = unit_scan_step(kind, x[0], weight, h[0]);
    return Tensors{after, after};
  }));
}

// The state is the step before.
TimeResult ComposedTime::previous(const Tensor& x, const Tensor& initial) const {
  return of_one(loop({x}, {initial}, [](const Tensors& now, const Tensors& before) {
    return Tensors{now[0], before[0]};
  }));
}

CausalConvResult ComposedTime::convolve(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                        const Tensors& before) const {
  const int64_t K = weight.size(0);
  ScanResult made = loop({x}, before, [&](const Tensors& now, const Tensors& behind) {
    Tensor y = now[0] * row(weight, K - 1);
    if (bias.defined()) y = y + bias;
    for (int64_t k = 1; k < K; ++k) y = y + behind[static_cast<size_t>(k - 1)] * row(weight, K - 1 - k);
    Tensors after{now[0]};
    after.insert(after.end(), behind.begin(), behind.end());
    after.back() = y;  // in the place of what is K steps behind
    return after;
  });
  return {.rows = made.outputs[0], .last = std::move(made.states)};
}

ScanResult StepTime::loop(const Tensors& x, const Tensors& states, const ScanStep& step) const {
  const Tensors made = step(x, states);
  const auto middle = made.begin() + static_cast<std::ptrdiff_t>(states.size());
  return {.states = Tensors(made.begin(), middle), .outputs = Tensors(middle, made.end())};
}

ScanResult PaddedTime::loop(const Tensors& x, const Tensors& states, const ScanStep& step) const {
  Tensors sequences;  // [T, B, ...]
  for (const Tensor& each : x) sequences.push_back(reshape(each, each.shape().with(0, batch_).inserted(0, steps_)));
  ScanResult result = recur::scan(sequences, states, step, options_);
  for (Tensor& each : result.outputs) each = reshape(each, each.shape().erased(0).with(0, steps_ * batch_));
  return result;
}

}  // namespace recur
