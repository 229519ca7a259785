#include "recur/nn/pooling.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

#include "recur/autograd/trace.h"
#include "recur/nn/pooling_twins.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// Lower than any score, and finite: a sequence that is all padding then has equal weights instead of not-a-numbers.
constexpr double kMasked = -1e30;

void check(const Tensor& y, const std::vector<int64_t>& lengths) {
  if (y.rank() != 3) fail("pooling: y: expected [T, B, F], got {}", y.shape().str());
  if (!lengths.empty() && std::ssize(lengths) != y.size(1)) {
    fail("pooling: expected a length for each of {} sequences, got {}", y.size(1), lengths.size());
  }
  for (const int64_t length : lengths) {
    if (length < 0 || length > y.size(0)) fail("pooling: length: expected 0 .. {}, got {}", y.size(0), length);
  }
}

// One number a sequence, [B, 1].
template <class F>
Tensor by_sequence(const Tensor& y, F&& value) {
  Tensor result = Tensor::empty({y.size(1), 1}, y.dtype());
  dispatch_float("pooling", y.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = result.data<T>();
    for (int64_t b = 0; b < y.size(1); ++b) to[b] = static_cast<T>(value(b));
  });
  return result;
}

}  // namespace

Tensor padding_mask(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths, DType dtype) {
  if (std::ranges::all_of(lengths, [&](int64_t length) { return length == steps; })) return {};
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, steps);
    return trace->op_with_twin(
        "padding_mask", {known}, {{"steps", steps}, {"dtype", dtype}},
        [&] { return padding_mask(steps, batch, lengths, dtype); },
        [&] { return padding_mask_twin(steps, known, dtype); });
  }
  Tensor mask = Tensor::empty({steps, batch, 1}, dtype);
  dispatch_float("padding_mask", dtype, [&](auto zero) {
    using T = decltype(zero);
    T* to = mask.data<T>();
    for (int64_t t = 0; t < steps; ++t) {
      for (int64_t b = 0; b < batch; ++b) *to++ = t < lengths[b] ? T(0) : T(1);
    }
  });
  return mask;
}

Tensor zeros_in_padding(const Tensor& y, const std::vector<int64_t>& lengths) {
  const Tensor padding = padding_mask(y.size(0), y.size(1), lengths, y.dtype());
  return padding.defined() ? masked_fill(y, padding, 0) : y;
}

Tensor pool_last(const Tensor& y, const std::vector<int64_t>& lengths, bool bidirectional) {
  check(y, lengths);
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, y.size(0));
    return trace->op_with_twin(
        "pool_last", {y, known}, {{"bidirectional", bidirectional}},
        [&] { return pool_last(y, lengths, bidirectional); }, [&] { return pool_last_twin(y, known, bidirectional); });
  }
  const int64_t steps = y.size(0), batch = y.size(1), features = y.size(2);
  if (steps == 0) return Tensor::zeros({batch, features}, y.dtype());
  std::vector<int32_t> last(static_cast<size_t>(batch));
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t step = std::max<int64_t>(lengths.empty() ? steps : lengths[b], 1) - 1;
    last[b] = static_cast<int32_t>(step * batch + b);
  }
  const int64_t half = bidirectional ? features / 2 : features;
  Tensor at_end = index_select(reshape(y, {steps * batch, features}), Tensor::from(last, {batch}));
  if (!bidirectional) return at_end;
  return concat({slice(at_end, {1, 0}, half), slice(row(y, 0), {1, half}, half)}, 1);
}

Tensor pool_mean(const Tensor& y, const std::vector<int64_t>& lengths) {
  check(y, lengths);
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, y.size(0));
    return trace->op_with_twin(
        "pool_mean", {y, known}, {}, [&] { return pool_mean(y, lengths); }, [&] { return pool_mean_twin(y, known); });
  }
  return sum(y, 0) * by_sequence(y, [&](int64_t b) {
           const int64_t length = lengths.empty() ? y.size(0) : lengths[b];
           return 1.0 / static_cast<double>(std::max<int64_t>(length, 1));
         });
}

Tensor pool_max(const Tensor& y, const std::vector<int64_t>& lengths) {
  check(y, lengths);
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, y.size(0));
    return trace->op_with_twin(
        "pool_max", {y, known}, {}, [&] { return pool_max(y, lengths); }, [&] { return pool_max_twin(y, known); });
  }
  if (y.size(0) == 0) return Tensor::zeros({y.size(1), y.size(2)}, y.dtype());
  const Tensor padding = padding_mask(y.size(0), y.size(1), lengths, y.dtype());
  if (!padding.defined()) return max(y, 0);
  const Tensor empty = by_sequence(y, [&](int64_t b) { return lengths[b] == 0 ? 1.0 : 0.0; });
  return masked_fill(max(masked_fill(y, padding, -std::numeric_limits<float>::infinity()), 0), empty, 0);
}

AttentionPooling::AttentionPooling(int64_t features, Random& random)
    : hidden_({.in = features, .out = features}, random), score_({.in = features, .out = 1, .bias = false}, random) {
  register_module("hidden", hidden_);
  register_module("score", score_);
}

Tensor AttentionPooling::weights(const Tensor& y, const std::vector<int64_t>& lengths) const {
  check(y, lengths);
  Tensor scores = score_(tanh(hidden_(y)));
  const Tensor padding = padding_mask(y.size(0), y.size(1), lengths, y.dtype());
  if (padding.defined()) scores = masked_fill(scores, padding, kMasked);
  const Tensor weights = softmax(scores, 0);
  return reshape(padding.defined() ? masked_fill(weights, padding, 0) : weights, {y.size(0), y.size(1)});
}

Tensor AttentionPooling::operator()(const Tensor& y, const std::vector<int64_t>& lengths) const {
  return sum(y * reshape(weights(y, lengths), {y.size(0), y.size(1), 1}), 0);
}

Pooling::Pooling(const PoolingOptions& options, Random& random) : options_(options) {
  const std::string& kind = options.kind;
  constexpr std::array kKinds{"last", "mean", "max", "attention", "concat"};
  if (std::ranges::count(kKinds, kind) == 0)
    fail("pooling: expected one of {}, got '{}'", fmt::join(kKinds, ", "), kind);
  if (kind != "attention") return;
  attention_.emplace(options.features, random);
  register_module("attention", *attention_);
}

Tensor Pooling::operator()(const Tensor& y, const std::vector<int64_t>& lengths) const {
  if (attention_) return (*attention_)(y, lengths);
  if (options_.kind == "mean") return pool_mean(y, lengths);
  if (options_.kind == "max") return pool_max(y, lengths);
  const Tensor last = pool_last(y, lengths, options_.bidirectional);
  return options_.kind == "last" ? last : concat({last, pool_max(y, lengths), pool_mean(y, lengths)}, 1);
}

}  // namespace recur
