#include "recur/autograd/checkpoint.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

Tensors layer(const Tensors& in) { return {tanh(matmul(in[0], in[1])), in[0] * 2}; }

const Register checkpointed({
    {.name = "checkpoint",
     .f = [](const Tensors& in) { return checkpoint(layer, in); },
     .inputs = {normal({3, 4}), normal({4, 5}, 2)}},
    {.name = "checkpoint_of_inputs_that_depend_on_each_other",
     .f =
         [](const Tensors& in) {
           return checkpoint(layer, {in[0], matmul(in[0], in[0], {.trans_a = true})});
         },
     .inputs = {normal({3, 4})}},
});

TEST(Checkpoint, GivesTheBitsOfTheFunctionItself) {
  const Tensor x = normal({3, 4}, 1, DType::kF32), w = normal({4, 5}, 2, DType::kF32);
  const auto run = [&](bool kept) {
    Tensors leaves{x.clone().set_requires_grad(), w.clone().set_requires_grad()};
    const Tensors out = kept ? layer(leaves) : checkpoint(layer, leaves);
    (sum(out[0]) + sum(out[1])).backward();
    return Tensors{out[0], leaves[0].grad(), leaves[1].grad()};
  };
  const Tensors kept = run(true), again = run(false);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(relative_error(again[i], kept[i]), 0);
}

TEST(Checkpoint, RunsTheFunctionOnceForwardAndOnceBackward) {
  int runs = 0;
  const TensorFunction counted = [&](const Tensors& in) {
    ++runs;
    return layer(in);
  };
  const Tensor x = normal({3, 4}).set_requires_grad();
  const Tensors out = checkpoint(counted, {x, normal({4, 5})});
  EXPECT_EQ(runs, 1);
  sum(out[0]).backward();
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace recur::testing
