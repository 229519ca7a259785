// Ops against the golden numbers of PyTorch: outputs and the gradients of sum(y * weight) for every input, in f64, and
// in f32 with a looser bound.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/ops/activations.h"
#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/conv.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/embedding.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/pool.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

// An argument for height and width, as in "(2, 1)" or "3".
std::array<int64_t, 2> pair(const Golden& golden, const std::string& key, int64_t otherwise) {
  if (!golden.says(key)) return {otherwise, otherwise};
  const std::string text = golden.text(key);
  if (text[0] != '(') return {golden.integer(key), golden.integer(key)};
  return {std::stoll(text.substr(1)), std::stoll(text.substr(text.find(',') + 1))};
}
int64_t integer(const Golden& golden, const std::string& key, int64_t otherwise) {
  return pair(golden, key, otherwise)[0];
}
Tensor indices(const Golden& golden, const std::string& name) { return golden[name].clone(DType::kI32); }

// Computes y from x, weight and bias (whichever the op has).
using Call = std::function<Tensor(const Golden&, const Tensor& x, const Tensor& weight, const Tensor& bias)>;

Tensor leaf(const Golden& golden, const std::string& name, DType dtype) {
  for (const char* kind : {"input.", "param."})
    if (golden.has(kind + name)) return golden[kind + name].clone(dtype).set_requires_grad();
  return {};
}

void expect_golden(const std::string& name, DType dtype, double tolerance, const Call& call) {
  const Golden golden("ops_" + name);
  const std::array<std::string, 3> names{"x", "weight", "bias"};
  Tensors leaves;
  for (const auto& each : names) leaves.push_back(leaf(golden, each, dtype));
  const Tensor y = call(golden, leaves[0], leaves[1], leaves[2]);
  EXPECT_LT(relative_error(y, golden["output.y"]), tolerance) << name << " " << name_of(dtype);
  const Tensor loss = golden.has("weight.y") ? sum(y * golden["weight.y"].clone(dtype)) : y;
  for (size_t k = 0; k < leaves.size(); ++k)
    if (leaves[k].defined()) {
      const Tensor g = grad(loss, leaves[k], {.retain_graph = true});
      EXPECT_LT(relative_error(g, golden["grad." + names[k]]), tolerance) << name << " grad." << names[k];
    }
}

void expect_golden(const std::string& name, const Call& call) {
  expect_golden(name, DType::kF64, 1e-13, call);
  expect_golden(name, DType::kF32, 1e-5, call);
}

TEST(Golden, CrossEntropy) {
  for (const char* reduction : {"mean", "sum", "none", "smooth"})
    expect_golden(std::string("cross_entropy_") + reduction,
                  [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
                    CrossEntropyOptions options;
                    const std::string reduction = golden.text("reduction");
                    if (reduction == "sum") options.reduction = Reduction::kSum;
                    if (reduction == "none") options.reduction = Reduction::kNone;
                    if (golden.says("label_smoothing")) options.smoothing = 0.1;
                    return cross_entropy(x, indices(golden, "input.target"), options);
                  });
}

TEST(Golden, LayerNorm) {
  expect_golden("layer_norm", [](const Golden&, const Tensor& x, const Tensor& weight, const Tensor& bias) {
    return layer_norm(x, weight, bias, 1e-5);
  });
}

TEST(Golden, BatchNormInTraining) {
  for (const char* shape : {"1d", "1d_series", "2d"})
    expect_golden(std::string("batch_norm_") + shape + "_train",
                  [](const Golden& golden, const Tensor& x, const Tensor& weight, const Tensor& bias) {
                    const BatchNormResult result = batch_norm_training(x, weight, bias, 1e-5);
                    const Tensor old = golden["input.running_var"].clone(x.dtype());
                    EXPECT_LT(relative_error(old * 0.9 + result.variance * 0.1, golden["output.running_var"]), 1e-5);
                    return result.y;
                  });
}

TEST(Golden, BatchNormInUse) {
  for (const char* shape : {"1d", "1d_series", "2d"})
    expect_golden(std::string("batch_norm_") + shape + "_eval",
                  [](const Golden& golden, const Tensor& x, const Tensor& weight, const Tensor& bias) {
                    return batch_norm_inference(x,
                                                {.mean = golden["input.running_mean"].clone(x.dtype()),
                                                 .variance = golden["input.running_var"].clone(x.dtype())},
                                                weight, bias, 1e-5);
                  });
}

TEST(Golden, Conv1d) {
  for (const char* name : {"plain", "stride_pad", "dilation", "groups", "depthwise"})
    expect_golden(std::string("conv1d_") + name,
                  [](const Golden& golden, const Tensor& x, const Tensor& weight, const Tensor& bias) {
                    return conv1d(x, weight, bias,
                                  {.stride = integer(golden, "stride", 1),
                                   .padding = integer(golden, "padding", 0),
                                   .dilation = integer(golden, "dilation", 1),
                                   .groups = integer(golden, "groups", 1)});
                  });
}

TEST(Golden, Conv2d) {
  for (const char* name : {"plain", "stride_pad", "dilation", "groups"})
    expect_golden(std::string("conv2d_") + name,
                  [](const Golden& golden, const Tensor& x, const Tensor& weight, const Tensor& bias) {
                    return conv2d(x, weight, bias,
                                  {.stride = pair(golden, "stride", 1),
                                   .padding = pair(golden, "padding", 0),
                                   .dilation = pair(golden, "dilation", 1),
                                   .groups = integer(golden, "groups", 1)});
                  });
}

Pool2dOptions pool_options(const Golden& golden) {
  return {.kernel = pair(golden, "kernel_size", 1),
          .stride = pair(golden, "stride", 0),
          .padding = pair(golden, "padding", 0),
          .dilation = pair(golden, "dilation", 1),
          .count_padding = !golden.says("count_include_pad")};
}

Pool1dOptions series_options(const Golden& golden) {
  const Pool2dOptions o = pool_options(golden);
  return {.kernel = o.kernel[0],
          .stride = o.stride[0],
          .padding = o.padding[0],
          .dilation = o.dilation[0],
          .count_padding = o.count_padding};
}

TEST(Golden, Pooling) {
  for (const char* name : {"max_pool2d", "max_pool2d_dilation"})
    expect_golden(name, [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
      return max_pool2d(x, pool_options(golden));
    });
  for (const char* name : {"avg_pool2d", "avg_pool2d_exclude_pad"})
    expect_golden(name, [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
      return avg_pool2d(x, pool_options(golden));
    });
  expect_golden("max_pool1d", [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
    return max_pool1d(x, series_options(golden));
  });
  for (const char* name : {"avg_pool1d", "avg_pool1d_exclude_pad"})
    expect_golden(name, [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
      return avg_pool1d(x, series_options(golden));
    });
}

TEST(Golden, Softmax) {
  for (const char* axis : {"last", "middle"}) {
    expect_golden(std::string("softmax_") + axis,
                  [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
                    return softmax(x, static_cast<int>(integer(golden, "dim", -1)));
                  });
    expect_golden(std::string("log_softmax_") + axis,
                  [](const Golden& golden, const Tensor& x, const Tensor&, const Tensor&) {
                    return log_softmax(x, static_cast<int>(integer(golden, "dim", -1)));
                  });
  }
}

TEST(Golden, Embedding) {
  expect_golden("embedding", [](const Golden& golden, const Tensor&, const Tensor& weight, const Tensor&) {
    return embedding(weight, indices(golden, "input.index"));
  });
}

TEST(Golden, Gelu) {
  expect_golden("gelu_none", [](const Golden&, const Tensor& x, const Tensor&, const Tensor&) { return gelu(x); });
  expect_golden("gelu_tanh", [](const Golden&, const Tensor& x, const Tensor&, const Tensor&) { return gelu_tanh(x); });
}

}  // namespace
}  // namespace recur::testing
