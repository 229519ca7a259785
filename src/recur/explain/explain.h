// Attribution methods by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/explain/attribution.h"
#include "recur/tasks/explainable.h"

namespace recur {

struct ExplainOptions {
  // "integrated-gradients", "gradient-input", "occlusion", "shapley" (all coalitions of few parts, else random orders),
  // "shapley-exact" or "kernel-shap".
  std::string method = "integrated-gradients";
  std::string by = "cell";        // PartsOptions
  int64_t window = 1;             // steps taken together: parts of so many; of occlusion sliding windows
  std::string baseline = "auto";  // baseline_kinds()
  int64_t points = 50;            // of integrated gradients
  int64_t samples = 2000;         // of sampled Shapley values
  double level = 0.95;            // of their intervals
  uint64_t seed = 1;
};

const std::vector<std::string>& attribution_methods();
Attribution attribute(const Explainable& record, const ExplainOptions& options = {});

}  // namespace recur
