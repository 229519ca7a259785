// What a model of denoising makes of pictures.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "recur/tasks/denoise/denoise_model.h"
#include "recur/tasks/denoise/planes.h"

namespace recur {

// A network and its options, which must outlive this.
struct Denoiser {
  const DenoiseModel& model;
  const DenoiseOptions& options;
  PlaneReading reading;
  bool bounded = true;  // what is cleaned is cut to 0 .. 1, as pictures of integers are
};

// Pictures by number; called in order, each once.
struct PlaneSource {
  int64_t size = 0;
  std::function<Planes(int64_t)> load;
  std::function<std::string(int64_t)> name;
};

// Calls visit(i, noisy, cleaned) for each picture in order. Large ones are cleaned in tiles that overlap, whose results
// are blended; what a picture becomes depends on the others of its batch in rounding alone.
void clean(const Denoiser& denoiser, const PlaneSource& noisy,
           const std::function<void(int64_t, const Planes&, const Planes&)>& visit);

// `clean` with noise of the options, which depends on seed and number alone.
PlaneSource with_noise(const PlaneSource& clean, const DenoiseNoiseOptions& noise, uint64_t seed);

// Of a set, which must outlive it.
PlaneSource source_of(const ImageSet& set, const PlaneReading& reading);

}  // namespace recur
