#include "recur/nn/layers/delta_layer.h"

#include <algorithm>
#include <cmath>

#include "recur/nn/layers/array_stepper.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr double kLeastSquare = 1e-6;  // added to a squared length

// Rows of length 1.
Tensor directed(const Tensor& x) { return x / sqrt(sum(square(x), x.rank() - 1, true) + kLeastSquare); }

Tensor stood(const Tensor& x) { return reshape(x, {x.size(0), x.size(1), 1}); }  // [G, L] -> [G, L, 1]

// 1 where steps r and i are in one group of `inner` steps, or not in one of `outer`: [L, L].
Tensor outside_ring(int64_t steps, int64_t inner, int64_t outer, DType dtype) {
  Tensor mask = Tensor::empty({steps, steps});
  float* to = mask.data<float>();
  for (int64_t r = 0; r < steps; ++r)
    for (int64_t i = 0; i < steps; ++i) *to++ = r / inner == i / inner || r / outer != i / outer ? 1.0f : 0.0f;
  return mask.clone(dtype);
}

Tensor identity_of(int64_t steps, DType dtype) {
  Tensor one = Tensor::zeros({steps, steps});
  for (int64_t r = 0; r < steps; ++r) one.data<float>()[r * steps + r] = 1;
  return one.clone(dtype);
}

struct DeltaWeights {
  StepAffine terms, gates;
  std::vector<float> rates;
  float most_beta;
};

class DeltaStepper : public ArrayStepper {
 public:
  DeltaStepper(DeltaWeights weights, const Tensors& zeros, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, zeros, hidden),
        w_(std::move(weights)),
        hidden_(hidden),
        heads_(std::ssize(w_.rates)),
        size_(hidden / heads_),
        terms_(place(streams * w_.terms.stride())),
        gates_(place(streams * w_.gates.stride())),
        activated_(place(4 * hidden)),
        spare_(place(std::max({w_.terms.scratch_size(streams), w_.gates.scratch_size(streams), size_}))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    const StepRows terms = w_.terms(streams(), x, scratch + terms_, scratch + spare_);
    const StepRows gates = w_.gates(streams(), x, scratch + gates_, scratch + spare_);
    float* const all = scratch + activated_;
    for (int64_t b = 0; b < streams(); ++b) {
      const float* const row = terms.at + b * terms.stride;
      std::copy_n(row, 4 * hidden_, all);
      sigmoid_of(all, 4 * hidden_);
      for (int64_t j = 0; j < 4 * hidden_; ++j) all[j] *= row[j];
      float* const y = output(state) + b * hidden_;
      for (int64_t n = 0; n < heads_; ++n) {
        const float a = gates.at[b * gates.stride + n];
        float beta = gates.at[b * gates.stride + heads_ + n];
        const float soft = std::max(a, 0.0f) + std::log1p(std::exp(-std::abs(a)));
        sigmoid_of(&beta, 1);
        advance(all + n * size_, std::exp(-w_.rates[static_cast<size_t>(n)] * soft), w_.most_beta * beta,
                part(state, 0, b) + n * size_ * size_, y + n * size_, scratch + spare_);
      }
      for (int64_t j = 0; j < hidden_; ++j) y[j] *= all[3 * hidden_ + j];
    }
    return output_rows(state);
  }
  int64_t weight_bytes() const override { return w_.terms.bytes() + w_.gates.bytes(); }

 private:
  // q: of the head, k and v behind it in steps of H; room [d].
  void advance(float* q, float alpha, float beta, float* memory, float* y, float* room) const {
    float *const k = q + hidden_, *const v = k + hidden_;
    for (float* const one : {q, k}) {
      float square = static_cast<float>(kLeastSquare);
      for (int64_t i = 0; i < size_; ++i) square += one[i] * one[i];
      const float scale = 1 / std::sqrt(square);
      for (int64_t i = 0; i < size_; ++i) one[i] *= scale;
    }
    // What the memory, faded, holds for the key.
    std::fill_n(room, size_, 0.0f);
    for (int64_t i = 0; i < size_; ++i)
      for (int64_t j = 0; j < size_; ++j) room[j] += k[i] * memory[i * size_ + j];
    for (int64_t j = 0; j < size_; ++j) room[j] = beta * (v[j] - alpha * room[j]);
    std::fill_n(y, size_, 0.0f);
    for (int64_t i = 0; i < size_; ++i) {
      float* const row = memory + i * size_;
      for (int64_t j = 0; j < size_; ++j) {
        row[j] = alpha * row[j] + k[i] * room[j];
        y[j] += q[i] * row[j];
      }
    }
  }

  DeltaWeights w_;
  int64_t hidden_, heads_, size_, terms_, gates_, activated_, spare_;
};

}  // namespace

// Groups of 4 steps, then of 16, 64, ...: where X inverts I and what A has within groups, and N is X times what A has
// between the four groups of a larger one, (I + N)^-1 X inverts both, and N^4 = 0. Powers of A itself would grow.
Tensor inverse_of_unit_lower(const Tensor& a) {
  const int64_t L = a.size(1);
  Tensor inverse;
  for (int64_t inner = 1; inner < L || !inverse.defined(); inner *= 4) {
    const Tensor between = masked_fill(a, outside_ring(L, inner, 4 * inner, a.dtype()), 0);
    const Tensor n = inverse.defined() ? matmul(inverse, between) : between;
    const Tensor one = identity_of(L, a.dtype());
    const Tensor step = matmul(one - n, one + matmul(n, n));
    inverse = inverse.defined() ? matmul(step, inverse) : step;
  }
  return inverse;
}

DeltaLayer::DeltaLayer(const std::string& name, bool negative, const LayerSpec& spec)
    : MemoryLayer(name, spec), negative_(negative) {
  // alpha between about 0.9 and 0.99 where a' is 0.
  log_rate_ = Tensor::empty({heads()});
  for (int64_t n = 0; n < heads(); ++n) {
    const double share = (static_cast<double>(n) + 0.5) / static_cast<double>(heads());
    Tensor own = *log_rate_;
    own.data<float>()[n] = static_cast<float>(std::log(0.015 * std::pow(10.0, share)));
  }
  register_parameter("log_rate", log_rate_);
}

Tensors DeltaLayer::zero_states(int64_t batch, DType dtype) const {
  return {Tensor::zeros({batch, heads(), head_size(), head_size()}, dtype)};
}

Tensor DeltaLayer::leave(const Tensor& gate, const Tensor& read) const { return silu(gate) * read; }

Tensors DeltaLayer::enter(const Tensors& projected) const {
  return {directed(silu(projected[0])), directed(silu(projected[1])), silu(projected[2])};
}

// log alpha and beta.
Tensors DeltaLayer::gates(const Tensor& sums) const {
  const Tensors gate = terms_of_gates(sums, 2);
  const Tensor beta = sigmoid(gate[1]);
  return {-(exp(log_rate_) * softplus(gate[0])), negative_ ? beta * 2 : beta};
}

Tensors DeltaLayer::closed(const Tensors& gates, const Tensor& padding) const {
  return {masked_fill(gates[0], padding, 0), masked_fill(gates[1], padding, 0)};
}

Tensor DeltaLayer::run_step(const MemoryChunk& step, Tensors& states) const {
  const Tensor alpha = stood(exp(step.first)), faded = alpha * states[0];
  const Tensor written = stood(step.second) * (step.value - matmul(step.key, faded));  // [G, 1, d]
  states = {faded + matmul(step.key, written, {.trans_a = true})};
  return matmul(step.query, states[0]);
}

// With g_r the product of alpha over steps 0 .. r of the chunk, what step r writes is
//   w_r = beta_r (v_r - g_r S^T k_r - sum over i < r of g_r / g_i (k_i . k_r) w_i),
// a triangular system for all of them, and S_r = g_r S + sum over i <= r of g_r / g_i k_i w_i^T.
Tensor DeltaLayer::run_chunk(const MemoryChunk& chunk, Tensors& states) const {
  const int64_t G = chunk.first.size(0), L = chunk.first.size(1);
  const DType dtype = chunk.first.dtype();
  const Tensor passed = cumsum(chunk.first, 1), beta = stood(chunk.second), kept = stood(exp(passed));
  const Tensor since = stood(passed) - reshape(passed, {G, 1, L});
  const auto faded = [&](bool strictly) { return exp(masked_fill(since, future_mask(L, strictly, dtype), kMasked)); };
  const Tensor among = beta * matmul(chunk.key, chunk.key, {.trans_b = true}) * faded(true);
  const Tensor wanted = beta * (chunk.value - kept * matmul(chunk.key, states[0]));
  const Tensor written = matmul(inverse_of_unit_lower(among), wanted);
  Tensor read = kept * matmul(chunk.query, states[0]) +
                matmul(matmul(chunk.query, chunk.key, {.trans_b = true}) * faded(false), written);
  const Tensor last = slice(passed, {1, L - 1}, 1);  // [G, 1]
  states = {stood(exp(last)) * states[0] + matmul(chunk.key * stood(exp(last - passed)), written, {.trans_a = true})};
  return read;
}

std::shared_ptr<const Stepper> DeltaLayer::stepper(const StreamOptions& options) const {
  DeltaWeights weights{.terms = StepAffine(weight_, bias_, options.weights),
                       .gates = StepAffine(gate_weight_, gate_bias_, options.weights),
                       .rates = {},
                       .most_beta = negative_ ? 2.0f : 1.0f};
  for (const float log_rate : log_rate_->values<float>()) weights.rates.push_back(std::exp(log_rate));
  return std::make_shared<const DeltaStepper>(std::move(weights), zero_states(1, DType::kF32), hidden(),
                                              options.streams);
}

}  // namespace recur
