#include "recur/exchange/torch/state_dict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur::torch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

NamedTensors tensors(const std::vector<std::pair<std::string, Shape>>& shapes) {
  NamedTensors out;
  for (const auto& [name, shape] : shapes) out.push_back({name, Tensor::ones(shape)});
  return out;
}
std::vector<std::string> words(const std::vector<FoundLayer>& layers) {
  std::vector<std::string> out;
  for (const FoundLayer& each : layers) {
    out.push_back(each.name + ": " + (each.unknown.empty() ? text_of(each.layer) : "unknown"));
  }
  return out;
}

TEST(StateDict, KnowsModulesByTheirTensors) {
  const auto found = layers_of("f", tensors({{"a.b.weight_ih_l0", {12, 5}},
                                             {"a.b.weight_hh_l0", {12, 3}},
                                             {"a.b.weight_ih_l1", {12, 3}},
                                             {"a.b.weight_hh_l1", {12, 3}},
                                             {"cell.weight_ih", {6, 4}},
                                             {"cell.weight_hh", {6, 2}},
                                             {"cell.bias_ih", {6}},
                                             {"cell.bias_hh", {6}},
                                             {"embedding.weight", {7, 4}},
                                             {"out.weight", {7, 4}},
                                             {"norm.weight", {4}},
                                             {"norm.bias", {4}},
                                             {"conv.weight", {4, 2, 3}},
                                             {"attention.in_proj_weight", {12, 4}}}));
  EXPECT_THAT(words(found), ElementsAre("a.b: lstm 3 layers=2 no_bias", "cell: gru 2",
                                        "embedding: embedding 4 vocabulary=7", "out: dense 7 no_bias",
                                        "norm: layer_norm", "conv: conv 4 kernel=3 no_bias", "attention: unknown"));
  EXPECT_TRUE(found[3].may_be_embedding);
  EXPECT_THAT(found[5].open, HasSubstr("conv:before=1:after=1:stride=1"));
  EXPECT_THAT(found[6].unknown, HasSubstr("f: attention: no known module has these tensors: in_proj_weight"));
  EXPECT_EQ(found[1].tensors[0].name, "weight_ih_l0");
}

TEST(StateDict, SaysWhichShapeIsWrong) {
  const auto unknown = [](const std::vector<std::pair<std::string, Shape>>& shapes) {
    return layers_of("f", tensors(shapes)).front().unknown;
  };
  EXPECT_THAT(unknown({{"a.weight_ih_l0", {12, 5}}}), HasSubstr("f: a: weight_hh_l0 is missing"));
  EXPECT_THAT(unknown({{"a.weight_ih_l0", {12, 5}}, {"a.weight_hh_l0", {12, 5}}}),
              HasSubstr("1, 3 or 4 times as many"));
  EXPECT_THAT(unknown({{"a.weight_ih_l0", {12}}, {"a.weight_hh_l0", {12, 3}}}), HasSubstr("expected 2 axes"));
}

}  // namespace
}  // namespace recur::torch
