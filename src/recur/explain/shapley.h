// Shapley values: of each part the mean of what it adds to the score, over all orders in which the parts may come
// (Shapley 1953). They add up to the score less that of the baseline.
#pragma once

#include <cstdint>

#include "recur/explain/attribution.h"
#include "recur/explain/parts.h"
#include "recur/tasks/explainable.h"

namespace recur {

constexpr int64_t kMostEnumerated = 12;  // parts, of which all 2^n coalitions are run

struct ShapleySampling {
  int64_t samples = 2000;  // runs of the model, about
  double level = 0.95;     // probability of the intervals
  uint64_t seed = 1;
};

// Exact, by all coalitions. Throws UsageError for more than kMostEnumerated parts.
Attribution shapley_exact(const Explainable& record, const Tensor& baseline, const Parts& parts);

// By random orders of the parts, each with its reverse (Castro, Gomez and Tejada 2009; Mitchell et al. 2022), at least
// three such pairs, each of 2 n - 2 runs.
Attribution shapley_by_orders(const Explainable& record, const Tensor& baseline, const Parts& parts,
                              const ShapleySampling& options = {});

// By weighted least squares over coalitions, "kernel SHAP" (Lundberg and Lee 2017), each drawn together with its
// complement (Covert and Lee 2021), whose intervals are those of the regression's estimate. Where there are no more
// coalitions than samples all of them are run, and the values are exact.
Attribution shapley_by_kernel(const Explainable& record, const Tensor& baseline, const Parts& parts,
                              const ShapleySampling& options = {});

}  // namespace recur
