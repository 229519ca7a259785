#include "recur/base/threads.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int kMaxThreads = 1024;

thread_local bool inside_loop = false;

// One loop being run; lives on its caller's stack.
struct Job {
  int64_t n, grain, chunks;
  void* context;
  internal::ChunkFunction function;
  std::atomic<int64_t> next{0};  // the next chunk to give out
  std::exception_ptr error;      // the first one, under the pool's mutex
};

void run_chunk(const Job& job, int64_t chunk) {
  const int64_t begin = chunk * job.grain;
  job.function(job.context, begin, begin + std::min(job.grain, job.n - begin));
}

// Runs chunks until none is left.
void work_on(Job& job, std::mutex& mutex) {
  try {
    for (;;) {
      const int64_t chunk = job.next.fetch_add(1, std::memory_order_relaxed);
      if (chunk >= job.chunks) return;
      run_chunk(job, chunk);
    }
  } catch (...) {
    job.next.store(job.chunks, std::memory_order_relaxed);
    const std::lock_guard lock(mutex);
    if (!job.error) job.error = std::current_exception();
  }
}

class Pool {
 public:
  explicit Pool(int workers) {
    for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { serve(); });
  }

  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  void run(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      ++generation_;
    }
    const int64_t helpers = std::min<int64_t>(static_cast<int64_t>(workers_.size()), job.chunks - 1);
    for (int64_t i = 0; i < helpers; ++i) wake_.notify_one();
    inside_loop = true;
    work_on(job, mutex_);
    inside_loop = false;
    // Only workers that took part are waited for. One that the system has not scheduled yet finds no job when it wakes,
    // so a busy machine never makes the loop slower than its caller alone.
    std::unique_lock lock(mutex_);
    job_ = nullptr;
    done_.wait(lock, [this] { return active_ == 0; });
    if (job.error) std::rethrow_exception(job.error);
  }

 private:
  void serve() {
    inside_loop = true;
    uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stop_ || (job_ != nullptr && generation_ != seen); });
      if (stop_) return;
      seen = generation_;
      Job& job = *job_;
      ++active_;
      lock.unlock();
      work_on(job, mutex_);
      lock.lock();
      if (--active_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  Job* job_ = nullptr;
  uint64_t generation_ = 0;
  int active_ = 0;  // workers inside the job
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

int threads_from_environment() {
  const char* text = std::getenv("RECUR_THREADS");
  if (text == nullptr || *text == '\0') return 1;
  int n = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), n);
  // 0 is as not set, as it is of --threads.
  if (error == std::errc() && *end == '\0' && n >= 0 && n <= kMaxThreads) return std::max(n, 1);
  fail_usage("RECUR_THREADS: expected a number of threads from 0 to {}, got '{}'", kMaxThreads, text);
}

std::atomic<int>& thread_count() {
  static std::atomic<int> count = threads_from_environment();
  return count;
}

// Workers start with the first loop that can use them. `use` is held by the loop that runs on them.
struct Shared {
  std::mutex use;
  std::unique_ptr<Pool> pool;
};

Shared& shared() {
  static Shared instance;
  return instance;
}

}  // namespace

int threads() { return thread_count().load(std::memory_order_relaxed); }

void set_threads(int n) {
  if (n < 1 || n > kMaxThreads) fail_usage("threads: expected 1 to {}, got {}", kMaxThreads, n);
  assert(!inside_loop);
  const std::lock_guard lock(shared().use);
  if (n == threads()) return;
  shared().pool.reset();
  thread_count().store(n, std::memory_order_relaxed);
}

namespace internal {

int64_t run_of_thread(int64_t n) {
  constexpr int64_t kWhole = 64;
  const int64_t parts = threads(), even = n / parts + (n % parts != 0 ? 1 : 0);
  return (even + kWhole - 1) / kWhole * kWhole;
}

void parallel_chunks(int64_t n, int64_t grain, void* context, ChunkFunction function) {
  Job job{.n = n, .grain = grain, .chunks = (n - 1) / grain + 1, .context = context, .function = function, .error = {}};
  std::unique_lock<std::mutex> use(shared().use, std::defer_lock);
  if (inside_loop || !use.try_lock() || threads() == 1) {
    for (int64_t chunk = 0; chunk < job.chunks; ++chunk) run_chunk(job, chunk);
    return;
  }
  auto& pool = shared().pool;
  if (!pool) pool = std::make_unique<Pool>(threads() - 1);
  pool->run(job);
}

}  // namespace internal
}  // namespace recur
