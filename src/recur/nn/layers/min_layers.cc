#include "recur/nn/layers/min_layers.h"

#include "recur/nn/layers/array_stepper.h"
#include "recur/ops/matmul.h"

namespace recur {
namespace {

class MinStepper : public ArrayStepper {
 public:
  MinStepper(StepAffine affine, int gates, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, {Tensor::zeros({1, hidden})}, hidden),
        affine_(std::move(affine)),
        gates_(gates),
        hidden_(hidden),
        terms_(place(streams * affine_.stride())),
        spare_(place(std::max(hidden, affine_.scratch_size(streams)))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    affine_(streams(), x, scratch + terms_, scratch + spare_);
    for (int64_t b = 0; b < streams(); ++b) {
      float *terms = scratch + terms_ + b * affine_.stride(), *h = part(state, 0, b), *y = output(state) + b * hidden_;
      float *candidate = terms + (gates_ - 1) * hidden_, *bounded = scratch + spare_;
      sigmoid_of(terms, (gates_ - 1) * hidden_);
      std::copy_n(candidate, hidden_, bounded);
      sigmoid_of(bounded, hidden_);
      for (int64_t j = 0; j < hidden_; ++j) {
        const float c = std::max(candidate[j], 0.0f) + std::min(bounded[j], 0.5f), gate = terms[j];
        if (gates_ == 2) {
          h[j] = (1 - gate) * h[j] + gate * c;
        } else {
          const float total = gate + terms[hidden_ + j];
          h[j] = gate / total * h[j] + terms[hidden_ + j] / total * c;
        }
        y[j] = h[j];
      }
    }
    return output_rows(state);
  }
  int64_t weight_bytes() const override { return affine_.bytes(); }

 private:
  StepAffine affine_;
  int gates_;
  int64_t hidden_, terms_, spare_;
};

}  // namespace

MinLayer::MinLayer(std::string name, int gates, const LayerSpec& spec)
    : ScanLayer(std::move(name), spec, /*has_chrono=*/true), gates_(gates) {
  weight_ = draw_weight(gates * spec.hidden, spec.input, spec.random);
  const MemoryGates memory = gates == 2 ? MemoryGates{.input = 0} : MemoryGates{.forget = 0, .input = 1};
  bias_ = draw_gate_bias(gates * spec.hidden, spec.input, memory, spec);
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
}

Tensors MinLayer::zero_states(int64_t batch, DType dtype) const { return {Tensor::zeros({batch, hidden()}, dtype)}; }

LayerOutput MinLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const auto gates = gates_ == 2 ? kernels::ScanGates::kMinGru : kernels::ScanGates::kMinLstm;
  const TimeResult h = time.gated_scan(gates, linear(x, weight_, bias_), states[0]);
  return {h.rows, {h.last}};
}

std::shared_ptr<const Stepper> MinLayer::stepper(const StreamOptions& options) const {
  return std::make_shared<const MinStepper>(StepAffine(weight_, bias_, options.weights), gates_, hidden(),
                                            options.streams);
}

}  // namespace recur
