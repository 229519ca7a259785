// Transposes of every small size on arrays that end where memory ends, for every instruction set.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/cpu/transpose_test.cc"
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)  // as the library
#endif
#include <hwy/foreach_target.h>
// clang-format on

#include <gtest/gtest.h>

#include <vector>

#include "recur/kernels/cpu/transpose-inl.h"
#include "tests/kernels/cpu/every_target.h"
#include "tests/support/guarded.h"

#ifndef RECUR_TESTS_TRANSPOSE_FUNCTIONS
#define RECUR_TESTS_TRANSPOSE_FUNCTIONS
namespace recur::testing {
struct TransposeFunctions {
  int64_t lanes;
  void (*of_floats)(const float* from, int64_t from_stride, int64_t rows, int64_t columns, float* to,
                    int64_t to_stride);
  void (*of_doubles)(const double* from, int64_t from_stride, int64_t rows, int64_t columns, double* to,
                     int64_t to_stride);
};
}  // namespace recur::testing
#endif

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {
namespace {

template <class T>
void transposed(const T* from, int64_t from_stride, int64_t rows, int64_t columns, T* to, int64_t to_stride) {
  transpose(from, from_stride, Extent{rows, columns}, to, to_stride);
}

testing::TransposeFunctions transpose_functions() { return {kLanes, transposed<float>, transposed<double>}; }

}  // namespace
}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
namespace {
HWY_EXPORT(transpose_functions);
}  // namespace

namespace testing {
namespace {

TransposeFunctions here() { return HWY_DYNAMIC_DISPATCH(transpose_functions)(); }

// Rows are as far apart as `slack` makes them wider than they are; what lies between must stay as it was.
template <class T, class F>
void expect_transposed(F function, int64_t rows, int64_t columns, int64_t slack) {
  const int64_t from_stride = columns + slack, to_stride = rows + slack;
  GuardedArrays<T> arrays;
  T* from = arrays.make(rows > 0 ? (rows - 1) * from_stride + columns : 0);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) from[r * from_stride + c] = static_cast<T>(1000 * r + c);
  const int64_t size = columns > 0 ? (columns - 1) * to_stride + rows : 0;
  T* to = arrays.make(size, T(-1));
  function(from, from_stride, rows, columns, to, to_stride);
  int64_t wrong = 0;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t c = i / to_stride, r = i % to_stride;
    wrong += to[i] != (r < rows ? static_cast<T>(1000 * r + c) : T(-1));
  }
  EXPECT_EQ(wrong, 0) << rows << " by " << columns << ", slack " << slack;
}

TEST(Transpose, IsExactForEveryRemainderOfRowsAndColumns) {
  on_every_target([] {
    const TransposeFunctions of = here();
    for (int64_t rows = 0; rows <= 9; ++rows) {
      for (int64_t columns = 0; columns <= 2 * of.lanes + 1; ++columns) {
        expect_transposed<float>(of.of_floats, rows, columns, 0);
        expect_transposed<float>(of.of_floats, rows, columns, 3);
      }
    }
  });
}

TEST(Transpose, GoesOnBehindTheRowsThatAreReadAtOnce) {
  on_every_target([] {
    const TransposeFunctions of = here();
    for (const int64_t rows : {63, 64, 65, 67, 68, 128, 131}) {
      for (const int64_t columns : {int64_t{1}, of.lanes - 1, of.lanes, of.lanes + 5}) {
        expect_transposed<float>(of.of_floats, rows, columns, 1);
      }
    }
  });
}

TEST(Transpose, OfOtherTypesIsTheSame) {
  on_every_target([] {
    const TransposeFunctions of = here();
    for (const int64_t rows : {0, 1, 5, 70}) expect_transposed<double>(of.of_doubles, rows, 7, 2);
  });
}

TEST(Transpose, TwiceIsTheMatrixItself) {
  on_every_target([] {
    std::vector<float> x(67 * 33), once(x.size()), twice(x.size());
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * i % 1013);
    here().of_floats(x.data(), 33, 67, 33, once.data(), 67);
    here().of_floats(once.data(), 67, 33, 67, twice.data(), 33);
    EXPECT_EQ(twice, x);
    EXPECT_NE(once, x);
  });
}

}  // namespace
}  // namespace testing
}  // namespace recur
#endif
