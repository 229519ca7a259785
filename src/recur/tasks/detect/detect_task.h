// Anomaly detection: a score for each step of a series, or for each series.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/detect/detect_score.h"
#include "recur/tasks/detect/detect_stream.h"
#include "recur/tasks/shuffled_batches.h"
#include "recur/tasks/task.h"

namespace recur {

class DetectTask : public Task {
 public:
  DetectOptions options;  // what declare() refers to

  const TaskInfo& info() const override;
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  void start(const TrainingData& data, uint64_t seed) override;
  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return training().trace.norms; }
  double epoch() const override { return training().batches.epoch(); }
  double default_epochs() const override { return usual_epochs(training().batches.batches_per_pass()); }
  bool has_validation() const override { return true; }
  // Chooses the errors' scale and the threshold anew, which go into the next model saved.
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
  std::unique_ptr<LineStream> stream() override;

  Description describe() const override;

 private:
  // What there is while training alone.
  struct Training {
    DetectData data, valid;
    std::vector<Window> windows;
    ShuffledBatches batches;
    double anomaly_weight = 1;
    GradientTrace trace;
  };

  DetectModel& network();
  const Training& training() const;
  bool classifies() const { return options.model.method == "classify"; }
  DetectSizes sizes() const;
  DetectData encode(const SequenceSet& set) const { return encode_detect(set, *encoder_, options.use.normal); }
  SequenceSet read(const Paths& paths, bool need_labels) const;
  void choose_defaults(const SequenceSet& set);
  void check_options() const;
  // Throws Error for a model that no validation has given a threshold.
  double threshold() const;

  std::optional<SeriesEncoder> encoder_;
  std::optional<DetectModel> model_;
  Calibration calibration_;
  std::unique_ptr<Training> training_;
};

}  // namespace recur
