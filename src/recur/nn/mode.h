// How a network is run: to learn, or to be used. An argument of every forward pass in which it matters, so that several
// threads may use one network, and so that what is trained can be validated in between (docs/decisions).
#pragma once

#include "recur/nn/init.h"

namespace recur {

class Mode {
 public:
  // Dropout and zoneout are drawn, from `random`, which must outlive the pass; batch norm goes by the batch's
  // statistics and keeps their running means.
  static Mode training(Random& random = default_random()) { return Mode(&random); }
  // Nothing is drawn and nothing changes: what goes in decides what comes out.
  static Mode evaluation() { return Mode(nullptr); }

  bool is_training() const { return random_ != nullptr; }
  Random& random() const { return *random_; }  // REQUIRES: is_training()

  // The probability of dropout where something is to learn, 0 otherwise.
  double dropout(double p) const { return is_training() ? p : 0; }

 private:
  explicit Mode(Random* random) : random_(random) {}

  Random* random_;
};

}  // namespace recur
