// Matrix products by oneDNN's dnnl_sgemm (docs/decisions/0002-matrix-products.md).
#include <dnnl.h>
#include <omp.h>
#include <signal.h>

#include "recur/base/error.h"
#include "recur/kernels/cpu/cpu_table.h"

namespace recur::kernels {
namespace {

// oneDNN's threads are OpenMP's, whose waits spin: it always runs on the calling thread alone, and our own pool
// splits the output instead.
void keep_openmp_single_threaded() {
  thread_local const bool once = [] {
    omp_set_num_threads(1);
    return true;
  }();
  (void)once;
}

// Holds back the signals of this thread as long as it lives. Some of oneDNN's generated kernels point the stack pointer
// into their workspace on the heap (its issue 4845, in all releases before 2026): a signal handler that ran there would
// write over what lies before the workspace.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    sigfillset(&held);
    // What the thread itself causes cannot wait.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&held, fault);
    pthread_sigmask(SIG_SETMASK, &held, &before_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

void gemm_f32(const Gemm<float>& g) {
  if (g.m == 0 || g.n == 0) return;
  keep_openmp_single_threaded();
  const HeldSignals held;
  const dnnl_status_t status = dnnl_sgemm(g.trans_a ? 'T' : 'N', g.trans_b ? 'T' : 'N', g.m, g.n, g.k, g.alpha, g.a,
                                          g.lda, g.b, g.ldb, g.beta, g.c, g.ldc);
  if (status != dnnl_success)
    fail("matmul: oneDNN refused a product of [{}, {}] and [{}, {}] (status {})", g.m, g.k, g.k, g.n,
         static_cast<int>(status));
}

}  // namespace recur::kernels
