// Convolution straight from the image against columns and matrix products: those run in f64.
#include "recur/ops/direct_conv.h"

#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/kernels/conv.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

struct DirectCase {
  Shape x, w;
  Conv2dOptions options;
};

// Output and gradients of x, w and bias, of a sum that weighs every output differently.
Tensors outcome(const DirectCase& each, DType dtype) {
  Tensors in{normal(each.x, 1, dtype), normal(each.w, 2, dtype), normal({each.w[0]}, 3, dtype)};
  for (Tensor& t : in) t.set_requires_grad();
  const Tensor y = conv2d(in[0], in[1], in[2], each.options);
  Tensors all = grad(Tensors{sum(y * normal(y.shape(), 4, dtype))}, in);
  all.push_back(y);
  return all;
}

std::vector<DirectCase> direct_cases() {
  std::vector<DirectCase> cases;
  // Sizes around a vector and a tile of each instruction set; channels that fill no vector.
  for (const int64_t channels : {1, 3, 8, 16, 19}) {
    for (const int64_t filters : {1, 2, 5, 6, 7, 13}) {
      for (const int64_t width : {1, 3, 15, 16, 17, 33, 64, 70}) {
        cases.push_back({{2, channels, 4, width}, {filters, channels, 3, 3}, {.padding = {1, 1}}});
      }
    }
  }
  // Small pictures, of which several share a tile.
  cases.push_back({{11, 9, 8, 8}, {13, 9, 3, 3}, {.padding = {1, 1}}});
  cases.push_back({{21, 3, 4, 5}, {6, 3, 3, 3}, {.padding = {1, 1}}});
  cases.push_back({{40, 2, 1, 1}, {3, 2, 3, 3}, {.padding = {1, 1}}});
  cases.push_back({{3, 9, 7, 11}, {4, 9, 2, 5}, {.padding = {0, 2}}});
  cases.push_back({{3, 9, 17, 18}, {4, 9, 3, 3}, {.padding = {2, 3}, .dilation = {2, 3}}});
  cases.push_back({{17, 8, 5, 5}, {8, 8, 1, 3}, {.padding = {0, 1}}});
  cases.push_back({{1, 8, 40, 41}, {9, 8, 5, 5}, {}});
  cases.push_back({{1, 8, 3, 3}, {2, 8, 3, 3}, {.padding = {4, 3}}});  // more padding than a kernel reaches
  cases.push_back({{1, 64, 3, 100}, {64, 64, 3, 3}, {.padding = {1, 1}}});
  return cases;
}

TEST(DirectConv, IsWhatColumnsAndProductsGive) {
  for (const DirectCase& each : direct_cases()) {
    EXPECT_EQ(internal::runs_direct(each.x, each.w, DType::kF32, each.options), kernels::has_direct_conv());
    const Tensors direct = outcome(each, DType::kF32), columns = outcome(each, DType::kF64);
    for (size_t k = 0; k < direct.size(); ++k) {
      // The gradient of a bias is a sum that may nearly cancel.
      EXPECT_LT(relative_error(direct[k].clone(DType::kF64), columns[k]), k == 2 ? 1e-4 : 3e-6)
          << "x " << each.x.str() << ", w " << each.w.str() << ": " << k;
    }
  }
}

TEST(DirectConv, OtherConvolutionsGoByColumns) {
  const Shape x{1, 4, 5, 5}, w{4, 4, 3, 3};
  EXPECT_FALSE(internal::runs_direct(x, w, DType::kF64, {}));
  EXPECT_FALSE(internal::runs_direct(x, w, DType::kF32, {.stride = {1, 2}}));
  EXPECT_FALSE(internal::runs_direct(x, {4, 2, 3, 3}, DType::kF32, {.groups = 2}));
  EXPECT_FALSE(internal::runs_direct(x, {4, 4, 1, 1}, DType::kF32, {}));
}

TEST(DirectConv, IsTheSameForAnyNumberOfThreads) {
  const DirectCase each{{21, 17, 9, 20}, {13, 17, 3, 3}, {.padding = {1, 1}}};
  const Tensors once = outcome(each, DType::kF32);
  set_threads(3);
  const Tensors again = outcome(each, DType::kF32);
  set_threads(1);
  for (size_t k = 0; k < once.size(); ++k) EXPECT_EQ(relative_error(again[k], once[k]), 0) << k;
}

TEST(DirectConv, HasSecondDerivatives) {
  const DirectCase each{{2, 9, 4, 5}, {3, 9, 3, 3}, {.padding = {1, 1}}};
  const auto second = [&](DType dtype) {
    Tensors in{normal(each.x, 1, dtype), normal(each.w, 2, dtype)};
    for (Tensor& t : in) t.set_requires_grad();
    const Tensor y = conv2d(in[0], in[1], {}, each.options);
    const Tensors first = grad(Tensors{sum(y * y * y)}, in, {.create_graph = true});
    return grad(Tensors{sum(first[0] * first[0]) + sum(first[1])}, in);
  };
  const Tensors f32 = second(DType::kF32), f64 = second(DType::kF64);
  for (size_t k = 0; k < 2; ++k) EXPECT_LT(relative_error(f32[k].clone(DType::kF64), f64[k]), 1e-5) << k;
}

}  // namespace
}  // namespace recur
