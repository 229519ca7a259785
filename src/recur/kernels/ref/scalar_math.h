// The functions that kernels and cells are written in, for plain numbers. The SIMD vectors of kernels/cpu and Tensor
// have functions of the same names, so that one template serves all of them.
#pragma once

#include <cmath>
#include <cstdint>

namespace recur {

// A number as a vector of one.
template <class T>
struct Scalar {
  using Value = T;
  static constexpr int64_t kCount = 1;

  T v = 0;

  Scalar() = default;
  Scalar(T value) : v(value) {}
  static Scalar load(const T* from, int64_t = 1) { return *from; }
  void store(T* to, int64_t = 1) const { *to = v; }

  friend Scalar operator+(Scalar a, Scalar b) { return a.v + b.v; }
  friend Scalar operator-(Scalar a, Scalar b) { return a.v - b.v; }
  friend Scalar operator*(Scalar a, Scalar b) { return a.v * b.v; }
  friend Scalar operator/(Scalar a, Scalar b) { return a.v / b.v; }
  friend Scalar operator-(Scalar a) { return -a.v; }
  friend Scalar fma(Scalar a, Scalar b, Scalar c) { return a.v * b.v + c.v; }
  friend Scalar exp(Scalar a) { return std::exp(a.v); }
  friend Scalar tanh(Scalar a) { return std::tanh(a.v); }
  // exp of the negative magnitude only, so that neither end overflows.
  friend Scalar sigmoid(Scalar a) {
    const T e = std::exp(-std::abs(a.v));
    return (a.v < 0 ? e : T(1)) / (1 + e);
  }
  friend Scalar relu(Scalar a) { return a.v < 0 ? T(0) : a.v; }
  // 1 where positive, else 0: the derivative of relu.
  friend Scalar step(Scalar a) { return a.v > 0 ? T(1) : T(0); }
};

}  // namespace recur
