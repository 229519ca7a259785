#include "recur/nn/layers/chrono_init.h"

#include "recur/base/error.h"
#include "recur/nn/init.h"
#include "recur/ops/binary.h"
#include "recur/ops/slice.h"
#include "recur/ops/unary.h"

namespace recur {

Tensor chrono_memory(int64_t hidden, int64_t steps, Random& random) {
  if (steps < 3) fail("recurrent: chrono_steps: expected at least 3, got {}", steps);
  Tensor memory = Tensor::empty({hidden});
  init::uniform(memory, 1, static_cast<double>(steps - 1), random);
  return memory;
}

void initialize_chrono(const Tensor& bias, int64_t hidden, MemoryGates gates, int64_t steps, Random& random) {
  const Tensor forget = log(chrono_memory(hidden, steps, random));
  init::constant(bias, 0);
  const auto block = [&](int gate) { return rows(bias.detach(), gate * hidden, (gate + 1) * hidden); };
  if (gates.forget >= 0) block(gates.forget).copy_from(forget);
  if (gates.input >= 0) block(gates.input).copy_from(-forget);
}

}  // namespace recur
