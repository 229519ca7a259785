#include "recur/nn/state_bytes.h"

#include <gtest/gtest.h>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

RecurrentState some_state(DType dtype) {
  RecurrentState state;
  for (const int64_t width : {3, 1, 0}) {
    Tensors& parts = state.layers.emplace_back();
    for (int k = 0; k < 2; ++k) parts.push_back(Tensor::full({2, width}, 0.25 * (k + 1), dtype));
  }
  return state;
}

TEST(StateBytes, GiveTheStateBack) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    const RecurrentState state = some_state(dtype);
    const RecurrentState back = state_from_bytes(to_bytes(state));
    EXPECT_EQ(to_bytes(back), to_bytes(state));
    ASSERT_EQ(back.layers.size(), 3u);
    EXPECT_EQ(back.layers[0][1].shape(), (Shape{2, 3}));
    EXPECT_EQ(back.layers[0][1].dtype(), dtype);
    EXPECT_EQ(back.layers[0][1].clone(DType::kF64).values<double>()[5], 0.5);
  }
  EXPECT_TRUE(state_from_bytes(to_bytes({})).layers.empty());
}

TEST(StateBytes, KeepTensorsOfAnyRank) {
  const RecurrentState state{.layers = {{Tensor::full({2, 3, 1, 4}, 0.5), Tensor::full({}, 7, DType::kF64)},
                                        {Tensor::zeros({2, 0, 5}), Tensor::full({3}, 2)}}};
  const RecurrentState back = state_from_bytes(to_bytes(state));
  EXPECT_EQ(to_bytes(back), to_bytes(state));
  EXPECT_EQ(back.layers[0][0].shape(), (Shape{2, 3, 1, 4}));
  EXPECT_EQ(back.layers[0][1].item(), 7);
  EXPECT_EQ(back.layers[1][0].shape(), (Shape{2, 0, 5}));
}

// What version 1 made of one layer with h [1, 2] in f32.
TEST(StateBytes, ReadTheFirstVersion) {
  const unsigned char bytes[] = {'R', 'E', 'C', 'U', 'R', 'S', 'T', '1', 1,    0,    0, 0, 1, 0,   0,
                                 0,   0,   0,   0,   0,   1,   0,   0,   0,    0,    0, 0, 0, 2,   0,
                                 0,   0,   0,   0,   0,   0,   0,   0,   0x80, 0x3f, 0, 0, 0, 0x40};
  const RecurrentState state = state_from_bytes(std::as_bytes(std::span(bytes)));
  ASSERT_EQ(state.layers.size(), 1u);
  EXPECT_EQ(state.layers[0][0].shape(), (Shape{1, 2}));
  EXPECT_EQ(state.layers[0][0].values<float>()[0], 1);
  EXPECT_EQ(state.layers[0][0].values<float>()[1], 2);
}

TEST(StateBytes, NoPrefixIsAState) {
  const std::vector<std::byte> bytes = to_bytes(some_state(DType::kF32));
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(state_from_bytes(std::span(bytes).first(size)), Error) << size;
  std::vector<std::byte> longer = bytes;
  longer.push_back({});
  EXPECT_ERROR(state_from_bytes(longer), "1 unexpected bytes after its end");
}

TEST(StateBytes, DamageIsRefusedOrAnotherState) {
  const std::vector<std::byte> bytes = to_bytes(some_state(DType::kF32));
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::byte> damaged = bytes;
    for (int k = 0; k < 3; ++k) damaged[random.below(damaged.size())] = static_cast<std::byte>(random.below(256));
    try {
      EXPECT_EQ(to_bytes(state_from_bytes(damaged)), damaged);
    } catch (const Error&) {
    }
  }
}

TEST(StateBytes, RefuseWhatIsNoState) {
  EXPECT_ERROR(to_bytes({.layers = {{Tensor()}}}), "expected a tensor in every part");
  EXPECT_ERROR(to_bytes({.layers = {{Tensor::zeros({2, 2}, DType::kI32)}}}), "expected f32 or f64, got i32");
}

}  // namespace
}  // namespace recur::testing
