// Sequences of frames in which digits move at constant speed and bounce off the edges: Srivastava, Mansimov and
// Salakhutdinov, "Unsupervised learning of video representations using LSTMs" (2015).
#pragma once

#include <array>
#include <cstdint>

#include "examples/support/digit_glyphs.h"
#include "recur/tensor/tensor.h"

namespace examples {

// A point that moves within 0 .. limit along each axis and bounces. REQUIRES: |velocity| <= limit
struct Mover {
  std::array<double, 2> position{}, velocity{}, limit{};

  void step();
};

struct MovingOptions {
  int64_t side = 64;   // of the square frames, in pixels
  int64_t digits = 2;  // in a frame; where they overlap, the brighter pixel is seen
  int64_t steps = 20;  // T
  double slowest = 3;  // pixels a step: each digit draws its speed between the two, as in Shi et al. (2015), and any
  double fastest = 5;  // direction
};

// [T, B, side * side] in 0 .. 1, row by row. REQUIRES: glyphs with sides of at most side - fastest
recur::Tensor moving_frames(const Glyphs& glyphs, const MovingOptions& options, int64_t batch, recur::Random& random);

}  // namespace examples
