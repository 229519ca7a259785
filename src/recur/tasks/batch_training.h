// Training on batches of shuffled sequences: the common part of the tasks that do so.
#pragma once

#include <utility>
#include <vector>

#include "recur/nn/recurrent.h"
#include "recur/tasks/shuffled_batches.h"
#include "recur/tasks/training.h"

namespace recur {

template <class T, class Example>
class BatchTraining : public TrainingOf<T> {
 public:
  std::vector<std::vector<double>> gradient_trace() const override { return trace_.norms; }
  double epoch() const override { return batches_.epoch(); }
  double default_epochs() const override { return usual_epochs(batches_.batches_per_pass()); }
  void save_state(StateWriter& state) const override { batches_.save(state); }
  void load_state(const StateReader& state) override { batches_.load(state); }

 protected:
  BatchTraining(T trained, ShuffledBatches<Example> batches)
      : TrainingOf<T>(std::move(trained)), batches_(std::move(batches)) {}

  Mode mode() { return Mode::training(batches_.dropout()); }
  // Where to store the gradient norms of this step; null: nowhere.
  GradientTrace* new_trace(bool wanted) {
    trace_ = {};
    return wanted ? &trace_ : nullptr;
  }

  ShuffledBatches<Example> batches_;

 private:
  GradientTrace trace_;
};

}  // namespace recur
