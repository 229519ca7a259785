// Matrix products by oneDNN's dnnl_sgemm (docs/decisions/0002-matrix-products.md).
#include <dnnl.h>
#include <omp.h>

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

}  // namespace

void gemm_f32(const Gemm<float>& g) {
  if (g.m == 0 || g.n == 0) return;
  keep_openmp_single_threaded();
  const dnnl_status_t status = dnnl_sgemm(g.trans_a ? 'T' : 'N', g.trans_b ? 'T' : 'N', g.m, g.n, g.k, g.alpha, g.a,
                                          g.lda, g.b, g.ldb, g.beta, g.c, g.ldc);
  if (status != dnnl_success)
    fail("matmul: oneDNN refused a product of [{}, {}] and [{}, {}] (status {})", g.m, g.k, g.k, g.n,
         static_cast<int>(status));
}

}  // namespace recur::kernels
