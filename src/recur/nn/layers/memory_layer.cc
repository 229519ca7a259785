#include "recur/nn/layers/memory_layer.h"

#include <algorithm>

#include "recur/nn/layers/travel_grid.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

constexpr int64_t kUnitsAHead = 64;

// A grid [T, G, ...] -> chunks [G, L, ...] of up to `steps` steps each.
Tensors chunks_of(const Tensor& grid, int64_t steps) {
  Tensors chunks = split_every(grid, 0, steps);
  for (Tensor& chunk : chunks) chunk = transpose(chunk, 0, 1);
  return chunks;
}

// [B, heads, ...] -> [B heads, ...]
Tensor side_by_side(const Tensor& state) {
  return reshape(state, state.shape().erased(0).with(0, state.size(0) * state.size(1)));
}

}  // namespace

int64_t memory_heads(std::string_view kind, const LayerSpec& spec) {
  const int64_t asked = spec.options.memory_heads;
  if (asked > 0) {
    if (spec.hidden % asked != 0)
      fail_usage("recurrent: memory_heads: expected a divisor of {} units for {}, got {}", spec.hidden, kind, asked);
    return asked;
  }
  int64_t heads = std::max<int64_t>(spec.hidden / kUnitsAHead, 1);
  while (spec.hidden % heads != 0) --heads;
  return heads;
}

Tensor future_mask(int64_t steps, bool strictly, DType dtype) {
  Tensor mask = Tensor::empty({steps, steps});
  float* to = mask.data<float>();
  for (int64_t r = 0; r < steps; ++r)
    for (int64_t i = 0; i < steps; ++i) *to++ = i < r || (i == r && !strictly) ? 0.0f : 1.0f;
  return mask.clone(dtype);
}

MemoryLayer::MemoryLayer(const std::string& name, const LayerSpec& spec)
    : ScanLayer(name, spec), heads_(memory_heads(name, spec)) {
  const int64_t H = spec.hidden, F = spec.input;
  weight_ = draw_weight(4 * H, F, spec.random);
  bias_ = draw_bias(4 * H, F, spec.options.bias, spec.random);
  gate_weight_ = draw_weight(2 * heads_, F, spec.random);
  gate_bias_ = draw_bias(2 * heads_, F, spec.options.bias, spec.random);
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
  register_parameter("weight_gates", gate_weight_);
  register_parameter("bias_gates", gate_bias_);
}

LayerOutput MemoryLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  const int64_t d = head_size();
  const Tensors terms = terms_of_gates(linear(x, weight_, bias_), 4);
  const Tensor sums = linear(x, gate_weight_, gate_bias_);
  Tensors projected;
  for (int g = 0; g < 3; ++g) projected.push_back(reshape(terms[g], {-1, heads_, d}));
  const Tensors entered = enter(projected), own_gates = gates(sums);
  Tensors after = states;
  Tensor read;
  if (const Packing* packing = time.packing()) {
    for (Tensor& state : after) state = side_by_side(state);
    read = read_chunks(entered, own_gates, after, *packing);
    for (size_t k = 0; k < after.size(); ++k) after[k] = reshape(after[k], states[k].shape());
  } else {
    Tensors all = entered;
    all.insert(all.end(), own_gates.begin(), own_gates.end());
    ScanResult made = time.loop(all, states, [this](const Tensors& x, const Tensors& s) { return step(x, s); });
    read = made.outputs[0];
    after = std::move(made.states);
  }
  return {leave(terms[3], read), after};
}

Tensors MemoryLayer::step(const Tensors& x, const Tensors& states) const {
  const auto row = [&](const Tensor& t) { return reshape(t, {-1, 1, head_size()}); };
  const auto gate = [](const Tensor& t) { return reshape(t, {-1, 1}); };
  Tensors now;
  for (const Tensor& state : states) now.push_back(side_by_side(state));
  const Tensor read = run_step({row(x[0]), row(x[1]), row(x[2]), gate(x[3]), gate(x[4])}, now);
  for (size_t k = 0; k < now.size(); ++k) now[k] = reshape(now[k], states[k].shape());
  now.push_back(reshape(read, {-1, hidden()}));
  return now;
}

Tensor MemoryLayer::read_chunks(const Tensors& entered, const Tensors& own_gates, Tensors& states,
                                const Packing& packing) const {
  const TravelGrid grid(packing, reverse());
  const int64_t T = grid.steps(), G = grid.batch() * heads_, d = head_size(), H = hidden();
  const auto spread = [&](const Tensor& t) { return reshape(grid.spread(reshape(t, {-1, H})), {T, G, d}); };
  const auto chunks = [&](const Tensor& t) { return chunks_of(t, chunk_steps()); };
  const Tensors query = chunks(spread(entered[0])), key = chunks(spread(entered[1])),
                value = chunks(spread(entered[2]));
  Tensors spread_gates{grid.spread(own_gates[0]), grid.spread(own_gates[1])};
  const Tensor padding = grid.padding(entered[0].dtype());
  if (padding.defined()) spread_gates = closed(spread_gates, padding);
  const Tensors first = chunks(reshape(spread_gates[0], {T, G})), second = chunks(reshape(spread_gates[1], {T, G}));
  Tensors parts;
  for (size_t k = 0; k < query.size(); ++k) {
    const Tensor read = run_chunk({query[k], key[k], value[k], first[k], second[k]}, states);
    parts.push_back(transpose(read, 0, 1));  // [L, G, d]
  }
  return grid.gather(reshape(concat(parts, 0), {T * grid.batch(), H}));
}

}  // namespace recur
