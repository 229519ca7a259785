#include "recur/nn/layers/qrnn_layer.h"

#include <algorithm>

#include "recur/nn/layers/array_stepper.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

class QrnnStepper : public ArrayStepper {
 public:
  QrnnStepper(StepAffine affine, int64_t input, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, {Tensor::zeros({1, hidden}), Tensor::zeros({1, input})}, hidden),
        affine_(std::move(affine)),
        input_(input),
        hidden_(hidden),
        window_(place(streams * 2 * input)),
        terms_(place(streams * affine_.stride())),
        spare_(place(affine_.scratch_size(streams))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    float* const window = scratch + window_;
    for (int64_t b = 0; b < streams(); ++b) {
      float* const last = part(state, 1, b);
      std::copy_n(last, input_, window + b * 2 * input_);
      std::copy_n(x.at + b * x.stride, input_, window + (2 * b + 1) * input_);
      std::copy_n(x.at + b * x.stride, input_, last);
    }
    affine_(streams(), {window, 2 * input_}, scratch + terms_, scratch + spare_);
    for (int64_t b = 0; b < streams(); ++b) {
      float *z = scratch + terms_ + b * affine_.stride(), *f = z + hidden_, *o = f + hidden_;
      tanh_of(z, hidden_);
      sigmoid_of(f, 2 * hidden_);
      float *c = part(state, 0, b), *y = output(state) + b * hidden_;
      for (int64_t j = 0; j < hidden_; ++j) {
        c[j] = f[j] * c[j] + (1 - f[j]) * z[j];
        y[j] = o[j] * c[j];
      }
    }
    return output_rows(state);
  }
  int64_t weight_bytes() const override { return affine_.bytes(); }

 private:
  StepAffine affine_;
  int64_t input_, hidden_, window_, terms_, spare_;
};

}  // namespace

QrnnLayer::QrnnLayer(const LayerSpec& spec) : ScanLayer("qrnn", spec, /*has_chrono=*/true) {
  weight_ = draw_weight(3 * spec.hidden, 2 * spec.input, spec.random);
  bias_ = draw_gate_bias(3 * spec.hidden, 2 * spec.input, {.forget = 1}, spec);
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
}

Tensors QrnnLayer::zero_states(int64_t batch, DType dtype) const {
  return {Tensor::zeros({batch, hidden()}, dtype), Tensor::zeros({batch, input_features()}, dtype)};
}

LayerOutput QrnnLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const TimeResult before = time.previous(x, states[1]);
  const Tensors terms = terms_of_gates(linear(concat({before.rows, x}, 1), weight_, bias_), 3);
  const Tensor z = tanh(terms[0]), f = sigmoid(terms[1]);
  const TimeResult c = time.scan(f, (1 - f) * z, states[0]);
  return {sigmoid(terms[2]) * c.rows, {c.last, before.last}};
}

std::shared_ptr<const Stepper> QrnnLayer::stepper(const StreamOptions& options) const {
  return std::make_shared<const QrnnStepper>(StepAffine(weight_, bias_, options.weights), input_features(), hidden(),
                                             options.streams);
}

}  // namespace recur
