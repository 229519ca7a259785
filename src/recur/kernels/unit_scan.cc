// One template over a vector of units is the reference, with one number, and the kernel, with a register of them.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/unit_scan.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/ref/scalar_math.h"
#include "recur/kernels/unit_scan.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::UnitLoop;
using kernels::UnitScan;
using kernels::UnitScanGrad;
using kernels::UnitScanKernels;

HWY_INLINE Lanes unit_sigmoid(Lanes x) { return precise_sigmoid(x); }
template <class T>
HWY_INLINE Scalar<T> unit_sigmoid(Scalar<T> x) {
  return sigmoid(x);
}

// forward: h after the step. backward: `e` is the gradient of h; gives that of the sums and of the weight, and returns
// that of h before the step.
struct IndRnnLoop {
  static constexpr int kGates = 1;

  template <class V>
  static HWY_INLINE V forward(const V* x, V u, V before) {
    return relu(fma(u, before, x[0]));
  }
  template <class V>
  static HWY_INLINE V backward(const V*, V u, V before, V h, V e, V* dx, V& du) {
    dx[0] = e * step(h);  // h is positive where its sum is
    du = dx[0] * before;
    return dx[0] * u;
  }
};

struct SruLoop {
  static constexpr int kGates = 2;

  template <class V>
  static HWY_INLINE V forward(const V* x, V u, V before) {
    const V s = unit_sigmoid(fma(u, before, x[1]));
    return fma(s, before, (V(1.0f) - s) * x[0]);
  }
  template <class V>
  static HWY_INLINE V backward(const V* x, V u, V before, V, V e, V* dx, V& du) {
    const V s = unit_sigmoid(fma(u, before, x[1]));
    dx[0] = e * (V(1.0f) - s);
    dx[1] = e * (before - x[0]) * s * (V(1.0f) - s);
    du = dx[1] * before;
    return fma(e, s, dx[1] * u);
  }
};

// The step that comes `s`-th in the direction of travel.
HWY_INLINE int64_t travelled(const kernels::PackedSteps& p, int64_t s) { return p.reverse ? p.steps - 1 - s : s; }

template <class Loop, class V, class T>
void unit_scan(const UnitScan<T>& args, int64_t unit_begin, int64_t unit_end) {
  const int64_t H = args.units;
  for (int64_t s = 0; s < args.packed.steps; ++s) {
    const int64_t t = travelled(args.packed, s), offset = args.packed.offset[t];
    for (int64_t r = 0; r < args.packed.rows[t]; ++r) {
      const T* sums = args.sums + (offset + r) * Loop::kGates * H;
      T *state = args.state + r * H, *h = args.h + (offset + r) * H;
      for (int64_t u = unit_begin; u < unit_end; u += V::kCount) {
        const int64_t n = unit_end - u;
        V x[Loop::kGates];
        for (int g = 0; g < Loop::kGates; ++g) x[g] = V::load(sums + g * H + u, n);
        const V now = Loop::template forward<V>(x, V::load(args.weight + u, n), V::load(state + u, n));
        now.store(state + u, n);
        now.store(h + u, n);
      }
    }
  }
}

template <class Loop, class V, class T>
void unit_scan_grad(const UnitScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) {
  const int64_t H = args.units;
  const kernels::PackedSteps& p = args.packed;
  for (int64_t s = p.steps; s-- > 0;) {
    const int64_t t = travelled(p, s), offset = p.offset[t];
    const int64_t before = s > 0 ? travelled(p, s - 1) : 0, carried = s > 0 ? p.rows[before] : 0;
    for (int64_t r = 0; r < p.rows[t]; ++r) {
      const T* sums = args.sums + (offset + r) * Loop::kGates * H;
      const T* h_before = r < carried ? args.h + (p.offset[before] + r) * H : args.initial + r * H;
      const T *h = args.h + (offset + r) * H, *dh = args.dh + (offset + r) * H;
      T *carry = args.dstate + r * H, *dsums = args.dsums + (offset + r) * Loop::kGates * H;
      for (int64_t u = unit_begin; u < unit_end; u += V::kCount) {
        const int64_t n = unit_end - u;
        V x[Loop::kGates], dx[Loop::kGates], dweight;
        for (int g = 0; g < Loop::kGates; ++g) x[g] = V::load(sums + g * H + u, n);
        const V e = V::load(dh + u, n) + V::load(carry + u, n);
        const V back = Loop::template backward<V>(x, V::load(args.weight + u, n), V::load(h_before + u, n),
                                                  V::load(h + u, n), e, dx, dweight);
        for (int g = 0; g < Loop::kGates; ++g) dx[g].store(dsums + g * H + u, n);
        (V::load(args.dweight + u, n) + dweight).store(args.dweight + u, n);
        back.store(carry + u, n);
      }
    }
  }
}

template <class V, class T>
UnitScanKernels<T> unit_kernels_for(UnitLoop loop) {
  if (loop == UnitLoop::kIndRnn)
    return {.forward = unit_scan<IndRnnLoop, V, T>, .backward = unit_scan_grad<IndRnnLoop, V, T>};
  return {.forward = unit_scan<SruLoop, V, T>, .backward = unit_scan_grad<SruLoop, V, T>};
}

UnitScanKernels<float> simd_unit_kernels(UnitLoop loop) { return unit_kernels_for<Lanes, float>(loop); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(simd_unit_kernels);

namespace kernels {

template <class T>
const UnitScanKernels<T>& reference_unit_scan_kernels(UnitLoop loop) {
  static const UnitScanKernels<T> ind = (HWY_STATIC_DISPATCH(unit_kernels_for) < Scalar<T>, T > (UnitLoop::kIndRnn));
  static const UnitScanKernels<T> sru = (HWY_STATIC_DISPATCH(unit_kernels_for) < Scalar<T>, T > (UnitLoop::kSru));
  return loop == UnitLoop::kIndRnn ? ind : sru;
}
template const UnitScanKernels<float>& reference_unit_scan_kernels<float>(UnitLoop);
template const UnitScanKernels<double>& reference_unit_scan_kernels<double>(UnitLoop);

template <>
const UnitScanKernels<float>& unit_scan_kernels<float>(UnitLoop loop) {
  if (use_reference()) return reference_unit_scan_kernels<float>(loop);
  static const UnitScanKernels<float> ind = HWY_DYNAMIC_DISPATCH(simd_unit_kernels)(UnitLoop::kIndRnn);
  static const UnitScanKernels<float> sru = HWY_DYNAMIC_DISPATCH(simd_unit_kernels)(UnitLoop::kSru);
  return loop == UnitLoop::kIndRnn ? ind : sru;
}

// Doubles serve gradient checks: the reference is all they need.
template <>
const UnitScanKernels<double>& unit_scan_kernels<double>(UnitLoop loop) {
  return reference_unit_scan_kernels<double>(loop);
}

}  // namespace kernels
}  // namespace recur
#endif
