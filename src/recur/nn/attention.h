// Attention: what a decoder reads of an encoded sequence, weighted by how well each of its steps fits a query.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/nn/init.h"
#include "recur/nn/module.h"
#include "recur/ops/attend.h"
#include "recur/tensor/tensor.h"

namespace recur {

struct AttentionOptions {
  // How a query q [D] and a step m [E] of the memory are scored:
  //   additive    v . tanh(W q + U m + b)                     Bahdanau, Cho and Bengio 2015
  //   dot         q . m, of equal sizes                       Luong, Pham and Manning 2015
  //   general     q . W m                                     the same
  //   multi_head  (W q + a) . (U m + b) / sqrt(d) in each of several heads of d features, whose sums of (V m + c) a
  //               last layer joins                            Vaswani et al. 2017
  std::string kind = "general";
  int64_t query = 0;   // D
  int64_t memory = 0;  // E
  int64_t units = 0;   // of v, additive only; 0: D
  int64_t heads = 4;   // multi_head only; D is a multiple of it
};

// A batch of encoded sequences, prepared once for any number of queries: keys [B, S, D], values [B, S, E] (of
// multi_head, with the heads side by side in D), and the lengths i32 [B].
using AttentionMemory = AttendMemory;

// Parameters: query_weight, query_bias, key_weight, score_weight (additive); key_weight (general); as those of
// torch.nn.MultiheadAttention with kdim and vdim: q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias,
// out_proj_weight, out_proj_bias (multi_head).
class Attention : public Module {
 public:
  explicit Attention(const AttentionOptions& options, Random& random = default_random());

  // encoded [S, B, E], time-major, with the lengths 0 .. S of its sequences (empty: all S).
  AttentionMemory read(const Tensor& encoded, const std::vector<int64_t>& lengths = {}) const;

  struct Output {
    Tensor context;  // [Q, B, output_features()]: the mean of the values by the weights
    Tensor weights;  // [Q, B, S], 0 in the padding, of sum 1; the mean over heads. All 0 where a sequence is empty
  };
  // Q queries for each sequence, time-major: [Q, B, D].
  Output operator()(const Tensor& query, const AttentionMemory& memory) const;

  // Of kinds whose scores are those of attend(): the query's layer and the score, undefined where there is none.
  bool is_plain() const { return options_.kind != "multi_head"; }
  const Tensor& query_weight() const { return query_; }
  const Tensor& query_bias() const { return query_bias_; }
  Tensor score() const;  // [units]
  // Of the keys that read() makes.
  int64_t key_features() const { return options_.kind == "additive" ? options_.units : options_.query; }

  int64_t output_features() const { return options_.kind == "multi_head" ? options_.query : options_.memory; }

 private:
  void make_additive(Random& random);
  void make_heads(Random& random);
  Tensor project(const Tensor& x, const Parameter& weight, int64_t part) const;
  Output attend_heads(const Tensor& query, const AttentionMemory& memory) const;

  AttentionOptions options_;
  Parameter query_, query_bias_, key_, score_;      // weights [units, D], [units], [.., E], [1, units]
  Parameter q_, k_, v_, in_bias_, out_, out_bias_;  // of multi_head
};

// The kinds, as an option names them.
const std::vector<std::string>& attention_kinds();

}  // namespace recur
