// The layer of a node Conv.
#include <fmt/format.h>

#include <algorithm>

#include "recur/exchange/onnx/chain_layers.h"

namespace recur::onnx::chain {
namespace {

int64_t one_number(const ChainNode& node, const char* attribute, int64_t usual) {
  const std::vector<int64_t> list = node.integers(attribute, {usual});
  constexpr int64_t kMost = 1 << 24;
  if (list.size() != 1 || list[0] < 1 || list[0] > kMost)
    node.fail_node(fmt::format("{}: expected one number in [1, {}]", attribute, kMost));
  return list[0];
}

void set_padding(const ChainNode& node, StackLayer& conv, int64_t before, int64_t after) {
  const int64_t reach = (conv.kernel - 1) * conv.dilation;
  const std::string automatic = node.text("auto_pad", "NOTSET");
  std::vector<int64_t> pads = node.integers("pads", {0, 0});
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    if (conv.stride != 1) node.fail_node("auto_pad with a stride is not read");
    const int64_t less = reach / 2;
    pads = automatic == "SAME_UPPER" ? std::vector{less, reach - less} : std::vector{reach - less, less};
  } else if (automatic == "VALID") {
    pads = {0, 0};
  } else if (automatic != "NOTSET") {
    node.fail_node(fmt::format("auto_pad: {} is not known", automatic));
  }
  constexpr int64_t kMost = 1 << 24;
  if (pads.size() != 2 || std::ranges::any_of(pads, [](int64_t pad) { return pad < 0 || pad > kMost; }))
    node.fail_node(fmt::format("pads: expected two numbers in [0, {}]", kMost));
  conv.before = pads[0] + before;
  conv.after = pads[1] + after;
}

Tensor whole_kernel(Chain& chain, const ChainNode& node) {
  Tensor weight = node.constant(1);
  if (weight.rank() != 3 || weight.numel() == 0)
    node.fail_node(fmt::format("W: expected [O, C, K] of a convolution along time, got {}", weight.shape().str()));
  const int64_t groups = node.integer("group", 1), out = weight.size(0), each = weight.size(1), kernel = weight.size(2);
  if (groups == 1) return weight;
  constexpr int64_t kMost = int64_t{1} << 27;
  int64_t elements = 0;
  if (groups < 1 || out % groups != 0 || __builtin_mul_overflow(weight.numel(), groups, &elements) || elements > kMost)
    node.fail_node(fmt::format("{} groups of W {} are not read", groups, weight.shape().str()));
  chain.spend(node, elements);
  Tensor all = Tensor::zeros({out, each * groups, kernel});
  for (int64_t o = 0; o < out; ++o) {
    const int64_t first = o / (out / groups) * each;
    std::copy_n(weight.data<float>() + o * each * kernel, each * kernel,
                all.data<float>() + (o * each * groups + first) * kernel);
  }
  return all;
}

}  // namespace

FoundLayer convolution_of(Chain& chain, const ChainNode& node, int64_t before, int64_t after) {
  const Tensor weight = whole_kernel(chain, node), bias = node.constant_or_none(2);
  StackLayer conv{.kind = "conv", .size = weight.size(0), .kernel = weight.size(2)};
  conv.stride = one_number(node, "strides", 1);
  conv.dilation = one_number(node, "dilations", 1);
  conv.bias = bias.defined();
  if (conv.kernel > 1 << 24 || one_number(node, "kernel_shape", conv.kernel) != conv.kernel)
    node.fail_node("kernel_shape: expected that of W");
  set_padding(node, conv, before, after);
  FoundLayer found{.name = node.place(), .layer = conv, .input = weight.size(1), .tensors = {{"weight", weight}}};
  if (bias.defined()) found.tensors.push_back({"bias", bias});
  return found;
}

}  // namespace recur::onnx::chain
