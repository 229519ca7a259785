// What a model of denoising makes of pictures.
#pragma once

#include <cstdint>
#include <functional>

#include "recur/tasks/denoise/denoise_network.h"
#include "recur/tasks/denoise/noisy_piece.h"

namespace recur {

// A network and how it is used.
struct Denoiser {
  const DenoiseNetwork& network;  // must outlive this
  int64_t tile = 256;             // side of the tiles of a network of any size, as far as the picture has it
  int64_t overlap = 32;
  int64_t batch = 8;    // in tiles
  bool bounded = true;  // what is cleaned is cut to 0 .. 1, as pictures of integers are
};

// Calls visit(i, noisy, cleaned) for each picture in order. Large ones are cleaned in tiles that overlap, whose results
// are blended; what a picture becomes depends on the others of its batch in rounding alone.
void clean(const Denoiser& denoiser, const PlaneSource& noisy,
           const std::function<void(int64_t, const Planes&, const Planes&)>& visit);

}  // namespace recur
