#include "recur/tasks/shuffled_batches.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace internal {

uint64_t order_seed(const TrainingStart& start) { return Random(start.seed, kOrderStream).bits(); }

Random dropout_numbers(const TrainingStart& start) {
  return Random(start.seed + static_cast<uint64_t>(start.shard.rank), kDropoutStream);
}

void save_place(StateWriter& state, const DataSize& size, const BucketBatcher::Cursor& place, const Random& dropout) {
  state.integer("task.epoch", place.epoch);
  state.integer("task.position", place.position);
  state.integer("task.sequences", size.sequences);
  state.integer("task.steps", size.steps);
  state.text("task.dropout", dropout.state().to_string());
}

BucketBatcher::Cursor load_place(const StateReader& state, const DataSize& size, Random& dropout) {
  const int64_t sequences = state.integer("task.sequences"), steps = state.integer("task.steps");
  if (sequences != size.sequences || steps != size.steps) {
    fail(
        "the training data have changed since the run began: they had {} sequences with {} steps in total, and now "
        "have {} with {}",
        sequences, steps, size.sequences, size.steps);
  }
  dropout.set_state(Random::State::from_string(state.text("task.dropout")));
  return {.epoch = state.integer("task.epoch"), .position = state.integer("task.position")};
}

}  // namespace internal

double usual_epochs(int64_t batches_per_pass) {
  constexpr double kSteps = 2500, kLeast = 8, kMost = 300;
  return std::clamp(std::ceil(kSteps / static_cast<double>(batches_per_pass)), kLeast, kMost);
}

}  // namespace recur
