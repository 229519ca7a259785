#include "recur/tensor/storage.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/sum.h"
#include "recur/tensor/allocation_limit.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Arena, AlignsEveryBlockToACacheLine) {
  for (const size_t bytes : {0, 1, 63, 64, 65, 1000, 12345, 1 << 20}) {
    Block block(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data()) % 64, 0u);
    std::memset(block.data(), 1, bytes);
  }
}

TEST(Arena, AComputationMayTakeNoMoreThanItIsAllowed) {
  const AllocationLimit limit(1 << 20);
  { const Block counted(900'000); }
  EXPECT_ERROR(Block(300'000), "more memory");
  {
    const AllocationLimit inner(1 << 22);
    EXPECT_NO_THROW(Block(3'000'000));
  }
  EXPECT_NO_THROW(Block(1000));
}

TEST(Arena, HandsOutAFreedBlockAgain) {
  const std::byte* first = nullptr;
  {
    Block block(100'000);
    first = block.data();
  }
  const int64_t before = arena_stats().system_allocations;
  Block again(99'000);  // of the same size class
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(arena_stats().system_allocations, before);
}

TEST(Arena, WastesAtMostAnEighth) {
  for (const int64_t bytes : {5000, 4097, 1'000'001, 8'388'609}) {
    const int64_t before = arena_stats().bytes_in_use;
    const Block block(static_cast<size_t>(bytes));
    const int64_t taken = arena_stats().bytes_in_use - before;
    EXPECT_GE(taken, bytes);
    EXPECT_LE(static_cast<double>(taken), static_cast<double>(bytes) * 1.13);
  }
}

TEST(Arena, CountsWhatIsInUseAndItsPeak) {
  reset_arena_peak();
  const ArenaStats before = arena_stats();
  {
    const Block block(1 << 20);
    EXPECT_EQ(arena_stats().bytes_in_use, before.bytes_in_use + (1 << 20));
  }
  const ArenaStats after = arena_stats();
  EXPECT_EQ(after.bytes_in_use, before.bytes_in_use);
  EXPECT_EQ(after.peak_bytes, before.bytes_in_use + (1 << 20));
  EXPECT_GE(after.bytes_cached, 1 << 20);
  trim_arena();
  EXPECT_EQ(arena_stats().bytes_cached, 0);
}

TEST(Arena, TakesNothingFromTheSystemInASteadyTrainingLoop) {
  Tensor w = testing::normal({64, 64}, 1, DType::kF32).set_requires_grad();
  const Tensor x = testing::normal({32, 64}, 2, DType::kF32);
  const auto step = [&] {
    const Tensor g = grad(sum(square(tanh(matmul(x, w)))), w);
    w.copy_from((w - g * 1e-3).detach());
  };
  for (int k = 0; k < 3; ++k) step();
  const ArenaStats before = arena_stats();
  for (int k = 0; k < 100; ++k) step();
  EXPECT_EQ(arena_stats().system_allocations, before.system_allocations);
  EXPECT_EQ(arena_stats().bytes_in_use, before.bytes_in_use);
}

int64_t page_faults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

TEST(Arena, FaultsNoPagesOfLargeBlocksInASteadyLoop) {
  constexpr size_t kBytes = size_t{8} << 20;
  const auto step = [] {
    Block first(kBytes), second(kBytes);
    std::memset(first.data(), 1, kBytes);
    std::memset(second.data(), 2, kBytes);
  };
  step();
  const int64_t before = page_faults();
  for (int k = 0; k < 4; ++k) step();
  EXPECT_LE(page_faults() - before, 64);  // blocks that went back to the system would fault 16,000 times
}

TEST(Arena, AlignsLargeBlocksToHugePages) {
  Block block(size_t{3} << 20);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data()) % (size_t{2} << 20), 0u);
}

TEST(Arena, IsSharedByThreads) {
  const int64_t before = arena_stats().bytes_in_use;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int k = 0; k < 200; ++k) {
        Block block(1000 + 100 * static_cast<size_t>(k % 7));
        std::memset(block.data(), t, 1000);
        EXPECT_EQ(static_cast<int>(block.data()[999]), t);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(arena_stats().bytes_in_use, before);
}

TEST(Block, CountsOpeningsForWriting) {
  Tensor x = Tensor::zeros({4});
  const Tensor view = x.alias(0, {2, 2});
  const uint64_t before = view.version();
  EXPECT_EQ(std::as_const(x).data<float>()[0], 0);
  EXPECT_EQ(view.version(), before);
  x.data<float>()[0] = 1;
  EXPECT_GT(view.version(), before);
}

}  // namespace
}  // namespace recur
