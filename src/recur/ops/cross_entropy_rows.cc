#include "recur/ops/cross_entropy_rows.h"

#include "recur/base/threads.h"

namespace recur {
namespace {

// Calls f(arguments, first row) for the rows in chunks, on the threads.
template <class T, class F>
void for_row_chunks(const kernels::CrossEntropy<T>& all, F&& f) {
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(all.classes, 1));
  parallel_for(all.rows, grain, [&](int64_t begin, int64_t end) {
    kernels::CrossEntropy<T> part = all;
    part.rows = end - begin;
    part.logits += begin * all.classes;
    part.targets += begin;
    f(part, begin);
  });
}

}  // namespace

int64_t count_targets(const char* op, const Shape& logits, const Tensor& targets, const CrossEntropyOptions& options) {
  if (logits.rank() < 1 || targets.shape() != logits.erased(-1))
    fail("{}: targets {} do not fit logits {}", op, targets.shape().str(), logits.str());
  if (targets.dtype() != DType::kI32) fail("{}: targets: expected i32, got {}", op, name_of(targets.dtype()));
  if (!(options.smoothing >= 0 && options.smoothing < 1))
    fail("{}: smoothing: expected 0 <= s < 1, got {}", op, options.smoothing);
  const auto values = targets.values<int32_t>();
  const int64_t classes = logits[-1];
  int64_t count = 0;
  for (size_t row = 0; row < values.size(); ++row) {
    if (values[row] == options.ignored) continue;
    if (values[row] < 0 || values[row] >= classes)
      fail("{}: target {} in row {} is not within 0 .. {} (V = {})", op, values[row], row, classes - 1, classes);
    ++count;
  }
  return count;
}

Attributes attributes_of(const CrossEntropyOptions& o) {
  return {{"ignored", o.ignored}, {"smoothing", o.smoothing}, {"reduction", name_of(o.reduction)}};
}

double share_of_row(const CrossEntropyOptions& options, int64_t count) {
  if (options.reduction != Reduction::kMean) return 1;
  return count == 0 ? 0 : 1 / static_cast<double>(count);
}

template <class T>
void row_losses(const kernels::CrossEntropy<T>& rows, T* losses) {
  for_row_chunks(rows, [&](const auto& part, int64_t row) { kernels::table<T>().cross_entropy(part, losses + row); });
}

template <class T>
void row_gradients(const kernels::CrossEntropy<T>& rows, const T* weights, T* grads) {
  for_row_chunks(rows, [&](const auto& part, int64_t row) {
    kernels::table<T>().cross_entropy_grad(part, weights + row, grads + row * part.classes);
  });
}

template void row_losses(const kernels::CrossEntropy<float>&, float*);
template void row_losses(const kernels::CrossEntropy<double>&, double*);
template void row_gradients(const kernels::CrossEntropy<float>&, const float*, float*);
template void row_gradients(const kernels::CrossEntropy<double>&, const double*, double*);

}  // namespace recur
