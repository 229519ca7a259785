// Learning-rate schedules: the learning rate of each step as a fraction of the base rate.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/tensor/named_tensors.h"

namespace recur {

// The progress of training before a step.
struct Progress {
  int64_t step = 0;   // steps taken
  int64_t epoch = 0;  // passes over the data completed
  double share = 0;   // of the whole training, in [0, 1], whatever its budget is; for schedules without a total
};

class Schedule {
 public:
  virtual ~Schedule() = default;

  // The step's rate as a fraction of the base rate.
  virtual double factor(const Progress& progress) const = 0;
  // Takes a validation metric, for schedules that depend on it.
  virtual void observe(double /*metric*/) {}

  virtual NamedTensors state() const { return {}; }
  virtual void load_state(const NamedTensors& state);
};

struct ScheduleOptions {
  // constant
  // step         times `decay` every `interval` epochs
  // milestones   times `decay` at each of the epochs in `milestones`
  // exponential  `hold` epochs at the full rate, then times `decay` each epoch; hold 4, decay 0.5 is that of Zaremba,
  //              Sutskever and Vinyals, "Recurrent neural network regularization" (2014), for their small model
  // cosine       half a cosine from 1 down to `floor` at the end of training (Loshchilov and Hutter, "SGDR", 2017)
  // linear       the same with a straight line
  // plateau      times `decay`, but not below `floor`, whenever the metric has not improved for more than `patience`
  //              observations
  std::string name = "constant";
  int64_t warmup = 0;  // steps of linear warm-up; part of `total`
  double decay = 0.5;
  double floor = 0;
  int64_t total = 0;  // cosine, linear: steps of the whole training; 0: they follow Progress::share
  int64_t interval = 1;
  int64_t hold = 1;
  std::vector<int64_t> milestones = {};
  int64_t patience = 2;
  double threshold = 1e-4;  // plateau: the least improvement, relative to the best
  int64_t cooldown = 0;     // plateau: observations after a reduction that do not count
  bool maximize = false;    // plateau: the metric is better when larger
};

// Throws UsageError for an unknown name and for values that make no sense.
std::unique_ptr<Schedule> make_schedule(const ScheduleOptions& options);

}  // namespace recur
