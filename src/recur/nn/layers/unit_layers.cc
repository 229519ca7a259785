#include "recur/nn/layers/unit_layers.h"

#include <algorithm>

#include "recur/nn/init.h"
#include "recur/nn/layers/array_stepper.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

using kernels::UnitLoop;

class IndRnnStepper : public ArrayStepper {
 public:
  IndRnnStepper(StepAffine affine, const Tensor& recurrent, int64_t streams)
      : ArrayStepper(streams, {Tensor::zeros({1, recurrent.numel()})}, recurrent.numel()),
        affine_(std::move(affine)),
        recurrent_(recurrent.clone()),
        sums_(place(streams * affine_.stride())),
        spare_(place(affine_.scratch_size(streams))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    const StepRows sums = affine_(streams(), x, scratch + sums_, scratch + spare_);
    const float* u = recurrent_.data<float>();
    const int64_t hidden = recurrent_.numel();
    for (int64_t b = 0; b < streams(); ++b) {
      float *h = part(state, 0, b), *y = output(state) + b * hidden;
      const float* sum = sums.at + b * sums.stride;
      for (int64_t j = 0; j < hidden; ++j) y[j] = h[j] = std::max(sum[j] + u[j] * h[j], 0.0f);
    }
    return output_rows(state);
  }
  int64_t weight_bytes() const override { return affine_.bytes(); }

 private:
  StepAffine affine_;
  Tensor recurrent_;
  int64_t sums_, spare_;
};

class SruStepper : public ArrayStepper {
 public:
  // peepholes: [2 H], v_f and v_r.
  SruStepper(StepAffine affine, Tensor peepholes, bool skips, int64_t streams)
      : ArrayStepper(streams, {Tensor::zeros({1, peepholes.numel() / 2})}, peepholes.numel() / 2),
        affine_(std::move(affine)),
        peepholes_(std::move(peepholes)),
        skips_(skips),
        hidden_(peepholes_.numel() / 2),
        terms_(place(streams * affine_.stride())),
        spare_(place(affine_.scratch_size(streams))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    affine_(streams(), x, scratch + terms_, scratch + spare_);
    const float *v_f = peepholes_.data<float>(), *v_r = v_f + hidden_;
    for (int64_t b = 0; b < streams(); ++b) {
      float *z = scratch + terms_ + b * affine_.stride(), *f = z + hidden_, *r = f + hidden_;
      const float* skip = skips_ ? x.at + b * x.stride : r + hidden_;
      float *c = part(state, 0, b), *y = output(state) + b * hidden_;
      for (int64_t j = 0; j < hidden_; ++j) f[j] += v_f[j] * c[j];
      for (int64_t j = 0; j < hidden_; ++j) r[j] += v_r[j] * c[j];
      sigmoid_of(f, 2 * hidden_);
      for (int64_t j = 0; j < hidden_; ++j) {
        c[j] = f[j] * c[j] + (1 - f[j]) * z[j];
        y[j] = r[j] * c[j] + (1 - r[j]) * skip[j];
      }
    }
    return output_rows(state);
  }
  int64_t weight_bytes() const override { return affine_.bytes(); }

 private:
  StepAffine affine_;
  Tensor peepholes_;
  bool skips_;
  int64_t hidden_, terms_, spare_;
};

}  // namespace

IndRnnLayer::IndRnnLayer(const LayerSpec& spec) : ScanLayer("indrnn", spec) {
  weight_ = draw_weight(spec.hidden, spec.input, spec.random);
  bias_ = draw_bias(spec.hidden, spec.input, spec.options.bias, spec.random);
  Tensor recurrent = Tensor::empty({spec.hidden});
  init::uniform(recurrent, 0, 1, spec.random);
  recurrent_ = Parameter(recurrent);
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
  register_parameter("recurrent", recurrent_);
}

Tensors IndRnnLayer::zero_states(int64_t batch, DType dtype) const { return {Tensor::zeros({batch, hidden()}, dtype)}; }

LayerOutput IndRnnLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const TimeResult h = time.unit_scan(UnitLoop::kIndRnn, linear(x, weight_, bias_), recurrent_, states[0]);
  return {h.rows, {h.last}};
}

std::shared_ptr<const Stepper> IndRnnLayer::stepper(const StreamOptions& options) const {
  return std::make_shared<const IndRnnStepper>(StepAffine(weight_, bias_, options.weights), recurrent_,
                                               options.streams);
}

SruLayer::SruLayer(const LayerSpec& spec) : ScanLayer("sru", spec, /*has_chrono=*/true) {
  weight_ = draw_weight((skips() ? 3 : 4) * spec.hidden, spec.input, spec.random);
  bias_ = draw_gate_bias(2 * spec.hidden, spec.input, {.forget = 0}, spec);
  forget_ = draw_bias(spec.hidden, spec.hidden, true, spec.random);
  reset_ = draw_bias(spec.hidden, spec.hidden, true, spec.random);
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
  register_parameter("forget_peephole", forget_);
  register_parameter("reset_peephole", reset_);
}

Tensors SruLayer::zero_states(int64_t batch, DType dtype) const { return {Tensor::zeros({batch, hidden()}, dtype)}; }

Tensor SruLayer::whole_bias() const {
  if (!bias_->defined()) return {};
  Tensors parts{filled({hidden()}, 0, dtype()), *bias_};
  if (!skips()) parts.push_back(parts[0]);
  return concat(parts, 0);
}

LayerOutput SruLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const int64_t H = hidden();
  std::vector<int64_t> sizes{2 * H, H};
  if (!skips()) sizes.push_back(H);
  const Tensors terms = split(linear(x, weight_, whole_bias()), 1, sizes);
  const TimeResult c = time.unit_scan(UnitLoop::kSru, terms[0], forget_, states[0]);
  const Tensor before = time.previous(c.rows, states[0]).rows;
  const Tensor r = sigmoid(*reset_ * before + terms[1]);
  return {r * c.rows + (1 - r) * (skips() ? x : terms[2]), {c.last}};
}

std::shared_ptr<const Stepper> SruLayer::stepper(const StreamOptions& options) const {
  return std::make_shared<const SruStepper>(StepAffine(weight_, whole_bias(), options.weights),
                                            concat({*forget_, *reset_}, 0), skips(), options.streams);
}

}  // namespace recur
