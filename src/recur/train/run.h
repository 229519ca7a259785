// A training run from options to run folder, as `recur train` and `recur resume` use it.
//
//   Run run("lm");
//   run.config().apply_override("data=train.txt");
//   run.config().apply_override("time=30m");
//   TrainResult result = run.train("runs/first");
//   ...
//   Run::open("runs/first")->resume();
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/task.h"
#include "recur/train/trainer.h"

namespace recur {

// Options of a run that belong neither to the task nor to the loop.
struct RunSettings {
  std::string task;
  std::vector<std::string> data;
  std::string valid;
  std::string from_model;
  uint64_t seed = 1;
  int threads = 0;
  std::string precision = "f32";

  template <class Visitor>
  void visit(Visitor& v) {
    v("task", task, "Task to train");
    v("data", data, "Training files or folders");
    v("valid", valid,
      "Validation file, or the fraction of the training data to hold out, such as 0.1; none: no validation; empty: the "
      "same, but forecast holds out 0.1, as detect does in any case");
    v("from_model", from_model,
      "Model file or run folder to begin from (fine-tuning): its weights, vocabulary, classes, channels, scaling and "
      "network options; empty: new weights");
    v("seed", seed, "Random seed");
    v("threads", threads, "Number of threads; 0: the environment variable RECUR_THREADS, or 1 if it is not set",
      Range{0, 1024});
    v("precision", precision,
      "Numeric precision: f32, f64, or bf16 (matrix products with bf16 operands; sums, parameters and states in f32)",
      OneOf{"f32", "bf16", "f64"});
  }
};

// A model on the validation data, and how long that took.
struct TimedEvaluation {
  Evaluation evaluation;
  double seconds = 0;
};

class Run {
 public:
  // Throws UsageError for an unknown task.
  explicit Run(std::string_view task);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // The run in a folder, its options as they were; some may be changed before resume(), such as epochs.
  static std::unique_ptr<Run> open(const std::filesystem::path& folder);

  // All options: of the run, the task and the training loop, under headings.
  Config& config() { return config_; }
  const RunSettings& settings() const { return settings_; }
  // The keys of the options that were set to other values than their defaults, before the task chose those that depend
  // on the data. Nothing for a run of a version that did not keep them.
  const std::optional<std::vector<std::string>>& given() const { return given_; }
  const Task& task() const { return *task_; }

  // A run of train() from a model will measure that model before and its own at the end, on validation data if it has
  // any.
  void compare_with_first() { compares_ = true; }
  // What it measured: nothing without validation data, and of the end nothing where it was stopped.
  const std::optional<TimedEvaluation>& before() const { return before_; }
  const std::optional<TimedEvaluation>& after() const { return after_; }

  // Trains on these files, which may be in memory, instead of those that the options `data` and, where there are any,
  // `valid` name. A run on files in memory cannot be resumed.
  void take_data(DataFiles files, DataFiles valid = {});

  // Starts a new run in `folder`. Nothing is written before data and options have been checked.
  TrainResult train(const std::filesystem::path& folder, bool force = false, const Trainer::Context& context = {});

  // Continues an opened run, to the same bits as if it had not been interrupted.
  TrainResult resume(const Trainer::Context& context = {});

 private:
  TrainingData data() const;
  void check_apart(const std::filesystem::path& folder) const;
  void keep_given();
  void choose_validation();
  bool is_default_hold_out() const;
  void say_what_validation_lacks() const;
  std::string config_text() const;
  // `first`: the model that the run begins from, or null.
  std::unique_ptr<Training> start(const TrainingData& data, const Trainer::Context& context, const Trained* first);
  bool refits(const Training& training) const;
  TrainOptions refit_options(const TrainResult& chosen) const;
  // Trains anew on all data, in as many steps as the chosen model had, and puts the new model in its place.
  void refit(TrainResult& chosen, const RunFolder& folder, const Trainer::Context& context);
  void take_weights(const Trained& first, Training& training) const;

  RunSettings settings_;
  DataFiles files_, valid_;  // of take_data()
  TrainOptions options_;
  std::unique_ptr<Task> task_;
  Config config_;
  std::optional<std::vector<std::string>> given_;
  std::vector<std::string> opened_;  // the options' values as the folder had them, in the order of fields()
  std::filesystem::path folder_;     // of open()
  bool compares_ = false;
  std::optional<TimedEvaluation> before_, after_;
};

}  // namespace recur
