// Threads for loops over outputs. What a loop computes is the same bits for any number of threads: parallel_for() cuts
// work on a grid that does not depend on it, and parallel_runs() is for loops that compute each index by itself.
// Waiting threads sleep.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace recur {

// How many threads parallel_for uses, the caller included: RECUR_THREADS from the environment, or 1.
int threads();

// Changes it; 1 <= n <= 1024. Waits for a running loop to end, so it must not be called from within one.
void set_threads(int n);

namespace internal {
using ChunkFunction = void (*)(void* context, int64_t begin, int64_t end);
void parallel_chunks(int64_t n, int64_t grain, void* context, ChunkFunction function);

// n / threads(), rounded up to a multiple of 64, so that a run fills whole cache lines.
int64_t run_of_thread(int64_t n);
}  // namespace internal

// Calls function(begin, end) for the chunks [0, grain), [grain, 2 grain), ... of [0, n); the last may be shorter. The
// caller takes part, and chunks are given out as threads become free. With one thread, with one chunk, in a call from
// within function, or while another thread's loop holds the pool, it is a plain loop without locks. The first exception
// thrown by function is thrown here once all threads are done; chunks not yet begun are then left out. Allocates
// nothing.
template <class Function>
void parallel_for(int64_t n, int64_t grain, Function&& function) {
  if (n <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  using F = std::remove_reference_t<Function>;
  if (n <= grain || threads() == 1) {
    for (int64_t begin = 0; begin < n; begin += std::min(grain, n - begin)) {
      function(begin, begin + std::min(grain, n - begin));
    }
    return;
  }
  internal::parallel_chunks(n, grain, const_cast<void*>(static_cast<const void*>(std::addressof(function))),
                            [](void* context, int64_t begin, int64_t end) { (*static_cast<F*>(context))(begin, end); });
}

// The same with at most one chunk for each thread; function must compute each index by itself. For loops over columns
// of arrays that are read row by row: long runs read more of each row at once and pass over the rows fewer times.
template <class Function>
void parallel_runs(int64_t n, Function&& function) {
  parallel_for(n, internal::run_of_thread(n), function);
}

}  // namespace recur
