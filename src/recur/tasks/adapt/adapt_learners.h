// What each learner does with a problem: its objective in training, its answers, and what is left of it when a model is
// fitted to a few examples.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/adapt/adapt_model.h"
#include "recur/tasks/adapt/inner_steps.h"

namespace recur {

// Examples as tensors.
struct ExampleTensors {
  AdaptBatch batch;
  Tensor targets;  // i32 [N] of classes, else [N, O]

  int64_t size() const { return batch.size(); }
};
ExampleTensors tensors_of(const AdaptModel& model, const Examples& examples);

// Of outputs [N, O] and targets, a mean: cross-entropy in nats over the first `ways` outputs, or squared error.
Tensor loss_of(const Tensor& outputs, const Tensor& targets, int64_t ways);

struct Learnt {
  Tensor objective;  // [], the mean over the problems of what to call backward() on
  double loss = 0;   // mean error of the queries
};
// Of some problems, each with as many examples. `order`: of the shots and queries of each, in which a reader reads
// them; empty: as they are.
using ReadingOrders = std::vector<std::vector<int32_t>>;
Learnt learn(const AdaptModel& model, const AdaptOptions& options, std::span<const Problem> problems,
             const ReadingOrders& orders, Mode mode);

// The answers [Q, N or O] to the queries of a problem, after 0, 1, .. steps on its shots, or once of a learner without
// steps. Outside any graph.
std::vector<Tensor> answers(const AdaptModel& model, const AdaptOptions& options, const Problem& problem,
                            const InnerSteps& how);

// A model fitted to examples.
struct Fit {
  Tensors parameters;  // in the order of the model's
  FittedParts parts;
  std::vector<double> losses;  // of the examples, before the first step and after each; empty of a learner without
};
Fit fitted_to(const AdaptModel& model, const AdaptOptions& options, const Examples& shots, int64_t ways,
              const InnerSteps& how);
// The answers [B, N or O] of a model that was fitted.
Tensor fitted_answers(const AdaptModel& model, const AdaptOptions& options, std::span<const AdaptExample> examples);

}  // namespace recur
