// Symbols as input against the same network over their vectors.
#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/binary.h"
#include "recur/ops/embedding.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

constexpr int64_t kSteps = 6, kBatch = 5, kFeatures = 4;

Tensor ids(int64_t vocabulary) {
  Tensor result = Tensor::empty({kSteps, kBatch}, DType::kI32);
  for (int64_t k = 0; k < result.numel(); ++k) result.data<int32_t>()[k] = static_cast<int32_t>(k * k % vocabulary);
  return result;
}

struct Setting {
  Recurrent network;
  Tensor table;
  RunOptions run;

  explicit Setting(RecurrentOptions options, int64_t vocabulary = 7)
      : network([&] {
          Random random(3);
          options.input = kFeatures;
          options.hidden = 6;
          return Recurrent(options, random);
        }()) {
    table = normal({vocabulary, kFeatures}, 2, DType::kF32).set_requires_grad();
  }

  Tensors leaves() const {
    Tensors all = network.parameters();
    all.push_back(table);
    return all;
  }
};

Tensor weighted_sum(const Tensor& y) { return sum(y * normal(y.shape(), 9, DType::kF32)); }

// The output and all gradients of a call.
Tensors outcome(const Setting& s, const RecurrentOutput& out) {
  Tensors all = grad({weighted_sum(out.y)}, s.leaves());
  all.push_back(out.y);
  for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
  return all;
}

void expect_same(const Setting& s, double tolerance = 2e-5) {
  const Tensor symbols = ids(s.table.size(0));
  const Tensors got = outcome(s, s.network(Symbols{symbols, s.table}, s.run));
  const Tensors expected = outcome(s, s.network(embedding(s.table, symbols), s.run));
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_LE(relative_error(got[i], expected[i]), tolerance) << i;
}

TEST(RecurrentSymbols, EqualTheirVectorsForEveryCell) {
  for (const Cell* cell : cells()) {
    SCOPED_TRACE(cell->name);
    expect_same(Setting({.cell = cell->name, .layers = 2}));
  }
}

TEST(RecurrentSymbols, EqualTheirVectorsUnderEveryOption) {
  expect_same(Setting({.bias = false}));
  expect_same(Setting({.layers = 2, .bidirectional = true}));
  expect_same(Setting({.projection = 3}));
  expect_same(Setting({.layer_norm = true}));
  expect_same(Setting({.recompute = 2}));
}

TEST(RecurrentSymbols, EqualTheirVectorsInRaggedBatches) {
  Setting s({.layers = 2, .bidirectional = true});
  s.run.lengths = {2, 6, 0, 3, 4};  // 15 rows, still over the table
  expect_same(s);
}

TEST(RecurrentSymbols, OfALargeTableAreTheirVectorsToTheBit) { expect_same(Setting({.layers = 2}, 20), 0); }

TEST(RecurrentSymbols, HaveSecondDerivatives) {
  const Setting s({});
  const auto second = [&](const RecurrentOutput& out) {
    const Tensor first = grad(weighted_sum(out.y), s.table, {.create_graph = true});
    return grad(weighted_sum(first), s.table);
  };
  const Tensor symbols = ids(7);
  const Tensor expected = second(s.network(embedding(s.table, symbols)));
  EXPECT_LT(relative_error(second(s.network(Symbols{symbols, s.table})), expected), 1e-4);
}

TEST(RecurrentSymbols, RefuseWhatDoesNotFit) {
  const Setting s({});
  EXPECT_ERROR(s.network(Symbols{Tensor::zeros({30}, DType::kI32), s.table}),
               "recurrent: symbols: expected ids [T, B]");
  EXPECT_ERROR(s.network(Symbols{ids(7), Tensor::zeros({7, 5})}), "recurrent: x: expected [T, B, 4], got [6, 5, 5]");
  EXPECT_ERROR(s.network(Symbols{ids(7), s.table.clone(DType::kF64)}), "recurrent: x: expected f32");
  EXPECT_ERROR(s.network(Symbols{Tensor::full({6, 5}, 7, DType::kI32), s.table}), "is not within 0 .. 6");
}

}  // namespace
}  // namespace recur::testing
