// The sum over all labellings of a linear-chain CRF, by the forward and backward algorithm with sums scaled to 1
// (Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", 1989, section V.A).
#pragma once

#include <cstdint>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur {

struct CrfTensors {
  Tensor transitions, start, end;  // as in Crf
};

// The logarithm of the sum over all labellings of exp(score): emissions [T, B, C], lengths 0 .. T or empty -> [B], 0 of
// a sequence of length 0. One op with gradients of any order. The probabilities of each step add up to 1, so that the
// gradients are as precise as f32 is, whatever the length and the scores; the result is as large as the scores are.
// REQUIRES: C >= 1, as many lengths as sequences, f32 or f64, all of one dtype.
Tensor crf_log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths, const CrfTensors& crf);

// The same made of other ops.
Tensor composed_crf_log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths, const CrfTensors& crf);

}  // namespace recur
