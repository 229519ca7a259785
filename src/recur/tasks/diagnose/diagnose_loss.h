// The loss of diagnosis.
#pragma once

#include "recur/tasks/diagnose/diagnose_examples.h"

namespace recur {

struct DiagnoseLoss {
  Tensor objective;   // [] in the scale of the options
  double weight = 0;  // answers that it is the mean of, those of auxiliary labels with theirs
  double loss = 0;    // mean cross-entropy of the predicted labels at the last step, in nats, comparable to evaluation
};

// Binary cross-entropy of logits [T, B, L]: replication times its mean over a record's steps, plus 1 - replication
// times that of the last step (Lipton, Kale, Elkan and Wetzel, "Learning to diagnose with LSTM recurrent neural
// networks", 2015); the mean over the answers that are known, those of auxiliary labels with their weight.
// `mitigation` weighs the records, and adds its penalty on the probabilities at the last step.
DiagnoseLoss diagnose_loss(const Tensor& logits, const DiagnoseExamples& examples, std::span<const int32_t> which,
                           const LabelSet& labels, const DiagnoseLossOptions& options, Mitigation& mitigation);

}  // namespace recur
