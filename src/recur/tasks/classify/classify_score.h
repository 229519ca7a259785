// Predictions of a classifier, and their metrics.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/tasks/classify/classify_ensemble.h"
#include "recur/tasks/classify/classify_examples.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur {

// The outputs of all examples, in their order: [N, C] logarithms of probabilities, or [N, 1] scaled values.
struct ClassifyScores {
  std::vector<float> values;
  int64_t outputs = 0;

  std::span<const float> row(int64_t i) const { return std::span(values).subspan(i * outputs, outputs); }
};
// Of the network alone. Throws NotFiniteError for an output that is no number: naming the record of `source`, or its
// number where that is null.
ClassifyScores score(const ClassifyEnsemble& model, const ClassifyExamples& examples, const Targets& targets,
                     int64_t batch, const ClassifySource* source = nullptr);
// Makes them those of network and linear path together, where the model has one.
void combine_with_path(ClassifyScores& scores, const ClassifyEnsemble& model, const ClassifyExamples& examples);

// Of the examples `which` alone, in that order, by one of the networks.
ClassifyScores score_of(const ClassifyEnsemble& model, size_t member, const ClassifyExamples& examples,
                        std::span<const int64_t> which, const Targets& targets, int64_t batch);

// A row per example: its name, the label with the highest probability, that probability, and all probabilities
// ("p.LABEL"); for values only the value.
void write_predictions(const ClassifySource& source, const ClassifyScores& scores, const Targets& targets, Sink& rows);

// A row per example: its name, label, loss (empty for a label that the model lacks) and prediction.
void write_example_scores(const ClassifySource& source, const ClassifyExamples& examples, const ClassifyScores& scores,
                          const Targets& targets, Sink& out);

// Of classes: loss (nats), accuracy, macro_f1, auc (one against the rest, where there is one) and calibration_error; as
// tables the confusion matrix and the figures of each class. A label that the model lacks is an error of its: a class
// that is never predicted, a negative of all others' areas, and left out of the loss. Of values: loss (squared error in
// units of the training data's deviation), rmse, mae and r2 in the data's own units.
Evaluation measure(const ClassifyScores& scores, const ClassifyExamples& examples, const Targets& targets);

}  // namespace recur
