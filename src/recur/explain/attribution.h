// What a method says of a record: how much each part of it moves the score.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/explain/parts.h"

namespace recur {

struct Attribution {
  std::vector<Part> parts;
  std::vector<double> values;     // of each part, in the scale of the score
  std::vector<double> low, high;  // an interval around each, of sampled values; else empty
  double score = 0;               // of the record
  double baseline_score = 0;      // of the baseline
  // |sum of the values - (score - baseline score)| / |score - baseline score|, of methods whose values add up to that;
  // where the scores differ by less than 1e-12 of their size the absolute difference.
  std::optional<double> residual = {};
  int64_t evaluations = 0;  // of the model, gradients counting one
  std::string note = {};    // what was approximated, in words; "" where nothing was
};

// Of these values, as Attribution::residual is defined.
double completeness_residual(const std::vector<double>& values, double score, double baseline_score);

}  // namespace recur
