#include "recur/nn/crf_twin.h"

#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/scan.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"

namespace recur {

Tensor crf_log_partition_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf) {
  const int64_t B = emissions.size(1), C = emissions.size(2);
  const DType dtype = emissions.dtype();
  const Tensor factors = exp(crf.transitions), one = Tensor::scalar(1, dtype);
  // The states: the scores of all labels so far, and 1 once a sequence has begun.
  const ScanStep step = [&](const Tensors& x, const Tensors& states) {
    const auto &alpha = states[0], &begun = states[1];
    const Tensor top = max(alpha.detach(), 1, true);
    const Tensor next = log(matmul(exp(alpha - top), factors)) + top + x[0];
    return Tensors{where(begun, next, x[0] + crf.start), maximum(begun, one)};
  };
  const Tensors before{filled({B, C}, 0, dtype), filled({B, 1}, 0, dtype)};
  const ScanResult result = scan({emissions}, before, step, {.lengths = lengths});
  const Tensor empty = equal(reshape(result.states[1], {B}), Tensor::scalar(0, dtype));
  return masked_fill(logsumexp(result.states[0] + crf.end, 1), empty, 0);
}

}  // namespace recur
