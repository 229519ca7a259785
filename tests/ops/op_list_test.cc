#include "recur/ops/op_list.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur::testing {
namespace {

class Traced : public ::testing::TestWithParam<OpCase> {};

// The inputs of a case with other numbers in them, as near as its function may need them.
Tensors moved(const Tensors& inputs) {
  Tensors result;
  for (const Tensor& input : inputs) {
    result.push_back(input.defined() ? input.clone() : input);
    if (!input.defined() || input.dtype() != DType::kF64) continue;
    double* to = result.back().data<double>();
    for (int64_t i = 0; i < input.numel(); ++i) to[i] *= 1 + 0.01 * static_cast<double>(i % 7);
  }
  return result;
}

TEST_P(Traced, RunsAgainToTheSameBitsAndOnOtherNumbers) {
  if (!GetParam().traced) return;
  const Tensors direct = GetParam().f(GetParam().inputs);
  const Graph graph = traced(GetParam().f, GetParam().inputs);
  EXPECT_TRUE(same_bits(run_graph(graph, defined_only(GetParam().inputs)), direct)) << graph.str();
  const Tensors others = moved(GetParam().inputs);
  EXPECT_TRUE(same_bits(run_graph(graph, defined_only(others)), GetParam().f(others))) << graph.str();
}

TEST_P(Traced, RunsOpenedToTheSameBits) {
  if (!GetParam().traced) return;
  const Graph graph = traced(GetParam().f, GetParam().inputs, OpTable().opens_all_but({}));
  for (const GraphNode& node : graph.nodes) EXPECT_EQ(OpTable().at(node.op).kind, OpKind::kPrimitive) << graph.str();
  const Tensors others = moved(GetParam().inputs);
  const Tensors direct = GetParam().f(others), opened = run_graph(graph, defined_only(others));
  ASSERT_EQ(direct.size(), opened.size());
  for (size_t k = 0; k < direct.size(); ++k) EXPECT_LT(relative_error(opened[k], direct[k]), 1e-12) << graph.str();
}

TEST_P(Traced, SinglePrecisionAndBf16RunAgainToTheSameBits) {
  if (!GetParam().traced) return;
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    Tensors inputs;
    for (const Tensor& input : GetParam().inputs)
      inputs.push_back(input.defined() && input.dtype() == DType::kF64 ? input.clone(dtype) : input);
    Tensors direct;
    try {
      direct = GetParam().f(inputs);
    } catch (const Error&) {
      continue;  // an op without bf16
    }
    const Graph graph = traced(GetParam().f, inputs);
    EXPECT_TRUE(same_bits(run_graph(graph, defined_only(inputs)), direct)) << name_of(dtype) << "\n" << graph.str();
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Traced, ::testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param.name; });

// Which ops the cases go over, opened or not.
std::set<std::string> ops_in_cases() {
  std::set<std::string> names;
  for (const OpCase& one : all_cases()) {
    if (!one.traced) continue;
    for (const GraphNode& node : traced(one.f, one.inputs).nodes) names.insert(node.op);
  }
  return names;
}

TEST(OpList, EveryOpOfTheListHasACase) {
  const std::set<std::string> names = ops_in_cases();
  for (const Op& op : op_list()) EXPECT_TRUE(names.contains(op.name)) << op.name;
}

TEST(OpList, EveryOpOfTheCasesIsOnTheList) {
  for (const std::string& name : ops_in_cases()) EXPECT_NE(OpTable().find(name), nullptr) << name;
}

TEST(OpList, NamesAreUnique) {
  std::set<std::string> names;
  for (const Op& op : op_list()) EXPECT_TRUE(names.insert(op.name).second) << op.name;
}

TEST(OpList, AnUnknownOpIsNamedWithTheNearest) {
  EXPECT_ERROR(OpTable().at("sotfmax"), "unknown op 'sotfmax'; did you mean 'softmax'?");
}

TEST(OpList, TheFirstListThatHasANameCounts) {
  static const Op mine[] = {{"relu", OpKind::kPrimitive, [](const OpCall& in) { return in[0]; }}};
  const OpTable table{std::span<const Op>(mine), op_list()};
  EXPECT_EQ(table.find("relu"), &mine[0]);
  EXPECT_EQ(table.find("tanh"), OpTable().find("tanh"));
}

}  // namespace
}  // namespace recur::testing
