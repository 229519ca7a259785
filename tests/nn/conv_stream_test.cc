#include "recur/nn/conv_stream.h"

#include <gtest/gtest.h>

#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

Tensor by_pieces(const ConvStack& stack, const Tensor& x, int64_t piece) {
  ConvStream stream(stack);
  Tensors parts;
  const auto keep = [&](const Tensor& part) {
    if (part.defined()) parts.push_back(part);
  };
  for (int64_t t = 0; t < x.size(0); t += piece) keep(stream.take(rows(x, t, std::min(t + piece, x.size(0)))));
  keep(stream.finish());
  return concat(parts, 0);
}

TEST(ConvStream, IsTheWholeHoweverItIsCut) {
  Random random(1);
  for (const std::vector<int64_t>& kernels : {std::vector<int64_t>{3}, {5, 2}, {1}, {4, 7, 1}}) {
    for (const int64_t stride : {1, 2, 3}) {
      const ConvStack stack({.in = 3, .widths = {4, 5, 2}, .kernels = kernels, .stride = stride}, random);
      for (const int64_t steps : {1, 2, 5, 23}) {
        const Tensor x = normal({steps, 1, 3}, 2, DType::kF32);
        const Tensor whole = stack(x, {steps}, Mode::evaluation()).y;
        for (const int64_t piece : {1, 2, 5, 23}) {
          const Tensor y = by_pieces(stack, x, piece);
          ASSERT_EQ(y.shape(), whole.shape()) << kernels[0] << " " << stride << " " << steps << " " << piece;
          EXPECT_LT(relative_error(y, whole), 1e-5) << kernels[0] << " " << stride << " " << steps << " " << piece;
        }
      }
    }
  }
}

// An output comes as soon as the steps that it sees are there, and not before.
TEST(ConvStream, WaitsForWhatItSees) {
  Random random(2);
  const ConvStack stack({.in = 1, .widths = {2, 2}, .kernels = {5, 3}, .stride = 2}, random);
  const int64_t ahead = look_ahead(stack);
  EXPECT_EQ(ahead, 2 + 2 * 1);
  ConvStream stream(stack);
  int64_t given = 0;
  for (int64_t t = 0; t < 40; ++t) {
    const Tensor y = stream.take(normal({1, 1, 1}, static_cast<uint64_t>(t), DType::kF32));
    if (y.defined()) given += y.size(0);
    EXPECT_EQ(given, t < ahead ? 0 : (t - ahead) / 4 + 1) << t;
  }
}

TEST(ConvStream, OfNoLayersIsItsInput) {
  Random random(3);
  const ConvStack none({.in = 2}, random);
  const Tensor x = normal({3, 1, 2}, 2, DType::kF32);
  EXPECT_EQ(look_ahead(none), 0);
  EXPECT_EQ(relative_error(by_pieces(none, x, 2), x), 0);
}

}  // namespace
}  // namespace recur
