// The scalar kernels: the oracle that every other backend is tested against, and the fallback.
#include <algorithm>
#include <cmath>

#include "recur/base/bf16.h"
#include "recur/base/error.h"
#include "recur/kernels/gelu_tanh.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/ref/scalar_math.h"

namespace recur::kernels {
namespace {

// What of x its Gaussian error linear unit is.
template <class T>
T gelu_share(T x) {
  return sigmoid(Scalar<T>(static_cast<T>(kGeluSlope) * (x + static_cast<T>(kGeluCubic) * x * x * x))).v;
}

template <class T>
T gelu_derivative(T x) {
  const T share = gelu_share(x), near = std::clamp(x, static_cast<T>(-kGeluBound), static_cast<T>(kGeluBound));
  const T slope = static_cast<T>(kGeluSlope) * (1 + static_cast<T>(3 * kGeluCubic) * near * near);
  return share * (1 + near * (1 - share) * slope);
}

template <class T>
T apply(Unary op, T x) {
  switch (op) {
    case Unary::kNeg:
      return -x;
    case Unary::kExp:
      return std::exp(x);
    case Unary::kLog:
      return std::log(x);
    case Unary::kSqrt:
      return std::sqrt(x);
    case Unary::kAbs:
      return std::abs(x);
    case Unary::kSign:
      return static_cast<T>((x > 0) - (x < 0));
    case Unary::kReciprocal:
      return 1 / x;
    case Unary::kSquare:
      return x * x;
    case Unary::kSigmoid:
      return sigmoid(Scalar<T>(x)).v;
    case Unary::kTanh:
      return std::tanh(x);
    case Unary::kRelu:
      return relu(Scalar<T>(x)).v;
    case Unary::kSoftplus:
      return std::max<T>(x, 0) + std::log1p(std::exp(-std::abs(x)));
    case Unary::kSin:
      return std::sin(x);
    case Unary::kCos:
      return std::cos(x);
    case Unary::kErf:
      return std::erf(x);
    case Unary::kGeluTanh:
      return x * gelu_share(x);
  }
  return x;
}

template <class T>
T apply(Binary op, T a, T b) {
  switch (op) {
    case Binary::kAdd:
      return a + b;
    case Binary::kSub:
      return a - b;
    case Binary::kMul:
      return a * b;
    case Binary::kDiv:
      return a / b;
    case Binary::kMax:
      return a < b ? b : a;
    case Binary::kMin:
      return b < a ? b : a;
    case Binary::kPow:
      return std::pow(a, b);
    case Binary::kEqual:
      return a == b;
    case Binary::kLess:
      return a < b;
    case Binary::kSigmoidGrad:
      return a * b * (1 - b);
    case Binary::kTanhGrad:
      return a * (1 - b * b);
    case Binary::kReluGrad:
      return a * step(Scalar<T>(b)).v;
    case Binary::kGeluTanhGrad:
      return a * gelu_derivative(b);
  }
  return a;
}

template <class T>
void unary(Unary op, const T* x, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = apply(op, x[i]);
}

template <class T>
void binary(Binary op, Stretch stretch, const T* a, const T* b, T* y, int64_t n) {
  const int64_t step_a = stretch == Stretch::kLeft ? 0 : 1, step_b = stretch == Stretch::kRight ? 0 : 1;
  for (int64_t i = 0; i < n; ++i) y[i] = apply(op, a[i * step_a], b[i * step_b]);
}

// A line of n elements `stride` apart; long ones are halved, so that the error of a sum grows with log(n).
template <class T>
T fold(Binary step, const T* x, int64_t n, int64_t stride) {
  constexpr int64_t kLong = 512;
  if (n > kLong) return apply(step, fold(step, x, n / 2, stride), fold(step, x + n / 2 * stride, n - n / 2, stride));
  T result = x[0];
  for (int64_t k = 1; k < n; ++k) result = apply(step, result, x[k * stride]);
  return result;
}

template <class T>
void reduce(Reduce op, const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
  const Binary step = op == Reduce::kSum ? Binary::kAdd : Binary::kMax;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) y[o * inner + i] = fold(step, x + o * n * inner + i, n, inner);
}

// Round: what becomes of an operand.
template <class T, class Round>
void multiply(const Gemm<T>& g, Round round) {
  for (int64_t i = 0; i < g.m; ++i)
    for (int64_t j = 0; j < g.n; ++j) {
      T sum = 0;
      for (int64_t p = 0; p < g.k; ++p)
        sum += round(g.trans_a ? g.a[p * g.lda + i] : g.a[i * g.lda + p]) *
               round(g.trans_b ? g.b[j * g.ldb + p] : g.b[p * g.ldb + j]);
      T& c = g.c[i * g.ldc + j];
      c = g.add ? c + sum : sum;
      if (g.bias != nullptr) c += g.bias[j];
    }
}

template <class T>
void gemm(const Gemm<T>& g) {
  multiply(g, [](T x) { return x; });
}

template <class T>
void gemm_bf16(const Gemm<T>& g) {
  multiply(g, [](T x) { return static_cast<T>(static_cast<float>(bf16(static_cast<float>(x)))); });
}

// max and log(sum(exp(x - max))) of a row.
template <class T>
std::pair<T, T> log_normalizer(const T* x, int64_t n) {
  const T top = *std::max_element(x, x + n);
  T sum = 0;
  for (int64_t j = 0; j < n; ++j) sum += std::exp(x[j] - top);
  return {top, std::log(sum)};
}

template <class T>
void softmax(const T* x, T* y, int64_t rows, int64_t n, bool logarithm) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const auto [top, log_sum] = log_normalizer(x, n);
    for (int64_t j = 0; j < n; ++j) y[j] = logarithm ? x[j] - top - log_sum : std::exp(x[j] - top - log_sum);
  }
}

template <class T>
void cross_entropy(const CrossEntropy<T>& args, T* loss) {
  for (int64_t r = 0; r < args.rows; ++r) {
    loss[r] = 0;
    if (args.targets[r] == args.ignored) continue;
    const T* x = args.logits + r * args.classes;
    const auto [top, log_sum] = log_normalizer(x, args.classes);
    loss[r] = (1 - args.smoothing) * (top - x[args.targets[r]] + log_sum);
    if (args.smoothing == 0) continue;
    T sum = 0;
    for (int64_t j = 0; j < args.classes; ++j) sum += top - x[j] + log_sum;
    loss[r] += args.smoothing * sum / static_cast<T>(args.classes);
  }
}

template <class T>
void cross_entropy_grad(const CrossEntropy<T>& args, const T* weights, T* grad) {
  const T even = args.smoothing / static_cast<T>(args.classes);
  for (int64_t r = 0; r < args.rows; ++r) {
    const T* x = args.logits + r * args.classes;
    T* g = grad + r * args.classes;
    if (args.targets[r] == args.ignored) {
      std::fill(g, g + args.classes, T(0));
      continue;
    }
    const auto [top, log_sum] = log_normalizer(x, args.classes);
    for (int64_t j = 0; j < args.classes; ++j) g[j] = weights[r] * (std::exp(x[j] - top - log_sum) - even);
    g[args.targets[r]] -= weights[r] * (1 - args.smoothing);
  }
}

template <class T>
void layer_norm(const LayerNorm<T>& args, T* y, T* means, T* scales) {
  const T* x = args.x;
  for (int64_t r = 0; r < args.rows; ++r, x += args.n, y += args.n) {
    T sum = 0, squares = 0;
    for (int64_t j = 0; j < args.n; ++j) sum += x[j];
    means[r] = sum / static_cast<T>(args.n);
    for (int64_t j = 0; j < args.n; ++j) squares += (x[j] - means[r]) * (x[j] - means[r]);
    scales[r] = 1 / std::sqrt(squares / static_cast<T>(args.n) + args.eps);
    for (int64_t j = 0; j < args.n; ++j)
      y[j] = (x[j] - means[r]) * scales[r] * (args.weight ? args.weight[j] : 1) + (args.bias ? args.bias[j] : 0);
  }
}

// With u = (x - mean) scale and h = g weight: dx = scale (h - mean(h) - u mean(h u)).
template <class T>
void layer_norm_grad(const LayerNormGrad<T>& args, T* dx, T* dweight, T* dbias) {
  for (int64_t r = 0; r < args.rows; ++r) {
    const T* x = args.x + r * args.n;
    const T* g = args.g + r * args.n;
    const auto u = [&](int64_t j) { return (x[j] - args.means[r]) * args.scales[r]; };
    const auto h = [&](int64_t j) { return g[j] * (args.weight ? args.weight[j] : 1); };
    T sum = 0, projection = 0;
    for (int64_t j = 0; j < args.n; ++j) {
      sum += h(j);
      projection += h(j) * u(j);
      dweight[j] += g[j] * u(j);
      dbias[j] += g[j];
    }
    for (int64_t j = 0; j < args.n; ++j)
      dx[r * args.n + j] = args.scales[r] * (h(j) - (sum + u(j) * projection) / static_cast<T>(args.n));
  }
}

}  // namespace

template <class T>
const Table<T>& reference_table() {
  static const Table<T> table = {.name = "ref (scalar)",
                                 .unary = unary<T>,
                                 .binary = binary<T>,
                                 .reduce = reduce<T>,
                                 .gemm = gemm<T>,
                                 .gemm_bf16 = gemm_bf16<T>,
                                 .softmax = softmax<T>,
                                 .cross_entropy = cross_entropy<T>,
                                 .cross_entropy_grad = cross_entropy_grad<T>,
                                 .layer_norm = layer_norm<T>,
                                 .layer_norm_grad = layer_norm_grad<T>};
  return table;
}
template const Table<float>& reference_table<float>();
template const Table<double>& reference_table<double>();

}  // namespace recur::kernels
