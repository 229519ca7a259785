#include "recur/nn/layers/slstm_layer.h"

#include <algorithm>
#include <cmath>

#include "recur/nn/layers/array_stepper.h"
#include "recur/nn/layers/memory_layer.h"
#include "recur/nn/slstm_loop.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

enum SlstmState { kH, kCell, kNormal, kLevel };  // as steps have them, [B, H] each
enum SlstmPart { kOutput, kInside };             // as the layer's states are

// h and [c, n, m] -> each by itself, and back.
Tensors unpacked(const Tensors& states) {
  Tensors all{states[kOutput]};
  const int64_t batch = states[kInside].size(0), hidden = states[kInside].size(2);
  for (int64_t k = 0; k < 3; ++k) all.push_back(reshape(slice(states[kInside], {1, k}, 1), {batch, hidden}));
  return all;
}
Tensors packed(const Tensors& all) { return {all[kH], stack({all[kCell], all[kNormal], all[kLevel]}, 1)}; }
enum SlstmGate { kCandidate, kInputGate, kForgetGate, kOutputGate };

struct SlstmWeights {
  StepAffine input;
  std::vector<StepAffine> recurrent;  // of each head, [4 d, d]
};

class SlstmStepper : public ArrayStepper {
 public:
  SlstmStepper(SlstmWeights weights, const Tensors& zeros, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, zeros, hidden),
        w_(std::move(weights)),
        hidden_(hidden),
        size_(hidden / std::ssize(w_.recurrent)),
        terms_(place(streams * w_.input.stride())),
        product_(place(streams * w_.recurrent[0].stride())),
        spare_(place(std::max(w_.input.scratch_size(streams), w_.recurrent[0].scratch_size(streams)))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    float* const terms = scratch + terms_;
    const int64_t stride = w_.input.stride();
    w_.input(streams(), x, terms, scratch + spare_);
    for (size_t n = 0; n < w_.recurrent.size(); ++n) {
      const int64_t at = static_cast<int64_t>(n) * size_;
      const StepRows r =
          w_.recurrent[n](streams(), {part(state, kOutput, 0) + at, hidden_}, scratch + product_, scratch + spare_);
      for (int64_t b = 0; b < streams(); ++b)
        for (int64_t g = 0; g < 4; ++g)
          for (int64_t j = 0; j < size_; ++j)
            terms[b * stride + g * hidden_ + at + j] += r.at[b * r.stride + g * size_ + j];
    }
    for (int64_t b = 0; b < streams(); ++b) finish(terms + b * stride, state, b);
    std::copy_n(part(state, kOutput, 0), streams() * hidden_, output(state));
    return output_rows(state);
  }
  int64_t weight_bytes() const override {
    int64_t bytes = w_.input.bytes();
    for (const StepAffine& each : w_.recurrent) bytes += each.bytes();
    return bytes;
  }

 private:
  void finish(float* terms, StepState& state, int64_t b) const {
    float *const z = terms, *const in = terms + kInputGate * hidden_, *const forget = terms + kForgetGate * hidden_,
                 *const o = terms + kOutputGate * hidden_;
    float *const h = part(state, kOutput, b), *const c = part(state, kInside, b), *const n = c + hidden_,
                 *const m = n + hidden_;
    tanh_of(z, hidden_);
    sigmoid_of(o, hidden_);
    for (int64_t j = 0; j < hidden_; ++j) {
      const float log_forget = -(std::max(-forget[j], 0.0f) + std::log1p(std::exp(-std::abs(forget[j]))));
      const float before = log_forget + m[j];
      m[j] = n[j] == 0 ? in[j] : std::max(before, in[j]);
      const float keep = n[j] == 0 ? 0.0f : std::exp(before - m[j]), take = std::exp(in[j] - m[j]);
      c[j] = keep * c[j] + take * z[j];
      n[j] = keep * n[j] + take;
      h[j] = o[j] * (c[j] / n[j]);
    }
  }

  SlstmWeights w_;
  int64_t hidden_, size_, terms_, product_, spare_;
};

}  // namespace

SlstmLayer::SlstmLayer(const LayerSpec& spec) : ScanLayer("slstm", spec), heads_(memory_heads("slstm", spec)) {
  const int64_t H = spec.hidden, d = H / heads_;
  weight_ = draw_weight(4 * H, spec.input, spec.random);
  recurrent_weight_ = draw_weight(4 * H, d, spec.random);
  bias_ = draw_bias(4 * H, spec.input, spec.options.bias, spec.random);
  register_parameter("weight_ih", weight_);
  register_parameter("weight_hh", recurrent_weight_);
  register_parameter("bias_ih", bias_);
  if (!bias_->defined()) return;
  Tensor bias = *bias_;
  for (int64_t j = 0; j < H; ++j)
    bias.data<float>()[kForgetGate * H + j] =
        static_cast<float>(3 + 3 * (static_cast<double>(j) + 0.5) / static_cast<double>(H));
}

Tensors SlstmLayer::zero_states(int64_t batch, DType dtype) const {
  return {Tensor::zeros({batch, hidden()}, dtype), Tensor::zeros({batch, 3, hidden()}, dtype)};
}

LayerOutput SlstmLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const Tensor projected = linear(x, weight_, bias_);
  if (time.packing() == nullptr) {
    ScanResult made = time.loop({projected}, states, [this](const Tensors& sums, const Tensors& before) {
      const Tensors now = composed_slstm_step(sums[0], recurrent_weight_, unpacked(before));
      Tensors all = packed(now);
      all.push_back(now[kH]);
      return all;
    });
    return {made.outputs[0], std::move(made.states)};
  }
  const Tensors made = slstm_loop(projected, recurrent_weight_, unpacked(states), *time.packing(), reverse());
  return {made[0], packed(Tensors(made.begin() + 1, made.end()))};
}

std::shared_ptr<const Stepper> SlstmLayer::stepper(const StreamOptions& options) const {
  const int64_t d = hidden() / heads_;
  SlstmWeights weights{.input = StepAffine(weight_, bias_, options.weights), .recurrent = {}};
  const Tensor by_head = reshape(permute(reshape(recurrent_weight_, {4, heads_, d, d}), {1, 0, 2, 3}), {-1, d});
  for (int64_t n = 0; n < heads_; ++n)
    weights.recurrent.emplace_back(rows(by_head, n * 4 * d, (n + 1) * 4 * d), Tensor(), options.weights);
  return std::make_shared<const SlstmStepper>(std::move(weights), zero_states(1, DType::kF32), hidden(),
                                              options.streams);
}

}  // namespace recur
