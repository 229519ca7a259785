#include "recur/tasks/diagnose/diagnose_training.h"

#include "recur/tasks/diagnose/diagnose_loss.h"

namespace recur {

TrainingStep DiagnoseTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  const DiagnoseOptions& options = trained_.options();
  const RecordBatch batch = make_batch(chosen.examples, trained_.encoder(), options.data.gaps);
  const Tensor logits = trained_.network()(batch, mode(), new_trace(trace_gradients));
  const std::vector<int32_t> which = drawn(draws_, chosen.indices);
  const DiagnoseLoss loss =
      diagnose_loss(logits, parts_.train, which, trained_.labels(), options.loss, parts_.mitigation);
  return {.objective = loss.objective,
          .weight = chosen.counted > 0 ? loss.weight : 0,
          .loss = loss.loss,
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

void DiagnoseTraining::save_state(StateWriter& state) const {
  BatchTraining::save_state(state);
  parts_.mitigation.save_state(state);
}

void DiagnoseTraining::load_state(const StateReader& state) {
  BatchTraining::load_state(state);
  parts_.mitigation.load_state(state);
}

Evaluation DiagnoseTraining::validate() {
  const DiagnoseExamples& examples = *parts_.valid;
  const DiagnoseScores scores = trained_.score(examples);
  trained_.labels().set_thresholds(best_thresholds(last_step(scores, examples)));
  return measure(scores, examples, trained_.labels());
}

}  // namespace recur
