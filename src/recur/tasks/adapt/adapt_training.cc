#include "recur/tasks/adapt/adapt_training.h"

#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

constexpr int64_t kEpoch = 1000;  // problems
constexpr uint64_t kTrainStream = 16, kValidationStream = 18, kReadingStream = 19;

}  // namespace

AdaptTraining::AdaptTraining(AdaptTrained trained, AdaptParts parts, const TrainingStart& start)
    : TrainingOf(std::move(trained)),
      parts_(std::move(parts)),
      seed_(start.seed),
      shard_(start.shard),
      dropout_(start.seed + static_cast<uint64_t>(start.shard.rank), kDropoutStream) {
  keep_checksum(parts_.checksum);
}

double AdaptTraining::epoch() const { return static_cast<double>(next_) / static_cast<double>(kEpoch); }

double AdaptTraining::default_epochs() const {
  constexpr double kOfValues = 250, kOfClasses = 20;
  return trained_.encoder().shape().is_class() ? kOfClasses : kOfValues;
}

// Classes must be mixed; what a series has is read in its order.
std::vector<int32_t> AdaptTraining::reading_order(const Problem& problem, int64_t number) const {
  if (!trained_.encoder().shape().is_class()) return {};
  std::vector<int32_t> order(static_cast<size_t>(problem.shots.size() + problem.queries.size()));
  std::iota(order.begin(), order.end(), 0);
  Random random(seed_, (kReadingStream << 40) + static_cast<uint64_t>(number));
  random.shuffle(std::span(order));
  return order;
}

TrainingStep AdaptTraining::step(bool) {
  const int64_t batch = *trained_.options().episodes.batch, before = next_ / kEpoch;
  std::vector<Problem> own;
  ReadingOrders orders;
  const auto draw = [&](int64_t k) {
    own.push_back(parts_.train->draw(trained_.drawing(), {seed_, kTrainStream, next_ + k}));
    orders.push_back(reading_order(own.back(), next_ + k));
  };
  for (int64_t k = shard_.rank; k < batch; k += shard_.ranks) draw(k);
  const auto count = std::ssize(own);
  if (count == 0) draw(0);
  const Learnt learnt = learn(trained_.network(), trained_.options(), own, orders, Mode::training(dropout_));
  next_ += batch;
  return {.objective = count > 0 ? learnt.objective : learnt.objective * 0.0,
          .weight = static_cast<double>(count),
          .loss = learnt.loss,
          .examples = count,
          .ends_epoch = next_ / kEpoch > before};
}

Evaluation AdaptTraining::validate() {
  const AdaptOptions& options = trained_.options();
  const Course course{.drawing = trained_.drawing(),
                      .seed = seed_,
                      .stream = kValidationStream,
                      .problems = options.episodes.valid_problems};
  Evaluation result = measure(trained_.network(), options, *parts_.valid, course,
                              {.rate = *options.learning.inner_rate, .steps = options.learning.inner_steps});
  result.tables.clear();
  return result;
}

void AdaptTraining::save_state(StateWriter& state) const {
  state.integer("task.problem", next_);
  state.text("task.dropout", dropout_.state().to_string());
}

void AdaptTraining::load_state(const StateReader& state) {
  next_ = state.integer("task.problem");
  dropout_.set_state(Random::State::from_string(state.text("task.dropout")));
  if (next_ < 0) fail("task.problem: expected a number of problems, got {}", next_);
}

}  // namespace recur
