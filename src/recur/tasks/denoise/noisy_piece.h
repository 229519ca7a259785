// A piece of a picture or series as a network is given it, beside what it should make of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/tasks/denoise/planes.h"

namespace recur {

struct NoisyPiece {
  Planes noisy, wanted;
  std::vector<float> weights = {};  // [C, H, W], 0 or 1, of each value in the loss; empty: all count
};

// Pictures by number; called in order.
struct PlaneSource {
  int64_t size = 0;
  std::function<Planes(int64_t)> load;
  std::function<std::string(int64_t)> name;
};

// The same with what should become of each.
struct PieceSource {
  int64_t size = 0;
  std::function<NoisyPiece(int64_t)> load;
  std::function<std::string(int64_t)> name;
};

// Both bridged, without weight where a value of one is missing (NaN). REQUIRES: of one shape.
NoisyPiece piece_of(const Planes& noisy, const Planes& wanted);

// Adds noise to a picture.
using NoiseMaker = std::function<void(Planes&, Random&)>;

// `clean` with noise that depends on seed and number alone.
PlaneSource with_noise(const PlaneSource& clean, const NoiseMaker& add, uint64_t seed);

// Pictures with blind spots (blind_spots.h), which depend on seed and number alone.
PieceSource with_blind_spots(const PlaneSource& noisy, uint64_t seed);

// Those of the numbers `which`.
PlaneSource some_of(const PlaneSource& all, std::vector<int64_t> which);

// Every k-th of the numbers `all`, so that the sizes of those make up `most` at most, if that is not 0: a validation
// that took longer than many steps of training would be no help.
std::vector<int64_t> thinned(const std::vector<int64_t>& all, const std::function<int64_t(int64_t)>& size_of,
                             int64_t most);

}  // namespace recur
