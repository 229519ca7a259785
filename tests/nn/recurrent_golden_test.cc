// Recurrent networks against PyTorch: outputs, final states and every gradient.
#include <gtest/gtest.h>

#include <filesystem>

#include "recur/autograd/grad.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

std::vector<std::string> recurrent_goldens() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(RECUR_TEST_DATA) / "golden")) {
    const std::string name = entry.path().stem().string();
    if (name.starts_with("rnn_") && entry.path().extension() == ".safetensors") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Recurrent network_of(const Golden& golden) {
  const std::string cell = golden.text("cell");
  Recurrent network({.cell = cell == "rnn_tanh" ? "rnn" : cell,
                     .input = golden.integer("F"),
                     .hidden = golden.integer("H"),
                     .layers = static_cast<int>(golden.integer("layers")),
                     .bidirectional = golden.integer("bidirectional") == 1,
                     .projection = golden.integer("proj")});
  if (golden.text("dtype") == "f64") network.to(DType::kF64);
  NamedTensors values;
  for (const auto& [name, value] : network.named_parameters()) values.push_back({name, golden["param." + name]});
  network.load_state(values);
  return network;
}

// PyTorch's [L D, B, H] for part k of every layer's state.
Tensor stacked(const RecurrentState& state, size_t k) {
  Tensors parts;
  for (const Tensors& layer : state.layers) parts.push_back(layer[k]);
  return stack(parts, 0);
}

class RecurrentGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(RecurrentGolden, OutputsStatesAndAllGradientsAreThoseOfPyTorch) {
  const Golden golden(GetParam());
  const Recurrent network = network_of(golden);
  const bool given = golden.integer("states") == 1, has_c = golden.text("cell") == "lstm";
  Tensor x = golden["input.x"].set_requires_grad(), h0, c0;
  RunOptions run{.lengths = golden.integers("lengths")};
  if (given) {
    h0 = golden["input.h0"].set_requires_grad();
    if (has_c) c0 = golden["input.c0"].set_requires_grad();
    for (int64_t l = 0; l < h0.size(0); ++l)
      run.state.layers.push_back(has_c ? Tensors{row(h0, l), row(c0, l)} : Tensors{row(h0, l)});
  }
  const RecurrentOutput out = network(x, run);
  Tensors outputs{out.y, stacked(out.state, 0)}, weights{golden["weight.y"], golden["weight.h"]};
  if (has_c) outputs.push_back(stacked(out.state, 1));
  if (has_c) weights.push_back(golden["weight.c"]);

  NamedTensors leaves = network.named_parameters();
  leaves.push_back({"x", x});
  if (given) leaves.push_back({"h0", h0});
  if (given && has_c) leaves.push_back({"c0", c0});
  Tensors at;
  for (const auto& leaf : leaves) at.push_back(leaf.value);
  const Tensors gradients = grad(outputs, at, {.grad_outputs = weights});

  const double tolerance = golden.text("dtype") == "f64" ? 1e-10 : 1e-5;
  const char* const names[] = {"output.y", "output.hT", "output.cT"};
  for (size_t i = 0; i < outputs.size(); ++i)
    EXPECT_LT(relative_error(outputs[i], golden[names[i]]), tolerance) << names[i];
  for (size_t i = 0; i < leaves.size(); ++i)
    EXPECT_LT(relative_error(gradients[i], golden["grad." + leaves[i].name]), tolerance) << leaves[i].name;
}

INSTANTIATE_TEST_SUITE_P(Cases, RecurrentGolden, ::testing::ValuesIn(recurrent_goldens()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace recur::testing
