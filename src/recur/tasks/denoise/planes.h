// Pictures as the network of denoising reads them: planes of channels, values in 0 .. 1.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/image_set.h"
#include "recur/tasks/metrics/image_quality.h"

namespace recur {

struct Planes {
  PlaneShape shape;
  std::vector<float> values;  // [C, H, W]

  const float* plane(int64_t c) const { return values.data() + c * shape.height * shape.width; }
};

// How values and channels of pictures are read.
struct PlaneReading {
  int64_t channels = 1;      // 1: as grey
  double low = 0, high = 1;  // of real numbers: what becomes 0 and 1
};

Planes planes_of(const Image& image, const PlaneReading& reading);
// Back, as a picture like `like`, of which channels that are equal by nature stay so: of one channel each.
Image image_of(const Planes& planes, const Image& like, const PlaneReading& reading);

// The place of pixel i along an axis of n pixels that goes on mirrored at both ends: ... 1 0 | 0 1 ... n-1 | n-1 ...
int64_t mirrored(int64_t i, int64_t n);

// The rectangle at top and left; what lies outside is mirrored.
Planes cut_out(const Planes& from, int64_t top, int64_t left, int64_t height, int64_t width);

// Missing values (NaN) of a row become a straight line between those beside them; at its ends the nearest value, and 0
// where there is none.
Planes bridged(Planes planes);

// The square turned by `turns` quarters and, after that, mirrored.
Planes turned(const Planes& square, int turns, bool mirror);

}  // namespace recur
