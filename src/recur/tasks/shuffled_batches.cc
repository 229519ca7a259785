#include "recur/tasks/shuffled_batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"

namespace recur {
namespace {

enum Stream : uint64_t { kDropout = 1, kOrder = 2 };  // 0 is the model's initial values

BucketOptions seeded(BucketOptions options, uint64_t seed) {
  options.seed = Random(seed, kOrder).bits();
  return options;
}

}  // namespace

ShuffledBatches::ShuffledBatches(std::vector<int64_t> lengths, BucketOptions options, uint64_t seed)
    : sequences_(std::ssize(lengths)),
      steps_(std::accumulate(lengths.begin(), lengths.end(), int64_t{0})),
      batcher_(std::move(lengths), seeded(options, seed)),
      dropout_(seed, kDropout) {}

void ShuffledBatches::save(StateWriter& state) const {
  state.integer("task.epoch", batcher_.cursor().epoch);
  state.integer("task.position", batcher_.cursor().position);
  state.integer("task.sequences", sequences_);
  state.integer("task.steps", steps_);
  state.text("task.dropout", dropout_.state().to_string());
}

void ShuffledBatches::load(const StateReader& state) {
  const int64_t sequences = state.integer("task.sequences"), steps = state.integer("task.steps");
  if (sequences != sequences_ || steps != steps_) {
    fail("the training data have changed since the run began: {} sequences of {} steps in all then, {} of {} now",
         sequences, steps, sequences_, steps_);
  }
  batcher_.set_cursor({.epoch = state.integer("task.epoch"), .position = state.integer("task.position")});
  dropout_.set_state(Random::State::from_string(state.text("task.dropout")));
}

double usual_epochs(int64_t batches_per_pass) {
  constexpr double kSteps = 2500, kLeast = 8, kMost = 300;
  return std::clamp(std::ceil(kSteps / static_cast<double>(batches_per_pass)), kLeast, kMost);
}

}  // namespace recur
