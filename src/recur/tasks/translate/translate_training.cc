#include "recur/tasks/translate/translate_training.h"

#include "recur/ops/concat.h"
#include "recur/ops/sum.h"
#include "recur/tasks/translate/teaching.h"

namespace recur {
namespace {

constexpr const char* kSteps = "task.teaching_steps";

DataChecksum checksum_of(const Dataset<EncodedPair>& pairs) {
  DataChecksum checksum;
  Random none(0);
  for (int64_t i = 0; i < pairs.size(); ++i) {
    const Loaded<EncodedPair> pair = pairs.load(i, none);
    checksum.add(pair->source);
    checksum.add(pair->target);
  }
  return checksum;
}

}  // namespace

TranslateTraining::TranslateTraining(TranslateTrained trained, TranslateParts parts,
                                     ShuffledBatches<EncodedPair> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(checksum_of(*parts_.train));
}

TrainingStep TranslateTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  std::vector<const std::vector<int32_t>*> sources, targets;
  for (const Loaded<EncodedPair>& pair : chosen.examples) {
    sources.push_back(&pair->source);
    targets.push_back(&pair->target);
  }
  const TranslateLearningOptions& learning = trained_.options().learning;
  const Mode now = mode();
  const SourceBatch source = TranslateEncoder::sources(sources);
  const TargetBatch target = trained_.encoder().targets(targets);
  const double teaching = teaching_probability(
      {.kind = learning.scheduled_sampling, .steps = learning.sampling_steps, .least = learning.least_teaching},
      steps_++);
  const CrossEntropyOptions loss{.ignored = kNoSymbol, .smoothing = learning.smoothing};
  Tensors objectives;
  for (const TranslateModel& member : trained_.network().members()) {
    const auto read = member.read(source, now, objectives.empty() ? new_trace(trace_gradients) : nullptr);
    objectives.push_back(member.objective(target, read, loss, now, teaching));
  }
  const Tensor objective = mean(stack(objectives));
  return {.objective = objective,
          .weight = chosen.counted > 0 ? static_cast<double>(target.symbols) : 0,
          .loss = objective.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion TranslateTraining::criterion() const {
  const std::string& metric = trained_.options().learning.select;
  return {.metric = metric, .higher_is_better = metric == "bleu" || metric == "exact_match"};
}

Evaluation TranslateTraining::validate() { return measure_sample(trained_.translator(), parts_.valid, parts_.sample); }

void TranslateTraining::save_state(StateWriter& state) const {
  BatchTraining::save_state(state);
  state.integer(kSteps, steps_);
}

void TranslateTraining::load_state(const StateReader& state) {
  BatchTraining::load_state(state);
  steps_ = state.integer(kSteps);
}

}  // namespace recur
