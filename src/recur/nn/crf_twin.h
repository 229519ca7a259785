// The algorithms of Crf as scans, which a trace can record with open sizes.
#pragma once

#include "recur/nn/crf_partition.h"
#include "recur/tensor/tensor.h"

namespace recur {

// emissions [T, B, C], lengths i64 [B] or undefined: all T -> [B].
Tensor crf_log_partition_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf);

// The most probable labels i32 [T, B], 0 in the padding. Lengths are defined.
Tensor crf_decode_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf);

// The marginals [T, B, C], by the forward and backward algorithm, 0 in the padding. Lengths are defined.
Tensor crf_marginals_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf);

}  // namespace recur
