#include "recur/nn/layers/rg_lru_layer.h"

#include <algorithm>
#include <cmath>

#include "recur/kernels/kernels.h"
#include "recur/nn/init.h"
#include "recur/nn/layers/array_stepper.h"
#include "recur/nn/layers/chrono_init.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr int64_t kTaps = 4;
constexpr double kSharpness = 8;      // c
constexpr double kLeastInput = 1e-6;  // of 1 - a^2

struct RgLruWeights {
  StepAffine input, gates;
  Tensor rate;  // [H]
  // Of the block.
  StepAffine branch = {}, output = {};
  StepConv conv = {};
};

int64_t output_stride(const RgLruWeights& weights, bool is_block, int64_t hidden) {
  return is_block ? weights.output.stride() : hidden;
}

int64_t largest_scratch_of(const RgLruWeights& w, bool is_block, int64_t streams) {
  const int64_t most = std::max(w.input.scratch_size(streams), w.gates.scratch_size(streams));
  if (!is_block) return most;
  return std::max({most, w.branch.scratch_size(streams), w.output.scratch_size(streams)});
}

Tensors zeros_of_one(bool is_block, int64_t hidden) {
  return Tensors(is_block ? static_cast<size_t>(kTaps) : 1, Tensor::zeros({1, hidden}));
}

class RgLruStepper : public ArrayStepper {
 public:
  RgLruStepper(RgLruWeights weights, bool is_block, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, zeros_of_one(is_block, hidden), output_stride(weights, is_block, hidden)),
        weights_(std::move(weights)),
        is_block_(is_block),
        hidden_(hidden),
        input_(place(streams * weights_.input.stride())),
        gates_(place(streams * weights_.gates.stride())),
        branch_(is_block ? place(streams * weights_.branch.stride()) : 0),
        row_(place(hidden)),
        spare_(place(largest_scratch_of(weights_, is_block, streams))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    float *const u = scratch + input_, *const spare = scratch + spare_;
    const int64_t stride = weights_.input.stride();
    weights_.input(streams(), x, u, spare);
    if (is_block_)
      for (int64_t s = 0; s < streams(); ++s)
        weights_.conv(u + s * stride, part(state, 1, s), part(state, 2, s) - part(state, 1, s), scratch + row_);
    const StepRows gates = weights_.gates(streams(), {u, stride}, scratch + gates_, spare);
    for (int64_t s = 0; s < streams(); ++s)
      advance(scratch + gates_ + s * gates.stride, u + s * stride, part(state, 0, s), scratch + row_);
    if (!is_block_) {
      std::copy_n(part(state, 0, 0), streams() * hidden_, output(state));
      return output_rows(state);
    }
    const StepRows branch = weights_.branch(streams(), x, scratch + branch_, spare);
    for (int64_t s = 0; s < streams(); ++s) gate_branch(scratch + branch_ + s * branch.stride, part(state, 0, s));
    return weights_.output(streams(), branch, output(state), spare);
  }
  int64_t weight_bytes() const override {
    const int64_t block = is_block_ ? weights_.branch.bytes() + weights_.output.bytes() : 0;
    return weights_.input.bytes() + weights_.gates.bytes() + block;
  }

 private:
  // gates: the sums of r and i.
  void advance(float* gates, const float* u, float* h, float* a) const {
    sigmoid_of(gates, 2 * hidden_);
    const float *rate = weights_.rate.data<float>(), *input = gates + hidden_;
    for (int64_t j = 0; j < hidden_; ++j) a[j] = -(rate[j] * gates[j]);
    kernels::table<float>().unary(kernels::Unary::kExp, a, a, hidden_);
    for (int64_t j = 0; j < hidden_; ++j) {
      const float share = std::sqrt(std::max(1 - a[j] * a[j], static_cast<float>(kLeastInput)));
      h[j] = a[j] * h[j] + share * (input[j] * u[j]);
    }
  }

  // h gelu(branch), in the branch's place.
  void gate_branch(float* branch, const float* h) const {
    gelu_tanh_of(branch, hidden_);
    for (int64_t j = 0; j < hidden_; ++j) branch[j] = h[j] * branch[j];
  }

  RgLruWeights weights_;
  bool is_block_;
  int64_t hidden_, input_, gates_, branch_, row_, spare_;
};

// sigmoid(lambda)^8, the share that is kept where r = 1: uniform between 0.9 and 0.999, or by the steps to remember.
void initialize_lambda(Tensor lambda, const LayerSpec& spec) {
  const bool is_chrono = spec.options.init == "chrono";
  Tensor drawn = Tensor::empty({spec.hidden});
  if (is_chrono) drawn = chrono_memory(spec.hidden, spec.options.chrono_steps, spec.random);
  if (!is_chrono) init::uniform(drawn, 0, 1, spec.random);
  for (int64_t j = 0; j < spec.hidden; ++j) {
    const double u = drawn.data<float>()[j];
    const double a = std::pow(is_chrono ? u / (1 + u) : 0.9 + 0.099 * u, 1 / kSharpness);
    lambda.data<float>()[j] = static_cast<float>(std::log(a / (1 - a)));
  }
}

}  // namespace

RgLruLayer::RgLruLayer(std::string name, bool is_block, const LayerSpec& spec)
    : ScanLayer(std::move(name), spec, /*has_chrono=*/true), is_block_(is_block) {
  const int64_t H = spec.hidden, F = spec.input;
  const bool bias = spec.options.bias;
  weight_ = draw_weight(H, F, spec.random);
  bias_ = draw_bias(H, F, bias, spec.random);
  gate_weight_ = draw_weight(2 * H, H, spec.random);
  gate_bias_ = draw_bias(2 * H, H, bias, spec.random);
  lambda_ = Tensor::empty({H});
  initialize_lambda(*lambda_, spec);
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
  register_parameter("weight_gates", gate_weight_);
  register_parameter("bias_gates", gate_bias_);
  register_parameter("lambda", lambda_);
  if (is_block) make_block(spec);
}

void RgLruLayer::make_block(const LayerSpec& spec) {
  const int64_t H = spec.hidden, F = spec.input;
  const bool bias = spec.options.bias;
  branch_weight_ = draw_weight(H, F, spec.random);
  branch_bias_ = draw_bias(H, F, bias, spec.random);
  conv_weight_ = Tensor::empty({kTaps, H});
  init::uniform(conv_weight_, -1 / std::sqrt(double{kTaps}), 1 / std::sqrt(double{kTaps}), spec.random);
  conv_bias_ = draw_bias(H, kTaps, bias, spec.random);
  output_weight_ = draw_weight(H, H, spec.random);
  output_bias_ = draw_bias(H, H, bias, spec.random);
  register_parameter("weight_branch", branch_weight_);
  register_parameter("bias_branch", branch_bias_);
  register_parameter("weight_conv", conv_weight_);
  register_parameter("bias_conv", conv_bias_);
  register_parameter("weight_out", output_weight_);
  register_parameter("bias_out", output_bias_);
}

Tensors RgLruLayer::zero_states(int64_t batch, DType dtype) const {
  Tensors states;
  for (int64_t k = 0; k < (is_block_ ? kTaps : 1); ++k) states.push_back(Tensor::zeros({batch, hidden()}, dtype));
  return states;
}

Tensor RgLruLayer::rate() const { return softplus(-*lambda_) * kSharpness; }

LayerOutput RgLruLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  Tensor u = linear(x, weight_, bias_);
  Tensors last;
  if (is_block_) {
    CausalConvResult read = time.convolve(u, conv_weight_, conv_bias_, Tensors(states.begin() + 1, states.end()));
    u = read.rows;
    last = std::move(read.last);
  }
  const Tensors gates = terms_of_gates(sigmoid(linear(u, gate_weight_, gate_bias_)), 2);
  const Tensor a = exp(-(rate() * gates[0]));
  const Tensor share = sqrt(maximum(1 - square(a), Tensor::scalar(kLeastInput, a.dtype())));
  const TimeResult h = time.scan(a, share * (gates[1] * u), states[0]);
  LayerOutput out{.y = h.rows, .states = {h.last}};
  out.states.insert(out.states.end(), last.begin(), last.end());
  return out;
}

Tensor RgLruLayer::finish(const Tensor& h, const Tensor& x) const {
  if (!is_block_) return h;
  return linear(h * gelu_tanh(linear(x, branch_weight_, branch_bias_)), output_weight_, output_bias_);
}

std::shared_ptr<const Stepper> RgLruLayer::stepper(const StreamOptions& options) const {
  RgLruWeights weights{.input = StepAffine(weight_, bias_, options.weights),
                       .gates = StepAffine(gate_weight_, gate_bias_, options.weights),
                       .rate = rate()};
  if (is_block_) {
    weights.branch = StepAffine(branch_weight_, branch_bias_, options.weights);
    weights.output = StepAffine(output_weight_, output_bias_, options.weights);
    weights.conv = StepConv(conv_weight_, conv_bias_);
  }
  return std::make_shared<const RgLruStepper>(std::move(weights), is_block_, hidden(), options.streams);
}

}  // namespace recur
