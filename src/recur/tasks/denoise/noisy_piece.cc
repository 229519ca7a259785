#include "recur/tasks/denoise/noisy_piece.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/tasks/denoise/blind_spots.h"

namespace recur {
namespace {

constexpr uint64_t kNoiseStream = 11, kSpotStream = 12;

Random random_of(uint64_t seed, uint64_t stream, int64_t i) {
  return Random(seed, (stream << 40) + static_cast<uint64_t>(i));
}

}  // namespace

NoisyPiece piece_of(const Planes& noisy, const Planes& wanted) {
  NoisyPiece out{.noisy = bridged(noisy), .wanted = bridged(wanted)};
  for (size_t i = 0; i < noisy.values.size(); ++i) {
    out.weights.push_back(std::isnan(noisy.values[i]) || std::isnan(wanted.values[i]) ? 0.0f : 1.0f);
  }
  return out;
}

PlaneSource with_noise(const PlaneSource& clean, const NoiseMaker& add, uint64_t seed) {
  return {.size = clean.size,
          .load =
              [clean, add, seed](int64_t i) {
                Planes planes = clean.load(i);
                Random random = random_of(seed, kNoiseStream, i);
                add(planes, random);
                return planes;
              },
          .name = clean.name};
}

PieceSource with_blind_spots(const PlaneSource& noisy, uint64_t seed) {
  return {.size = noisy.size,
          .load =
              [noisy, seed](int64_t i) {
                Random random = random_of(seed, kSpotStream, i);
                return blind_piece(noisy.load(i), random);
              },
          .name = noisy.name};
}

PlaneSource some_of(const PlaneSource& all, std::vector<int64_t> which) {
  const auto size = std::ssize(which);
  const auto at = [which = std::move(which)](int64_t i) { return which[static_cast<size_t>(i)]; };
  return {.size = size,
          .load = [all, at](int64_t i) { return all.load(at(i)); },
          .name = [all, at](int64_t i) { return all.name(at(i)); }};
}

std::vector<int64_t> thinned(const std::vector<int64_t>& all, const std::function<int64_t(int64_t)>& size_of,
                             int64_t most) {
  if (most == 0) return all;
  int64_t sizes = 0;
  for (const int64_t i : all) sizes += size_of(i);
  const int64_t every = std::clamp<int64_t>((sizes + most - 1) / most, 1, std::max<int64_t>(std::ssize(all), 1));
  std::vector<int64_t> some;
  for (int64_t k = 0; k < std::ssize(all); k += every) some.push_back(all[static_cast<size_t>(k)]);
  return some;
}

}  // namespace recur
