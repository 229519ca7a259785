#include "recur/ops/product.h"

#include <algorithm>

#include "recur/base/threads.h"
#include "recur/ops/precision.h"

namespace recur {

// Threads share runs of rows, or of columns where there are more: the kernels give every element the same bits however
// a product is cut, so long as no part is so thin that another kernel takes it.
template <class T>
void multiply(const kernels::Gemm<T>& g) {
  const bool half = std::is_same_v<T, float> && product_precision() == Precision::kBf16;
  const auto gemm = half ? kernels::table<T>().gemm_bf16 : kernels::table<T>().gemm;
  constexpr int64_t kThinnest = 64;
  constexpr double kFlopsPerPart = 1e7;  // below, waking a thread takes longer
  const double flops = 2.0 * static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k);
  const bool by_rows = g.m >= g.n;
  const int64_t size = by_rows ? g.m : g.n,
                most = std::min(size / kThinnest, static_cast<int64_t>(flops / kFlopsPerPart));
  const int64_t parts = std::clamp<int64_t>(most, 1, threads());
  parallel_for(parts, 1, [&](int64_t i, int64_t) {
    const int64_t begin = i * size / parts, end = (i + 1) * size / parts;
    kernels::Gemm<T> part = g;
    if (by_rows) {
      part.m = end - begin;
      part.a += begin * (g.trans_a ? 1 : g.lda);
      part.c += begin * g.ldc;
    } else {
      part.n = end - begin;
      part.b += begin * (g.trans_b ? g.ldb : 1);
      part.c += begin;
      if (g.bias != nullptr) part.bias += begin;
    }
    gemm(part);
  });
}

template void multiply(const kernels::Gemm<float>&);
template void multiply(const kernels::Gemm<double>&);

}  // namespace recur
