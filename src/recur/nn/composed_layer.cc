// The composed twin of the fused and the staged loop: any cell with any option, step by step in ordinary ops.
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/nn/fake_int8.h"
#include "recur/nn/recurrent_layer.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"

namespace recur {
namespace {

Tensor normalize(const Tensor& x, const Tensor& norm) {
  return norm.defined() ? layer_norm(x, row(norm, 0), row(norm, 1), kernels::kLayerNormEpsilon) : x;
}

// Columns first .. first + count - 1 of both rows of a norm's scale and shift.
Tensor norm_of(const Tensor& norm, int64_t first, int64_t count) {
  return norm.defined() ? slice(norm, {.axis = 1, .begin = first}, count) : norm;
}

// share * before + (1 - share) * after.
Tensor mix(const Tensor& share, const Tensor& before, const Tensor& after) { return after + share * (before - after); }

// h itself, whose gradient's norm goes to `norm` when backward passes.
Tensor observed(const Tensor& h, double* norm) {
  return autograd::record("observe", {h}, h.detach(), [norm](const autograd::VjpArgs& v) {
    const Tensor g = v.grad().clone(DType::kF64);
    double sum = 0;
    for (const double value : g.values<double>()) sum += value * value;
    *norm = std::sqrt(sum);
    return Tensors{v.grad()};
  });
}

Tensor projected(const Tensor& x, const LayerParameters& p) {
  if (p.weight_ih.defined()) return linear(x, p.weight_ih, p.bias_ih);
  return p.bias_ih.defined() ? x + p.bias_ih : x;
}

class ComposedLoop {
 public:
  ComposedLoop(const LayerParameters& parameters, const LayerOptions& options, Tensors states)
      : p_(parameters), o_(options), states_(std::move(states)), hidden_(p_.weight_hh.size(0) / o_.cell->gates) {
    for (int k = 0; k < o_.cell->unit_weights; ++k) unit_weights_.push_back(row(p_.unit_weights, k));
  }

  // One step of the first x.size(0) rows, whose h has decayed; returns their h.
  Tensor step(const Tensor& x, const Tensor& decay, int64_t t) {
    const int64_t n = x.size(0), batch = states_[0].size(0);
    Tensors now;
    for (const Tensor& state : states_) now.push_back(rows(state, 0, n));
    if (decay.defined()) now[0] = now[0] * decay;
    const Tensors before = now;
    o_.cell->step(step_input(x), now);
    if (p_.projection.defined()) now[0] = linear(now[0], p_.projection);
    for (size_t k = 0; k < now.size(); ++k) {
      const Tensor& zoneout = k == 0 ? o_.zoneout : o_.zoneout_inner;
      if (!zoneout.defined()) continue;
      now[k] = mix(zoneout.rank() == 0 ? zoneout : rows(row(zoneout, t), 0, n), before[k], now[k]);
    }
    if (o_.trace != nullptr) now[0] = observed(now[0], &(*o_.trace)[t]);
    for (size_t k = 0; k < now.size(); ++k)
      states_[k] = n == batch ? now[k] : concat({now[k], rows(states_[k], n, batch)}, 0);
    return now[0];
  }

  const Tensors& states() const { return states_; }

 private:
  ComposedStep step_input(const Tensor& x) const {
    ComposedStep in{.x = x, .product = {}, .unit_weights = unit_weights_, .normalize_inner = {}};
    in.product = [this](const Tensor& h, int first, int count) {
      const int64_t begin = first * hidden_, end = (first + count) * hidden_;
      const Tensor masked = o_.recurrent_mask.defined() ? h * rows(o_.recurrent_mask, 0, h.size(0)) : h;
      const Tensor entered = rounds_ ? fake_int8(masked) : masked;
      const Tensor product = linear(entered, rows(p_.weight_hh, begin, end), rows_or_none(p_.bias_hh, begin, end));
      return normalize(product, norm_of(p_.norm_hh, begin, end - begin));
    };
    if (p_.norm_inner.defined()) in.normalize_inner = [this](const Tensor& c) { return normalize(c, p_.norm_inner); };
    return in;
  }

  const LayerParameters& p_;
  const LayerOptions& o_;
  Tensors states_;
  int64_t hidden_;
  bool rounds_ = Int8Training::is_on();
  Tensors unit_weights_;
};

}  // namespace

Tensor project_input(const Tensor& x, const LayerParameters& parameters) {
  return normalize(projected(x, parameters), parameters.norm_ih);
}

LayerOutput run_composed_steps(const Tensor& projected, const Tensors& states, const LayerParameters& parameters,
                               const Packing& packing, const LayerOptions& options) {
  const int64_t T = packing.steps();
  if (options.trace != nullptr) options.trace->assign(static_cast<size_t>(T), 0);
  ComposedLoop loop(parameters, options, states);
  if (T == 0) return {Tensor::zeros({0, states[0].size(1)}, states[0].dtype()), states};
  Tensors outputs(static_cast<size_t>(T));
  for (int64_t s = 0; s < T; ++s) {
    const int64_t t = options.reverse ? T - 1 - s : s;
    const int64_t begin = packing.offset(t), end = begin + packing.rows(t);
    outputs[t] = loop.step(rows(projected, begin, end), rows_or_none(options.decay, begin, end), t);
  }
  return {concat(outputs, 0), loop.states()};
}

Tensors run_composed_step(const Tensor& projected, const Tensor& decay, const Tensors& states,
                          const LayerParameters& parameters, const LayerOptions& options) {
  ComposedLoop loop(parameters, options, states);
  loop.step(projected, decay, 0);
  return loop.states();
}

LayerOutput run_composed_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                               const Packing& packing, const LayerOptions& options) {
  return run_composed_steps(project_input(x, parameters), states, parameters, packing, options);
}

}  // namespace recur
