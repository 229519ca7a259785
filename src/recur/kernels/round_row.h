// Numbers as integers of 8 bits would give them back.
#pragma once

#include <cstdint>

namespace recur::kernels {

// In place: x [n] as quantize_row() rounds it, multiplied out again. T: float, or double.
template <class T>
void round_row(T* x, int64_t n);

}  // namespace recur::kernels
