// What a trace sees of convolution along time.
#include "recur/autograd/trace_graph.h"
#include "recur/nn/pooling.h"
#include "recur/nn/time_conv.h"
#include "recur/ops/conv.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {

// Where steps are left out, `stride` zeros more than are needed at most stand behind the last step, the same number for
// every T; what comes of them, one step, is cut off.
Tensor time_conv_twin(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride) {
  const int64_t kernel = weight.size(2), before = (kernel - 1) / 2;
  const int64_t after = kernel - 1 - before + (stride == 1 ? 0 : stride);
  const Tensor padded = pad(permute(x, {1, 2, 0}), {{before, after}});
  const Tensor y = permute(conv1d(padded, weight, bias, {.stride = stride}), {2, 0, 1});
  return rows(y, 0, strided(x.size(0), stride));
}

Tensor strided_lengths(const Tensor& lengths, int64_t stride) {
  if (Trace* trace = tracing()) {
    Tensor result =
        trace->op("strided_lengths", {lengths}, {{"stride", stride}}, [&] { return strided_lengths(lengths, stride); });
    trace->remember_lengths(result);
    return result;
  }
  std::vector<int64_t> values = to_lengths(lengths);
  for (int64_t& length : values) length = strided(length, stride);
  return Tensor::from(values, lengths.shape());
}

// Batch norm on padded steps instead of packed ones, and the padding set to zero behind it.
ConvStack::Output ConvStack::run_traced(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  if (mode.is_training()) fail("trace: ConvStack: expected Mode::evaluation()");
  Output out{x, lengths};
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    const Tensor known = tracing()->lengths(out.lengths, out.y.size(0));
    const Tensor features = convolutions_[i](out.y);
    const int64_t T = features.size(0), B = features.size(1), O = features.size(2);
    out.y = reshape(relu(norms_[i](reshape(features, {T * B, O}), mode)), {T, B, O});
    if (!known.defined()) {
      for (int64_t& length : out.lengths) length = strided(length, stride(i));
    } else {
      out.lengths = to_lengths(stride(i) == 1 ? known : strided_lengths(known, stride(i)));
      out.y = masked_fill(out.y, padding_mask(T, B, out.lengths, x.dtype()), 0);
    }
    if (i < squeezes_.size()) out.y = squeezes_[i](out.y, out.lengths);
  }
  return out;
}

}  // namespace recur
