// A training run: the data, the position in them, and the model being trained.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/shard.h"
#include "recur/io/checkpoint.h"
#include "recur/io/data_checksum.h"
#include "recur/tasks/baseline_results.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/trained.h"

namespace recur {

// The data of a training run.
struct TrainingData {
  DataFiles files = {};                 // none if the task generates its own
  DataFiles valid = {};                 // to validate on
  std::optional<double> held_out = {};  // or: the fraction of `files` to hold out for that, in (0, 1)
  bool may_hold_none = false;           // nobody asked for that: a task does without where data are too few

  bool has_validation() const { return held_out.has_value() || !valid.empty(); }
};

// The random seed, the part of each batch that this process trains on, and the model that training begins from.
struct TrainingStart {
  uint64_t seed = 1;  // all random draws follow from it
  Shard shard = {};
  // Of the same task, and of the options that the task has; null: nothing is known before the data.
  const Trained* first = nullptr;
};

// The model that a training begins from, as its task knows it: T is the task's class. What the data would tell
// otherwise, such as vocabulary, classes, channels and their scaling, is the model's, and the data must fit them. The
// weights need not be taken: whoever starts the training does that. Null where there is none.
template <class T>
const T* first_model(const TrainingStart& start) {
  return dynamic_cast<const T*>(start.first);
}

// The forward pass of one batch of training data.
struct TrainingStep {
  Tensor objective;         // [], the argument of backward(): the loss in the scale of the options, with penalties
  double weight = 0;        // the number of terms in the objective's mean, by which shares of a batch are combined
  double loss = 0;          // mean over the examples, without penalties, comparable to evaluate()'s "loss"
  int64_t examples = 0;     // in units of TaskInfo::unit
  bool ends_epoch = false;  // all training data have been seen once more
};

class Training {
 public:
  virtual ~Training() = default;
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  // Runs the next batch. With trace_gradients, gradient_trace() is filled by the backward pass.
  virtual TrainingStep step(bool trace_gradients = false) = 0;
  // The norm of the gradient of the last step's objective with respect to h, by recurrent layer and time step.
  virtual std::vector<std::vector<double>> gradient_trace() const { return {}; }

  // Passes over the training data, including the fraction of the current one: 2.25.
  virtual double epoch() const = 0;
  // The number of passes over these data if the user sets no budget.
  virtual double default_epochs() const { return 20; }
  // The learning rate if the user sets none; nothing: the optimiser's own.
  virtual std::optional<double> default_rate() const { return {}; }
  // Whether a run without a budget may end when validation has long stopped improving.
  virtual bool may_end_early() const { return true; }
  // Whether the model is of use before its first step, so that validation may choose it as it begins.
  virtual bool validates_first() const { return false; }
  // Whether the model that validation has chosen gives way to one that has learnt, in as many steps, from the held-out
  // part as well.
  virtual bool refits() const { return false; }

  virtual bool has_validation() const = 0;
  // The metrics on the validation data. Does not affect the next step(); values chosen on validation data, such as
  // thresholds, are stored in trained(). REQUIRES: has_validation()
  virtual Evaluation validate() = 0;
  virtual Criterion criterion() const { return {}; }
  // Throws Error when the validation data do not allow to compute the criterion, whatever the model is: AUC of one
  // class alone. Called before the first step, so that no work is lost. REQUIRES: has_validation()
  virtual void check_validation() const {}
  // What baselines that learnt from the same part achieve on the validation data. Takes seconds. REQUIRES:
  // has_validation()
  virtual BaselineResults baselines() const { return {}; }

  // The state of the run besides the model: the position in the data, carried states, random streams. Names begin with
  // "task.". The tensors must live until they are saved or the next step is made.
  virtual void save_state(StateWriter& state) const = 0;
  virtual void load_state(const StateReader& state) = 0;  // of a run with the same options and data

  // Of what the run learns from, values and labels in their order, as it was when the run or its sitting began.
  virtual std::string data_checksum() const = 0;

  // What the data were taken for and how much there is, in words; "" where there is nothing to say.
  virtual std::string taken() const { return ""; }

  // The model trained so far. It shares the parameters of module(), so it changes as training continues.
  virtual const Trained& trained() const = 0;
  // Of a model of the same options: what validation has chosen of it besides weights.
  virtual void take_choices(const Trained&) {}
  virtual Module& module() = 0;

 protected:
  Training() = default;
};

// The common part of all Trainings: the model, of the task's own class of Trained.
template <class T>
class TrainingOf : public Training {
 public:
  const Trained& trained() const override { return trained_; }
  Module& module() override { return trained_.module(); }
  std::string taken() const override { return taken_; }
  void set_taken(std::string text) { taken_ = std::move(text); }

 protected:
  explicit TrainingOf(T trained) : trained_(std::move(trained)) {}

  std::string data_checksum() const override { return checksum_; }
  // `data`: of the examples. What the model keeps of the training data, such as the names of its classes, is added. To
  // be called before validation changes the model's thresholds.
  void keep_checksum(DataChecksum data) {
    for (const auto& [name, asset] : trained_.assets()) {
      data.add(name);
      data.add(asset);
    }
    checksum_ = data.text();
  }

  T trained_;

 private:
  std::string checksum_, taken_;
};

}  // namespace recur
