#include "recur/nn/attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/gradient_check.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::Golden;
using testing::normal;
using testing::relative_error;

const std::vector<int64_t> kLengths{4, 1, 0, 3};

class AttentionKinds : public ::testing::TestWithParam<std::string> {
 protected:
  Attention make() const {
    Random random(2);
    Attention attention({.kind = GetParam(), .query = 6, .memory = 6, .units = 5, .heads = 3}, random);
    attention.to(DType::kF64);
    return attention;
  }
  const Tensor encoded_ = normal({4, 4, 6}, 3), query_ = normal({2, 4, 6}, 4);  // [S, B, E], [Q, B, D]
};

TEST_P(AttentionKinds, GradientsAreExact) {
  const Attention attention = make();
  const auto f = [&](const Tensors& in) {
    const Tensors parameters(in.begin() + 2, in.end());
    return with_parameters(attention, parameters, [&] {
      const Attention::Output out = attention(in[0], attention.read(in[1], kLengths));
      return Tensors{out.context, out.weights};
    });
  };
  Tensors inputs{query_, encoded_};
  for (const Tensor& parameter : attention.parameters()) inputs.push_back(parameter.clone());
  EXPECT_LT(gradient_error(f, inputs), 1e-6);
  EXPECT_LT(second_gradient_error(f, inputs), 1e-5);
}

TEST_P(AttentionKinds, DoesNotDependOnPaddingOrOnOtherSequences) {
  const Attention attention = make();
  const Attention::Output all = attention(query_, attention.read(encoded_, kLengths));
  Tensors steps;
  for (int64_t t = 0; t < 3; ++t) steps.push_back(rows(row(encoded_, t), 3, 4));
  const Attention::Output alone = attention(slice(query_, {1, 3}, 1), attention.read(stack(steps)));
  EXPECT_LT(relative_error(slice(all.context, {1, 3}, 1), alone.context), 1e-12);
}

TEST_P(AttentionKinds, WeightsAddUpToOneWithoutThePadding) {
  const Attention attention = make();
  const Tensor weights = attention(query_, attention.read(encoded_, kLengths)).weights;
  ASSERT_EQ(weights.shape(), (Shape{2, 4, 4}));
  for (int64_t b = 0; b < 4; ++b) {
    for (int64_t q = 0; q < 2; ++q) {
      double sum = 0;
      for (int64_t s = 0; s < 4; ++s) {
        const double weight = weights.data<double>()[(q * 4 + b) * 4 + s];
        if (s >= kLengths[b]) {
          EXPECT_EQ(weight, 0);
        }
        sum += weight;
      }
      EXPECT_NEAR(sum, kLengths[b] == 0 ? 0 : 1, 1e-12);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, AttentionKinds, ::testing::ValuesIn(attention_kinds()),
                         [](const auto& info) { return info.param; });

TEST(Attention, ScoresByHand) {
  Random random(1);
  const auto of = [&](const std::string& kind) {
    return Attention({.kind = kind, .query = 2, .memory = 2, .units = 1}, random);
  };
  const Tensor encoded = Tensor::from({1, 0, 2, 1}, {2, 1, 2}), query = Tensor::from({0.5f, 1}, {1, 1, 2});
  const auto second_weight = [&](const Attention& attention) {
    return attention(query, attention.read(encoded)).weights.values<float>()[1];
  };
  const auto two_of = [](double a, double b) { return std::exp(b) / (std::exp(a) + std::exp(b)); };
  EXPECT_NEAR(second_weight(of("dot")), two_of(0.5, 2), 1e-6);
  Attention general = of("general");
  general.parameters()[0].copy_from(Tensor::from({0, 1, 1, 0}, {2, 2}));  // exchanges the features
  EXPECT_NEAR(second_weight(general), two_of(1, 0.5 + 2), 1e-6);
  Attention additive = of("additive");
  Tensors p = additive.parameters();  // query weight and bias, key weight, score
  p[0].copy_from(Tensor::from({1, 1}, {1, 2}));
  p[1].copy_from(Tensor::from({-1}, {1}));
  p[2].copy_from(Tensor::from({0.5f, -0.5f}, {1, 2}));
  p[3].copy_from(Tensor::from({2}, {1, 1}));
  EXPECT_NEAR(second_weight(additive), two_of(2 * std::tanh(0.5 + 0.5), 2 * std::tanh(0.5 + 0.5)), 1e-6);
}

TEST(Attention, MultiHeadIsThatOfPytorch) {
  for (const char* name : {"attention_multi_head", "attention_multi_head_full"}) {
    const Golden golden(name);
    Tensor query = golden["input.query"], memory = golden["input.memory"];
    Attention attention(
        {.kind = "multi_head", .query = query.size(2), .memory = memory.size(2), .heads = golden.integer("heads")});
    attention.to(DType::kF64);
    for (const auto& [key, value] : attention.named_parameters()) Tensor(value).copy_from(golden["param." + key]);
    query.set_requires_grad();
    memory.set_requires_grad();
    // Its batch comes first.
    const Attention::Output out = attention(transpose(query, 0, 1), attention.read(memory, golden.integers("lengths")));
    const Tensor context = transpose(out.context, 0, 1);
    EXPECT_LT(relative_error(context, golden["output.context"]), 1e-12) << name;
    EXPECT_LT(relative_error(transpose(out.weights, 0, 1), golden["output.weights"]), 1e-12) << name;
    sum(context * golden["weight.context"]).backward();
    EXPECT_LT(relative_error(query.grad(), golden["grad.query"]), 1e-12) << name;
    EXPECT_LT(relative_error(memory.grad(), golden["grad.memory"]), 1e-12) << name;
    for (const auto& [key, value] : attention.named_parameters()) {
      EXPECT_LT(relative_error(value.grad(), golden["grad." + key]), 1e-12) << name << " " << key;
    }
  }
}

TEST(Attention, ArgumentsAreChecked) {
  EXPECT_ERROR(Attention({.kind = "loud", .query = 2, .memory = 2}), "expected one of additive, dot");
  EXPECT_ERROR(Attention({.kind = "dot", .query = 2, .memory = 3}), "as many features");
  EXPECT_ERROR(Attention({.kind = "multi_head", .query = 6, .memory = 3, .heads = 4}), "divisor of 6");
  const Attention attention({.kind = "general", .query = 2, .memory = 3});
  EXPECT_ERROR(attention.read(Tensor::zeros({2, 1, 4})), "expected [S, B, 3]");
  EXPECT_ERROR(attention.read(Tensor::zeros({2, 1, 3}), {3}), "expected 0 .. 2");
  const AttentionMemory memory = attention.read(Tensor::zeros({2, 1, 3}));
  EXPECT_ERROR(attention(Tensor::zeros({1, 2, 2}), memory), "expected [Q, 1, 2]");
}

}  // namespace
}  // namespace recur
