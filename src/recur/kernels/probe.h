// What one core can do at best, measured: the ceilings that the kernels' speed is held against.
#pragma once

namespace recur::kernels {

struct CoreProbe {
  double f32_flops = 0;   // a second, of products and sums of f32 in registers
  double bf16_flops = 0;  // the same with bf16 operands and f32 sums
  double l2_bytes = 0;    // a second, read from the L2 cache
};

// Each the best of many short runs within `seconds`, with the instruction set that the kernels use.
CoreProbe probe_core(double seconds);

}  // namespace recur::kernels
