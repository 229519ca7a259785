#include "recur/ops/transpose.h"

#include <fmt/format.h>

#include "recur/base/threads.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

// By the definition, one element at a time.
Tensor permuted_slowly(const Tensor& x, const std::vector<int>& axes) {
  Shape shape = x.shape();
  for (int k = 0; k < x.rank(); ++k) shape[k] = x.size(axes[k]);
  Tensor y = Tensor::empty(shape, x.dtype());
  for (int64_t n = 0; n < y.numel(); ++n) {
    int64_t rest = n, from = 0;
    for (int k = x.rank() - 1; k >= 0; --k) {
      from += rest % shape[k] * x.shape().stride(axes[k]);
      rest /= shape[k];
    }
    y.data<double>()[n] = x.data<double>()[from];
  }
  return y;
}

TEST(Permute, MatchesItsDefinitionForEveryOrderOfFourAxes) {
  const Tensor x = testing::normal({3, 1, 17, 5});
  std::vector<int> axes{0, 1, 2, 3};
  do {
    const Tensor y = permute(x, axes);
    EXPECT_EQ(testing::relative_error(y, permuted_slowly(x, axes)), 0) << fmt::format("{}", fmt::join(axes, " "));
  } while (std::next_permutation(axes.begin(), axes.end()));
}

TEST(Permute, MovesElementsOfEverySize) {
  const Tensor x = testing::normal({33, 20});
  for (const DType dtype : {DType::kF32, DType::kBF16, DType::kI32, DType::kI64, DType::kU8}) {
    const Tensor from = (dtype == DType::kU8 ? Tensor::full({33, 20}, 7) : x).clone(dtype);
    const Tensor y = transpose(from, 0, 1);
    EXPECT_EQ(y.dtype(), dtype);
    EXPECT_EQ(testing::relative_error(y, permuted_slowly(from.clone(DType::kF64), {1, 0})), 0) << name_of(dtype);
  }
}

TEST(Permute, IsTheSameForAnyNumberOfThreads) {
  const Tensor x = testing::normal({300, 700});
  const Tensor y = transpose(x, 0, 1);
  set_threads(3);
  const Tensor z = transpose(x, 0, 1);
  set_threads(1);
  EXPECT_EQ(testing::relative_error(y, permuted_slowly(x, {1, 0})), 0);
  EXPECT_EQ(testing::relative_error(z, y), 0);
}

TEST(Permute, CopiesNothingWhenTheOrderStays) {
  const Tensor x = testing::normal({3, 4});
  EXPECT_TRUE(permute(x, {0, 1}).shares_storage_with(x));
}

TEST(Permute, TakesEmptyTensorsAndScalars) {
  EXPECT_EQ(transpose(Tensor::zeros({0, 4}), 0, 1).shape(), (Shape{4, 0}));
  EXPECT_EQ(permute(Tensor::scalar(3), std::span<const int>()).item(), 3);
  EXPECT_EQ(permute(Tensor::full({1, 1}, 3), {1, 0}).item(), 3);
}

TEST(Permute, NamesWhatIsWrongWithTheAxes) {
  const Tensor x = testing::normal({3, 4});
  EXPECT_ERROR(permute(x, {0}), "permute: expected 2 axes for [3, 4], got 1");
  EXPECT_ERROR(permute(x, {1, -1}), "axis -1 of [3, 4] is named twice");
  EXPECT_ERROR(transpose(x, 0, 2), "axis 2 is out of range for shape [3, 4]");
}

}  // namespace
}  // namespace recur
