// The affine layer.
#pragma once

#include "recur/nn/init.h"
#include "recur/nn/module.h"

namespace recur {

struct LinearOptions {
  int64_t in = 0;
  int64_t out = 0;
  bool bias = true;
  Parameter tied = {};  // a weight [out, in] to share, of an Embedding for one; undefined: a weight of its own
};

// x [..., in] -> x weight^T + bias [..., out]. Starts uniform in +-1/sqrt(in).
class Linear : public Module {
 public:
  explicit Linear(const LinearOptions& options, Random& random = default_random());

  Tensor operator()(const Tensor& x) const;

  Parameter weight;  // [out, in]
  Parameter bias;    // [out], or undefined
};

}  // namespace recur
