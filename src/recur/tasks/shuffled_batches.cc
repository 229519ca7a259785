#include "recur/tasks/shuffled_batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

BucketOptions seeded(BucketOptions options, uint64_t seed) {
  options.seed = Random(seed, kOrderStream).bits();
  return options;
}

}  // namespace

ShuffledBatches::ShuffledBatches(std::vector<int64_t> lengths, BucketOptions options, const TrainingStart& start)
    : sequences_(std::ssize(lengths)),
      steps_(std::accumulate(lengths.begin(), lengths.end(), int64_t{0})),
      shard_(start.shard),
      batcher_(std::move(lengths), seeded(options, start.seed)),
      // Each process draws masks of its own.
      dropout_(start.seed + static_cast<uint64_t>(start.shard.rank), kDropoutStream) {}

ShuffledBatches::Batch ShuffledBatches::next() {
  const BucketBatcher::Batch whole = batcher_.next();
  Batch batch{.sequences = {}, .counted = 0, .ends_pass = whole.ends_pass};
  for (size_t i = static_cast<size_t>(shard_.rank); i < whole.sequences.size();
       i += static_cast<size_t>(shard_.ranks)) {
    batch.sequences.push_back(whole.sequences[i]);
  }
  batch.counted = std::ssize(batch.sequences);
  if (batch.sequences.empty()) batch.sequences.push_back(whole.sequences.front());
  return batch;
}

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
    fail(
        "the training data have changed since the run began: they had {} sequences with {} steps in total, and now "
        "have {} with {}",
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
