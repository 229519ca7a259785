// Matrix products.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

struct MatmulOptions {
  bool trans_a = false;  // use a's last two axes exchanged
  bool trans_b = false;
};

// a [..., M, K] times b [..., K, N] -> [..., M, N]. Leading axes are batch axes and must be equal, or b has none:
// then one b serves every matrix of a.
Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options = {});

// x [..., F] times weight [H, F] transposed, plus bias [H] if defined -> [..., H].
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace recur
