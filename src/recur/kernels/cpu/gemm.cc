// The matrix products of the table of kernels (gemm-inl.h).
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/gemm.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/cpu/cpu_table.h"
#include "recur/kernels/cpu/gemm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

void gemm(const Gemm<float>& g) { multiply<Plain<Widest>>(g); }

void gemm_half(const Gemm<float>& g) {
  with_fastest_half([&]<class P>() { multiply<P>(g); });
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(gemm);
HWY_EXPORT(gemm_half);

namespace kernels {

void gemm_f32(const Gemm<float>& g) { HWY_DYNAMIC_DISPATCH(gemm)(g); }
void gemm_bf16(const Gemm<float>& g) { HWY_DYNAMIC_DISPATCH(gemm_half)(g); }

}  // namespace kernels
}  // namespace recur
#endif
