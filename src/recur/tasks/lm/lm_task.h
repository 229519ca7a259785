// Language modelling: text -> next symbol, and text that goes on.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/lm/lm_training.h"
#include "recur/tasks/task.h"

namespace recur {

class LmTask : public Task {
 public:
  LmOptions options;  // what declare() refers to

  const TaskInfo& info() const override;
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  void start(const TrainingData& data, uint64_t seed) override;
  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return training().trace().norms; }
  double epoch() const override { return training().epoch(); }
  bool has_validation() const override { return training().valid().has_value(); }
  Evaluation validate() override;
  void save_state(StateWriter& state) const override { training().save(state); }
  void load_state(const StateReader& state) override { const_cast<LmTraining&>(training()).load(state); }

  using Task::model;
  Module& model() override { return lm(); }
  Assets assets() const override;
  void restore(const Assets& assets, int64_t elements) override;

  Evaluation evaluate(const Paths& paths) override;
  void predict(const Paths& paths, RowSink& rows) override;
  void generate(const GenerateOptions& options, const TextSink& sink) override;

  Description describe() const override;
  Description describe_data(const Paths& paths) override;

 private:
  LmModel& lm();
  const LmTraining& training() const;

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::optional<LmModel> model_;
  std::unique_ptr<LmTraining> training_;
};

}  // namespace recur
