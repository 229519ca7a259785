#include "recur/nn/dropout.h"

#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/dropout.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"

namespace recur {

Dropout::Dropout(double p) : p_(p) {
  if (!(p >= 0 && p <= 1)) fail("Dropout: p: expected 0 to 1, got {}", p);
}

Tensor Dropout::operator()(const Tensor& x, Mode mode) const { return drop_features(x, p_, false, mode); }

Tensor drop_features(const Tensor& x, double p, bool locked, Mode mode) {
  if (!mode.is_training() || p == 0) return x;
  if (!locked || x.rank() != 3) return dropout(x, p, mode.random());
  return x * dropout_mask(x.shape().with(0, 1), p, mode.random(), x.dtype());
}

Tensor drop_packed(const Tensor& x, const Packing& packing, double p, bool locked, Mode mode) {
  if (!mode.is_training() || p == 0) return x;
  if (!locked) return dropout(x, p, mode.random());
  const Tensor mask = dropout_mask({packing.batch(), x.size(1)}, p, mode.random(), x.dtype());
  Tensors steps;
  for (int64_t t = 0; t < packing.steps(); ++t) steps.push_back(rows(mask, 0, packing.rows(t)));
  return steps.empty() ? x : x * concat(steps, 0);
}

Tensor drop_symbols(const Tensor& x, const Tensor& ids, const SymbolDropout& dropout, Mode mode) {
  if (!mode.is_training() || dropout.p == 0) return x;
  // The mask of the table's rows, applied to the rows taken: the same as dropping rows of the table.
  return x * embedding(dropout_mask({dropout.vocabulary, 1}, dropout.p, mode.random(), x.dtype()), ids);
}

}  // namespace recur
