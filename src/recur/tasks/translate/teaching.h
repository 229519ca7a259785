// Scheduled sampling: how often the decoder is given the right symbol in training.
#pragma once

#include <cstdint>
#include <string_view>

namespace recur {

struct TeachingSchedule {
  std::string_view kind = "none";  // linear, exponential, inverse_sigmoid; none: always the right one
  double steps = 1;                // until it is 0, 1/e or 1/2
  double least = 0;
};

// The probability at a step of training, from 0, by the decays of Bengio, Vinyals, Jaitly and Shazeer, "Scheduled
// sampling for sequence prediction with recurrent neural networks" (2015): 1 - i / s; exp(-i / s); k / (k + exp(i /
// k)), k such that it is 1/2 at i = s.
double teaching_probability(const TeachingSchedule& schedule, int64_t step);

}  // namespace recur
