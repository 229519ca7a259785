#include "recur/ops/product.h"

#include <algorithm>

#include "recur/base/threads.h"

namespace recur {

// The parts that threads share: runs of rows, or of columns where there are more. They follow from the shape alone, as
// a library's bits may change with the shape of a call; each is work for a millisecond or more, as each packs anew what
// it has in common with the others.
template <class T>
void multiply(const kernels::Gemm<T>& g) {
  constexpr double kFlopsPerPart = 5e8;
  constexpr int64_t kAlign = 64;
  const double flops = 2.0 * static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k);
  const int64_t parts = std::max<int64_t>(1, static_cast<int64_t>(flops / kFlopsPerPart));
  const bool by_rows = g.m >= g.n;
  const int64_t size = by_rows ? g.m : g.n, part_size = (size + parts - 1) / parts;
  parallel_for(size, (part_size + kAlign - 1) / kAlign * kAlign, [&](int64_t begin, int64_t end) {
    kernels::Gemm<T> part = g;
    if (by_rows) {
      part.m = end - begin;
      part.a += begin * (g.trans_a ? 1 : g.lda);
      part.c += begin * g.ldc;
    } else {
      part.n = end - begin;
      part.b += begin * (g.trans_b ? g.ldb : 1);
      part.c += begin;
    }
    kernels::table<T>().gemm(part);
  });
}

template void multiply(const kernels::Gemm<float>&);
template void multiply(const kernels::Gemm<double>&);

}  // namespace recur
