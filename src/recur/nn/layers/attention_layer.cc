#include "recur/nn/layers/attention_layer.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "recur/kernels/kernels.h"
#include "recur/nn/layers/array_stepper.h"
#include "recur/nn/layers/memory_layer.h"
#include "recur/nn/layers/travel_grid.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/product.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

enum AttentionState { kKeys, kValues, kThere };

// Queries that are scored at once: few enough that most of their keys count.
int64_t chunk_steps(int64_t window) { return std::clamp<int64_t>(window / 2, 32, 256); }

// What is added to scores: 0 of steps that there are, so little of others that their weight is 0.
Tensor penalty(const Tensor& there) { return (there - 1) * -kMasked; }

// `size` positions along axis 1 of the whole that `pieces` make up, from the beginning of the k-th on.
Tensor joined(const Tensors& pieces, size_t k, int64_t size) {
  Tensors parts;
  for (; size > 0; size -= parts.back().size(1)) {
    parts.push_back(slice(pieces[k], {1, 0}, std::min(size, pieces[k].size(1))));
    ++k;
  }
  return concat(parts, 1);
}

// Of each sequence b, `count` rows of x [B, S, ...] from lengths[b] on.
Tensor rows_behind(const Tensor& x, const std::vector<int64_t>& lengths, int64_t count) {
  std::vector<int32_t> index;
  const int64_t batch = x.size(0), steps = x.size(1), features = x.numel() / (batch * steps);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t j = 0; j < count; ++j)
      index.push_back(static_cast<int32_t>(b * steps + lengths[static_cast<size_t>(b)] + j));
  const Tensor all = reshape(x, {batch * steps, features});
  return reshape(index_select(all, Tensor::from(index, {std::ssize(index)})), x.shape().with(1, count));
}

// Keys, values and flags lie in rings of W steps, the present one among them; `turn` is where the next one goes.
class AttentionStepper : public ArrayStepper {
 public:
  AttentionStepper(StepAffine affine, Tensor distance, int64_t hidden, int64_t streams)
      : ArrayStepper(streams,
                     {Tensor::zeros({1, distance.size(1), hidden}), Tensor::zeros({1, distance.size(1), hidden}),
                      Tensor::zeros({1, distance.size(1), 1})},
                     hidden),
        affine_(std::move(affine)),
        distance_(std::move(distance)),
        hidden_(hidden),
        heads_(distance_.size(0)),
        window_(distance_.size(1)),
        terms_(place(streams * affine_.stride())),
        scores_(place(window_)),
        spare_(place(affine_.scratch_size(streams))) {}

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    affine_(streams(), x, scratch + terms_, scratch + spare_);
    for (int64_t b = 0; b < streams(); ++b) {
      const float* const query = scratch + terms_ + b * affine_.stride();
      std::copy_n(query + hidden_, hidden_, part(state, kKeys, b) + state.turn * hidden_);
      std::copy_n(query + 2 * hidden_, hidden_, part(state, kValues, b) + state.turn * hidden_);
      part(state, kThere, b)[state.turn] = 1;
      for (int64_t n = 0; n < heads_; ++n) read_head(n, b, query, state, scratch + scores_);
    }
    state.turn = static_cast<int>((state.turn + 1) % window_);
    return output_rows(state);
  }

  Tensors read(const StepState& state, int64_t first, int64_t count) const override {
    Tensors parts{Tensor::empty({count, window_ - 1, hidden_}), Tensor::empty({count, window_ - 1, hidden_}),
                  Tensor::empty({count, window_ - 1})};
    for_each_row(state, count, [&](size_t k, int64_t b, int64_t row, int64_t slot, int64_t size) {
      std::copy_n(part(state, k, first + b) + slot * size, size,
                  parts[k].data<float>() + (b * (window_ - 1) + row) * size);
    });
    return parts;
  }
  void write(const Tensors& from, int64_t first, StepState& state) const override {
    for_each_row(state, from[kThere].size(0), [&](size_t k, int64_t b, int64_t row, int64_t slot, int64_t size) {
      std::copy_n(from[k].data<float>() + (b * (window_ - 1) + row) * size, size,
                  part(state, k, first + b) + slot * size);
    });
  }
  int64_t weight_bytes() const override { return affine_.bytes() + distance_.numel() * int64_t{sizeof(float)}; }

 private:
  // f(part, stream, row of the tensor, its place in the ring, floats of it) for the W - 1 steps before the next one.
  template <class F>
  void for_each_row(const StepState& state, int64_t count, const F& f) const {
    for (const size_t k : {size_t{kKeys}, size_t{kValues}, size_t{kThere}})
      for (int64_t b = 0; b < count; ++b)
        for (int64_t row = 0; row + 1 < window_; ++row)
          f(k, b, row, (state.turn + 1 + row) % window_, k == kThere ? 1 : hidden_);
  }

  void read_head(int64_t n, int64_t b, const float* query, StepState& state, float* scores) const {
    const int64_t d = hidden_ / heads_;
    multiply<float>({.trans_b = true,
                     .m = 1,
                     .n = window_,
                     .k = d,
                     .a = query + n * d,
                     .lda = d,
                     .b = part(state, kKeys, b) + n * d,
                     .ldb = hidden_,
                     .c = scores,
                     .ldc = window_});
    const float scale = 1 / std::sqrt(static_cast<float>(d));
    const float *const distance = distance_.data<float>() + n * window_, *const there = part(state, kThere, b);
    for (int64_t row = 0; row < window_; ++row) {
      const int64_t slot = (state.turn + 1 + row) % window_;
      scores[slot] = there[slot] > 0 ? scores[slot] * scale + distance[row] : static_cast<float>(kMasked);
    }
    kernels::table<float>().softmax(scores, scores, 1, window_, false);
    multiply<float>({.m = 1,
                     .n = d,
                     .k = window_,
                     .a = scores,
                     .lda = window_,
                     .b = part(state, kValues, b) + n * d,
                     .ldb = hidden_,
                     .c = output(state) + b * hidden_ + n * d,
                     .ldc = d});
  }

  StepAffine affine_;
  Tensor distance_;
  int64_t hidden_, heads_, window_, terms_, scores_, spare_;
};

}  // namespace

AttentionLayer::AttentionLayer(const LayerSpec& spec)
    : ScanLayer("attention", spec), heads_(memory_heads("attention", spec)), window_(spec.options.attention_window) {
  if (window_ < 2) fail_usage("recurrent: attention_window: expected at least 2 steps, got {}", window_);
  weight_ = draw_weight(3 * spec.hidden, spec.input, spec.random);
  bias_ = draw_bias(3 * spec.hidden, spec.input, spec.options.bias, spec.random);
  distance_ = Tensor::empty({heads_, window_});
  Tensor own = *distance_;
  for (int64_t n = 0; n < heads_; ++n) {
    const double slope = std::pow(2.0, -8 * static_cast<double>(n + 1) / static_cast<double>(heads_));
    for (int64_t i = 0; i < window_; ++i)
      own.data<float>()[n * window_ + window_ - 1 - i] = static_cast<float>(-slope * static_cast<double>(i));
  }
  register_parameter("weight_ih", weight_);
  register_parameter("bias_ih", bias_);
  register_parameter("distance", distance_);
}

Tensors AttentionLayer::zero_states(int64_t batch, DType dtype) const {
  return {Tensor::zeros({batch, window_ - 1, hidden()}, dtype), Tensor::zeros({batch, window_ - 1, hidden()}, dtype),
          Tensor::zeros({batch, window_ - 1}, dtype)};
}

LayerOutput AttentionLayer::compute(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  Tensors projected = terms_of_gates(linear(x, weight_, bias_), 3);
  projected[0] = projected[0] * (1 / std::sqrt(static_cast<double>(head_size())));
  if (const Packing* packing = time.packing()) {
    Tensors after = states;
    Tensor y = read_all(projected, after, *packing);
    return {std::move(y), std::move(after)};
  }
  ScanResult made = time.loop(projected, states, [this](const Tensors& x, const Tensors& s) { return step(x, s); });
  return {made.outputs[0], std::move(made.states)};
}

// Heads beside sequences: [B, S, H] -> [B heads, S, d].
Tensor AttentionLayer::apart(const Tensor& x) const {
  const int64_t S = x.size(1), d = head_size();
  return reshape(permute(reshape(x, {-1, S, heads_, d}), {0, 2, 1, 3}), {-1, S, d});
}

// Of query, key and value [B, H]: the states after the step, and what it reads [B, H].
Tensors AttentionLayer::step(const Tensors& x, const Tensors& states) const {
  const int64_t B = x[0].size(0), H = hidden();
  const auto joined = [&](AttentionState k) { return concat({states[k], reshape(x[k + 1], {-1, 1, H})}, 1); };
  const Tensor keys = joined(kKeys), values = joined(kValues);
  const Tensor there = concat({states[kThere], filled({B, 1}, 1, states[kThere].dtype())}, 1);
  const Tensor scores = matmul(apart(reshape(x[0], {-1, 1, H})), apart(keys), {.trans_b = true});  // [B heads, 1, W]
  const Tensor weights =
      softmax(reshape(scores, {-1, heads_, window_}) + distance_ + penalty(reshape(there, {-1, 1, window_})));
  const Tensor read = matmul(reshape(weights, {-1, 1, window_}), apart(values));  // [B heads, 1, d]
  const auto shifted = [&](const Tensor& t) { return slice(t, {1, 1}, window_ - 1); };
  return {shifted(keys), shifted(values), shifted(there), reshape(read, {-1, H})};
}

// What is added to the scores of L queries and the L + W - 1 keys from W - 1 steps before the first on, [heads, L, L +
// W - 1]: the number of each distance, and of keys outside the window so little that they do not count.
Tensor AttentionLayer::distances(int64_t steps) const {
  const int64_t keys = steps + window_ - 1;
  std::vector<int32_t> index;
  for (int64_t r = 0; r < steps; ++r)
    for (int64_t j = 0; j < keys; ++j)
      index.push_back(static_cast<int32_t>(j >= r && j - r < window_ ? j - r : window_));
  const Tensor table = concat({transpose(*distance_, 0, 1), Tensor::full({1, heads_}, kMasked, distance_->dtype())}, 0);
  const Tensor chosen = index_select(table, Tensor::from(index, {steps * keys}));
  return permute(reshape(chosen, {steps, keys, heads_}), {2, 0, 1});
}

Tensor AttentionLayer::read_all(const Tensors& projected, Tensors& states, const Packing& packing) const {
  const TravelGrid grid(packing, reverse());
  const int64_t T = grid.steps(), B = grid.batch(), H = hidden(), d = head_size();
  const auto spread = [&](const Tensor& t) { return permute(reshape(grid.spread(t), {T, B, H}), {1, 0, 2}); };
  const Tensor keys = concat({states[kKeys], spread(projected[1])}, 1);  // [B, W - 1 + T, H]
  const Tensor values = concat({states[kValues], spread(projected[2])}, 1);
  const Tensor there = concat({states[kThere], Tensor::ones({B, T}, states[kThere].dtype())}, 1);
  const int64_t most = chunk_steps(window_);
  const Tensors query_pieces = split_every(apart(spread(projected[0])), 1, most);
  const Tensors key_pieces = split_every(apart(keys), 1, most), value_pieces = split_every(apart(values), 1, most);
  Tensors parts;
  Tensor distances_of;  // of chunks of L steps
  for (size_t k = 0; k < query_pieces.size(); ++k) {
    const int64_t begin = static_cast<int64_t>(k) * most, L = query_pieces[k].size(1), S = L + window_ - 1;
    if (!distances_of.defined() || distances_of.size(1) != L) distances_of = distances(L);
    const Tensor scores = matmul(query_pieces[k], joined(key_pieces, k, S), {.trans_b = true});
    Tensor known = reshape(scores, {B, heads_, L, S}) + distances_of;
    if (begin + 1 < window_) known = known + penalty(reshape(slice(there, {1, begin}, S), {B, 1, 1, S}));
    const Tensor weights = reshape(softmax(known), {B * heads_, L, S});
    parts.push_back(matmul(weights, joined(value_pieces, k, S)));
  }
  const Tensor read = permute(reshape(concat(parts, 1), {B, heads_, T, d}), {2, 0, 1, 3});
  const auto last = [&](const Tensor& t) { return rows_behind(t, grid.lengths(), window_ - 1); };
  states = {last(keys), last(values), last(there)};
  return grid.gather(reshape(read, {T * B, H}));
}

std::shared_ptr<const Stepper> AttentionLayer::stepper(const StreamOptions& options) const {
  return std::make_shared<const AttentionStepper>(StepAffine(weight_, bias_, options.weights), distance_->clone(),
                                                  hidden(), options.streams);
}

}  // namespace recur
