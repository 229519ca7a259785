// How pens move whatever is written: what a network that reads the text is compared with.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/strokes/writings.h"

namespace recur {

// Gaussians in the plane, and how often the pen is lifted.
class MoveDensity {
 public:
  struct Part {
    double weight = 1, x = 0, y = 0, xx = 1, xy = 0, yy = 1;  // mean and covariance
  };

  // Fitted to moves by expectation and maximisation, from parts at moves that are spread evenly over them; of one part,
  // to their mean and covariance. No deviation is below a hundredth of that of all moves. At least one move.
  static MoveDensity fit(std::span<const PenMove> moves, int64_t parts);
  // Throws Error for a text that text() has not made; it may come from anyone.
  static MoveDensity read(std::string_view text);
  std::string text() const;

  // -ln of the density, in nats.
  double loss(const PenMove& move) const;

 private:
  std::vector<double> log_densities(const PenMove& move) const;

  std::vector<Part> parts_;
  double lifts_ = 0.5;  // in (0, 1)
};

}  // namespace recur
