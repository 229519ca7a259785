// The training loop, the same for every task.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "recur/tasks/training.h"
#include "recur/train/collective.h"
#include "recur/train/observer.h"
#include "recur/train/options.h"
#include "recur/train/run_folder.h"

namespace recur {

// Budget used up; validation has stopped improving; a request to stop.
enum class TrainEnd { kFinished, kEarly, kStopped };

struct TrainResult {
  TrainEnd end = TrainEnd::kFinished;
  int64_t step = 0;
  double epoch = 0;
  double elapsed = 0;              // seconds
  std::optional<Evaluation> best;  // on validation, of the model that is in the model file
  int64_t best_step = 0;
  double best_factor = 1;  // of the learning rate at that step
  // Of the training of all data whose model is in the file (Training::refits()).
  std::optional<int64_t> refit_steps = {};
  BaselineResults baselines = {};  // on the same data; none of a run that was stopped
  std::string message;             // one line with the reason: "stopped at step 1200; to resume: recur resume RUN"
};

// Steps a training until its budget is used up, validates, keeps the best model, and writes logs and checkpoints
// into the run's folder. The parameters depend only on task, options and seed, no matter how often the run is stopped
// and resumed, except with a time budget. With several ranks only the first one writes to the folder.
class Trainer {
 public:
  struct Context {
    TrainObserver* observer = nullptr;
    const std::atomic<bool>* stop = nullptr;  // when it becomes true, the run is saved and run() returns
    Collective* collective = nullptr;         // null: this process trains alone
  };

  // The training must outlive the trainer. The folder need not exist before run(). Throws UsageError for options
  // that contradict each other.
  Trainer(Training& training, const TrainOptions& options, const RunFolder& folder, const Context& context);
  ~Trainer();

  // Continues from the last checkpoint in the folder instead of from the start. Throws Error when it does not match.
  void resume();

  // Throws Error when the loss or a gradient is not finite, naming the step, the value and the last checkpoint.
  TrainResult run();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace recur
