// A training loop that runs long takes no more memory than one that runs briefly.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "recur/tensor/storage.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

int64_t resident_kilobytes() {
  std::ifstream in("/proc/self/statm");
  int64_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

class Gauge : public TrainObserver {
 public:
  void on_step(const StepReport& report) override {
    if (report.step == 1000) warm = now();
    if (report.step == 10000) end = now();
  }
  struct Reading {
    int64_t allocations = 0, resident = 0;
  };
  static Reading now() { return {arena_stats().system_allocations, resident_kilobytes()}; }
  Reading warm, end;
};

Gauge run_long(const std::vector<std::string>& overrides) {
  const Scratch scratch;
  write_bytes(scratch / "text.txt", small_text(200));
  auto run = small_run(scratch / "text.txt", overrides);
  run->config().apply_override("steps=10000");
  Gauge gauge;
  run->train(scratch / "run", false, {.observer = &gauge});
  return gauge;
}

// Kilobytes. The address sanitizer keeps what was freed for a while, up to 256 MB, and its own records of it.
#ifdef __SANITIZE_ADDRESS__
constexpr int64_t kSlack = 512 * 1024;
#else
constexpr int64_t kSlack = 512;
#endif

TEST(SlowSteadyMemory, NothingIsAllocatedAfterWarmUp) {
  const Gauge gauge = run_long({"hidden=8", "dropout=0.2", "recurrent_dropout=0.1", "validate_every=100",
                                "log_every=10", "checkpoint_every=50ms"});
  EXPECT_EQ(gauge.end.allocations, gauge.warm.allocations);
  EXPECT_LT(gauge.end.resident, gauge.warm.resident + kSlack);
}

TEST(SlowSteadyMemory, AveragingWeightDropAndTracesDoNotGrow) {
  const Gauge gauge = run_long({"tokens=words", "hidden=8", "optimizer=asgd", "average_interval=1", "lr=1",
                                "validate_every=200", "weight_drop=0.2", "trace_gradients=50"});
  EXPECT_EQ(gauge.end.allocations, gauge.warm.allocations);
  EXPECT_LT(gauge.end.resident, gauge.warm.resident + kSlack);
}

// Lengths that have not come up before may still need a block of a new size.
TEST(SlowSteadyMemory, WindowsOfRandomLengthStayWithinBounds) {
  const Gauge gauge = run_long({"tokens=words", "hidden=8", "random_bptt=true", "validate_every=1000"});
  EXPECT_LT(gauge.end.resident, gauge.warm.resident + 2 * kSlack);
}

}  // namespace
}  // namespace recur
