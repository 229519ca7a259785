// Ops that only move elements, against their definition element by element, for shapes drawn at random.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "recur/base/random.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/concat.h"
#include "recur/ops/flip.h"
#include "recur/ops/gather.h"
#include "recur/ops/pad.h"
#include "recur/ops/reduce.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

using Index = std::vector<int64_t>;

// The index of element number i of the shape, and back.
Index index_of(const Shape& shape, int64_t i) {
  Index index(static_cast<size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index[static_cast<size_t>(axis)] = i % shape[axis];
    i /= shape[axis];
  }
  return index;
}
int64_t number_of(const Shape& shape, const Index& index) {
  int64_t i = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) i = i * shape[axis] + index[static_cast<size_t>(axis)];
  return i;
}

Tensor numbered(const Shape& shape) {
  Tensor x = Tensor::empty(shape, DType::kF64);
  for (int64_t i = 0; i < x.numel(); ++i) x.data<double>()[i] = static_cast<double>(i + 1);
  return x;
}

Shape random_shape(Random& random, int least_rank = 1) {
  Index sizes(static_cast<size_t>(least_rank) + random.below(static_cast<uint64_t>(5 - least_rank)));
  for (int64_t& size : sizes) size = static_cast<int64_t>(1 + random.below(4));
  return Shape(std::span<const int64_t>(sizes));
}

// y has the shape, and at each index the element of x at from(index), or 0 where that gives nothing.
void expect_moved(const Tensor& y, const Shape& shape, const Tensor& x,
                  const std::function<std::optional<Index>(Index)>& from) {
  ASSERT_EQ(y.shape(), shape);
  for (int64_t i = 0; i < y.numel(); ++i) {
    const auto source = from(index_of(shape, i));
    const double expected = source ? x.data<double>()[number_of(x.shape(), *source)] : 0;
    ASSERT_EQ(y.data<double>()[i], expected) << "element " << i << " of " << shape.str();
  }
}

struct Drawn {
  explicit Drawn(uint64_t seed)
      : random(seed),
        shape(random_shape(random)),
        x(numbered(shape)),
        axis(static_cast<int>(random.below(static_cast<uint64_t>(shape.rank())))),
        at(static_cast<size_t>(axis)) {}
  int64_t below(int64_t n) { return static_cast<int64_t>(random.below(static_cast<uint64_t>(n))); }

  Random random;
  Shape shape;
  Tensor x;
  int axis;
  size_t at;
};

void for_many(const std::function<void(Drawn&)>& f) {
  for (uint64_t seed = 0; seed < 80; ++seed) {
    Drawn drawn(seed);
    SCOPED_TRACE(fmt::format("seed {}, x {}, axis {}", seed, drawn.shape.str(), drawn.axis));
    f(drawn);
  }
}

TEST(Definitions, Slice) {
  for_many([](Drawn& d) {
    const int64_t begin = d.below(d.shape[d.axis] + 1), size = d.below(d.shape[d.axis] - begin + 1);
    const Tensor y = slice(d.x, {.axis = d.axis, .begin = begin}, size);
    expect_moved(y, d.shape.with(d.axis, size), d.x, [&](Index i) {
      i[d.at] += begin;
      return i;
    });
    expect_moved(pad_slice(y, d.shape, {.axis = d.axis, .begin = begin}), d.shape, y,
                 [&](Index i) -> std::optional<Index> {
                   i[d.at] -= begin;
                   if (i[d.at] < 0 || i[d.at] >= size) return std::nullopt;
                   return i;
                 });
  });
}

TEST(Definitions, ConcatAndSplit) {
  for_many([](Drawn& d) {
    const Tensor other = numbered(d.shape.with(d.axis, d.below(4)));
    const int64_t first = d.shape[d.axis];
    const Tensor y = concat({d.x, other, d.x}, d.axis);
    const Tensors parts = split(y, d.axis, {first, other.size(d.axis), first});
    EXPECT_EQ(relative_error(parts[0], d.x), 0);
    EXPECT_EQ(relative_error(parts[2], d.x), 0);
    EXPECT_EQ(parts[1].shape(), other.shape());
    for (int64_t i = 0; i < other.numel(); ++i) ASSERT_EQ(parts[1].data<double>()[i], other.data<double>()[i]);
    for (int64_t i = 0; i < y.numel(); ++i) {
      Index index = index_of(y.shape(), i);
      const bool is_first = index[d.at] < first, is_last = index[d.at] >= first + other.size(d.axis);
      if (!is_first) index[d.at] -= first + (is_last ? other.size(d.axis) : 0);
      const Tensor& from = is_first || is_last ? d.x : other;
      ASSERT_EQ(y.data<double>()[i], from.data<double>()[number_of(from.shape(), index)]);
    }
  });
}

TEST(Definitions, Permute) {
  for_many([](Drawn& d) {
    std::vector<int> axes(static_cast<size_t>(d.shape.rank()));
    for (size_t k = 0; k < axes.size(); ++k) axes[k] = static_cast<int>(k);
    d.random.shuffle(std::span(axes));
    Shape shape = d.shape;
    for (int k = 0; k < shape.rank(); ++k) shape[k] = d.shape[axes[static_cast<size_t>(k)]];
    expect_moved(permute(d.x, axes), shape, d.x, [&](const Index& i) {
      Index source(i.size());
      for (size_t k = 0; k < i.size(); ++k) source[static_cast<size_t>(axes[k])] = i[k];
      return source;
    });
  });
}

TEST(Definitions, FlipTileAndRepeat) {
  for_many([](Drawn& d) {
    const int64_t n = d.shape[d.axis], count = 1 + d.below(3);
    expect_moved(flip(d.x, d.axis), d.shape, d.x, [&](Index i) {
      i[d.at] = n - 1 - i[d.at];
      return i;
    });
    expect_moved(tile(d.x, d.axis, count), d.shape.with(d.axis, n * count), d.x, [&](Index i) {
      i[d.at] %= n;
      return i;
    });
    expect_moved(repeat(d.x, d.axis, count), d.shape.with(d.axis, n * count), d.x, [&](Index i) {
      i[d.at] /= count;
      return i;
    });
  });
}

TEST(Definitions, Pad) {
  for_many([](Drawn& d) {
    std::vector<Padding> axes(1 + d.random.below(static_cast<uint64_t>(d.shape.rank())));
    for (Padding& each : axes) each = {d.below(3), d.below(3)};
    Shape shape = d.shape;
    const int skipped = d.shape.rank() - static_cast<int>(axes.size());
    for (size_t k = 0; k < axes.size(); ++k) shape[skipped + static_cast<int>(k)] += axes[k].before + axes[k].after;
    expect_moved(pad(d.x, axes), shape, d.x, [&](Index i) -> std::optional<Index> {
      for (size_t k = 0; k < axes.size(); ++k) {
        int64_t& place = i[static_cast<size_t>(skipped) + k];
        place -= axes[k].before;
        if (place < 0 || place >= d.shape[skipped + static_cast<int>(k)]) return std::nullopt;
      }
      return i;
    });
  });
}

TEST(Definitions, BroadcastAndItsSum) {
  for_many([](Drawn& d) {
    Shape narrow = d.shape;
    for (int k = 0; k < narrow.rank(); ++k)
      if (d.random.bernoulli(0.5)) narrow[k] = 1;
    const bool shorter = narrow[0] == 1 && d.random.bernoulli(0.5);
    if (shorter) narrow = narrow.erased(0);
    const auto to_narrow = [&](Index i) {
      if (shorter) i.erase(i.begin());
      for (int k = 0; k < narrow.rank(); ++k)
        if (narrow[k] == 1) i[static_cast<size_t>(k)] = 0;
      return i;
    };
    const Tensor x = numbered(narrow);
    expect_moved(broadcast_to(x, d.shape), d.shape, x, to_narrow);
    Tensor expected = Tensor::zeros(narrow, DType::kF64);
    for (int64_t i = 0; i < d.x.numel(); ++i)
      expected.data<double>()[number_of(narrow, to_narrow(index_of(d.shape, i)))] +=
          std::as_const(d.x).data<double>()[i];
    EXPECT_EQ(relative_error(sum_to(d.x, narrow), expected), 0);
  });
}

TEST(Definitions, GatherAndScatter) {
  for_many([](Drawn& d) {
    const Shape shape = d.shape.with(d.axis, d.below(5));
    Tensor index = Tensor::empty(shape, DType::kI32);
    for (int64_t i = 0; i < index.numel(); ++i)
      index.data<int32_t>()[i] = static_cast<int32_t>(d.below(d.shape[d.axis]));
    const Tensor fixed = index;
    const auto source = [&](Index i) {
      i[d.at] = fixed.data<int32_t>()[number_of(shape, i)];
      return i;
    };
    const Tensor y = gather(d.x, d.axis, index);
    expect_moved(y, shape, d.x, source);
    Tensor expected = Tensor::zeros(d.shape, DType::kF64);
    for (int64_t i = 0; i < y.numel(); ++i)
      expected.data<double>()[number_of(d.shape, source(index_of(shape, i)))] += y.data<double>()[i];
    const Tensor scattered = scatter_add(y, d.axis, index, d.shape[d.axis]);
    EXPECT_EQ(scattered.shape(), d.shape);
    EXPECT_EQ(relative_error(scattered, expected), 0);
  });
}

TEST(Definitions, SumMaxAndRunningSum) {
  for_many([](Drawn& d) {
    const Tensor x = normal(d.shape, d.random.below(1000));
    const Tensor sums = sum(x, d.axis, true), largest = max(x, d.axis, true), smallest = min(x, d.axis, true);
    const Tensor running = cumsum(x, d.axis), back = cumsum(x, d.axis, true);
    for (int64_t i = 0; i < sums.numel(); ++i) {
      Index index = index_of(sums.shape(), i);
      double total = 0, high = -1e9, low = 1e9;
      for (int64_t k = 0; k < d.shape[d.axis]; ++k) {
        index[d.at] = k;
        const int64_t place = number_of(d.shape, index);
        const double value = x.data<double>()[place];
        total += value;
        high = std::max(high, value);
        low = std::min(low, value);
        ASSERT_NEAR(running.data<double>()[place], total, 1e-12);
        ASSERT_NEAR(back.data<double>()[place], sums.data<double>()[i] - total + value, 1e-12);
      }
      ASSERT_NEAR(sums.data<double>()[i], total, 1e-12);
      ASSERT_EQ(largest.data<double>()[i], high);
      ASSERT_EQ(smallest.data<double>()[i], low);
    }
  });
}

}  // namespace
}  // namespace recur::testing
