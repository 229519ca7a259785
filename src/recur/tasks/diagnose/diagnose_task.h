// Diagnosis: a record of measurements at any times -> the probability of each of several labels, at every step.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/diagnose/diagnose_examples.h"
#include "recur/tasks/diagnose/diagnose_score.h"
#include "recur/tasks/shuffled_batches.h"
#include "recur/tasks/task.h"

namespace recur {

class DiagnoseTask : public Task {
 public:
  DiagnoseOptions options;  // what declare() refers to

  const TaskInfo& info() const override;
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  void start(const TrainingData& data, uint64_t seed) override;
  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return training().trace.norms; }
  double epoch() const override { return training().batches.epoch(); }
  double default_epochs() const override { return usual_epochs(training().batches.batches_per_pass()); }
  bool has_validation() const override { return training().valid.has_value(); }
  // Also finds the threshold of each label, which belongs to the model.
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
    DiagnoseExamples examples;
    std::optional<DiagnoseExamples> valid;
    ShuffledBatches batches;
    GradientTrace trace;
  };

  DiagnoseModel& network();
  const Training& training() const;
  DiagnoseSizes sizes() const;
  SequenceSet read(const Paths& paths, bool need_labels) const;
  DiagnoseReading reading();
  void check_options() const;
  void check_validation(const DiagnoseExamples& valid) const;

  std::optional<RecordEncoder> encoder_;
  std::optional<LabelSet> labels_;
  std::optional<DiagnoseModel> model_;
  std::unique_ptr<Training> training_;
};

}  // namespace recur
