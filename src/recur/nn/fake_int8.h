// Training for inference in int8: the forward pass rounds what that rounds, and gradients pass as if it did not
// ("straight through"; Bengio, Leonard and Courville 2013; Jacob et al. 2018, "Quantization and training of neural
// networks for efficient integer-arithmetic-only inference").
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// Rows of x [rows, columns], f32 or f64, each rounded to 255 steps as kernels::quantize_row rounds and multiplied out
// again. The gradient is that of y = x.
Tensor fake_int8(const Tensor& x);

// While it lives (or not, with `on` false in the scope of another), the recurrent cells of this thread round what
// enters their products in training: x and h (or what the late gates multiply in its place), row by row. With the
// weights rounded too (fake_int8 in their place, see ReplacedParameters) they compute in training what int8 inference
// computes. Cells with a decay do not, as there; what a projection reads is not rounded.
class Int8Training {
 public:
  explicit Int8Training(bool on = true);
  ~Int8Training();
  Int8Training(const Int8Training&) = delete;
  Int8Training& operator=(const Int8Training&) = delete;

  static bool is_on();

 private:
  bool before_;
};

}  // namespace recur
