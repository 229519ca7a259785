// Tagging: sequence of words -> a tag for each.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "recur/data/text/tagged_text.h"
#include "recur/tasks/shuffled_batches.h"
#include "recur/tasks/tag/tag_encoder.h"
#include "recur/tasks/tag/tag_model.h"
#include "recur/tasks/task.h"

namespace recur {

class TagTask : public Task {
 public:
  TagOptions options;  // what declare() refers to

  const TaskInfo& info() const override;
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  void start(const TrainingData& data, uint64_t seed) override;
  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return training().trace.norms; }
  double epoch() const override { return training().batches.epoch(); }
  // A word's tag is learnt from few of its uses: twenty passes at least.
  double default_epochs() const override { return std::max(20.0, usual_epochs(training().batches.batches_per_pass())); }
  bool has_validation() const override { return training().valid.has_value(); }
  Evaluation validate() override;
  Criterion criterion() const override;
  void save_state(StateWriter& state) const override { training().batches.save(state); }
  void load_state(const StateReader& state) override { const_cast<Training&>(training()).batches.load(state); }

  using Task::model;
  Module& model() override { return tagger(); }
  Assets assets() const override { return encoder_->assets(); }
  void restore(const Assets& assets, int64_t elements) override;

  Evaluation evaluate(const Paths& paths) override;
  void predict(const Paths& paths, Sink& rows) override;
  Description describe() const override;

 private:
  // What there is while training alone.
  struct Training {
    TaggedText text;
    std::optional<TaggedText> valid;
    ShuffledBatches batches;
    GradientTrace trace;
  };

  TagModel& tagger();
  const Training& training() const;
  TaggedText read(const Paths& paths, bool need_tags) const;
  bool has_spans() const;
  void load_vectors();
  void build_model(uint64_t seed);

  std::optional<TagEncoder> encoder_;
  std::optional<TagModel> model_;
  std::unique_ptr<Training> training_;
};

}  // namespace recur
