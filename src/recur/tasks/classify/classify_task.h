// Classification and regression: sequence -> class or real value.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/classify/classify_ensemble.h"
#include "recur/tasks/classify/classify_examples.h"
#include "recur/tasks/shuffled_batches.h"
#include "recur/tasks/task.h"

namespace recur {

class ClassifyTask : public Task {
 public:
  ClassifyOptions options;  // what declare() refers to

  const TaskInfo& info() const override;
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  void start(const TrainingData& data, uint64_t seed) override;
  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return training().trace.norms; }
  double epoch() const override { return training().batches.epoch(); }
  double default_epochs() const override { return usual_epochs(training().batches.batches_per_pass()); }
  bool has_validation() const override { return training().valid.has_value(); }
  Evaluation validate() override;
  Criterion criterion() const override;
  void save_state(StateWriter& state) const override { training().batches.save(state); }
  void load_state(const StateReader& state) override { const_cast<Training&>(training()).batches.load(state); }

  using Task::model;
  Module& model() override { return network(); }
  Assets assets() const override;
  void restore(const Assets& assets, int64_t elements) override;

  Evaluation evaluate(const Paths& paths) override;
  void predict(const Paths& paths, Sink& rows) override;

  Description describe() const override;

 private:
  // What there is while training alone.
  struct Training {
    ClassifyExamples examples;
    std::optional<ClassifyExamples> valid;
    ShuffledBatches batches;
    std::vector<float> weights;  // of each example in the loss, mean 1; empty: all 1
    GradientTrace trace;
  };

  ClassifyEnsemble& network();
  const Training& training() const;
  ClassifySizes sizes() const;
  ClassifySource read(const Paths& paths, bool need_labels) const;
  void choose_defaults(const ClassifySource& source);
  void load_vectors();
  Tensor loss(const Tensor& out, std::span<const int32_t> which) const;

  std::optional<SequenceEncoder> encoder_;
  std::optional<Targets> targets_;
  std::optional<ClassifyEnsemble> model_;
  std::unique_ptr<Training> training_;
};

}  // namespace recur
