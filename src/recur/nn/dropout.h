// Dropout of features and of whole symbols, in training only.
#pragma once

#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/packing.h"

namespace recur {

// Training: each element is 0 with probability p, else x / (1 - p). Evaluation: x.
class Dropout : public Module {
 public:
  explicit Dropout(double p);

  Tensor operator()(const Tensor& x, Mode mode) const;

 private:
  double p_;
};

// The same for x [T, B, F]; `locked`: one mask for all time steps (Gal and Ghahramani 2016). Of x of another rank
// each element is drawn by itself.
Tensor drop_features(const Tensor& x, double p, bool locked, Mode mode);

// The same on packed rows [N, F]; `locked`: one mask a sequence.
Tensor drop_packed(const Tensor& x, const Packing& packing, double p, bool locked, Mode mode);

// For x [..., F], the rows of a table [V, F] for ids [...]: drops whole symbols, each of the V at all its positions
// (Gal and Ghahramani 2016).
struct SymbolDropout {
  double p = 0;
  int64_t vocabulary = 0;  // V
};
Tensor drop_symbols(const Tensor& x, const Tensor& ids, const SymbolDropout& dropout, Mode mode);

}  // namespace recur
