#include "recur/tensor/foreign.h"

#include <gmock/gmock.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(Foreign, MemoryIsSharedAndKeptAliveByItsOwner) {
  auto owner = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3, 4, 5, 6});
  std::vector<float>& elements = *owner;
  const std::weak_ptr<std::vector<float>> watch = owner;
  const int64_t arena = arena_stats().bytes_in_use;
  {
    Tensor x = tensor_over(elements.data() + 1, {2, 2}, DType::kF32, std::move(owner));
    EXPECT_THAT(x.values<float>(), ElementsAre(2, 3, 4, 5));
    x.data<float>()[0] = 7;
    EXPECT_EQ(elements[1], 7);
    const Tensor part = x.alias(2, {2});
    x = Tensor();
    EXPECT_THAT(part.values<float>(), ElementsAre(4, 5));
    EXPECT_FALSE(watch.expired());
    EXPECT_EQ(arena_stats().bytes_in_use, arena);
    const Tensor own = Tensor::ones({1000});  // the next block is the arena's again
    EXPECT_GT(arena_stats().bytes_in_use, arena);
  }
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(arena_stats().bytes_in_use, arena);
}

TEST(Foreign, OwnersMayOwnTensorsOverOtherMemory) {
  auto inner = std::make_shared<std::vector<double>>(std::vector<double>{1, 2});
  void* const elements = inner->data();
  auto outer = std::make_shared<Tensor>(tensor_over(elements, {2}, DType::kF64, std::move(inner)));
  void* const shared = outer->bytes();
  const Tensor x = tensor_over(shared, {2}, DType::kF64, std::move(outer));
  EXPECT_THAT(x.values<double>(), ElementsAre(1, 2));
}

TEST(Foreign, NeedsAnAddressAlignmentAndAnOwner) {
  const auto owner = std::make_shared<std::vector<float>>(4);
  EXPECT_ERROR(tensor_over(nullptr, {2}, DType::kF32, owner), "expected the address of 2 elements, got null");
  EXPECT_ERROR(tensor_over(owner->data(), {2}, DType::kF32, nullptr), "needs an owner");
  std::byte* const odd = reinterpret_cast<std::byte*>(owner->data()) + 1;
  EXPECT_ERROR(tensor_over(odd, {2}, DType::kF32, owner), "expected elements aligned to the 4 bytes of f32");
  EXPECT_EQ(tensor_over(nullptr, {0}, DType::kF32, owner).numel(), 0);
}

}  // namespace
}  // namespace recur
