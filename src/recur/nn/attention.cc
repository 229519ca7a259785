#include "recur/nn/attention.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// Lower than any score, and finite: where all is padding the weights are equal before they are set to 0.
constexpr double kPaddingScore = -1e30;

void check(const AttentionOptions& o) {
  if (std::ranges::count(attention_kinds(), o.kind) == 0) {
    fail("attention: expected one of {}, got '{}'", fmt::join(attention_kinds(), ", "), o.kind);
  }
  if (o.query < 1 || o.memory < 1) {
    fail("attention: expected at least 1 feature, got query {} and memory {}", o.query, o.memory);
  }
  if (o.kind == "dot" && o.query != o.memory) {
    fail("attention: dot: expected a query of as many features as the memory has, {}, got {}", o.memory, o.query);
  }
  if (o.kind == "multi_head" && (o.heads < 1 || o.query % o.heads != 0)) {
    fail("attention: heads: expected a divisor of {}, got {}", o.query, o.heads);
  }
}

// [B, 1, S], or with another axis for the heads; undefined where all sequences are of S steps.
Tensor padding_of(const Tensor& encoded, const std::vector<int64_t>& lengths, bool heads) {
  const int64_t steps = encoded.size(0), batch = encoded.size(1);
  if (!lengths.empty() && std::ssize(lengths) != batch) {
    fail("attention: expected a length for each of {} sequences, got {}", batch, lengths.size());
  }
  for (const int64_t length : lengths) {
    if (length < 0 || length > steps) fail("attention: length: expected 0 .. {}, got {}", steps, length);
  }
  if (std::ranges::all_of(lengths, [&](int64_t length) { return length == steps; })) return {};
  Tensor padding = Tensor::empty(heads ? Shape{batch, 1, 1, steps} : Shape{batch, 1, steps}, DType::kU8);
  auto* to = padding.data<uint8_t>();
  for (const int64_t length : lengths) {
    for (int64_t t = 0; t < steps; ++t) *to++ = t < length ? 0 : 1;
  }
  return padding;
}

}  // namespace

const std::vector<std::string>& attention_kinds() {
  static const std::vector<std::string> kinds{"additive", "dot", "general", "multi_head"};
  return kinds;
}

Attention::Attention(const AttentionOptions& options, Random& random) : options_(options) {
  check(options);
  if (options_.units == 0) options_.units = options_.query;
  if (options_.kind == "additive") make_additive(random);
  if (options_.kind == "multi_head") make_heads(random);
  if (options_.kind != "general") return;
  key_ = Tensor::empty({options_.query, options_.memory});
  init::xavier_uniform(key_, random);
  register_parameter("key_weight", key_);
}

void Attention::make_additive(Random& random) {
  query_ = Tensor::empty({options_.units, options_.query});
  query_bias_ = Tensor::zeros({options_.units});
  key_ = Tensor::empty({options_.units, options_.memory});
  score_ = Tensor::empty({1, options_.units});
  for (const Parameter& weight : {query_, key_, score_}) init::xavier_uniform(weight, random);
  register_parameter("query_weight", query_);
  register_parameter("query_bias", query_bias_);
  register_parameter("key_weight", key_);
  register_parameter("score_weight", score_);
}

void Attention::make_heads(Random& random) {
  const int64_t width = options_.query;
  q_ = Tensor::empty({width, width});
  k_ = Tensor::empty({width, options_.memory});
  v_ = Tensor::empty({width, options_.memory});
  in_bias_ = Tensor::zeros({3 * width});
  out_ = Tensor::empty({width, width});
  out_bias_ = Tensor::zeros({width});
  for (const Parameter& weight : {q_, k_, v_, out_}) init::xavier_uniform(weight, random);
  register_parameter("q_proj_weight", q_);
  register_parameter("k_proj_weight", k_);
  register_parameter("v_proj_weight", v_);
  register_parameter("in_proj_bias", in_bias_);
  register_parameter("out_proj_weight", out_);
  register_parameter("out_proj_bias", out_bias_);
}

Tensor Attention::project(const Tensor& x, const Parameter& weight, int64_t part) const {
  const int64_t width = options_.query, heads = options_.heads;
  const Tensor y = linear(x, weight, rows(in_bias_, part * width, (part + 1) * width));
  return transpose(reshape(y, {x.size(0), x.size(1), heads, width / heads}), 1, 2);
}

AttentionMemory Attention::read(const Tensor& encoded, const std::vector<int64_t>& lengths) const {
  if (encoded.rank() != 3 || encoded.size(2) != options_.memory) {
    fail("attention: encoded: expected [S, B, {}], got {}", options_.memory, encoded.shape().str());
  }
  if (encoded.size(0) < 1) fail("attention: encoded: expected at least one step");
  const bool heads = options_.kind == "multi_head";
  const Tensor steps = transpose(encoded, 0, 1);
  const Tensor padding = padding_of(encoded, lengths, heads);
  if (heads) return {project(steps, k_, 1), project(steps, v_, 2), padding};
  return {options_.kind == "dot" ? steps : linear(steps, key_), steps, padding};
}

// [B, Q, S], or [B, heads, Q, S]
Tensor Attention::scores(const Tensor& query, const AttentionMemory& memory) const {
  if (options_.kind == "multi_head") {
    const double scale = 1 / std::sqrt(static_cast<double>(options_.query / options_.heads));
    return matmul(project(query, q_, 0) * scale, memory.keys, {.trans_b = true});
  }
  if (options_.kind != "additive") return matmul(query, memory.keys, {.trans_b = true});
  const int64_t batch = query.size(0), queries = query.size(1), steps = memory.keys.size(1), units = options_.units;
  const Tensor asked = reshape(linear(query, query_, query_bias_), {batch, queries, 1, units});
  const Tensor hidden = tanh(asked + reshape(memory.keys, {batch, 1, steps, units}));
  return reshape(linear(hidden, score_), {batch, queries, steps});
}

Attention::Output Attention::operator()(const Tensor& query, const AttentionMemory& memory) const {
  if (query.rank() != 3 || query.size(0) != memory.values.size(0) || query.size(2) != options_.query) {
    fail("attention: query: expected [{}, Q, {}], got {}", memory.values.size(0), options_.query, query.shape().str());
  }
  const bool pads = memory.padding.defined();
  const Tensor raw = scores(query, memory);
  Tensor weights = softmax(pads ? masked_fill(raw, memory.padding, kPaddingScore) : raw);
  if (pads) weights = masked_fill(weights, memory.padding, 0);
  const Tensor read = matmul(weights, memory.values);
  if (options_.kind != "multi_head") return {read, weights};
  const Tensor joined = reshape(transpose(read, 1, 2), {query.size(0), query.size(1), options_.query});
  return {linear(joined, out_, out_bias_), mean(weights, 1)};
}

}  // namespace recur
