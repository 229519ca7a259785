#include "recur/tasks/caption/caption_training.h"

#include <utility>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/sum.h"

namespace recur {

CaptionTraining::CaptionTraining(CaptionTrained trained, CaptionParts parts, ShuffledBatches<CaptionExample> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.checksum);
}

TrainingStep CaptionTraining::step(bool) {
  const auto chosen = batches_.next();
  std::vector<float> values;
  std::vector<const CaptionSymbols*> captions;
  std::vector<int32_t> of;
  for (const Loaded<CaptionExample>& image : chosen.examples) {
    for (const CaptionSymbols& each : image->captions) {
      captions.push_back(&each);
      of.push_back(static_cast<int32_t>(static_cast<int64_t>(values.size()) / std::ssize(image->values)));
    }
    values.insert(values.end(), image->values.begin(), image->values.end());
  }
  const CaptionModel& model = trained_.network();
  const CaptionLearningOptions& learning = trained_.options().learning;
  const Mode now = mode();
  const Tensor x = cast(Tensor::from(values, {std::ssize(chosen.examples), trained_.encoder().shape().values()}),
                        model.parameters()[0].dtype());
  const auto seen = model.see(x, now, Tensor::from(of, {std::ssize(of)}));
  const CaptionTargets target = caption_targets(captions, trained_.encoder().end());
  const CaptionModel::Losses losses = model.losses(target, seen, learning.smoothing, now);
  const auto symbols = static_cast<double>(target.symbols);
  const Tensor loss = sum(losses.nats) / symbols;
  const double weight = learning.attention_penalty;
  return {.objective = weight > 0 ? loss + losses.penalty * (weight / symbols) : loss,
          .weight = chosen.counted > 0 ? symbols : 0,
          .loss = loss.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion CaptionTraining::criterion() const {
  const std::string& metric = trained_.options().learning.select;
  return {.metric = metric, .higher_is_better = metric != "loss"};
}

Evaluation CaptionTraining::validate() {
  return measure_sample(trained_.captioner(), *parts_.valid_set, parts_.valid, parts_.sample);
}

BaselineResults CaptionTraining::baselines() const {
  return usual_caption_baseline(trained_.captioner(), *parts_.valid_set, parts_.sample);
}

}  // namespace recur
