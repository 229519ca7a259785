#include "recur/ops/conv.h"
#include "recur/ops/pool.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase image(const char* name, const Conv2dOptions& options, Tensors inputs) {
  return of(
      name, [options](const Tensors& in) { return conv2d(in[0], in[1], in[2], options); }, std::move(inputs));
}

const Register convolutions({
    image("conv2d", {}, {normal({2, 3, 5, 6}), normal({4, 3, 3, 2}, 2), normal({4}, 3)}),
    image("conv2d_stride_and_padding", {.stride = {2, 1}, .padding = {1, 2}},
          {normal({2, 2, 5, 4}), normal({3, 2, 3, 3}, 2), Tensor()}),
    image("conv2d_dilation", {.padding = {1, 0}, .dilation = {3, 2}},
          {normal({1, 2, 7, 7}), normal({2, 2, 2, 3}, 2), Tensor()}),
    image("conv2d_groups", {.stride = {2, 2}, .padding = {1, 1}, .groups = 2},
          {normal({2, 4, 4, 4}), normal({6, 2, 3, 3}, 2), normal({6}, 3)}),
    image("conv2d_pointwise", {}, {normal({2, 3, 2, 4}), normal({5, 3, 1, 1}, 2), Tensor()}),
    image("conv2d_of_many_images", {}, {normal({17, 1, 3, 3}), normal({1, 1, 2, 2}, 2), Tensor()}),
    image("conv2d_mostly_padding", {.stride = {3, 3}, .padding = {4, 5}},
          {normal({1, 1, 2, 1}), normal({1, 1, 3, 2}, 2), Tensor()}),
    of("conv1d",
       [](const Tensors& in) { return conv1d(in[0], in[1], in[2], {.stride = 2, .padding = 2, .dilation = 2}); },
       {normal({2, 3, 9}), normal({4, 3, 3}, 2), normal({4}, 3)}),
});

const Register pools({
    of("max_pool2d",
       [](const Tensors& in) {
         return max_pool2d(in[0], {.kernel = {2, 3}, .stride = {2, 1}, .padding = {1, 1}});
       },
       {normal({2, 3, 5, 6})}),
    of("max_pool1d", [](const Tensors& in) { return max_pool1d(in[0], {.kernel = 2, .stride = 1, .dilation = 3}); },
       {normal({2, 3, 9})}),
    of("avg_pool2d",
       [](const Tensors& in) {
         return avg_pool2d(in[0], {.kernel = {2, 3}, .stride = {2, 1}, .padding = {1, 1}});
       },
       {normal({2, 3, 5, 6})}),
    of("avg_pool1d_without_padding",
       [](const Tensors& in) {
         return avg_pool1d(in[0], {.kernel = 3, .stride = 2, .padding = 1, .count_padding = false});
       },
       {normal({2, 3, 9})}),
});

}  // namespace
}  // namespace recur::testing
