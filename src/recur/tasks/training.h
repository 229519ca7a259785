// A training run under way: the data, the place in them, and the model that is learnt.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/shard.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/trained.h"

namespace recur {

// The data of a training run.
struct TrainingData {
  DataFiles files = {};                 // none where the task makes its own
  DataFiles valid = {};                 // to validate on
  std::optional<double> held_out = {};  // or: the fraction of `files` to hold out for that, in (0, 1)

  bool has_validation() const { return held_out.has_value() || !valid.empty(); }
};

// Which draws, and which part of each batch.
struct TrainingStart {
  uint64_t seed = 1;  // all random draws follow from it
  Shard shard = {};
};

// One batch of training data, gone forward through the model.
struct TrainingStep {
  Tensor objective;         // [], what backward() starts from: the loss in the scale of the options, with penalties
  double weight = 0;        // of what the objective is the mean of: shares of a batch are put together by it
  double loss = 0;          // mean over the examples, without penalties, comparable to evaluate()'s "loss"
  int64_t examples = 0;     // in units of TaskInfo::unit
  bool ends_epoch = false;  // all training data have been seen once more
};

class Training {
 public:
  virtual ~Training() = default;
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  // The next batch. With trace_gradients, gradient_trace() gives something after the backward pass.
  virtual TrainingStep step(bool trace_gradients = false) = 0;
  // The norm of the gradient of the last step's objective with respect to h, by recurrent layer and time step.
  virtual std::vector<std::vector<double>> gradient_trace() const { return {}; }

  // Passes over the training data, the fraction of the running one included: 2.25.
  virtual double epoch() const = 0;
  // How many passes over these data make a good run when the user says nothing about its end.
  virtual double default_epochs() const { return 20; }

  virtual bool has_validation() const = 0;
  // The metrics on the validation data. Does not change what step() gives next; what is chosen by validation, such as
  // thresholds, goes into trained(). REQUIRES: has_validation()
  virtual Evaluation validate() = 0;
  virtual Criterion criterion() const { return {}; }

  // What decides the next step besides the model: the place in the data, carried states, random streams. Names begin
  // with "task.". The tensors given must live until they are saved or the next step is made.
  virtual void save_state(StateWriter& state) const = 0;
  virtual void load_state(const StateReader& state) = 0;  // of a run with the same options and data

  // What has been learnt so far. The parameters are those of module(), so it changes as training goes on.
  virtual const Trained& trained() const = 0;
  virtual Module& module() = 0;

 protected:
  Training() = default;
};

// What every Training has: the model, of the task's own kind of Trained.
template <class T>
class TrainingOf : public Training {
 public:
  const Trained& trained() const override { return trained_; }
  Module& module() override { return trained_.module(); }

 protected:
  explicit TrainingOf(T trained) : trained_(std::move(trained)) {}

  T trained_;
};

}  // namespace recur
