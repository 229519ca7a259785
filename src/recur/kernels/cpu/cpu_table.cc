// Elementwise, reduction and softmax kernels in SIMD.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/cpu_table.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "recur/kernels/cpu/cpu_table.h"
#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/cpu/layer_norm-inl.h"
#include "recur/kernels/gelu_tanh.h"
#include "recur/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::Binary;
using kernels::CrossEntropy;
using kernels::Reduce;
using kernels::Stretch;
using kernels::Table;
using kernels::Unary;

// --- one vector at a time -------------------------------------------------------------------------------------

struct Neg {
  static HWY_INLINE Lanes apply(Lanes x) { return -x; }
};
struct Exp {
  static HWY_INLINE Lanes apply(Lanes x) { return exp(x); }
};
// Highway's Log is for positive finite numbers; of 0 it is -infinity here, of less NaN, and of infinity and NaN itself.
struct Log {
  static HWY_INLINE Lanes apply(Lanes x) {
    const auto zero = hn::Zero(FloatTag());
    const auto infinity = hn::Inf(FloatTag());
    const auto at_most_zero = hn::IfThenElse(hn::Eq(x.v, zero), hn::Neg(infinity), hn::NaN(FloatTag()));
    const auto outside = hn::IfThenElse(hn::Le(x.v, zero), at_most_zero, x.v);
    const auto is_inside = hn::And(hn::Gt(x.v, zero), hn::Lt(x.v, infinity));
    return hn::IfThenElse(is_inside, hn::Log(FloatTag(), x.v), outside);
  }
};
struct Sqrt {
  static HWY_INLINE Lanes apply(Lanes x) { return hn::Sqrt(x.v); }
};
struct Abs {
  static HWY_INLINE Lanes apply(Lanes x) { return hn::Abs(x.v); }
};
struct Sign {
  static HWY_INLINE Lanes apply(Lanes x) { return step(x) - step(-x); }
};
struct Reciprocal {
  static HWY_INLINE Lanes apply(Lanes x) { return Lanes(1.0f) / x; }
};
struct Square {
  static HWY_INLINE Lanes apply(Lanes x) { return x * x; }
};
struct Sigmoid {
  static HWY_INLINE Lanes apply(Lanes x) { return precise_sigmoid(x); }
};
struct Tanh {
  static HWY_INLINE Lanes apply(Lanes x) { return tanh(x); }
};
struct Relu {
  static HWY_INLINE Lanes apply(Lanes x) { return relu(x); }
};
struct GeluTanh {
  static constexpr auto kSlope = static_cast<float>(kernels::kGeluSlope);
  static constexpr auto kBound = static_cast<float>(kernels::kGeluBound);
  static constexpr auto kCubic = static_cast<float>(kernels::kGeluCubic);
  // What of x its unit is.
  static HWY_INLINE Lanes share(Lanes x) {
    const Lanes all = precise_sigmoid(Lanes(kSlope) * x * fma(Lanes(kCubic) * x, x, Lanes(1.0f)));
    return hn::IfThenZeroElse(hn::Le(x.v, Lanes(-kBound).v), all.v);
  }
  static HWY_INLINE Lanes apply(Lanes x) { return x * share(x); }
};
// The library's sine and cosine are for angles up to some 39,000; others, and infinities, are computed one by one.
template <class F>
HWY_INLINE Lanes with_large_angles(Lanes x, Lanes y, F scalar) {
  const FloatTag d;
  constexpr float kUsual = 3e4f;
  if (hn::AllTrue(d, hn::Le(hn::Abs(x.v), hn::Set(d, kUsual)))) return y;
  HWY_ALIGN float angles[hn::MaxLanes(d)], out[hn::MaxLanes(d)];
  hn::Store(x.v, d, angles);
  hn::Store(y.v, d, out);
  for (size_t i = 0; i < hn::Lanes(d); ++i) {
    if (!(std::abs(angles[i]) <= kUsual)) out[i] = scalar(angles[i]);
  }
  return hn::Load(d, out);
}
struct Sin {
  static HWY_INLINE Lanes apply(Lanes x) {
    return with_large_angles(x, hn::Sin(FloatTag(), x.v), [](float angle) { return std::sin(angle); });
  }
};
struct Cos {
  static HWY_INLINE Lanes apply(Lanes x) {
    return with_large_angles(x, hn::Cos(FloatTag(), x.v), [](float angle) { return std::cos(angle); });
  }
};

struct Add {
  static constexpr float kNeutral = 0;
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return a + b; }
  static HWY_INLINE float across(Lanes x) { return hn::GetLane(hn::SumOfLanes(FloatTag(), x.v)); }
};
struct Sub {
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return a - b; }
};
struct Mul {
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return a * b; }
};
struct Div {
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return a / b; }
};
struct Max {
  static constexpr float kNeutral = -std::numeric_limits<float>::infinity();
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return hn::IfThenElse(hn::Lt(a.v, b.v), b.v, a.v); }
  static HWY_INLINE float across(Lanes x) { return hn::GetLane(hn::MaxOfLanes(FloatTag(), x.v)); }
};
struct Min {
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return hn::IfThenElse(hn::Lt(b.v, a.v), b.v, a.v); }
};
struct Equal {
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return hn::IfThenElseZero(hn::Eq(a.v, b.v), Lanes(1.0f).v); }
};
struct Less {
  static HWY_INLINE Lanes apply(Lanes a, Lanes b) { return hn::IfThenElseZero(hn::Lt(a.v, b.v), Lanes(1.0f).v); }
};
struct SigmoidGrad {
  static HWY_INLINE Lanes apply(Lanes g, Lanes y) { return g * y * (Lanes(1.0f) - y); }
};
struct TanhGrad {
  static HWY_INLINE Lanes apply(Lanes g, Lanes y) { return g * (Lanes(1.0f) - y * y); }
};
struct ReluGrad {
  static HWY_INLINE Lanes apply(Lanes g, Lanes x) { return g * step(x); }
};
struct GeluTanhGrad {
  static HWY_INLINE Lanes apply(Lanes g, Lanes x) {
    const Lanes share = GeluTanh::share(x);
    const Lanes near = hn::Clamp(x.v, Lanes(-GeluTanh::kBound).v, Lanes(GeluTanh::kBound).v);
    const Lanes slope = Lanes(GeluTanh::kSlope) * fma(Lanes(3 * GeluTanh::kCubic) * near, near, Lanes(1.0f));
    return g * share * fma(near * (Lanes(1.0f) - share), slope, Lanes(1.0f));
  }
};

// --- over arrays ------------------------------------------------------------------------------------------------

template <class Op>
void map(const float* x, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Op::apply(Lanes::load(x + i)).store(y + i);
  if (i < n) Op::apply(Lanes::load(x + i, n - i)).store(y + i, n - i);
}

// The first n of the values at i; without n as many as there are lanes.
template <Stretch kStretch, class... N>
HWY_INLINE Lanes left(const float* a, int64_t i, N... n) {
  return kStretch == Stretch::kLeft ? Lanes(*a) : Lanes::load(a + i, n...);
}
template <Stretch kStretch, class... N>
HWY_INLINE Lanes right(const float* b, int64_t i, N... n) {
  return kStretch == Stretch::kRight ? Lanes(*b) : Lanes::load(b + i, n...);
}

template <class Op, Stretch kStretch>
void zip(const float* a, const float* b, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Op::apply(left<kStretch>(a, i), right<kStretch>(b, i)).store(y + i);
  if (i < n) Op::apply(left<kStretch>(a, i, n - i), right<kStretch>(b, i, n - i)).store(y + i, n - i);
}

template <class Op>
void zip(Stretch stretch, const float* a, const float* b, float* y, int64_t n) {
  switch (stretch) {
    case Stretch::kNone:
      return zip<Op, Stretch::kNone>(a, b, y, n);
    case Stretch::kLeft:
      return zip<Op, Stretch::kLeft>(a, b, y, n);
    case Stretch::kRight:
      return zip<Op, Stretch::kRight>(a, b, y, n);
  }
}

void unary(Unary op, const float* x, float* y, int64_t n) {
  switch (op) {
    case Unary::kNeg:
      return map<Neg>(x, y, n);
    case Unary::kExp:
      return map<Exp>(x, y, n);
    case Unary::kLog:
      return map<Log>(x, y, n);
    case Unary::kSqrt:
      return map<Sqrt>(x, y, n);
    case Unary::kAbs:
      return map<Abs>(x, y, n);
    case Unary::kSign:
      return map<Sign>(x, y, n);
    case Unary::kReciprocal:
      return map<Reciprocal>(x, y, n);
    case Unary::kSquare:
      return map<Square>(x, y, n);
    case Unary::kSigmoid:
      return map<Sigmoid>(x, y, n);
    case Unary::kTanh:
      return map<Tanh>(x, y, n);
    case Unary::kRelu:
      return map<Relu>(x, y, n);
    case Unary::kGeluTanh:
      return map<GeluTanh>(x, y, n);
    case Unary::kSin:
      return map<Sin>(x, y, n);
    case Unary::kCos:
      return map<Cos>(x, y, n);
    case Unary::kSoftplus:
    case Unary::kErf:
      return kernels::reference_table<float>().unary(op, x, y, n);  // rare: not worth a kernel
  }
}

void binary(Binary op, Stretch stretch, const float* a, const float* b, float* y, int64_t n) {
  switch (op) {
    case Binary::kAdd:
      return zip<Add>(stretch, a, b, y, n);
    case Binary::kSub:
      return zip<Sub>(stretch, a, b, y, n);
    case Binary::kMul:
      return zip<Mul>(stretch, a, b, y, n);
    case Binary::kDiv:
      return zip<Div>(stretch, a, b, y, n);
    case Binary::kMax:
      return zip<Max>(stretch, a, b, y, n);
    case Binary::kMin:
      return zip<Min>(stretch, a, b, y, n);
    case Binary::kEqual:
      return zip<Equal>(stretch, a, b, y, n);
    case Binary::kLess:
      return zip<Less>(stretch, a, b, y, n);
    case Binary::kSigmoidGrad:
      return zip<SigmoidGrad>(stretch, a, b, y, n);
    case Binary::kTanhGrad:
      return zip<TanhGrad>(stretch, a, b, y, n);
    case Binary::kReluGrad:
      return zip<ReluGrad>(stretch, a, b, y, n);
    case Binary::kGeluTanhGrad:
      return zip<GeluTanhGrad>(stretch, a, b, y, n);
    case Binary::kPow:
      return kernels::reference_table<float>().binary(op, stretch, a, b, y, n);
  }
}

// The first n < kLanes values, and behind them `rest`.
HWY_INLINE Lanes load_tail(const float* x, int64_t n, float rest) {
  return hn::IfThenElse(hn::FirstN(FloatTag(), static_cast<size_t>(n)), Lanes::load(x, n).v, Lanes(rest).v);
}

// A row by several accumulators in a fixed order: fast, and more exact than one running sum. Long rows are halved, so
// that the error of a sum grows with the logarithm of its length.
template <class Op>
float fold(const float* x, int64_t n) {
  constexpr int64_t kLong = 2048;
  if (n > kLong) {
    const int64_t half = n / 2 / kLanes * kLanes;
    return hn::GetLane(Op::apply(Lanes(fold<Op>(x, half)), Lanes(fold<Op>(x + half, n - half))).v);
  }
  constexpr int kWays = 4;
  Lanes all(Op::kNeutral);
  int64_t i = 0;
  if (n >= kWays * kLanes) {
    Lanes sums[kWays];
    for (int w = 0; w < kWays; ++w) sums[w] = Lanes::load(x + w * kLanes);
    for (i = kWays * kLanes; i + kWays * kLanes <= n; i += kWays * kLanes)
      for (int w = 0; w < kWays; ++w) sums[w] = Op::apply(sums[w], Lanes::load(x + i + w * kLanes));
    all = Op::apply(Op::apply(sums[0], sums[1]), Op::apply(sums[2], sums[3]));
  }
  for (; i + kLanes <= n; i += kLanes) all = Op::apply(all, Lanes::load(x + i));
  if (i < n) all = Op::apply(all, load_tail(x + i, n - i, Op::kNeutral));
  return Op::across(all);
}

template <class Op>
void reduce_with(const float* x, float* y, int64_t outer, int64_t n, int64_t inner) {
  for (int64_t o = 0; o < outer; ++o, x += n * inner, y += inner) {
    if (inner == 1) {
      *y = fold<Op>(x, n);
      continue;
    }
    std::copy(x, x + inner, y);
    for (int64_t k = 1; k < n; ++k) zip<Op, Stretch::kNone>(y, x + k * inner, y, inner);
  }
}

void reduce(Reduce op, const float* x, float* y, int64_t outer, int64_t n, int64_t inner) {
  if (op == Reduce::kSum) return reduce_with<Add>(x, y, outer, n, inner);
  return reduce_with<Max>(x, y, outer, n, inner);
}

// The exponential of a logit below the largest. Where bounded_exp stops short it is 0: a masked class gets nothing.
HWY_INLINE Lanes exp_or_zero(Lanes x) {
  return hn::IfThenZeroElse(hn::Lt(x.v, hn::Set(FloatTag(), -87.0f)), bounded_exp(x).v);
}

// y[j] = exp(x[j] - top); returns their sum.
float exp_shifted(const float* x, float* y, int64_t n, float top) {
  const Lanes shift(top);
  Lanes sum{};
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    const Lanes e = exp_or_zero(Lanes::load(x + j) - shift);
    e.store(y + j);
    sum = sum + e;
  }
  if (j < n) {
    const Lanes e = exp_or_zero(load_tail(x + j, n - j, Max::kNeutral) - shift);
    e.store(y + j, n - j);
    sum = sum + e;
  }
  return Add::across(sum);
}

float sum_exp_shifted(const float* x, int64_t n, float top) {
  const Lanes shift(top);
  Lanes sum{};
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) sum = sum + exp_or_zero(Lanes::load(x + j) - shift);
  if (j < n) sum = sum + exp_or_zero(load_tail(x + j, n - j, Max::kNeutral) - shift);
  return Add::across(sum);
}

// y[j] = x[j] - top - log_sum, one after the other: in their sum, a large logit would swallow the logarithm.
void subtract_both(const float* x, float* y, int64_t n, float top, float log_sum) {
  const Lanes first(top), second(log_sum);
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) (Lanes::load(x + j) - first - second).store(y + j);
  if (j < n) (Lanes::load(x + j, n - j) - first - second).store(y + j, n - j);
}

void softmax(const float* x, float* y, int64_t rows, int64_t n, bool logarithm) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const float top = fold<Max>(x, n);
    if (logarithm) {
      subtract_both(x, y, n, top, std::log(sum_exp_shifted(x, n, top)));
    } else {
      const float scale = 1 / exp_shifted(x, y, n, top);
      zip<Mul, Stretch::kRight>(y, &scale, y, n);
    }
  }
}

void cross_entropy(const CrossEntropy<float>& args, float* loss) {
  const int64_t n = args.classes;
  for (int64_t r = 0; r < args.rows; ++r) {
    const float* x = args.logits + r * n;
    if (args.targets[r] == args.ignored) {
      loss[r] = 0;
      continue;
    }
    const float top = fold<Max>(x, n);
    const float log_sum = std::log(sum_exp_shifted(x, n, top));
    loss[r] = (1 - args.smoothing) * (top - x[args.targets[r]] + log_sum);
    if (args.smoothing != 0) loss[r] += args.smoothing * (top - fold<Add>(x, n) / static_cast<float>(n) + log_sum);
  }
}

void cross_entropy_grad(const CrossEntropy<float>& args, const float* weights, float* grad) {
  const int64_t n = args.classes;
  for (int64_t r = 0; r < args.rows; ++r) {
    float* g = grad + r * n;
    if (args.targets[r] == args.ignored) {
      std::fill(g, g + n, 0.0f);
      continue;
    }
    const float* x = args.logits + r * n;
    const float scale = weights[r] / exp_shifted(x, g, n, fold<Max>(x, n));
    zip<Mul, Stretch::kRight>(g, &scale, g, n);
    if (args.smoothing != 0) {
      const float even = weights[r] * args.smoothing / static_cast<float>(n);
      zip<Sub, Stretch::kRight>(g, &even, g, n);
    }
    g[args.targets[r]] -= weights[r] * (1 - args.smoothing);
  }
}

Table<float> make_table() {
  static const std::string name = std::string("cpu (") + hwy::TargetName(HWY_TARGET) + ")";
  return {.name = name.c_str(),
          .unary = unary,
          .binary = binary,
          .reduce = reduce,
          .gemm = kernels::gemm_f32,
          .gemm_bf16 = kernels::gemm_bf16,
          .softmax = softmax,
          .cross_entropy = cross_entropy,
          .cross_entropy_grad = cross_entropy_grad,
          .layer_norm = layer_norm,
          .layer_norm_grad = layer_norm_grad};
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(make_table);

namespace kernels {

Table<float> cpu_table() { return HWY_DYNAMIC_DISPATCH(make_table)(); }

}  // namespace kernels
}  // namespace recur
#endif
