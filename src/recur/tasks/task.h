// A task: what a network is trained for, as the training loop, the program and the server see it. It owns its options,
// data, model, loss and metrics; none of those three knows which task it has.
//
//   auto task = make_task("lm");
//   Config config;
//   task->declare(config);                                     // its options: read from files, flags, overrides
//   config.apply_override("hidden=512");
//   task->start({.paths = {"train.txt"}, .valid = "0.1"}, 1);  // from here on task->step(), task->validate()
//   task->save("model.recur");
//
//   auto trained = load_task("model.recur");
//   trained->evaluate({"test.txt"}).at("perplexity");
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/config.h"
#include "recur/io/checkpoint.h"
#include "recur/nn/module.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/generation.h"
#include "recur/tasks/line_stream.h"
#include "recur/tasks/table.h"
#include "recur/tensor/tensor.h"

namespace recur {

using Paths = std::vector<std::filesystem::path>;

struct TaskInfo {
  std::string name;     // "lm"
  std::string summary;  // one line for help
  std::string data;     // what its files are: "plain text: files or folders"
  std::string unit;     // what is counted as an example, plural: "symbols", "sequences"
};

// The data of a training run.
struct TrainingData {
  Paths paths;
  // A file or folder to validate on, or the fraction of the training data to hold out ("0.1"); empty: none.
  std::string valid;

  // The fraction, or nothing where `valid` is no number. Throws UsageError unless it is between 0 and 1.
  std::optional<double> held_out_fraction() const;
};

// One batch of training data, gone forward through the model.
struct TrainingStep {
  Tensor objective;         // [], what backward() starts from: the loss in the scale of the options, with penalties
  double loss = 0;          // mean over the examples, without penalties, comparable to evaluate()'s "loss"
  int64_t examples = 0;     // in units of TaskInfo::unit
  bool ends_epoch = false;  // all training data have been seen once more
};

// What a model file holds besides tensors and options: vocabularies, scalers; text by name.
using Assets = std::map<std::string, std::string, std::less<>>;

class Task {
 public:
  virtual ~Task() = default;

  virtual const TaskInfo& info() const = 0;

  // Adds the options, which belong to this object, to `config`. They count from start() or restore() on; those of
  // declare_use() count each time that a trained model is used.
  virtual void declare(Config& config) = 0;
  virtual void declare_use(Config&) {}

  // --- Training ---
  // Opens the data, fits what is fitted on the training part alone, and builds a new model. All random draws follow
  // from the seed.
  virtual void start(const TrainingData& data, uint64_t seed) = 0;

  // The next batch. With trace_gradients, gradient_trace() gives something after the backward pass.
  virtual TrainingStep step(bool trace_gradients = false) = 0;
  // The norm of the gradient of the last step's objective with respect to h, by recurrent layer and time step.
  virtual std::vector<std::vector<double>> gradient_trace() const { return {}; }

  // Passes over the training data, the fraction of the running one included: 2.25.
  virtual double epoch() const = 0;

  virtual bool has_validation() const = 0;
  // The metrics on the validation data; must not change what step() gives next.
  virtual Evaluation validate() = 0;
  virtual Criterion criterion() const { return {}; }
  // How many passes over the data that start() opened make a good run when the user says nothing about its end.
  virtual double default_epochs() const { return 20; }

  // What decides the next step besides the model: the place in the data, carried states, random streams. Names begin
  // with "task.". The tensors given must live until they are saved or the next step is made.
  virtual void save_state(StateWriter& state) const = 0;
  virtual void load_state(const StateReader& state) = 0;  // after start() with the same options

  // --- The model ---
  // Throws Error before start() or restore().
  virtual Module& model() = 0;
  const Module& model() const { return const_cast<Task*>(this)->model(); }

  virtual Assets assets() const = 0;
  // Builds the model that the options and these assets describe, in which the file's `elements` numbers are put next.
  // Both may come from anyone: a model much larger than that must be refused before it is built.
  virtual void restore(const Assets& assets, int64_t elements) = 0;

  // --- Use of a trained model; the model is left in evaluation mode ---
  // The metrics on data that it has not seen.
  virtual Evaluation evaluate(const Paths& paths) = 0;
  // One row for each thing predicted. Throws UsageError where the task has no predictions.
  virtual void predict(const Paths& paths, RowSink& rows);
  // The same line by line, as they arrive. Throws UsageError where the task, or this model, cannot. What is returned
  // must not outlive the task.
  virtual std::unique_ptr<LineStream> stream();
  // Throws UsageError where the task does not write.
  virtual void generate(const GenerateOptions& options, const TextSink& sink);

  // --- For inspect ---
  virtual Description describe() const = 0;  // of the model: {"symbols", "chars"}, {"vocabulary", 65}
  // Of data, which need no model. Throws UsageError where the task cannot.
  virtual Description describe_data(const Paths& paths);

  // Writes a complete model file: parameters and buffers under PyTorch's names; task, options, assets and `facts`
  // (such as the step and metrics) as metadata. Whole or not at all. docs/formats.md describes it.
  void save(const std::filesystem::path& path, const Assets& facts = {}) const;
  // The same with matrices rounded to 8-bit integers (io/int8_tensors.h): a file that loads as any does, and computes
  // with them.
  void save_int8(const std::filesystem::path& path, const Assets& facts = {}) const;

  // declare() in a new Config, written as TOML.
  std::string options_toml() const;

 protected:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

 private:
  Assets metadata(const Assets& facts) const;
};

// A new task; throws UsageError for an unknown name, suggesting the nearest.
std::unique_ptr<Task> make_task(std::string_view name);
// All there are, in the order to list them.
const std::vector<TaskInfo>& tasks();

// Opens a model file, or the one in a run's folder, ready for use. Throws Error when it is damaged, of another kind, or
// does not hold what its task needs.
std::unique_ptr<Task> load_task(const std::filesystem::path& path);
// The facts that save() was given.
Assets read_model_facts(const std::filesystem::path& path);
// `path`, or path/model.recur when it is a folder.
std::filesystem::path model_path(const std::filesystem::path& path);

}  // namespace recur
