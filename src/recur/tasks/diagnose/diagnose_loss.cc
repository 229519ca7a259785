#include "recur/tasks/diagnose/diagnose_loss.h"

#include <cmath>

#include "recur/autograd/node.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"

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

}  // namespace

DiagnoseLoss diagnose_loss(const Tensor& logits, const DiagnoseExamples& examples, std::span<const int32_t> which,
                           const LabelSet& labels, const DiagnoseLossOptions& options) {
  const Weighting w = weigh(logits.shape(), examples, which, labels, options);
  const Tensor losses = binary_cross_entropy_with_logits(logits, cast(w.targets, logits.dtype()), Reduction::kNone);
  return {.objective = sum(losses * cast(w.weights, losses.dtype())),
          .weight = w.known,
          .loss = sum(losses.detach() * cast(w.last, losses.dtype())).item()};
}

}  // namespace recur
