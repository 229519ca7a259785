#include "recur/tasks/tag/tag_training.h"

#include <numeric>

#include "recur/ops/binary.h"
#include "recur/tasks/metrics/spans.h"
#include "recur/tasks/tag/tag_score.h"

namespace recur {

TrainingStep TagTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  const TagModel& model = trained_.network();
  const TagBatch batch = trained_.encoder().batch(*parts_.train.text, chosen.examples,
                                                  trained_.options().model.word_dropout, &batches_.dropout());
  const Tensor scores = model(batch, mode(), new_trace(trace_gradients));
  const int64_t tokens = std::accumulate(batch.lengths.begin(), batch.lengths.end(), int64_t{0});
  const int64_t counted = chosen.counted > 0 ? tokens : 0;
  const Tensor objective = model.loss(scores, batch) / static_cast<double>(std::max<int64_t>(tokens, 1));
  return {.objective = objective,
          .weight = static_cast<double>(counted),
          .loss = objective.item(),
          .examples = counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion TagTraining::criterion() const {
  const bool spans = are_span_labels(trained_.encoder().tags().words());
  return {.metric = spans ? "span_f1" : "accuracy", .higher_is_better = true};
}

Evaluation TagTraining::validate() {
  return measure(trained_.network(), trained_.encoder(), *parts_.valid, trained_.options().use.batch);
}

}  // namespace recur
