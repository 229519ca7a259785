#include "recur/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "recur/base/error.h"

namespace recur {
namespace {

class ParallelFor : public testing::TestWithParam<int> {
 protected:
  ParallelFor() { set_threads(GetParam()); }
  ~ParallelFor() override { set_threads(before_); }
  int before_ = threads();
};

using Chunks = std::set<std::pair<int64_t, int64_t>>;

// Those that `loop` gives to its function.
template <class Loop>
Chunks chunks_by(const Loop& loop) {
  std::mutex mutex;
  Chunks chunks;
  loop([&](int64_t begin, int64_t end) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(chunks.emplace(begin, end).second) << "chunk given out twice";
  });
  return chunks;
}

Chunks chunks_of(int64_t n, int64_t grain) {
  return chunks_by([n, grain](const auto& function) { parallel_for(n, grain, function); });
}

TEST_P(ParallelFor, CutsTheSameChunksForAnyNumberOfThreads) {
  EXPECT_EQ(chunks_of(10, 4), (Chunks{{0, 4}, {4, 8}, {8, 10}}));
  EXPECT_EQ(chunks_of(8, 4), (Chunks{{0, 4}, {4, 8}}));
  EXPECT_EQ(chunks_of(3, 4), (Chunks{{0, 3}}));
  EXPECT_EQ(chunks_of(2, 0), (Chunks{{0, 1}, {1, 2}}));
  EXPECT_EQ(chunks_of(0, 4), Chunks{});
  EXPECT_EQ(chunks_of(-5, 4), Chunks{});
  EXPECT_EQ(chunks_of(5, std::numeric_limits<int64_t>::max()), (Chunks{{0, 5}}));
  const auto huge = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(chunks_of(huge, huge / 2 + 1), (Chunks{{0, huge / 2 + 1}, {huge / 2 + 1, huge}}));
}

// As long as can be, and of whole cache lines.
TEST_P(ParallelFor, CutsOneRunForEachThread) {
  const auto runs_of = [](int64_t n) { return chunks_by([n](const auto& function) { parallel_runs(n, function); }); };
  EXPECT_EQ(runs_of(0), Chunks{});
  EXPECT_EQ(runs_of(40), (Chunks{{0, 40}}));
  const bool one = GetParam() == 1, two = GetParam() == 2;  // else five
  EXPECT_EQ(runs_of(129), one   ? Chunks({{0, 129}})
                          : two ? Chunks({{0, 128}, {128, 129}})
                                : Chunks({{0, 64}, {64, 128}, {128, 129}}));
  EXPECT_EQ(runs_of(1000), one   ? Chunks({{0, 1000}})
                           : two ? Chunks({{0, 512}, {512, 1000}})
                                 : Chunks({{0, 256}, {256, 512}, {512, 768}, {768, 1000}}));
}

TEST_P(ParallelFor, VisitsEveryElementOnceInManySmallLoops) {
  std::vector<int> visits(257);
  for (int round = 0; round < 300; ++round) {
    parallel_for(257, 10, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
    });
  }
  EXPECT_EQ(visits, std::vector<int>(257, 300));
}

TEST_P(ParallelFor, PassesTheFirstExceptionOnAndStaysUsable) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(parallel_for(100, 1,
                              [&](int64_t begin, int64_t) {
                                if (begin == 40) throw std::out_of_range("forty");
                              }),
                 std::out_of_range);
  }
  EXPECT_EQ(chunks_of(10, 4).size(), 3u);
}

TEST_P(ParallelFor, RunsNestedLoopsInline) {
  std::atomic<int> visits{0};
  parallel_for(8, 1, [&](int64_t, int64_t) {
    const auto outer = std::this_thread::get_id();
    parallel_for(8, 1, [&](int64_t, int64_t) {
      EXPECT_TRUE(threads() == 1 || std::this_thread::get_id() == outer);
      ++visits;
    });
  });
  EXPECT_EQ(visits, 64);
}

TEST_P(ParallelFor, ServesSeveralCallersAtOnce) {
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        parallel_for(100, 7, [&](int64_t begin, int64_t end) { sum += end - begin; });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(sum, 3 * 50 * 100);
}

TEST_P(ParallelFor, TakesConstAndMutableCallables) {
  int64_t count = 0;
  auto mutable_function = [count](int64_t begin, int64_t end) mutable { count += end - begin; };
  parallel_for(5, 5, mutable_function);
  std::atomic<int64_t> total{0};
  const auto const_function = [&](int64_t begin, int64_t end) { total += end - begin; };
  parallel_for(5, 1, const_function);
  EXPECT_EQ(total, 5);
}

INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor, testing::Values(1, 2, 5));

TEST(Threads, RefusesNonsense) {
  EXPECT_THROW(set_threads(0), UsageError);
  EXPECT_THROW(set_threads(-1), UsageError);
  EXPECT_THROW(set_threads(100000), UsageError);
}

}  // namespace
}  // namespace recur
