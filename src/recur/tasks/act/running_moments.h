// Mean and variance of numbers as they come in, of several channels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/io/checkpoint.h"

namespace recur {

// By the formula of Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
// variances" (1979), in f64.
class RunningMoments {
 public:
  explicit RunningMoments(int64_t channels)
      : mean_(static_cast<size_t>(channels)), squares_(static_cast<size_t>(channels)) {}

  // Rows of one number a channel.
  void add(std::span<const float> rows);

  double count() const { return count_; }
  const std::vector<double>& mean() const { return mean_; }
  // The root of the mean square distance from the mean; 1 where nothing has come in or all was the same.
  std::vector<double> deviation() const;

  void save(StateWriter& state, const std::string& name) const;
  void load(const StateReader& state, const std::string& name);  // throws Error for another number of channels

 private:
  double count_ = 0;
  std::vector<double> mean_, squares_;  // squares_: sum of squared distances from the mean
};

}  // namespace recur
