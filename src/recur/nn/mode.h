// Training or evaluation mode. It is an argument of every forward pass in which it matters, so that several threads can
// use one network, and a network can be validated while it is trained (docs/decisions).
#pragma once

#include "recur/nn/init.h"

namespace recur {

class Mode {
 public:
  // Dropout and zoneout draw from `random`, which must outlive the pass; batch norm uses the statistics of the batch
  // and updates their running means.
  static Mode training(Random& random = default_random()) { return Mode(&random); }
  // No random numbers and no side effects: the output depends only on the input.
  static Mode evaluation() { return Mode(nullptr); }

  bool is_training() const { return random_ != nullptr; }
  Random& random() const { return *random_; }  // REQUIRES: is_training()

  // The probability of dropout: p in training, 0 in evaluation.
  double dropout(double p) const { return is_training() ? p : 0; }

 private:
  explicit Mode(Random* random) : random_(random) {}

  Random* random_;
};

}  // namespace recur
