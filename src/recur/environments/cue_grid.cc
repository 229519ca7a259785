#include "recur/environments/cue_grid.h"

#include <algorithm>

#include "recur/base/random.h"

namespace recur {
namespace {

constexpr int64_t kCorners = 4;
constexpr double kCost = 0.01;

}  // namespace

CueGrid::CueGrid(int64_t size) : Environment({.features = 4 + kCorners, .actions = {.choices = 4}}), size_(size) {}

void CueGrid::reset(uint64_t seed, std::span<float> observation) {
  goal_ = static_cast<int64_t>(Random(seed).below(kCorners));
  row_ = column_ = size_ / 2;
  steps_ = 0;
  see(observation);
}

void CueGrid::see(std::span<float> observation) const {
  const int64_t last = size_ - 1;
  const bool walls[] = {row_ == 0, column_ == last, row_ == last, column_ == 0};
  for (size_t i = 0; i < 4; ++i) observation[i] = walls[i] ? 1.0f : 0.0f;
  for (int64_t i = 0; i < kCorners; ++i) {
    observation[static_cast<size_t>(4 + i)] = steps_ == 0 && i == goal_ ? 1.0f : 0.0f;
  }
}

Outcome CueGrid::step(std::span<const float> action, std::span<float> observation) {
  const int64_t direction = choice_of(action), last = size_ - 1;
  row_ = std::clamp<int64_t>(row_ + (direction == 2) - (direction == 0), 0, last);
  column_ = std::clamp<int64_t>(column_ + (direction == 1) - (direction == 3), 0, last);
  ++steps_;
  Outcome out{.reward = -kCost};
  out.terminated = (row_ == 0 || row_ == last) && (column_ == 0 || column_ == last);
  if (out.terminated) {
    const int64_t corner = row_ == 0 ? (column_ == last ? 0 : 3) : (column_ == last ? 1 : 2);
    out.success = corner == goal_;
    out.reward += *out.success ? 1 : -1;
  } else if (steps_ >= most_steps()) {
    out.truncated = true;
    out.success = false;
  }
  see(observation);
  return out;
}

}  // namespace recur
