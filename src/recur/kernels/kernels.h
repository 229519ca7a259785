// Raw-pointer mathematics behind one table of functions, so that a backend (scalar reference, SIMD, later another
// device) can be chosen as the program starts.
#pragma once

#include <cstdint>
#include <string>

namespace recur::kernels {

enum class Unary {
  kNeg,
  kExp,
  kLog,
  kSqrt,
  kAbs,
  kSign,
  kReciprocal,
  kSquare,
  kSigmoid,
  kTanh,
  kRelu,
  kSoftplus,
  kSin,
  kCos,
  kErf,
  kGeluTanh,
};
enum class Binary {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMax,
  kMin,
  kPow,
  kEqual,
  kLess,
  // dL/dx of y = f(x). a: dL/dy; b: y of sigmoid and tanh, x of the others.
  kSigmoidGrad,
  kTanhGrad,
  kReluGrad,
  kGeluTanhGrad,
};
enum class Reduce { kSum, kMax };
// Which operand of a binary kernel is one value that meets every element of the other.
enum class Stretch { kNone, kLeft, kRight };

// c [m, n] = op(a) op(b), or that added to c, and then the bias added; row-major. op transposes where asked, lda.. are
// the rows' strides as stored.
template <class T>
struct Gemm {
  bool trans_a = false, trans_b = false;
  int64_t m, n, k;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  bool add = false;
  const T* bias = nullptr;  // [n], added to every row, or null
  T* c;
  int64_t ldc;
};

// Rows of logits [rows, classes] against a class each. Rows whose target is `ignored` give loss 0 and gradient 0.
template <class T>
struct CrossEntropy {
  int64_t rows, classes;
  const T* logits;
  const int32_t* targets;
  int32_t ignored;
  T smoothing;  // label smoothing: this share of the target mass is spread evenly over the classes
};

// y = (x - mean) / sqrt(variance + eps) * weight + bias for each row of x [rows, n] (Ba, Kiros and Hinton, 2016).
template <class T>
struct LayerNorm {
  int64_t rows, n;
  const T* x;
  const T* weight;  // [n], or null for ones
  const T* bias;    // [n], or null for zeros
  T eps;
};

// What its gradient needs; g is dL/dy.
template <class T>
struct LayerNormGrad {
  int64_t rows, n;
  const T* x;
  const T* weight;  // or null
  const T* means;   // [rows], as the forward kernel gave them
  const T* scales;
  const T* g;
};

template <class T>
struct Table {
  const char* name;
  void (*unary)(Unary op, const T* x, T* y, int64_t n);
  // y[i] = op(a[i], b[i]); comparisons give 1 or 0.
  void (*binary)(Binary op, Stretch stretch, const T* a, const T* b, T* y, int64_t n);
  // y [outer, inner] from x [outer, n, inner] over the middle axis; n >= 1.
  void (*reduce)(Reduce op, const T* x, T* y, int64_t outer, int64_t n, int64_t inner);
  void (*gemm)(const Gemm<T>& product);
  // The same with operands rounded to bf16, summed in T; where one has very few rows, it may be as exact as gemm.
  void (*gemm_bf16)(const Gemm<T>& product);
  // y = softmax (or its logarithm) of each row of x [rows, n].
  void (*softmax)(const T* x, T* y, int64_t rows, int64_t n, bool logarithm);
  // The loss of each row, in nats.
  void (*cross_entropy)(const CrossEntropy<T>& args, T* loss);
  // grad [rows, classes] = weights[row] * d loss[row] / d logits; grad may be the logits.
  void (*cross_entropy_grad)(const CrossEntropy<T>& args, const T* weights, T* grad);
  // Also gives each row's mean and 1 / sqrt(variance + eps).
  void (*layer_norm)(const LayerNorm<T>& args, T* y, T* means, T* scales);
  // Writes dx and adds to dweight [n] and dbias [n].
  void (*layer_norm_grad)(const LayerNormGrad<T>& args, T* dx, T* dweight, T* dbias);
};

// The table in use for T = float or double: the fastest that the CPU supports. The environment forces another:
// RECUR_KERNELS=ref|cpu, and within cpu RECUR_TARGET=baseline|avx2|avx512|amx.
template <class T>
const Table<T>& table();

// The scalar reference, always there.
template <class T>
const Table<T>& reference_table();

// Whether RECUR_KERNELS forces the reference. The first call also makes RECUR_TARGET count.
bool use_reference();

// What table<float>() is and runs on, for people: "cpu (AVX3)".
std::string description();

}  // namespace recur::kernels
