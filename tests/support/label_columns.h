// Labels as the losses of sequences take them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur::testing {

// i32 [S, B], a column for each sequence, -1 behind its end.
inline Tensor label_columns(const std::vector<std::vector<int32_t>>& labels) {
  size_t longest = 0;
  for (const auto& each : labels) longest = std::max(longest, each.size());
  Tensor out = Tensor::full({static_cast<int64_t>(longest), std::ssize(labels)}, -1, DType::kI32);
  for (size_t b = 0; b < labels.size(); ++b) {
    for (size_t s = 0; s < labels[b].size(); ++s) out.data<int32_t>()[s * labels.size() + b] = labels[b][s];
  }
  return out;
}

}  // namespace recur::testing
