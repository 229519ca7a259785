#include "recur/ops/transpose.h"

#include <functional>
#include <numeric>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

// Axes of the output, outermost first, each with its stride in the input; neighbours that stay neighbours are merged.
struct Permutation {
  Permutation(const Shape& x, std::span<const int> axes) {
    for (const int axis : axes) {
      if (x[axis] == 1) continue;
      if (rank > 0 && stride[rank - 1] == x[axis] * x.stride(axis)) {
        size[rank - 1] *= x[axis];
        stride[rank - 1] = x.stride(axis);
        continue;
      }
      size[rank] = x[axis];
      stride[rank] = x.stride(axis);
      ++rank;
    }
  }

  // Elements of the output in one step along an axis.
  int64_t out_stride(int axis) const {
    return std::accumulate(size.begin() + axis + 1, size.begin() + rank, int64_t{1}, std::multiplies<>());
  }
  struct Axis {
    int64_t size, in, out;  // in and out: the strides
  };
  Axis at(int axis) const { return {size[axis], stride[axis], out_stride(axis)}; }

  int rank = 0;
  std::array<int64_t, Shape::kMaxRank> size{}, stride{};
};

// to[i * row.out + j] = from[i + j * column.in]: both sides are touched a few whole cache lines at a time.
template <class T>
void transpose_block(const T* from, T* to, Permutation::Axis row, Permutation::Axis column, int64_t begin,
                     int64_t end) {
  constexpr int64_t kBlock = 16;
  for (int64_t i0 = begin; i0 < end; i0 += kBlock)
    for (int64_t j0 = 0; j0 < column.size; j0 += kBlock) {
      const int64_t i1 = std::min(i0 + kBlock, end), j1 = std::min(j0 + kBlock, column.size);
      for (int64_t i = i0; i < i1; ++i)
        for (int64_t j = j0; j < j1; ++j) to[i * row.out + j] = from[i + j * column.in];
    }
}

// Calls f(offset in, offset out) for every position of the given axes, numbers begin .. end - 1 in row-major order.
template <class F>
void for_each(std::span<const Permutation::Axis> axes, int64_t begin, int64_t end, F&& f) {
  for (int64_t number = begin; number < end; ++number) {
    int64_t in = 0, out = 0, rest = number;
    for (size_t k = axes.size(); k-- > 0;) {
      const int64_t index = rest % axes[k].size;
      rest /= axes[k].size;
      in += index * axes[k].in;
      out += index * axes[k].out;
    }
    f(in, out);
  }
}

// T is any type of the elements' size: only bits are moved.
template <class T>
void copy_permuted(const T* from, T* to, const Permutation& p) {
  constexpr int64_t kGrain = 1 << 15;
  if (p.rank == 0) {
    *to = *from;
    return;
  }
  const Permutation::Axis column = p.at(p.rank - 1);
  const bool rows_stay = column.in == 1;
  Permutation::Axis row{1, 1, 1};  // the axis that is innermost in the input
  std::vector<Permutation::Axis> outer;
  for (int k = 0; k + 1 < p.rank; ++k) {
    if (p.stride[k] == 1)
      row = p.at(k);
    else
      outer.push_back(p.at(k));
  }
  int64_t count = 1;
  for (const auto& axis : outer) count *= axis.size;
  if (rows_stay) {
    parallel_for(count, std::max<int64_t>(1, kGrain / column.size), [&](int64_t begin, int64_t end) {
      for_each(outer, begin, end,
               [&](int64_t in, int64_t out) { std::copy(from + in, from + in + column.size, to + out); });
    });
    return;
  }
  for_each(outer, 0, count, [&](int64_t in, int64_t out) {
    parallel_for(row.size, std::max<int64_t>(16, kGrain / column.size),
                 [&](int64_t begin, int64_t end) { transpose_block(from + in, to + out, row, column, begin, end); });
  });
}

void copy_permuted(const Tensor& x, Tensor& y, const Permutation& p) {
  const auto copy = [&](auto zero) {
    using T = decltype(zero);
    copy_permuted(reinterpret_cast<const T*>(x.bytes()), reinterpret_cast<T*>(y.bytes()), p);
  };
  switch (item_size(x.dtype())) {
    case 1:
      return copy(uint8_t{});
    case 2:
      return copy(uint16_t{});
    case 4:
      return copy(uint32_t{});
    default:
      return copy(uint64_t{});
  }
}

std::vector<int> checked_axes(const Shape& x, std::span<const int> axes) {
  std::vector<int> result;
  for (const int axis : axes) {
    const int from_front = x.normalize(axis);
    if (std::find(result.begin(), result.end(), from_front) != result.end())
      fail("permute: axis {} of {} is named twice", axis, x.str());
    result.push_back(from_front);
  }
  if (static_cast<int>(result.size()) != x.rank())
    fail("permute: expected {} axes for {}, got {}", x.rank(), x.str(), result.size());
  return result;
}

std::vector<int> inverse(const std::vector<int>& axes) {
  std::vector<int> result(axes.size());
  for (size_t k = 0; k < axes.size(); ++k) result[axes[k]] = static_cast<int>(k);
  return result;
}

}  // namespace

Tensor permute(const Tensor& x, std::span<const int> axes) {
  const std::vector<int> order = checked_axes(x.shape(), axes);
  if (Trace* trace = tracing()) return trace->op("permute", {x}, {{"axes", order}}, [&] { return permute(x, axes); });
  if (std::is_sorted(order.begin(), order.end())) return x;
  Shape shape = x.shape();
  for (int k = 0; k < x.rank(); ++k) shape[k] = x.size(order[k]);
  Tensor y = Tensor::empty(shape, x.dtype());
  if (y.numel() > 0) copy_permuted(x, y, Permutation(x.shape(), order));
  return record("permute", {x}, y,
                [back = inverse(order)](const VjpArgs& v) { return Tensors{permute(v.grad(), back)}; });
}

Tensor transpose(const Tensor& x, int a, int b) {
  std::vector<int> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[x.shape().normalize(a)], axes[x.shape().normalize(b)]);
  return permute(x, axes);
}

}  // namespace recur
