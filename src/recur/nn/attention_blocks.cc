#include "recur/nn/attention_blocks.h"

#include <cmath>

#include "recur/autograd/trace.h"
#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/nn/pooling.h"
#include "recur/ops/activations.h"
#include "recur/ops/attend.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

AttentionBlocksOptions checked_blocks(const AttentionBlocksOptions& o) {
  if (o.blocks < 1) fail("attention blocks: expected at least one, got {}", o.blocks);
  if (o.heads < 1 || o.features < 1 || o.features % (2 * o.heads) != 0) {
    fail("attention blocks: heads: expected {} features to be a multiple of twice the heads, got {} heads", o.features,
         o.heads);
  }
  if (o.expansion < 1) fail("attention blocks: expansion: expected at least 1, got {}", o.expansion);
  return o;
}

// i32 [B heads], each sequence's once for each head.
Tensor lengths_of_heads(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths, int64_t heads) {
  if (const Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, steps);
    return known.defined() ? repeat(cast(known, DType::kI32), 0, heads)
                           : filled({batch * heads}, static_cast<double>(steps), DType::kI32);
  }
  Tensor all = Tensor::empty({batch * heads}, DType::kI32);
  auto* to = all.data<int32_t>();
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t length = lengths.empty() ? steps : lengths[static_cast<size_t>(b)];
    for (int64_t h = 0; h < heads; ++h) *to++ = static_cast<int32_t>(length);
  }
  return all;
}

double slowness(int64_t i, int64_t half) {
  return std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(half));
}

// The cosines and sines of the angles of each step, [T, 1, 1, half]. A trace, which leaves T open, sees ops.
struct Turns {
  Tensor cosines, sines;
};
Turns turns(int64_t steps, int64_t half, DType dtype) {
  const Shape shape{steps, 1, 1, half};
  if (tracing() != nullptr) {
    Tensor each = Tensor::empty({1, 1, 1, half}, DType::kF64);
    for (int64_t i = 0; i < half; ++i) each.data<double>()[i] = slowness(i, half);
    const Tensor angles = reshape(arange(steps, DType::kF64), {steps, 1, 1, 1}) * each;
    return {cast(cos(angles), dtype), cast(sin(angles), dtype)};
  }
  Tensor cosines = Tensor::empty(shape, DType::kF64), sines = Tensor::empty(shape, DType::kF64);
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t i = 0; i < half; ++i) {
      const double angle = static_cast<double>(t) * slowness(i, half);
      cosines.data<double>()[t * half + i] = std::cos(angle);
      sines.data<double>()[t * half + i] = std::sin(angle);
    }
  }
  return {cosines.clone(dtype), sines.clone(dtype)};
}

}  // namespace

double least_parameters(const AttentionBlocksOptions& o) {
  const auto features = static_cast<double>(o.features);
  return static_cast<double>(o.blocks) * features * features * (4 + 2 * static_cast<double>(o.expansion));
}

Tensor rotate_positions(const Tensor& x) {
  if (x.rank() != 4 || x.size(3) % 2 != 0) {
    fail("rotate_positions: expected [T, B, heads, d], d even, got {}", x.shape().str());
  }
  const int64_t half = x.size(3) / 2;
  const auto [c, s] = turns(x.size(0), half, x.dtype());
  const Tensor a = slice(x, {3, 0}, half), b = slice(x, {3, half}, half);
  return concat({a * c - b * s, a * s + b * c}, 3);
}

AttentionBlock::AttentionBlock(const AttentionBlocksOptions& options, Random& random)
    : options_(checked_blocks(options)),
      attention_norm_({.features = options.features}),
      feed_norm_({.features = options.features}),
      query_({.in = options.features, .out = options.features}, random),
      key_({.in = options.features, .out = options.features}, random),
      value_({.in = options.features, .out = options.features}, random),
      joined_({.in = options.features, .out = options.features}, random),
      wide_({.in = options.features, .out = options.features * options.expansion}, random),
      narrow_({.in = options.features * options.expansion, .out = options.features}, random) {
  for (const Linear* each : {&query_, &key_, &value_, &joined_}) init::xavier_uniform(each->weight, random);
  register_module("attention_norm", attention_norm_);
  register_module("query", query_);
  register_module("key", key_);
  register_module("value", value_);
  register_module("joined", joined_);
  register_module("feed_norm", feed_norm_);
  register_module("wide", wide_);
  register_module("narrow", narrow_);
}

Tensor AttentionBlock::attended(const Tensor& x, const std::vector<int64_t>& lengths) const {
  const int64_t steps = x.size(0), batch = x.size(1), heads = options_.heads, d = options_.features / heads;
  const auto apart = [&](const Tensor& y) { return reshape(y, {steps, batch, heads, d}); };
  const auto memory = [&](const Tensor& y) {  // [T, B, heads, d] -> [B heads, T, d]
    return transpose(reshape(y, {steps, batch * heads, d}), 0, 1);
  };
  const Tensor queries = rotate_positions(apart(query_(x))) * (1 / std::sqrt(static_cast<double>(d)));
  const Tensor context = attend(reshape(queries, {steps, batch * heads, d}),
                                {memory(rotate_positions(apart(key_(x)))), memory(apart(value_(x))),
                                 lengths_of_heads(steps, batch, lengths, heads)})[0];
  return joined_(reshape(context, x.shape()));
}

Tensor AttentionBlock::operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  const auto dropped = [&](const Tensor& y) { return drop_features(y, options_.dropout, false, mode); };
  const Tensor read = x + dropped(attended(attention_norm_(x), lengths));
  return read + dropped(narrow_(gelu(wide_(feed_norm_(read)))));
}

AttentionBlocks::AttentionBlocks(const AttentionBlocksOptions& options, Random& random)
    : norm_({.features = checked_blocks(options).features}) {
  for (int64_t i = 0; i < options.blocks; ++i) {
    blocks_.emplace_back(options, random);
    register_module(fmt::format("block{}", i), blocks_.back());
  }
  register_module("norm", norm_);
}

Tensor AttentionBlocks::operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  if (x.rank() != 3 || (!lengths.empty() && std::ssize(lengths) != x.size(1))) {
    fail("attention blocks: expected [T, B, F] and a length for each sequence, got {} and {} lengths", x.shape().str(),
         lengths.size());
  }
  if (x.size(0) == 0) return x;
  Tensor y = x;
  for (const AttentionBlock& block : blocks_) y = block(y, lengths, mode);
  return zeros_in_padding(norm_(y), lengths);
}

}  // namespace recur
