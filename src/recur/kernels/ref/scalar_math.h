// The functions that kernels and cells are written in, for plain numbers. The SIMD vectors of kernels/cpu and Tensor
// have functions of the same names, so that one template serves all of them.
#pragma once

#include <algorithm>
#include <cmath>

namespace recur {

inline float exp(float x) { return std::exp(x); }
inline double exp(double x) { return std::exp(x); }
inline float tanh(float x) { return std::tanh(x); }
inline double tanh(double x) { return std::tanh(x); }
// exp of the negative magnitude only, so that neither end overflows.
template <class T>
T scalar_sigmoid(T x) {
  const T e = std::exp(-std::abs(x));
  return (x < 0 ? e : T(1)) / (1 + e);
}
inline float sigmoid(float x) { return scalar_sigmoid(x); }
inline double sigmoid(double x) { return scalar_sigmoid(x); }
inline float relu(float x) { return x < 0 ? 0 : x; }
inline double relu(double x) { return x < 0 ? 0 : x; }
// 1 where x > 0, else 0: the derivative of relu.
inline float step(float x) { return x > 0 ? 1 : 0; }
inline double step(double x) { return x > 0 ? 1 : 0; }

}  // namespace recur
