// Operators of ONNX that are products, norms, convolutions, pooling and recurrent layers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "recur/exchange/onnx/read_ops.h"
#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/conv.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/matmul.h"
#include "recur/ops/pad.h"
#include "recur/ops/pool.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur::onnx::reading {
namespace {

Values product(In call) {
  const Tensor a = call.tensor(0), b = call.tensor(1);
  if (a.rank() < 2 || b.rank() < 2) call.fail_node("operands of one axis are not supported");
  return {Value(matmul(a, b))};
}

Values gemm(In call) {
  Tensor y = matmul(call.tensor(0), call.tensor(1),
                    {.trans_a = call.integer("transA", 0) != 0, .trans_b = call.integer("transB", 0) != 0});
  if (const double alpha = call.real("alpha", 1); alpha != 1) y = y * alpha;
  if (!call.has(2)) return {Value(y)};
  const double beta = call.real("beta", 1);
  return {Value(y + (beta == 1 ? call.tensor(2) : call.tensor(2) * beta))};
}

// Over all axes from one on, as one.
Values layer_normalization(In call) {
  const Tensor x = call.tensor(0);
  const int64_t axis = axis_in(call, call.integer("axis", -1), x.rank());
  int64_t outer = 1, inner = 1;
  Shape reduced = x.shape();
  for (int k = 0; k < x.rank(); ++k) {
    (k < axis ? outer : inner) *= x.size(k);
    if (k >= axis) reduced[k] = 1;
  }
  const bool last = axis == x.rank() - 1;
  const auto flat = [&](size_t k) {
    return call.has(k) ? (last ? call.tensor(k) : reshape(call.tensor(k), {inner})) : Tensor();
  };
  const double epsilon = call.real("epsilon", 1e-5F);
  const Tensor rows = last ? x : reshape(x, {outer, inner});
  const Tensor y = layer_norm(rows, flat(1), flat(2), epsilon);
  Values out{Value(last ? y : reshape(y, x.shape()))};
  if (call.wants(1) || call.wants(2)) {
    out.emplace_back(reshape(mean(rows, -1), reduced));
    out.emplace_back(reshape(reciprocal(sqrt(variance(rows, -1, false) + epsilon)), reduced));
  }
  return out;
}

Values batch_normalization(In call) {
  if (call.integer("training_mode", 0) != 0) call.fail_node("training_mode is not supported");
  return {Value(batch_norm_inference(call.tensor(0), {call.tensor(3), call.tensor(4)}, call.tensor(1), call.tensor(2),
                                     call.real("epsilon", 1e-5F)))};
}

// What convolutions and pooling have in common: of `dims` axes of the window.
struct Window {
  Numbers kernel, stride, before, after, dilation;

  bool is_symmetric() const { return before == after; }
};

Window window_of(In call, size_t dims, const Numbers& kernel) {
  const std::string automatic = call.text("auto_pad", "NOTSET");
  if (automatic != "NOTSET" && automatic != "VALID")
    call.fail_node(fmt::format("auto_pad: {} is not supported", automatic));
  const Numbers ones(dims, 1), pads = call.integers("pads", Numbers(2 * dims, 0));
  Window w{.kernel = call.integers("kernel_shape", kernel),
           .stride = call.integers("strides", ones),
           .before = {},
           .after = {},
           .dilation = call.integers("dilations", ones)};
  if (w.kernel.size() != dims || w.stride.size() != dims || w.dilation.size() != dims || pads.size() != 2 * dims)
    call.fail_node(fmt::format("kernel_shape, strides, pads and dilations: expected those of {} axes", dims));
  w.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(dims));
  w.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(dims), pads.end());
  for (const Numbers* list : {&w.kernel, &w.stride, &w.dilation})
    for (const int64_t one : *list)
      if (one < 1 || one > kMostElements) call.fail_node(fmt::format("{} as a kernel, stride or dilation", one));
  for (const int64_t one : pads)
    if (one < 0 || one > kMostElements) call.fail_node(fmt::format("pads: {} is not supported", one));
  return w;
}

size_t window_axes(In call, const Tensor& x) {
  if (x.rank() != 3 && x.rank() != 4)
    call.fail_node(fmt::format("expected 1 or 2 axes of space, got {}", x.rank() - 2));
  return static_cast<size_t>(x.rank() - 2);
}

Tensor padded(const Tensor& x, Window& w, double value) {
  if (w.is_symmetric()) return x;
  std::vector<Padding> padding;
  for (size_t k = 0; k < w.before.size(); ++k) padding.push_back({w.before[k], w.after[k]});
  w.before.assign(w.before.size(), 0);
  w.after = w.before;
  return pad(x, padding, value);
}

std::array<int64_t, 2> two(const Numbers& list) { return {list[0], list[1]}; }

Values convolution(In call) {
  const Tensor weight = call.tensor(1), bias = call.tensor_or_none(2);
  const size_t dims = window_axes(call, call.tensor(0));
  if (weight.rank() != static_cast<int>(dims) + 2) call.fail_node("W: expected as many axes as X");
  Numbers kernel;
  for (size_t k = 0; k < dims; ++k) kernel.push_back(weight.size(static_cast<int>(k) + 2));
  Window w = window_of(call, dims, kernel);
  if (w.kernel != kernel) call.fail_node("kernel_shape: expected the shape of W");
  const int64_t groups = call.integer("group", 1);
  const Tensor x = padded(call.tensor(0), w, 0);
  if (dims == 1)
    return {
        Value(conv1d(x, weight, bias,
                     {.stride = w.stride[0], .padding = w.before[0], .dilation = w.dilation[0], .groups = groups}))};
  return {Value(
      conv2d(x, weight, bias,
             {.stride = two(w.stride), .padding = two(w.before), .dilation = two(w.dilation), .groups = groups}))};
}

template <bool kMax>
Values pooling(In call) {
  if (call.integer("ceil_mode", 0) != 0) call.fail_node("ceil_mode is not supported");
  if (call.integer("storage_order", 0) != 0) call.fail_node("storage_order is not supported");
  const size_t dims = window_axes(call, call.tensor(0));
  Window w = window_of(call, dims, {});
  const bool counts = call.integer("count_include_pad", 0) != 0;
  if (!kMax && !counts && !w.is_symmetric())
    call.fail_node("a mean with different padding before and after is not supported");
  const Tensor x = padded(call.tensor(0), w, kMax ? -std::numeric_limits<float>::infinity() : 0);
  if (dims == 1) {
    const Pool1dOptions options{.kernel = w.kernel[0],
                                .stride = w.stride[0],
                                .padding = w.before[0],
                                .dilation = w.dilation[0],
                                .count_padding = counts};
    return {Value(kMax ? max_pool1d(x, options) : avg_pool1d(x, options))};
  }
  const Pool2dOptions options{.kernel = two(w.kernel),
                              .stride = two(w.stride),
                              .padding = two(w.before),
                              .dilation = two(w.dilation),
                              .count_padding = counts};
  return {Value(kMax ? max_pool2d(x, options) : avg_pool2d(x, options))};
}

template <Tensor (*kOp)(const Tensor&, int, bool)>
Values pooling_of_all(In call) {
  Tensor x = call.tensor(0);
  for (int axis = x.rank() - 1; axis >= 2; --axis) x = kOp(x, axis, true);
  return {Value(x)};
}

// clang-format off: a line an operator
constexpr Operator kOperatorsOfLayers[] = {
    {"AveragePool", pooling<false>},
    {"BatchNormalization", batch_normalization},
    {"Conv", convolution},
    {"GRU", run_recurrent},
    {"Gemm", gemm},
    {"GlobalAveragePool", pooling_of_all<mean>},
    {"GlobalMaxPool", pooling_of_all<max>},
    {"LSTM", run_recurrent},
    {"LayerNormalization", layer_normalization},
    {"MatMul", product},
    {"MaxPool", pooling<true>},
    {"RNN", run_recurrent},
    {"Scan", run_scan_operator},
};
// clang-format on

}  // namespace

std::span<const Operator> layer_operators() { return kOperatorsOfLayers; }

}  // namespace recur::onnx::reading
