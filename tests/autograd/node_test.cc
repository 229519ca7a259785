#include "recur/autograd/node.h"

#include <thread>

#include "recur/autograd/grad.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/sum.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

Tensor leaf(double value) { return Tensor::scalar(value, DType::kF64).set_requires_grad(); }

TEST(Tape, RecordsOnlyWhatDependsOnAGradient) {
  const Tensor x = leaf(2), constant = Tensor::scalar(3, DType::kF64);
  EXPECT_TRUE((x * constant).requires_grad());
  EXPECT_FALSE((constant * constant).requires_grad());
  EXPECT_FALSE((x.detach() * constant).requires_grad());
}

TEST(Tape, IsSwitchedOffForAScope) {
  const Tensor x = leaf(2);
  {
    const autograd::NoGrad no_grad;
    EXPECT_FALSE(autograd::recording());
    EXPECT_FALSE((x * x).requires_grad());
    {
      const autograd::RecordScope on(true);
      EXPECT_TRUE((x * x).requires_grad());
    }
    EXPECT_FALSE((x * x).requires_grad());
  }
  EXPECT_TRUE((x * x).requires_grad());
}

TEST(Tape, IsSwitchedOffForOneThreadAlone) {
  const autograd::NoGrad no_grad;
  bool elsewhere = false;
  std::thread([&] { elsewhere = autograd::recording(); }).join();
  EXPECT_TRUE(elsewhere);
}

TEST(Tape, ResultsAreNoLeaves) {
  Tensor y = leaf(2) * 3;
  EXPECT_ERROR(y.set_requires_grad(), "set_requires_grad: expected a leaf");
}

// Releasing a node must not recurse once a node: this chain is deeper than any stack.
TEST(Tape, DestroysAChainOf200000NodesWithoutRecursion) {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int k = 0; k < 200'000; ++k) y = -y;
  EXPECT_TRUE(y.requires_grad());
  y = Tensor();
}

TEST(Tape, DestroysChainsThatTensorsInClosuresHold) {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int k = 0; k < 50'000; ++k) y = square(y);  // each vjp holds its input
  y = Tensor();
  SUCCEED();
}

TEST(Tape, GoesThroughADeepChainAndFreesIt) {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int k = 0; k < 50'000; ++k) y = y + y;
  EXPECT_EQ(grad(y, x).item(), INFINITY);
}

TEST(Tape, DestroysADeepGraphOfGradients) {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int k = 0; k < 10'000; ++k) y = sin(y);
  Tensor slope = grad(y, x, {.create_graph = true});
  EXPECT_TRUE(slope.requires_grad());
  slope = Tensor();
  y = Tensor();
  SUCCEED();
}

TEST(Tape, FreesWhatBackwardHasUsed) {
  const Tensor x = leaf(2), y = x * x;
  EXPECT_EQ(grad(y, x).item(), 4);
  EXPECT_ERROR(grad(y, x), "the graph of 'mul' has been freed; set retain_graph");
}

TEST(Tape, HoldsNoMemoryOnceItIsGone) {
  const Tensor x = leaf(2);
  const int64_t before = arena_stats().bytes_in_use;
  {
    const Tensor y = exp(x) * sigmoid(x);
    const Tensor slope = grad(y, x, {.create_graph = true});
    EXPECT_GT(arena_stats().bytes_in_use, before);
  }
  EXPECT_EQ(arena_stats().bytes_in_use, before);
}

TEST(Tape, GivesOneOutputOfManyItsOwnGradient) {
  const Tensor x = Tensor::from({1, 2, 3}, {3}).set_requires_grad();
  const Tensors parts = split(x, 0, {1, 2});
  EXPECT_THAT(grad(sum(parts[1]) * 5, x).values<float>(), ::testing::ElementsAre(0, 5, 5));
}

}  // namespace
}  // namespace recur
