// A task: what a network is trained for, as the training loop, the program and the server see it. It comes in three
// parts, and none of those three knows which task it has:
//
//   Task      its name, its options, and how a model is learnt from data or made from a file
//   Training  a run under way (training.h)
//   Trained   a model that has been learnt (trained.h)
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
  // Those of them alone that count when a trained model is used: Trained::declare_use() of what it will become.
  virtual void declare_use(Config& config) = 0;

  // Opens the data, fits what is fitted on the training part alone, and builds a new model. Options that were left open
  // are chosen by the data and are set afterwards; the training keeps a copy of all.
  virtual std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) = 0;

  // The model that the options and these assets describe, with new parameters: those of a file, `elements` numbers, are
  // put in next. Both may come from anyone: a model much larger than that is refused before it is built.
  virtual std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const = 0;

  // Of data, which need no model, for inspect. Throws UsageError where the task cannot.
  virtual Description describe_data(const DataFiles& data) const;

 protected:
  Task() = default;
};

// What every Task with options of type `Options` has.
template <class Options>
class TaskOf : public Task {
 public:
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  Options options;
};

// A new task; throws UsageError for an unknown name, suggesting the nearest.
std::unique_ptr<Task> make_task(std::string_view name);
// All there are, in the order to list them.
const std::vector<TaskInfo>& tasks();

}  // namespace recur
