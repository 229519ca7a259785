// Layers that begin with a long memory.
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

// u ~ U(1, steps - 1) of each unit, [hidden]. A unit that keeps the share u / (1 + u) of its state at a step remembers
// for about u steps (Tallec and Ollivier 2018, "Can recurrent neural networks warp time?", eq. 16). Throws for
// steps < 3.
Tensor chrono_memory(int64_t hidden, int64_t steps, Random& random);

// Sets the bias to zeros, of the forget gate to log u and of the input gate to minus that.
void initialize_chrono(const Tensor& bias, int64_t hidden, MemoryGates gates, int64_t steps, Random& random);

}  // namespace recur
