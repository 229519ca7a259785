#include "recur/environments/t_maze.h"

#include <algorithm>

#include "recur/base/random.h"

namespace recur {
namespace {

enum Direction : int64_t { kNorth, kEast, kSouth, kWest };

constexpr double kRight = 4, kWrong = -0.1;

}  // namespace

TMaze::TMaze(int64_t length) : Environment({.features = 3, .actions = {.choices = 4}}), length_(length) {}

void TMaze::reset(uint64_t seed, std::span<float> observation) {
  north_ = Random(seed).bernoulli(0.5);
  place_ = steps_ = 0;
  see(observation);
}

void TMaze::see(std::span<float> observation) const {
  const bool starts = place_ == 0, turns = place_ == length_;
  observation[0] = turns || (starts && north_) ? 0.0f : 1.0f;
  observation[1] = starts || turns ? 1.0f : 0.0f;
  observation[2] = turns || (starts && !north_) ? 0.0f : 1.0f;
}

Outcome TMaze::step(std::span<const float> action, std::span<float> observation) {
  const int64_t direction = choice_of(action);
  Outcome out;
  ++steps_;
  if (place_ == length_ && (direction == kNorth || direction == kSouth)) {
    out.success = (direction == kNorth) == north_;
    out.terminated = true;
    out.reward = *out.success ? kRight : kWrong;
  } else {
    const int64_t before = place_;
    place_ = std::clamp<int64_t>(place_ + (direction == kEast) - (direction == kWest), 0, length_);
    if (place_ == before) out.reward = kWrong;
    out.truncated = steps_ >= most_steps();
    if (out.truncated) out.success = false;
  }
  see(observation);
  return out;
}

}  // namespace recur
