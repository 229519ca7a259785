// A task: what a network is trained for. The training loop, the program and the server see every task through the same
// three parts:
//
//   Task      its name, its options, and how a model is trained on data or loaded from a file
//   Training  a training run (training.h)
//   Trained   a trained model (trained.h)
//
//   auto task = make_task("lm");
//   Config config;
//   task->declare(config);                                       // its options: read from files, flags, overrides
//   config.apply_override("hidden=512");
//   auto training = task->train({.files = {DataFile("train.txt")}, .held_out = 0.1}, {.seed = 1});
//   ...                                                          // training->step(), training->validate()
//   training->trained().save("model.recur");
//
//   const auto trained = load_trained("model.recur");
//   trained->evaluate({DataFile("test.txt")}).at("perplexity");
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "recur/tasks/trained.h"
#include "recur/tasks/training.h"

namespace recur {

class Task {
 public:
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  virtual const TaskInfo& info() const = 0;

  // Adds the options, which belong to this object, to `config`.
  virtual void declare(Config& config) = 0;
  // Only the options of prediction and evaluation, as Trained::declare_use().
  virtual void declare_use(Config& config) = 0;

  // Reads the data, fits vocabularies and scalers on the training part only, and builds a new model. Options that are
  // not set get their defaults from the data; the training keeps a copy of all options.
  virtual std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) = 0;

  // The model that the options and assets describe, with new parameters, which the caller replaces by the `elements`
  // numbers of a file. Both are untrusted input: a model much larger than that is refused before it is built.
  virtual std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const = 0;

 protected:
  Task() = default;
};

// The common part of tasks with options of type `Options`.
template <class Options>
class TaskOf : public Task {
 public:
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  Options options;
};

// A new task; throws UsageError for an unknown name, suggesting the nearest.
std::unique_ptr<Task> make_task(std::string_view name);
// All tasks, in the order to list them.
const std::vector<TaskInfo>& tasks();

}  // namespace recur
