// The forward algorithm of Crf as a scan: recorded by a trace that opens it.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

struct CrfTensors {
  Tensor transitions, start, end;  // as in Crf
};

// emissions [T, B, C], lengths i64 [B] or undefined: all T -> [B].
Tensor crf_log_partition_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf);

}  // namespace recur
