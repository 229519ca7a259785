// The arithmetic of the optimisers over runs of parameters: one pass that reads each gradient once, scales it
// (clipping) and changes the parameter and what is kept for it.
#pragma once

#include <cstdint>

namespace recur::kernels {

// n parameters w with their gradients and the quantities kept for each. A rule sees scale g + decay w as the gradient.
template <class T>
struct Elements {
  static constexpr int kMaxKept = 3;

  int64_t n = 0;
  T* w = nullptr;
  const T* g = nullptr;
  T* kept[kMaxKept] = {};
  T scale = 1;
  T decay = 0;
};

// v = momentum v + fresh g;  w -= rate v, or with nesterov rate (g + momentum v). Kept: v, where momentum is not 0.
template <class T>
struct SgdRule {
  T rate, momentum, fresh;
  bool nesterov;
};

// m = beta1 m + rest1 g;  v = beta2 v + rest2 g^2;  w = keep w - rate m / (unbias sqrt(v) + epsilon). Kept: m, v and,
// with amsgrad, the largest v so far, which takes the place of v in the last step.
template <class T>
struct AdamRule {
  T rate, beta1, rest1, beta2, rest2, unbias, epsilon, keep;
  bool amsgrad;
};

// s = alpha s + rest g^2, centred by the square of m = alpha m + rest g;  u = momentum u + g / (sqrt(s) + epsilon);
// w -= rate u. Kept: s, m where centred, u where momentum is not 0.
template <class T>
struct RmspropRule {
  T rate, alpha, rest, epsilon, momentum;
  bool centered;
};

// s += g^2;  w -= rate g / (sqrt(s) + epsilon). Kept: s.
template <class T>
struct AdagradRule {
  T rate, epsilon;
};

template <class T>
struct OptimizerKernels {
  void (*sgd)(const SgdRule<T>& rule, const Elements<T>& on);
  void (*adam)(const AdamRule<T>& rule, const Elements<T>& on);
  void (*rmsprop)(const RmspropRule<T>& rule, const Elements<T>& on);
  void (*adagrad)(const AdagradRule<T>& rule, const Elements<T>& on);
  double (*sum_of_squares)(const T* x, int64_t n);  // in f64, so that no square overflows
};

// Those in use for T = float or double, chosen as table() is, and the scalar reference.
template <class T>
const OptimizerKernels<T>& optimizer_kernels();
template <class T>
const OptimizerKernels<T>& reference_optimizer_kernels();

}  // namespace recur::kernels
