#include "recur/nn/layers/lru_layer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "recur/nn/init.h"
#include "recur/nn/layers/array_stepper.h"
#include "recur/nn/layers/chrono_init.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// What the packed weights of a step are made from.
struct LruWeights {
  Tensor factor;     // lambda [2 H]
  StepAffine input;  // its rows already scaled
  StepAffine output, skip;
};

class LruStepper : public ArrayStepper {
 public:
  LruStepper(LruWeights weights, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, {Tensor::zeros({1, 2 * hidden})}, weights.output.stride()),
        weights_(std::move(weights)),
        hidden_(hidden),
        input_(place(streams * weights_.input.stride())),
        skip_(place(streams * weights_.skip.stride())),
        spare_(place(std::max({weights_.input.scratch_size(streams), weights_.output.scratch_size(streams),
                               weights_.skip.scratch_size(streams)}))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    const StepRows b = weights_.input(streams(), x, scratch + input_, scratch + spare_);
    const StepRows skip = weights_.skip(streams(), x, scratch + skip_, scratch + spare_);
    const float *re = weights_.factor.data<float>(), *im = re + hidden_;
    for (int64_t s = 0; s < streams(); ++s) {
      const float* row = b.at + s * b.stride;
      float *h = part(state, 0, s), *g = h + hidden_;
      for (int64_t j = 0; j < hidden_; ++j) {
        const float before = h[j];
        h[j] = re[j] * before - im[j] * g[j] + row[j];
        g[j] = re[j] * g[j] + im[j] * before + row[hidden_ + j];
      }
    }
    const StepRows y = weights_.output(streams(), {part(state, 0, 0), 2 * hidden_}, output(state), scratch + spare_);
    for (int64_t s = 0; s < streams(); ++s)
      for (int64_t j = 0; j < hidden_; ++j) output(state)[s * y.stride + j] += skip.at[s * skip.stride + j];
    return y;
  }
  int64_t weight_bytes() const override {
    return weights_.input.bytes() + weights_.output.bytes() + weights_.skip.bytes();
  }

 private:
  LruWeights weights_;
  int64_t hidden_, input_, skip_, spare_;
};

// About how many steps a unit remembers on average: the mean of 1 / (1 - |lambda|) as squared_moduli() draws it. Over
// the area of a ring from a to b that is 2 (ln((1 - a) / (1 - b)) - (b - a)) / (b^2 - a^2).
double mean_memory(const LayerSpec& spec) {
  constexpr double kOfRing = 48;  // a = 0.9, b = 0.999
  return spec.options.init == "chrono" ? static_cast<double>(spec.options.chrono_steps) / 2 : kOfRing;
}

// |lambda|^2 of each unit: uniform over the area of a ring (lemma 3.2), or by the steps to remember.
std::vector<double> squared_moduli(const LayerSpec& spec) {
  constexpr double kLeast = 0.9, kMost = 0.999;
  const bool is_chrono = spec.options.init == "chrono";
  Tensor drawn = Tensor::empty({spec.hidden});
  if (is_chrono) drawn = chrono_memory(spec.hidden, spec.options.chrono_steps, spec.random);
  if (!is_chrono) init::uniform(drawn, 0, 1, spec.random);
  std::vector<double> squared;
  for (const float value : drawn.values<float>()) {
    const double u = value;
    squared.push_back(is_chrono ? std::pow(u / (1 + u), 2) : kLeast * kLeast + u * (kMost * kMost - kLeast * kLeast));
  }
  return squared;
}

}  // namespace

LruLayer::LruLayer(const LayerSpec& spec) : ScanLayer("lru", spec, /*has_chrono=*/true) {
  const int64_t H = spec.hidden, F = spec.input;
  nu_ = Tensor::empty({H});
  theta_ = Tensor::empty({H});
  gamma_ = Tensor::empty({H});
  input_weight_ = Tensor::empty({2 * H, F});
  output_weight_ = Tensor::empty({H, 2 * H});
  skip_ = Tensor::empty({H, F});
  initialize(spec);
  register_parameter("nu", nu_);
  // A change d of an angle turns what was seen n steps ago by n d: the loss is that much steeper along the angles.
  register_parameter("theta", theta_, 1 / mean_memory(spec));
  register_parameter("gamma", gamma_);
  register_parameter("weight_ih", input_weight_);
  register_parameter("weight_out", output_weight_);
  register_parameter("weight_skip", skip_);
}

// Weights are of the variance of Glorot's.
void LruLayer::initialize(const LayerSpec& spec) {
  const int64_t H = hidden();
  Random& random = spec.random;
  const std::vector<double> squared = squared_moduli(spec);
  std::vector<float> angles(static_cast<size_t>(H));
  random.uniform(angles);
  Tensor nu = *nu_, theta = *theta_, gamma = *gamma_;
  for (int64_t j = 0; j < H; ++j) {
    const auto at = static_cast<size_t>(j);
    const double angle = 2 * std::numbers::pi * std::max(static_cast<double>(angles[at]), 1e-6);
    nu.data<float>()[j] = static_cast<float>(std::log(-0.5 * std::log(squared[at])));
    theta.data<float>()[j] = static_cast<float>(std::log(angle));
    gamma.data<float>()[j] = static_cast<float>(0.5 * std::log(1 - squared[at]));
  }
  init::normal(input_weight_, 0, std::sqrt(0.5 / static_cast<double>(input_features())), random);
  init::normal(output_weight_, 0, std::sqrt(1.0 / static_cast<double>(H)), random);
  init::normal(skip_, 0, std::sqrt(1.0 / static_cast<double>(input_features())), random);
}

Tensors LruLayer::zero_states(int64_t batch, DType dtype) const {
  return {Tensor::zeros({batch, 2 * hidden()}, dtype)};
}

Tensor LruLayer::factor() const {
  const Tensor modulus = exp(-exp(nu_)), angle = exp(theta_);
  return concat({modulus * cos(angle), modulus * sin(angle)}, 0);
}

Tensor LruLayer::scale() const {
  const Tensor gamma = exp(gamma_);
  return concat({gamma, gamma}, 0);
}

LayerOutput LruLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const Tensor weight = *input_weight_ * reshape(scale(), {2 * hidden(), 1});
  const TimeResult h = time.scan(factor(), linear(x, weight), states[0], true);
  return {h.rows, {h.last}};
}

Tensor LruLayer::finish(const Tensor& h, const Tensor& x) const { return linear(h, output_weight_) + linear(x, skip_); }

std::shared_ptr<const Stepper> LruLayer::stepper(const StreamOptions& options) const {
  const Tensor weight = *input_weight_ * reshape(scale(), {2 * hidden(), 1});
  return std::make_shared<const LruStepper>(LruWeights{.factor = factor(),
                                                       .input = StepAffine(weight, {}, options.weights),
                                                       .output = StepAffine(output_weight_, {}, options.weights),
                                                       .skip = StepAffine(skip_, {}, options.weights)},
                                            hidden(), options.streams);
}

}  // namespace recur
