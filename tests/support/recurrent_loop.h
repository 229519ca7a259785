// A layer for the fused loops (kernels/recurrent.h), on arrays that end where memory ends.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "recur/base/random.h"
#include "recur/kernels/recurrent.h"
#include "tests/support/guarded.h"

namespace recur::testing {

struct RecurrentProblem {
  std::vector<int64_t> lengths;  // not increasing
  int64_t hidden = 1;
  bool reverse = false;
  int64_t input = 0;   // features, where the loop is to project them
  bool whole = false;  // all numbers are -1, 0 or 1

  std::vector<double> numbers(int64_t count, double scale, uint64_t seed) const {
    Random random(seed);
    std::vector<double> result(static_cast<size_t>(count));
    for (double& value : result) {
      const auto normal = static_cast<double>(random.normal());
      value = whole ? std::clamp(std::round(normal), -1.0, 1.0) : scale * normal;
    }
    return result;
  }
};

// The arguments of one layer, all of them there, the same numbers in either precision.
template <class T, class E = T>
struct RecurrentLoop {
  RecurrentLoop(const kernels::RecurrentKernels<T, E>& kernels, const RecurrentProblem& problem)
      : k(kernels), H(problem.hidden), B(std::ssize(problem.lengths)) {
    const auto numbers = [&](int64_t count, double scale, uint64_t seed) {
      return problem.numbers(count, scale, seed);
    };
    for (int64_t t = 0; B > 0 && t < problem.lengths[0]; ++t) {
      offset.push_back(N);
      rows.push_back(std::ranges::count_if(problem.lengths, [&](int64_t length) { return length > t; }));
      N += rows.back();
    }
    const int64_t G = k.gates;
    const auto weight = numbers(G * H * H, 1 / std::sqrt(static_cast<double>(H)), 1);
    const int64_t F = problem.input;
    x = arrays.copy_of(numbers(N * (F > 0 ? F : G * H), 1, 2));
    forward.packed = {std::ssize(rows), B, rows.data(), offset.data(), problem.reverse};
    forward.hidden = H;
    forward.input = F;
    forward.x = x;
    const kernels::RecurrentWeights<T> weights{.hidden = H,
                                               .input = F,
                                               .recurrent = arrays.copy_of(weight),
                                               .of_input = arrays.copy_of(numbers(G * H * F, 0.4, 8))};
    E* packed = operands.make(k.packed_size_forward(H, F));
    k.pack_forward(weights, packed);
    forward.weights = packed;
    forward.bias_x = arrays.copy_of(numbers(G * H, 0.3, 3));
    forward.bias_r = arrays.copy_of(numbers(G * H, 0.3, 4));
    forward.unit_weights = k.unit_weights > 0 ? arrays.copy_of(numbers(k.unit_weights * H, 0.3, 5)) : nullptr;
    forward.y = y = arrays.make(N * H, kUntouched);
    forward.saved = operands.make(N * k.saved * H, E(kUntouched));
    backward.packed = forward.packed;
    backward.hidden = H;
    E* packed_back = operands.make(k.packed_size_backward(H));
    k.pack_backward(weights, packed_back);
    backward.weights = packed_back;
    backward.unit_weights = forward.unit_weights;
    backward.saved = forward.saved;
    backward.dy = arrays.copy_of(numbers(N * H, 1, 6));
    backward.dx = dx = arrays.make(N * G * H, kUntouched);
    backward.dr = dr = k.split ? arrays.make(N * G * H, kUntouched) : dx;
    backward.dunit_weights = dunits = arrays.make(k.unit_weights * H);
    for (int s = 0; s < k.states; ++s) {
      const auto before = numbers(B * H, 1, 7 + s);
      backward.initial[s] = arrays.copy_of(before);
      backward.dstate[s] = arrays.copy_of(numbers(B * H, 1, 17 + s));
      if (s == 0) {
        backward.history[0] = y;
        forward.initial_h = initial_h = arrays.copy_of(before);
        continue;
      }
      forward.inner[s] = arrays.copy_of(before);
      backward.history[s] = forward.inner_history[s] = arrays.make(N * H, kUntouched);
    }
  }

  void run(const std::vector<int64_t>& cuts) {
    for (size_t i = 0; i + 1 < cuts.size(); ++i) k.forward(forward, cuts[i], cuts[i + 1]);
    for (size_t i = 0; i + 1 < cuts.size(); ++i) k.backward(backward, cuts[i], cuts[i + 1]);
  }
  void run() { run({0, B}); }

  // Everything computed for each row, in a fixed order; sums over rows apart.
  std::vector<T> results() const {
    std::vector<T> all(y, y + N * H);
    const auto add = [&](const T* from, int64_t count) { all.insert(all.end(), from, from + count); };
    for (int s = 1; s < k.states; ++s) add(forward.inner[s], B * H), add(forward.inner_history[s], N * H);
    for (int s = 0; s < k.states; ++s) add(backward.dstate[s], B * H);
    add(dx, N * k.gates * H);
    add(dr, N * k.gates * H);
    return all;
  }
  std::vector<T> sums() const { return {dunits, dunits + k.unit_weights * H}; }

  static constexpr T kUntouched = 77;
  const kernels::RecurrentKernels<T, E>& k;
  int64_t H, B, N = 0;
  std::vector<int64_t> rows, offset;
  GuardedArrays<T> arrays;
  GuardedArrays<E> operands;
  kernels::RecurrentForward<T, E> forward;
  kernels::RecurrentBackward<T, E> backward;
  T *x, *y, *dx, *dr, *dunits, *initial_h = nullptr;
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

}  // namespace recur::testing
