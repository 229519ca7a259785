#include "recur/nn/layers/mlstm_layer.h"

#include <algorithm>
#include <cmath>

#include "recur/nn/layers/array_stepper.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

enum MlstmState { kMemory, kNormaliser, kStabiliser };

// What is read, from its sum and that of the weights: [G, L, d] and [G, L, 1]; `stabiliser` [G, L, 1].
Tensor normalised(const Tensor& sum, const Tensor& weight, const Tensor& stabiliser) {
  return sum / maximum(abs(weight), exp(-stabiliser));
}

Tensor above_zero(const Tensor& x) { return maximum(x, Tensor::scalar(0, x.dtype())); }

Tensor column(const Tensor& x) { return reshape(x, {x.size(0), x.size(1), 1}); }  // [G, L] -> [G, L, 1]

struct MlstmWeights {
  StepAffine terms, gates;
};

class MlstmStepper : public ArrayStepper {
 public:
  MlstmStepper(MlstmWeights weights, const Tensors& zeros, int64_t hidden, int64_t heads, int64_t streams)
      : ArrayStepper(streams, zeros, hidden),
        w_(std::move(weights)),
        hidden_(hidden),
        heads_(heads),
        size_(hidden / heads),
        terms_(place(streams * w_.terms.stride())),
        gates_(place(streams * w_.gates.stride())),
        spare_(place(std::max(w_.terms.scratch_size(streams), w_.gates.scratch_size(streams)))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    const StepRows terms = w_.terms(streams(), x, scratch + terms_, scratch + spare_);
    const StepRows gates = w_.gates(streams(), x, scratch + gates_, scratch + spare_);
    for (int64_t b = 0; b < streams(); ++b) {
      float* const row = scratch + terms_ + b * terms.stride;
      float* const y = output(state) + b * hidden_;
      sigmoid_of(row + 3 * hidden_, hidden_);
      for (int64_t n = 0; n < heads_; ++n) {
        const float input = gates.at[b * gates.stride + n], forget = gates.at[b * gates.stride + heads_ + n];
        advance(row + n * size_, input, forget,
                {part(state, kMemory, b) + n * size_ * size_, part(state, kNormaliser, b) + n * size_,
                 part(state, kStabiliser, b) + n},
                y + n * size_);
      }
      for (int64_t j = 0; j < hidden_; ++j) y[j] *= row[3 * hidden_ + j];
    }
    return output_rows(state);
  }
  int64_t weight_bytes() const override { return w_.terms.bytes() + w_.gates.bytes(); }

 private:
  struct Head {
    float *memory, *normaliser, *stabiliser;
  };

  // q: of the head, k and v behind it in steps of H.
  void advance(const float* q, float input, float forget, Head head, float* y) const {
    const float *k = q + hidden_, *v = k + hidden_, scale = 1 / std::sqrt(static_cast<float>(size_));
    const float log_forget = -(std::max(-forget, 0.0f) + std::log1p(std::exp(-std::abs(forget))));
    const float before = log_forget + *head.stabiliser, m = std::max({before, input, 0.0f});
    const float keep = std::exp(before - m), take = std::exp(input - m);
    *head.stabiliser = m;
    std::fill_n(y, size_, 0.0f);
    float weight = 0;
    for (int64_t i = 0; i < size_; ++i) {
      const float key = scale * k[i], taken = take * key;
      float* const row = head.memory + i * size_;
      for (int64_t j = 0; j < size_; ++j) {
        row[j] = keep * row[j] + taken * v[j];
        y[j] += q[i] * row[j];
      }
      head.normaliser[i] = keep * head.normaliser[i] + taken;
      weight += q[i] * head.normaliser[i];
    }
    const float divisor = std::max(std::abs(weight), std::exp(-m));
    for (int64_t j = 0; j < size_; ++j) y[j] /= divisor;
  }

  MlstmWeights w_;
  int64_t hidden_, heads_, size_, terms_, gates_, spare_;
};

}  // namespace

MlstmLayer::MlstmLayer(const LayerSpec& spec) : MemoryLayer("mlstm", spec) {
  if (!gate_bias_->defined()) return;
  Tensor bias = *gate_bias_;
  for (int64_t n = 0; n < heads(); ++n) {
    const double share = heads() > 1 ? static_cast<double>(n) / static_cast<double>(heads() - 1) : 0.5;
    bias.data<float>()[n] = 0;
    bias.data<float>()[heads() + n] = static_cast<float>(3 + 3 * share);
  }
}

Tensors MlstmLayer::zero_states(int64_t batch, DType dtype) const {
  const int64_t n = heads(), d = head_size();
  return {Tensor::zeros({batch, n, d, d}, dtype), Tensor::zeros({batch, n, d}, dtype),
          Tensor::zeros({batch, n}, dtype)};
}

Tensor MlstmLayer::leave(const Tensor& gate, const Tensor& read) const { return sigmoid(gate) * read; }

Tensors MlstmLayer::enter(const Tensors& projected) const {
  return {projected[0], projected[1] * (1 / std::sqrt(static_cast<double>(head_size()))), projected[2]};
}

Tensors MlstmLayer::gates(const Tensor& sums) const {
  const Tensors gate = terms_of_gates(sums, 2);
  return {gate[0], log_sigmoid(gate[1])};
}

Tensors MlstmLayer::closed(const Tensors& gates, const Tensor& padding) const {
  return {masked_fill(gates[0], padding, kMasked), masked_fill(gates[1], padding, 0)};
}

Tensor MlstmLayer::run_step(const MemoryChunk& step, Tensors& states) const {
  const Tensor &input = step.first, &log_forget = step.second;  // [G, 1]
  const Tensor before = log_forget + reshape(states[kStabiliser], {-1, 1});
  const Tensor m = maximum(before, above_zero(input)).detach();
  const Tensor keep = exp(before - m), take = exp(input - m);
  const Tensor memory = column(keep) * states[kMemory] + matmul(step.key * column(take), step.value, {.trans_a = true});
  const Tensor normaliser = keep * states[kNormaliser] + take * reshape(step.key, states[kNormaliser].shape());
  const Tensor weight = sum(step.query * reshape(normaliser, {-1, 1, head_size()}), 2, true);
  states = {memory, normaliser, reshape(m, {-1})};
  return normalised(matmul(step.query, memory), weight, column(m));
}

// With F_r the sum of log f over steps 0 .. r of the chunk, step i weighs exp(F_r - F_i + i'_i) at step r, and the
// memory before the chunk exp(F_r); all divided by exp(m_r).
Tensor MlstmLayer::run_chunk(const MemoryChunk& chunk, Tensors& states) const {
  const Tensor& input = chunk.first;
  const int64_t G = input.size(0), L = input.size(1), d = head_size();
  const Tensor passed = cumsum(chunk.second, 1), before = passed + reshape(states[kStabiliser], {G, 1});
  const Tensor future = future_mask(L, false, input.dtype());
  const auto since = [&](const Tensor& gate) {  // [G, L, L]
    return masked_fill(column(passed) + reshape(gate - passed, {G, 1, L}), future, kMasked);
  };
  // In the padding the input is masked and stays so.
  const Tensor floor = where(less(input, Tensor::scalar(kMasked / 2, input.dtype())), input, above_zero(input));
  const Tensor m = maximum(before, max(since(floor), 2)).detach();
  const Tensor weights = matmul(chunk.query, chunk.key, {.trans_b = true}) * exp(since(input) - column(m));
  const Tensor kept = column(exp(before - m));
  const Tensor read = matmul(weights, chunk.value) + kept * matmul(chunk.query, states[kMemory]);
  const Tensor weight = sum(weights, 2, true) + kept * matmul(chunk.query, reshape(states[kNormaliser], {G, d, 1}));

  const auto last = [&](const Tensor& t) { return slice(t, {1, L - 1}, 1); };  // [G, 1]
  const Tensor taken = chunk.key * column(exp(last(passed) - passed + input - last(m)));
  const Tensor keep = exp(last(before) - last(m));
  states = {column(keep) * states[kMemory] + matmul(taken, chunk.value, {.trans_a = true}),
            keep * states[kNormaliser] + sum(taken, 1), reshape(last(m), {G})};
  return normalised(read, weight, column(m));
}

std::shared_ptr<const Stepper> MlstmLayer::stepper(const StreamOptions& options) const {
  return std::make_shared<const MlstmStepper>(
      MlstmWeights{.terms = StepAffine(weight_, bias_, options.weights),
                   .gates = StepAffine(gate_weight_, gate_bias_, options.weights)},
      zero_states(1, DType::kF32), hidden(), heads(), options.streams);
}

}  // namespace recur
