#include "recur/nn/attention.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "recur/autograd/trace.h"
#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

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

// i32 [B]
Tensor lengths_of(const Tensor& encoded, const std::vector<int64_t>& lengths) {
  const int64_t steps = encoded.size(0), batch = encoded.size(1);
  if (!lengths.empty() && std::ssize(lengths) != batch) {
    fail("attention: expected a length for each of {} sequences, got {}", batch, lengths.size());
  }
  if (const Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, steps);
    return known.defined() ? cast(known, DType::kI32) : filled({batch}, static_cast<double>(steps), DType::kI32);
  }
  Tensor all = Tensor::full({batch}, static_cast<double>(steps), DType::kI32);
  for (size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 0 || lengths[b] > steps) {
      fail("attention: length: expected 0 .. {}, got {}", steps, lengths[b]);
    }
    all.data<int32_t>()[b] = static_cast<int32_t>(lengths[b]);
  }
  return all;
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
  const int64_t width = options_.query;
  return linear(x, weight, rows(in_bias_, part * width, (part + 1) * width));
}

AttentionMemory Attention::read(const Tensor& encoded, const std::vector<int64_t>& lengths) const {
  if (encoded.rank() != 3 || encoded.size(2) != options_.memory) {
    fail("attention: encoded: expected [S, B, {}], got {}", options_.memory, encoded.shape().str());
  }
  if (encoded.size(0) < 1) fail("attention: encoded: expected at least one step");
  const Tensor steps = transpose(encoded, 0, 1), known = lengths_of(encoded, lengths);
  if (!is_plain()) return {project(steps, k_, 1), project(steps, v_, 2), known};
  return {options_.kind == "dot" ? steps : linear(steps, key_), steps, known};
}

Tensor Attention::score() const { return score_->defined() ? reshape(score_, {options_.units}) : Tensor(); }

// The heads are sequences of their own.
Attention::Output Attention::attend_heads(const Tensor& query, const AttentionMemory& memory) const {
  const int64_t heads = options_.heads, d = options_.query / heads, queries = query.size(0), batch = query.size(1);
  const Tensor asked = project(query, q_, 0) * (1 / std::sqrt(static_cast<double>(d)));
  const auto apart = [&](const Tensor& x) {  // [B, S, heads d] -> [B heads, S, d]
    const int64_t steps = x.size(1);
    return reshape(transpose(reshape(x, {batch, steps, heads, d}), 1, 2), {batch * heads, steps, d});
  };
  const Tensors read = attend(reshape(asked, {queries, batch * heads, d}),
                              {apart(memory.keys), apart(memory.values), repeat(memory.lengths, 0, heads)});
  return {linear(reshape(read[0], query.shape()), out_, out_bias_),
          mean(reshape(read[1], {queries, batch, heads, memory.keys.size(1)}), 2)};
}

Attention::Output Attention::operator()(const Tensor& query, const AttentionMemory& memory) const {
  if (query.rank() != 3 || query.size(1) != memory.values.size(0) || query.size(2) != options_.query) {
    fail("attention: query: expected [Q, {}, {}], got {}", memory.values.size(0), options_.query, query.shape().str());
  }
  if (!is_plain()) return attend_heads(query, memory);
  const Tensors read =
      attend(options_.kind == "additive" ? linear(query, query_, query_bias_) : query, memory, score());
  return {read[0], read[1]};
}

}  // namespace recur
