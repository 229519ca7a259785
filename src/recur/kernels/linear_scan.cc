// One template over a vector of units is the reference, with one number, and the kernel, with a register of them. Steps
// come one after the other; what is left of time is reading and writing the rows once.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/linear_scan.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/linear_scan.h"
#include "recur/kernels/ref/scalar_math.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::LinearScan;
using kernels::LinearScanGrad;
using kernels::LinearScanKernels;
using kernels::PackedSteps;

// One complex number a unit.
template <class V>
struct ComplexUnits {
  V re, im;

  template <class T>
  static HWY_INLINE ComplexUnits load(const T* from, int64_t units, int64_t n) {
    return {V::load(from, n), V::load(from + units, n)};
  }
  template <class T>
  HWY_INLINE void store(T* to, int64_t units, int64_t n) const {
    re.store(to, n);
    im.store(to + units, n);
  }
  static HWY_INLINE ComplexUnits zero() { return {V(0), V(0)}; }
  static HWY_INLINE ComplexUnits sum(ComplexUnits a, ComplexUnits b) { return {a.re + b.re, a.im + b.im}; }
  // a b + c, and conj(a) b + c.
  static HWY_INLINE ComplexUnits multiply_add(ComplexUnits a, ComplexUnits b, ComplexUnits c) {
    return {fma(a.re, b.re, fma(-a.im, b.im, c.re)), fma(a.re, b.im, fma(a.im, b.re, c.im))};
  }
  static HWY_INLINE ComplexUnits conjugate_add(ComplexUnits a, ComplexUnits b, ComplexUnits c) {
    return {fma(a.re, b.re, fma(a.im, b.im, c.re)), fma(a.re, b.im, fma(-a.im, b.re, c.im))};
  }
};

// One real number a unit.
template <class V>
struct RealUnits {
  V v;

  template <class T>
  static HWY_INLINE RealUnits load(const T* from, int64_t, int64_t n) {
    return {V::load(from, n)};
  }
  template <class T>
  HWY_INLINE void store(T* to, int64_t, int64_t n) const {
    v.store(to, n);
  }
  static HWY_INLINE RealUnits zero() { return {V(0)}; }
  static HWY_INLINE RealUnits sum(RealUnits a, RealUnits b) { return {a.v + b.v}; }
  static HWY_INLINE RealUnits multiply_add(RealUnits a, RealUnits b, RealUnits c) { return {fma(a.v, b.v, c.v)}; }
  static HWY_INLINE RealUnits conjugate_add(RealUnits a, RealUnits b, RealUnits c) { return {fma(a.v, b.v, c.v)}; }
};

// The step that comes `s`-th in the direction of travel.
HWY_INLINE int64_t step_at(const PackedSteps& p, int64_t s) { return p.reverse ? p.steps - 1 - s : s; }

template <class Units, class V, class T>
void scan_forward(const LinearScan<T>& args, int64_t unit_begin, int64_t unit_end) {
  const int64_t W = args.width(), H = args.units;
  for (int64_t s = 0; s < args.packed.steps; ++s) {
    const int64_t t = step_at(args.packed, s), offset = args.packed.offset[t];
    for (int64_t r = 0; r < args.packed.rows[t]; ++r) {
      const int64_t at = (offset + r) * W;
      const T* a = args.a + (args.is_constant ? 0 : at);
      T* state = args.state + r * W;
      for (int64_t u = unit_begin; u < unit_end; u += V::kCount) {
        const int64_t n = unit_end - u;
        const Units h = Units::multiply_add(Units::load(a + u, H, n), Units::load(state + u, H, n),
                                            Units::load(args.b + at + u, H, n));
        h.store(state + u, H, n);
        h.store(args.h + at + u, H, n);
      }
    }
  }
}

template <class Units, class V, class T>
void scan_backward(const LinearScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) {
  const int64_t W = args.width(), H = args.units;
  const PackedSteps& p = args.packed;
  for (int64_t s = p.steps; s-- > 0;) {
    const int64_t t = step_at(p, s), offset = p.offset[t];
    const int64_t before = s > 0 ? step_at(p, s - 1) : 0, carried = s > 0 ? p.rows[before] : 0;
    for (int64_t r = 0; r < p.rows[t]; ++r) {
      const int64_t at = (offset + r) * W;
      const T* a = args.a + (args.is_constant ? 0 : at);
      const T* h_before = r < carried ? args.h + (p.offset[before] + r) * W : args.initial + r * W;
      T *carry = args.dstate + r * W, *da = args.da + (args.is_constant ? r * W : at);
      for (int64_t u = unit_begin; u < unit_end; u += V::kCount) {
        const int64_t n = unit_end - u;
        const Units e = Units::sum(Units::load(args.dh + at + u, H, n), Units::load(carry + u, H, n));
        const Units before_it = Units::load(h_before + u, H, n), zero = Units::zero();
        const Units total = args.is_constant ? Units::load(da + u, H, n) : zero;
        Units::conjugate_add(before_it, e, total).store(da + u, H, n);
        e.store(args.db + at + u, H, n);
        Units::conjugate_add(Units::load(a + u, H, n), e, zero).store(carry + u, H, n);
      }
    }
  }
}

template <class V, class T>
void linear_scan(const LinearScan<T>& args, int64_t unit_begin, int64_t unit_end) {
  if (args.is_complex) return scan_forward<ComplexUnits<V>, V, T>(args, unit_begin, unit_end);
  return scan_forward<RealUnits<V>, V, T>(args, unit_begin, unit_end);
}

template <class V, class T>
void linear_scan_grad(const LinearScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) {
  if (args.is_complex) return scan_backward<ComplexUnits<V>, V, T>(args, unit_begin, unit_end);
  return scan_backward<RealUnits<V>, V, T>(args, unit_begin, unit_end);
}

template <class V, class T>
LinearScanKernels<T> scan_kernels_of() {
  return {.forward = linear_scan<V, T>, .backward = linear_scan_grad<V, T>};
}

// --- with gates made on the way -------------------------------------------------------------------------------------

// With all digits, as the ops have it.
HWY_INLINE Lanes full_sigmoid(Lanes x) { return precise_sigmoid(x); }
template <class T>
HWY_INLINE Scalar<T> full_sigmoid(Scalar<T> x) {
  return sigmoid(x);
}

// The candidate g(x), and its slope.
template <class V>
struct PositiveCandidate {
  HWY_INLINE explicit PositiveCandidate(V x) {
    const V s = full_sigmoid(x), above = step(x);
    value = relu(x) + s - relu(s - V(0.5f));  // sigmoid(x), at most 0.5
    slope = above + (V(1.0f) - above) * s * (V(1.0f) - s);
  }
  V value, slope;
};

struct MinGruGates {
  static constexpr int kGates = 2;

  template <class V>
  static HWY_INLINE void forward(const V* x, V& a, V& b) {
    const V z = full_sigmoid(x[0]);
    a = V(1.0f) - z;
    b = z * PositiveCandidate<V>(x[1]).value;
  }
  template <class V>
  static HWY_INLINE V backward(const V* x, V da, V db, V* dx) {
    const V z = full_sigmoid(x[0]);
    const PositiveCandidate<V> g(x[1]);
    dx[0] = (db * g.value - da) * z * (V(1.0f) - z);
    dx[1] = db * z * g.slope;
    return V(1.0f) - z;
  }
};

struct MinLstmGates {
  static constexpr int kGates = 3;

  template <class V>
  static HWY_INLINE void forward(const V* x, V& a, V& b) {
    const V f = full_sigmoid(x[0]), i = full_sigmoid(x[1]), total = f + i;
    a = f / total;
    b = i / total * PositiveCandidate<V>(x[2]).value;
  }
  template <class V>
  static HWY_INLINE V backward(const V* x, V da, V db, V* dx) {
    const V f = full_sigmoid(x[0]), i = full_sigmoid(x[1]), total = f + i;
    const PositiveCandidate<V> g(x[2]);
    const V through = (da - db * g.value) / (total * total);
    dx[0] = through * i * f * (V(1.0f) - f);
    dx[1] = -(through * f * i * (V(1.0f) - i));
    dx[2] = db * (i / total) * g.slope;
    return f / total;
  }
};

template <class Gates, class V, class T>
void gated_scan(const kernels::GatedScan<T>& args, int64_t unit_begin, int64_t unit_end) {
  const int64_t H = args.units;
  for (int64_t s = 0; s < args.packed.steps; ++s) {
    const int64_t t = step_at(args.packed, s), offset = args.packed.offset[t];
    for (int64_t r = 0; r < args.packed.rows[t]; ++r) {
      const T* sums = args.sums + (offset + r) * Gates::kGates * H;
      T *state = args.state + r * H, *h = args.h + (offset + r) * H;
      for (int64_t u = unit_begin; u < unit_end; u += V::kCount) {
        const int64_t n = unit_end - u;
        V x[Gates::kGates], a, b;
        for (int g = 0; g < Gates::kGates; ++g) x[g] = V::load(sums + g * H + u, n);
        Gates::template forward<V>(x, a, b);
        const V now = fma(a, V::load(state + u, n), b);
        now.store(state + u, n);
        now.store(h + u, n);
      }
    }
  }
}

template <class Gates, class V, class T>
void gated_scan_grad(const kernels::GatedScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) {
  const int64_t H = args.units;
  const PackedSteps& p = args.packed;
  for (int64_t s = p.steps; s-- > 0;) {
    const int64_t t = step_at(p, s), offset = p.offset[t];
    const int64_t before = s > 0 ? step_at(p, s - 1) : 0, carried = s > 0 ? p.rows[before] : 0;
    for (int64_t r = 0; r < p.rows[t]; ++r) {
      const T* sums = args.sums + (offset + r) * Gates::kGates * H;
      const T* h_before = r < carried ? args.h + (p.offset[before] + r) * H : args.initial + r * H;
      const T* dh = args.dh + (offset + r) * H;
      T *carry = args.dstate + r * H, *dsums = args.dsums + (offset + r) * Gates::kGates * H;
      for (int64_t u = unit_begin; u < unit_end; u += V::kCount) {
        const int64_t n = unit_end - u;
        V x[Gates::kGates], dx[Gates::kGates];
        for (int g = 0; g < Gates::kGates; ++g) x[g] = V::load(sums + g * H + u, n);
        const V e = V::load(dh + u, n) + V::load(carry + u, n);
        const V a = Gates::template backward<V>(x, e * V::load(h_before + u, n), e, dx);
        for (int g = 0; g < Gates::kGates; ++g) dx[g].store(dsums + g * H + u, n);
        (a * e).store(carry + u, n);
      }
    }
  }
}

using kernels::GatedScanKernels;

template <class Gates, class V, class T>
GatedScanKernels<T> gated_kernels_of() {
  return {.forward = gated_scan<Gates, V, T>, .backward = gated_scan_grad<Gates, V, T>};
}

template <class V, class T>
GatedScanKernels<T> gated_kernels_for(kernels::ScanGates gates) {
  if (gates == kernels::ScanGates::kMinGru) return gated_kernels_of<MinGruGates, V, T>();
  return gated_kernels_of<MinLstmGates, V, T>();
}

GatedScanKernels<float> simd_gated_kernels(kernels::ScanGates gates) { return gated_kernels_for<Lanes, float>(gates); }

LinearScanKernels<float> simd_scan_kernels() { return scan_kernels_of<Lanes, float>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(simd_scan_kernels);
HWY_EXPORT(simd_gated_kernels);

namespace kernels {

template <class T>
const LinearScanKernels<T>& reference_linear_scan_kernels() {
  static const LinearScanKernels<T> scalar = (HWY_STATIC_DISPATCH(scan_kernels_of) < Scalar<T>, T > ());
  return scalar;
}
template const LinearScanKernels<float>& reference_linear_scan_kernels<float>();
template const LinearScanKernels<double>& reference_linear_scan_kernels<double>();

template <>
const LinearScanKernels<float>& linear_scan_kernels<float>() {
  static const LinearScanKernels<float> chosen =
      use_reference() ? reference_linear_scan_kernels<float>() : HWY_DYNAMIC_DISPATCH(simd_scan_kernels)();
  return chosen;
}

// Doubles serve gradient checks: the reference is all they need.
template <>
const LinearScanKernels<double>& linear_scan_kernels<double>() {
  return reference_linear_scan_kernels<double>();
}

template <class T>
const GatedScanKernels<T>& reference_gated_scan_kernels(ScanGates gates) {
  static const GatedScanKernels<T> gru = (HWY_STATIC_DISPATCH(gated_kernels_for) < Scalar<T>, T > (ScanGates::kMinGru));
  static const GatedScanKernels<T> lstm =
      (HWY_STATIC_DISPATCH(gated_kernels_for) < Scalar<T>, T > (ScanGates::kMinLstm));
  return gates == ScanGates::kMinGru ? gru : lstm;
}
template const GatedScanKernels<float>& reference_gated_scan_kernels<float>(ScanGates);
template const GatedScanKernels<double>& reference_gated_scan_kernels<double>(ScanGates);

template <>
const GatedScanKernels<float>& gated_scan_kernels<float>(ScanGates gates) {
  if (use_reference()) return reference_gated_scan_kernels<float>(gates);
  static const GatedScanKernels<float> gru = HWY_DYNAMIC_DISPATCH(simd_gated_kernels)(ScanGates::kMinGru);
  static const GatedScanKernels<float> lstm = HWY_DYNAMIC_DISPATCH(simd_gated_kernels)(ScanGates::kMinLstm);
  return gates == ScanGates::kMinGru ? gru : lstm;
}

template <>
const GatedScanKernels<double>& gated_scan_kernels<double>(ScanGates gates) {
  return reference_gated_scan_kernels<double>(gates);
}

}  // namespace kernels
}  // namespace recur
#endif
