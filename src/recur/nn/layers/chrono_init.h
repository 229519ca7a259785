// Gates that begin with a long memory.
#pragma once

#include <cstdint>

#include "recur/base/random.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The rows of a bias [G H], by blocks of H, of the gate that keeps the state and of the one that writes to it; -1:
// none.
struct MemoryGates {
  int forget = -1, input = -1;
};

// Sets the bias to zeros, of the forget gate to log U(1, steps - 1) and of the input gate to minus that: units remember
// for 1 .. steps steps (Tallec and Ollivier 2018, "Can recurrent neural networks warp time?", eq. 16). steps >= 3.
void initialize_chrono(const Tensor& bias, int64_t hidden, MemoryGates gates, int64_t steps, Random& random);

}  // namespace recur
