// A step allocates nothing, takes no lock and makes no system call, whatever the cell and its options.
//
// malloc and pthread_mutex_lock are replaced for the whole test program by versions that count, and the steps are made
// by a process that the kernel kills at the first system call. Sanitizers need malloc for themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "recur/nn/cells/cell.h"
#include "recur/nn/static_stream.h"

namespace {
std::atomic<int64_t> allocations{0}, locks{0};
}  // namespace

extern "C" {
void* __libc_malloc(size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
int pthread_mutex_lock(pthread_mutex_t* mutex) {
  static const auto real = reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  locks.fetch_add(1, std::memory_order_relaxed);
  return real(mutex);
}
}

namespace recur {
namespace {

using kernels::WeightFormat;

std::vector<RecurrentOptions> every_option() {
  std::vector<RecurrentOptions> all;
  for (const Cell* cell : cells()) {
    const RecurrentOptions plain{.cell = cell->name, .input = 5, .hidden = 19, .layers = 2};
    all.push_back(plain);
    all.push_back(plain);
    all.back().layer_norm = true;
    all.push_back(plain);
    all.back().zoneout = 0.1f;
    all.back().zoneout_inner = 0.2f;
    if (cell->states < 2) continue;
    all.push_back(plain);
    all.back().projection = 6;
  }
  for (const LayerKind& kind : layer_kinds().subspan(cells().size())) {
    all.push_back({.cell = kind.name, .input = 5, .hidden = 18, .layers = 2, .memory_heads = 3});
    for (const char* block : {"feed_forward", "xlstm", "xlstm_up"})
      all.push_back({.cell = kind.name, .input = 5, .hidden = 18, .layers = 2, .block = block});
  }
  return all;
}

// Calls f(stream, x, out, what it is) for every cell, option and format, with one stream and with several.
template <class F>
void for_each_stream(F&& f) {
  for (const RecurrentOptions& options : every_option())
    for (const WeightFormat format : {WeightFormat::kF32, WeightFormat::kBF16, WeightFormat::kI8})
      for (const int64_t streams : {1, 4}) {
        Random random(3);
        Stream stream = Recurrent(options, random).stream({.streams = streams, .weights = format});
        std::vector<float> x(static_cast<size_t>(streams * stream.input_features()), 0.5f);
        std::vector<float> out(static_cast<size_t>(streams * stream.output_features()));
        stream.step(x, out);  // what is made at the first call is made
        SCOPED_TRACE(fmt::format("{}, format {}, norm {}, zoneout {}, projection {}", options.cell,
                                 static_cast<int>(format), options.layer_norm, options.zoneout, options.projection));
        f(stream, x, out);
      }
}

TEST(StreamQuiet, TheCountersCount) {
  const int64_t before = allocations, locked = locks;
  const std::vector<float> vector(100);
  const auto* volatile kept = vector.data();
  EXPECT_NE(kept, nullptr);
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  EXPECT_GT(allocations, before);
  EXPECT_GT(locks, locked);
}

TEST(StreamQuiet, StepsAllocateAndLockNothing) {
  for_each_stream([](Stream& stream, const std::vector<float>& x, std::vector<float>& out) {
    const int64_t before = allocations, locked = locks;
    for (int i = 0; i < 5; ++i) stream.step(x, out);
    stream.reset();
    EXPECT_EQ(allocations, before);
    EXPECT_EQ(locks, locked);
  });
}

TEST(StreamQuiet, NorDoStepsOfAStaticStream) {
  for (const char* cell : {"lstm", "gru", "gru_reset_before", "rnn"}) {
    Random random(3);
    StaticStream<5, 19> stream(Recurrent({.cell = cell, .input = 5, .hidden = 19, .layers = 2}, random).stream());
    std::array<float, 5> x = {};
    std::array<float, 19> out;
    stream.step(x, out);
    const int64_t before = allocations, locked = locks;
    for (int i = 0; i < 5; ++i) stream.step(x, out);
    stream.reset();
    EXPECT_EQ(allocations, before) << cell;
    EXPECT_EQ(locks, locked) << cell;
  }
}

TEST(StreamQuiet, StepsMakeNoSystemCall) {
  for_each_stream([](Stream& stream, const std::vector<float>& x, std::vector<float>& out) {
    const pid_t child = fork();
    if (child == 0) {
      if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(7);
      for (int i = 0; i < 5; ++i) stream.step(x, out);
      syscall(SYS_exit, 0);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  });
}

}  // namespace
}  // namespace recur

#endif
