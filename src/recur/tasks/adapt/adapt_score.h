// How well a learner adapts: the error on queries of new problems, by the number of steps and of shots.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "recur/tasks/adapt/adapt_learners.h"
#include "recur/tasks/evaluation.h"

namespace recur {

// Of one problem.
struct ProblemScore {
  double loss = 0;      // mean over the queries: nats, or squared error
  double accuracy = 0;  // of classes
};
// Throws NotFiniteError, naming the problem, for answers that are no numbers.
ProblemScore score_of(const AdaptModel& model, const Problem& problem, const Tensor& answers);

// Mean, and half the width of its 95 % interval: 1.96 standard errors over the problems.
struct MeanInterval {
  double mean = 0, half = 0;
};
MeanInterval mean_interval(const std::vector<double>& values);

// Which problems.
struct Course {
  Drawing drawing;
  uint64_t seed = 1, stream = 0;
  int64_t problems = 600;
};

// The scores of each problem, after each number of steps; of one where there are no steps.
using Adapter = std::function<std::vector<Tensor>(const Problem&)>;
std::vector<std::vector<ProblemScore>> scores_of(const AdaptModel& model, const Problems& problems,
                                                 const Course& course, const Adapter& adapter);

// Metrics: loss; of classes accuracy; the interval of the last; before any step, and after the first. Table: by_steps.
// With rows, one for each problem.
Evaluation measure(const AdaptModel& model, const AdaptOptions& options, const Problems& problems, const Course& course,
                   const InnerSteps& how, Sink* rows = nullptr);

// The metric that says which learner is better.
Criterion adapt_criterion(const AdaptShape& shape);

}  // namespace recur
