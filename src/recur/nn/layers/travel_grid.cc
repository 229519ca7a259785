#include "recur/nn/layers/travel_grid.h"

#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"

namespace recur {

TravelGrid::TravelGrid(const Packing& packing, bool reverse)
    : steps_(packing.steps()), batch_(packing.batch()), lengths_(static_cast<size_t>(batch_), 0) {
  const int64_t N = packing.packed_rows();
  std::vector<int32_t> index(static_cast<size_t>(steps_ * batch_), static_cast<int32_t>(N));
  std::vector<int32_t> inverse(static_cast<size_t>(N));
  for (int64_t t = 0; t < steps_; ++t)
    for (int64_t b = 0; b < packing.rows(t); ++b) lengths_[static_cast<size_t>(b)] = t + 1;
  for (int64_t t = 0; t < steps_; ++t)
    for (int64_t b = 0; b < packing.rows(t); ++b) {
      const int64_t s = reverse ? lengths_[static_cast<size_t>(b)] - 1 - t : t, row = packing.offset(t) + b;
      index[static_cast<size_t>(s * batch_ + b)] = static_cast<int32_t>(row);
      inverse[static_cast<size_t>(row)] = static_cast<int32_t>(s * batch_ + b);
    }
  padded_ = N < steps_ * batch_;
  index_ = Tensor::from(index, {steps_ * batch_});
  inverse_ = Tensor::from(inverse, {N});
}

Tensor TravelGrid::spread(const Tensor& rows) const {
  if (!padded_) return index_select(rows, index_);
  return index_select(concat({rows, Tensor::zeros({1, rows.size(1)}, rows.dtype())}, 0), index_);
}

Tensor TravelGrid::gather(const Tensor& grid) const { return index_select(grid, inverse_); }

Tensor TravelGrid::padding(DType dtype) const {
  if (!padded_) return {};
  std::vector<float> flags;
  const int64_t N = inverse_.size(0);
  for (const int32_t row : index_.values<int32_t>()) flags.push_back(row == N ? 1.0f : 0.0f);
  return Tensor::from(flags, {steps_ * batch_, 1}).clone(dtype);
}

}  // namespace recur
