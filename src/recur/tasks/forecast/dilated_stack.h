// Recurrent layers that look d steps back instead of one, with residual connections: Chang et al., "Dilated recurrent
// neural networks" (2017), as stacked by Smyl (2020).
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/recurrent.h"

namespace recur {

class DilatedStack : public Module {
 public:
  // A layer of `layer` for each dilation, at least one; all have its number of units.
  DilatedStack(const RecurrentOptions& layer, const std::vector<int64_t>& dilations, Random& random);

  // x [T, B, F] -> [T, B, H]; output t depends on inputs up to t alone. Each layer but the first adds to what it reads.
  Tensor operator()(const Tensor& x, Mode mode) const;

  int64_t output_features() const { return layers_.front().output_features(); }

 private:
  std::vector<Recurrent> layers_;
  std::vector<int64_t> dilations_;
};

}  // namespace recur
