#include "recur/tasks/diagnose/diagnose_loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// Arrays [T, B, L] of a batch.
struct Weighting {
  Tensor targets;  // 0 where not known
  Tensor weights;  // of each cross-entropy in the objective, with sum 1 unless nothing is known
  Tensor last;     // of each in the plain loss
  double known = 0;
};

Weighting weigh(const Shape& shape, const DiagnoseExamples& examples, std::span<const int32_t> which,
                const LabelSet& labels, const DiagnoseLossOptions& options) {
  Weighting w{Tensor::zeros(shape), Tensor::zeros(shape), Tensor::zeros(shape), 0};
  float *targets = w.targets.data<float>(), *weights = w.weights.data<float>(), *last = w.last.data<float>();
  const int64_t B = shape[1], L = shape[2];
  double predicted = 0;
  for (int64_t b = 0; b < B; ++b) {
    const int64_t steps = examples.records->length(which[b]);
    const double each = options.replication / static_cast<double>(steps);
    const auto answers = examples.answers_of(which[b]);
    for (int64_t l = 0; l < L; ++l) {
      if (std::isnan(answers[l])) continue;
      const double weight = l < labels.predicted() ? 1 : options.auxiliary_weight;
      w.known += weight;
      predicted += l < labels.predicted() ? 1 : 0;
      for (int64_t t = 0; t < steps; ++t) {
        const int64_t at = (t * B + b) * L + l;
        targets[at] = answers[l];
        weights[at] = static_cast<float>(weight * (each + (t + 1 == steps ? 1 - options.replication : 0)));
      }
      if (l < labels.predicted()) last[((steps - 1) * B + b) * L + l] = 1;
    }
  }
  w.weights = w.weights * (w.known > 0 ? 1 / w.known : 0);
  w.last = w.last * (predicted > 0 ? 1 / predicted : 0);
  return w;
}

// What the losses [T, B, L] of a batch's records count besides: [1, B, 1].
Tensor record_weights(const Tensor& losses, const Weighting& w, std::span<const int32_t> which,
                      Mitigation& mitigation) {
  const int64_t B = std::ssize(which);
  const auto of_records = [](const Tensor& x) { return cast(sum(sum(x.detach(), 2), 0), DType::kF32); };
  const Tensor parts = of_records(losses), shares = of_records(w.weights);
  std::vector<float> weights, loss;
  for (int64_t b = 0; b < B; ++b) {
    const float share = shares.data<float>()[b];
    weights.push_back(share == 0 ? 0 : mitigation.weights().empty() ? 1 : mitigation.weights()[which[b]]);
    loss.push_back(share == 0 ? 0 : parts.data<float>()[b] / share);
  }
  const std::vector<float> factors = mitigation.factors(which, loss, weights);
  for (size_t b = 0; b < weights.size(); ++b) weights[b] *= factors[b];
  return Tensor::from(weights, {1, B, 1});
}

// [B, L] of logits [T, B, L] at the last step of each record, 0 of the labels behind the `predicted` first ones.
Tensor last_probabilities(const Tensor& logits, const DiagnoseExamples& examples, std::span<const int32_t> which,
                          int64_t predicted) {
  const int64_t B = logits.size(1), L = logits.size(2);
  Tensor last = Tensor::zeros(logits.shape());
  for (int64_t b = 0; b < B; ++b) {
    const int64_t step = examples.records->length(which[b]) - 1;
    std::fill_n(last.data<float>() + (step * B + b) * L, predicted, 1.0f);
  }
  return sum(sigmoid(logits) * cast(last, logits.dtype()), 0);
}

}  // namespace

DiagnoseLoss diagnose_loss(const Tensor& logits, const DiagnoseExamples& examples, std::span<const int32_t> which,
                           const LabelSet& labels, const DiagnoseLossOptions& options, Mitigation& mitigation) {
  const Weighting w = weigh(logits.shape(), examples, which, labels, options);
  const Tensor losses = binary_cross_entropy_with_logits(logits, cast(w.targets, logits.dtype()), Reduction::kNone);
  Tensor weighted = losses * cast(w.weights, losses.dtype());
  if (mitigation.weighs()) weighted = weighted * cast(record_weights(weighted, w, which, mitigation), losses.dtype());
  Tensor objective = sum(weighted);
  if (mitigation.has_penalty()) {
    const Tensor gap = mitigation.penalty(last_probabilities(logits, examples, which, labels.predicted()), which);
    if (gap.defined()) objective = objective + gap;
  }
  return {
      .objective = objective, .weight = w.known, .loss = sum(losses.detach() * cast(w.last, losses.dtype())).item()};
}

}  // namespace recur
