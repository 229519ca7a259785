#include "recur/nn/packing.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

void check(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths) {
  if (static_cast<int64_t>(lengths.size()) != batch)
    fail("recurrent: expected a length for each of {} sequences, got {}", batch, lengths.size());
  for (size_t b = 0; b < lengths.size(); ++b)
    if (lengths[b] < 0 || lengths[b] > steps)
      fail("recurrent: length of sequence {}: expected 0 .. {}, got {}", b, steps, lengths[b]);
  if (steps * batch > std::numeric_limits<int32_t>::max())
    fail("recurrent: {} steps of {} sequences are too many for one batch", steps, batch);
}

// Rows from .. from + count - 1 of one array over those of another from `at` on; rows of the same size and type.
void copy_rows(const Tensor& source, int64_t from, Tensor& target, int64_t at, int64_t count) {
  if (count <= 0) return;
  const auto size = static_cast<size_t>(target.size(1)) * item_size(target.dtype());
  std::memcpy(target.bytes() + static_cast<size_t>(at) * size, source.bytes() + static_cast<size_t>(from) * size,
              static_cast<size_t>(count) * size);
}

}  // namespace

Packing::Packing(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths)
    : full_steps_(steps), batch_(batch), packed_rows_(steps * batch) {
  if (!lengths.empty()) check(steps, batch, lengths);
  const bool full = std::all_of(lengths.begin(), lengths.end(), [&](int64_t length) { return length == steps; });
  if (full) {
    sorted_lengths_.assign(static_cast<size_t>(batch), steps);
    rows_.assign(static_cast<size_t>(batch == 0 ? 0 : steps), batch);
    for (size_t t = 0; t < rows_.size(); ++t) offset_.push_back(static_cast<int64_t>(t) * batch);
    return;
  }
  std::vector<int32_t> order(lengths.size()), inverse(lengths.size()), index;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return lengths[a] > lengths[b]; });
  for (size_t r = 0; r < order.size(); ++r) {
    inverse[order[r]] = static_cast<int32_t>(r);
    sorted_lengths_.push_back(lengths[order[r]]);
  }
  int64_t running = batch;
  for (int64_t t = 0; t < steps; ++t) {
    while (running > 0 && sorted_lengths_[running - 1] <= t) --running;
    if (running == 0) break;
    rows_.push_back(running);
    offset_.push_back(static_cast<int64_t>(index.size()));
    for (int64_t r = 0; r < running; ++r) index.push_back(static_cast<int32_t>(t * batch + order[r]));
  }
  packed_rows_ = static_cast<int64_t>(index.size());
  index_ = Tensor::from(index, {packed_rows_});
  order_ = Tensor::from(order, {batch});
  inverse_ = Tensor::from(inverse, {batch});
}

int64_t Packing::last(int64_t row, bool reverse) const {
  const int64_t length = sorted_lengths_[row];
  if (length == 0) return -1;
  return offset_[reverse ? 0 : length - 1] + row;
}

Tensor Packing::pack(const Tensor& x) const {
  const Tensor all = reshape(x, Shape{x.size(0) * x.size(1), x.size(2)});
  return index_.defined() ? index_select(all, index_) : all;
}

Tensor Packing::unpack(const Tensor& packed) const {
  const Tensor all = index_.defined() ? scatter_rows(packed, index_, full_steps_ * batch_) : packed;
  return reshape(all, Shape{full_steps_, batch_, packed.size(1)});
}

Tensor Packing::sort(const Tensor& state) const { return order_.defined() ? index_select(state, order_) : state; }
Tensor Packing::unsort(const Tensor& state) const { return inverse_.defined() ? index_select(state, inverse_) : state; }

Tensor Packing::last_rows(const Tensor& y, bool reverse) const {
  const int64_t count = sequences();
  if (count > 0 && (reverse || rows(steps() - 1) == count)) {  // side by side
    const int64_t first = last(0, reverse);
    return recur::rows(y, first, first + count);
  }
  std::vector<int32_t> at;
  for (int64_t row = 0; row < count; ++row) at.push_back(static_cast<int32_t>(last(row, reverse)));
  return index_select(y, Tensor::from(at, {count}));
}

Tensor Packing::unsort_rows(const Tensor& last) const {
  if (order_.defined()) return scatter_rows(last, recur::rows(order_, 0, sequences()), batch_);
  return sequences() == batch_ ? last : Tensor::zeros({batch_, last.size(1)}, last.dtype());  // of no steps
}

Tensor Packing::last_states(const Tensor& history, const Tensor& initial, bool reverse) const {
  Tensor result = Tensor::empty(initial.shape(), initial.dtype());
  for (int64_t row = 0; row < batch_; ++row) {
    const int64_t at = last(row, reverse);
    copy_rows(at < 0 ? initial : history, at < 0 ? row : at, result, row, 1);
  }
  return result;
}

Tensor Packing::previous_states(const Tensor& history, const Tensor& initial, bool reverse) const {
  Tensor result = Tensor::empty(history.shape(), history.dtype());
  for (int64_t t = 0; t < steps(); ++t) {
    const int64_t before = reverse ? t + 1 : t - 1;
    const bool first = before < 0 || before == steps();
    const int64_t carried = first ? 0 : std::min(rows(t), rows(before));
    if (carried > 0) copy_rows(history, offset(before), result, offset(t), carried);
    copy_rows(initial, carried, result, offset(t) + carried, rows(t) - carried);
  }
  return result;
}

Packing Packing::segment(int64_t begin, int64_t end) const {
  Packing part;
  part.full_steps_ = end - begin;
  part.batch_ = batch_;
  for (int64_t t = begin; t < end; ++t) {
    part.rows_.push_back(rows_[t]);
    part.offset_.push_back(offset_[t] - offset_[begin]);
    part.packed_rows_ += rows_[t];
  }
  for (const int64_t length : sorted_lengths_)
    part.sorted_lengths_.push_back(std::clamp<int64_t>(length - begin, 0, end - begin));
  return part;
}

kernels::PackedSteps Packing::view(bool reverse) const {
  return {.steps = steps(), .batch = batch_, .rows = rows_.data(), .offset = offset_.data(), .reverse = reverse};
}

}  // namespace recur
