// The streaming step of an affine map: a cell without gates.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/stream_linear.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/cell_passes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct Affine : GateDefaults {
  static constexpr int kGates = 1, kStates = 1, kSaved = 0, kUnitWeights = 0;
  static constexpr bool kSplit = true;  // there is no r

  template <class V>
  static HWY_INLINE void forward(const V* x, const V*, const V*, V* s, V*) {
    s[0] = x[0];
  }
};

StreamKernels affine_kernels() { return stream_kernels<Affine>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(affine_kernels);

namespace kernels {

const StreamKernels& linear_kernels() {
  static const StreamKernels chosen = RECUR_CHOOSE_STREAM_KERNELS(HWY_STATIC_DISPATCH(Affine), affine_kernels);
  return chosen;
}

}  // namespace kernels
}  // namespace recur
#endif
