// Random changes of pictures that leave what they show as it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "recur/base/random.h"

namespace recur {

struct PictureSize {
  int64_t height = 0, width = 0, channels = 1;

  int64_t numbers() const { return height * width * channels; }
};

// Changes pictures [N, H, W, C] of 0 .. 1, such as the frames of a clip, all in the same way, by those of `kinds` that
// are drawn, each with probability 1/2: shift (by at most a tenth of the side), rotate (by at most 10 degrees), turn
// (by quarters of a circle, halves where they are not square), mirror (left and right), light (brightness and
// contrast), jitter (noise in each pixel). Pixels from outside are those of the edge. Other kinds are not its own.
void change_pictures(std::span<float> pictures, const PictureSize& size, std::span<const std::string> kinds,
                     Random& random);

}  // namespace recur
