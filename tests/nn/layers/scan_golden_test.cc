// Layers without a PyTorch layer against their papers' formulas, written step by step in PyTorch.
#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

void expect_golden(const std::string& name, const std::string& kind, const std::string& block, int64_t block_conv = 0) {
  SCOPED_TRACE(name);
  const Golden golden("scan_" + name);
  Random random(1);
  Recurrent network({.cell = kind,
                     .input = golden["input.x"].size(2),
                     .hidden = golden.integer("hidden"),
                     .block = block,
                     .block_conv = block_conv,
                     .memory_heads = golden.integer("heads")},
                    random);
  network.to(DType::kF64);
  constexpr std::string_view kSuffix = "_l0";
  const auto own_name = [&](const std::string& name) { return name.substr(0, name.size() - kSuffix.size()); };
  NamedTensors state;
  for (const NamedTensor& each : network.named_parameters())
    state.push_back({each.name, golden["param." + own_name(each.name)]});
  network.load_state(state);

  Tensor x = golden["input.x"];
  x.set_requires_grad(true);
  const Tensor y = network(x, {.lengths = golden.integers("lengths")}).y;
  EXPECT_LT(relative_error(y, golden["output.y"]), 1e-10);
  Tensors inputs{x};
  for (const Tensor& parameter : network.parameters()) inputs.push_back(parameter);
  const Tensors gradients = grad(Tensors{sum(y * golden["weight.y"])}, inputs);
  EXPECT_LT(relative_error(gradients[0], golden["grad.x"]), 1e-9);
  const NamedTensors named = network.named_parameters();
  for (size_t k = 0; k < named.size(); ++k)
    EXPECT_LT(relative_error(gradients[k + 1], golden["grad." + own_name(named[k].name)]), 1e-8) << named[k].name;
}

TEST(ScanGolden, AreTheFormulasOfTheirPapers) {
  for (const char* kind : {"mingru", "minlstm", "qrnn", "indrnn", "sru", "lru", "rg_lru", "griffin", "slstm", "mlstm",
                           "delta", "delta_negative"})
    expect_golden(kind, kind, "none");
}

TEST(ScanGolden, SoAreBlocks) {
  expect_golden("block_mingru", "mingru", "feed_forward");
  expect_golden("xlstm_slstm", "slstm", "xlstm");
  expect_golden("xlstm_up_mlstm", "mlstm", "xlstm_up", 4);
}

}  // namespace
}  // namespace recur::testing
