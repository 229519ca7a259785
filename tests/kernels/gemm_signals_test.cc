// A program may be sent signals while it computes.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "recur/ops/matmul.h"

namespace recur {
namespace {

std::atomic<int> signals_seen{0};

void set_timer(int microseconds) {
  const itimerval timer{{0, microseconds}, {0, microseconds}};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

// Handlers that run within generated code have destroyed the heap: seen as a wrong product or an abort in free().
TEST(GemmSignals, ProductsAndHeapSurviveSignalHandlers) {
  struct sigaction count {};
  struct sigaction before {};
  count.sa_handler = [](int) { signals_seen.fetch_add(1, std::memory_order_relaxed); };
  count.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &count, &before);
  set_timer(200);
  bool right = true;
  for (int i = 0; i < 1000 || (signals_seen < 20 && i < 200000); ++i) {
    const int64_t k = 96 + i % 64;
    const Tensor product = matmul(Tensor::ones({96, k}), Tensor::ones({k, 64}));
    right = right && std::ranges::all_of(product.values<float>(), [&](float x) { return x == static_cast<float>(k); });
  }
  set_timer(0);
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_TRUE(right);
  EXPECT_GE(signals_seen, 20);
}

}  // namespace
}  // namespace recur
