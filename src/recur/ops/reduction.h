// How the losses of the elements of a batch become one number.
#pragma once

#include "recur/ops/sum.h"

namespace recur {

enum class Reduction {
  kMean,
  kSum,
  kNone,  // one loss per element
};

constexpr const char* name_of(Reduction reduction) {
  return reduction == Reduction::kNone ? "none" : reduction == Reduction::kSum ? "sum" : "mean";
}

inline Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::kNone) return losses;
  return reduction == Reduction::kSum ? sum(losses) : mean(losses);
}

}  // namespace recur
