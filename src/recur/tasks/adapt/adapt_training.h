// Learning to adapt: a step is a batch of problems, to each of which the network adapts.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/adapt/adapt_trained.h"
#include "recur/tasks/training.h"

namespace recur {

struct AdaptParts {
  std::shared_ptr<const Problems> train, valid;  // `valid` may be null
  DataChecksum checksum;
};

class AdaptTraining : public TrainingOf<AdaptTrained> {
 public:
  AdaptTraining(AdaptTrained trained, AdaptParts parts, const TrainingStart& start);

  TrainingStep step(bool trace_gradients) override;
  double epoch() const override;
  double default_epochs() const override;
  std::optional<double> default_rate() const override { return 0.001; }
  bool has_validation() const override {
    return parts_.valid != nullptr && trained_.options().episodes.valid_problems > 0;
  }
  Evaluation validate() override;
  Criterion criterion() const override { return adapt_criterion(trained_.encoder().shape()); }
  void save_state(StateWriter& state) const override;
  void load_state(const StateReader& state) override;

 private:
  std::vector<int32_t> reading_order(const Problem& problem, int64_t number) const;

  AdaptParts parts_;
  uint64_t seed_;
  Shard shard_;
  Random dropout_;
  int64_t next_ = 0;  // problem
};

}  // namespace recur
