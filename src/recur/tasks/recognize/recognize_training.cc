#include "recur/tasks/recognize/recognize_training.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

// Beta(0.2, 0.2), as Zhang, Cisse, Dauphin and Lopez-Paz, "mixup" (2018), by Joehnk's method.
double share_of_mix(Random& random) {
  constexpr double kAlpha = 0.2;
  while (true) {
    const double a = std::pow(random.uniform64(), 1 / kAlpha), b = std::pow(random.uniform64(), 1 / kAlpha);
    if (a + b > 0 && a + b <= 1) return a / (a + b);
  }
}

}  // namespace

RecognizeTraining::RecognizeTraining(RecognizeTrained trained, RecognizeParts parts,
                                     ShuffledBatches<ClipExample> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.train.checksum());
}

RecognizeTraining::Loss RecognizeTraining::loss(const Tensor& scores, std::span<const int32_t> labels) const {
  const std::vector<int32_t> targets(labels.begin(), labels.end());
  const Tensor losses = cross_entropy(scores, Tensor::from(targets, {std::ssize(targets)}),
                                      {.smoothing = trained_.options().loss.smoothing, .reduction = Reduction::kNone});
  Loss out;
  const Tensor values = cast(losses.detach(), DType::kF32);
  for (const float value : values.values<float>()) out.plain += static_cast<double>(value);
  if (parts_.weights.empty()) {
    out.sum = sum(losses);
    return out;
  }
  std::vector<float> weights;
  for (const int32_t label : labels) weights.push_back(parts_.weights[static_cast<size_t>(label)]);
  out.sum = sum(losses * cast(Tensor::from(weights, {std::ssize(weights)}), losses.dtype()));
  return out;
}

TrainingStep RecognizeTraining::step(bool trace_gradients) {
  const auto batch = batches_.next();
  return trained_.each_frame() ? step_of_frames(batch, trace_gradients) : step_of_clips(batch, trace_gradients);
}

TrainingStep RecognizeTraining::step_of_clips(const ShuffledBatches<ClipExample>::Batch& batch, bool trace) {
  ClipBatch clips = make_batch(batch.examples);
  const int64_t size = std::ssize(batch.indices);
  std::vector<int32_t> labels, others;
  for (const int32_t k : batch.indices) labels.push_back(parts_.train.label(parts_.clip_of[static_cast<size_t>(k)]));
  double share = 1;
  if (trained_.options().augment.has("mixup")) {
    share = share_of_mix(batches_.dropout());
    const int64_t step = 1 + static_cast<int64_t>(batches_.dropout().below(static_cast<uint64_t>(size)));
    std::vector<int32_t> partner;
    std::vector<int64_t> lengths;
    for (int64_t b = 0; b < size; ++b) {
      const int64_t other = (b + step) % size;
      partner.push_back(static_cast<int32_t>(other));
      others.push_back(labels[static_cast<size_t>(other)]);
      lengths.push_back(std::max(clips.lengths[static_cast<size_t>(b)], clips.lengths[static_cast<size_t>(other)]));
    }
    const Tensor other = permute(index_select(permute(clips.x, {1, 0, 2}), Tensor::from(partner, {size})), {1, 0, 2});
    clips.x = clips.x * share + other * (1 - share);
    clips.lengths = std::move(lengths);
  }
  const Tensors outputs = trained_.network().outputs(clips, mode(), new_trace(trace));
  Tensors sums;
  double plain = 0;
  for (const Tensor& out : outputs) {
    const Loss own = loss(out, labels);
    sums.push_back(others.empty() ? own.sum : own.sum * share);
    plain += share * own.plain;
    if (others.empty()) continue;
    const Loss other = loss(out, others);
    sums.push_back(other.sum * (1 - share));
    plain += (1 - share) * other.plain;
  }
  const double terms = static_cast<double>(size) * static_cast<double>(outputs.size());
  return {.objective = sum(stack(sums)) / terms,
          .weight = static_cast<double>(batch.counted),
          .loss = plain / terms,
          .examples = batch.counted,
          .ends_epoch = batch.ends_pass};
}

// The frames with labels of out [T, B, C].
RecognizeTraining::Answers RecognizeTraining::labelled(const Tensor& out,
                                                       const ShuffledBatches<ClipExample>::Batch& batch) const {
  const int64_t steps = out.size(0), size = out.size(1);
  Answers answers;
  std::vector<int32_t> places;
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t b = 0; b < size; ++b) {
      const std::vector<int32_t>& labels = batch.examples[static_cast<size_t>(b)]->step_labels;
      if (t >= std::ssize(labels) || labels[static_cast<size_t>(t)] < 0) continue;
      places.push_back(static_cast<int32_t>(t * size + b));
      answers.labels.push_back(labels[static_cast<size_t>(t)]);
    }
  }
  if (places.empty()) return answers;
  answers.scores = index_select(reshape(out, {steps * size, out.size(2)}), Tensor::from(places, {std::ssize(places)}));
  return answers;
}

TrainingStep RecognizeTraining::step_of_frames(const ShuffledBatches<ClipExample>::Batch& batch, bool trace) {
  const Tensors outputs = trained_.network().outputs(make_batch(batch.examples), mode(), new_trace(trace));
  Tensors sums;
  double plain = 0;
  int64_t frames = 0;
  for (const Tensor& out : outputs) {
    const Answers answers = labelled(out, batch);
    frames = std::ssize(answers.labels);
    if (frames == 0) {
      sums.push_back(sum(out) * 0.0);  // a step without a label changes nothing
      continue;
    }
    const Loss own = loss(answers.scores, answers.labels);
    sums.push_back(own.sum);
    plain += own.plain;
  }
  const double terms = static_cast<double>(std::max<int64_t>(frames, 1)) * static_cast<double>(outputs.size());
  return {.objective = sum(stack(sums)) / terms,
          .weight = batch.counted > 0 ? static_cast<double>(frames) : 0,
          .loss = plain / terms,
          .examples = batch.counted,
          .ends_epoch = batch.ends_pass};
}

Evaluation RecognizeTraining::validate() {
  const Recognizer recognizer = trained_.recognizer();
  const RecognizeScores scores = score(recognizer, *parts_.valid);
  if (trained_.each_frame()) {
    trained_.set_spotting(choose_spotting(scores, *parts_.valid, recognizer, trained_.spotting()));
  }
  return measure(scores, *parts_.valid, recognizer, trained_.spotting());
}

Criterion RecognizeTraining::criterion() const {
  const std::string& metric = trained_.options().loss.select;
  if (metric == "loss") return {};
  constexpr int64_t kMany = 200;
  const int64_t clips = parts_.valid && !trained_.each_frame() ? parts_.valid->size() : kMany;
  // The standard error of an accuracy of 0.9 where it is of few clips: a model that seems better by less was lucky.
  const double chance = clips > 0 && clips < kMany ? 0.3 / std::sqrt(static_cast<double>(clips)) : 0;
  return {.metric = metric, .higher_is_better = true, .chance = chance};
}

void RecognizeTraining::check_validation() const {
  if (parts_.valid->size() == 0) fail("valid: expected clips to validate on, got none");
}

BaselineResults RecognizeTraining::baselines() const {
  return trained_.baselines()->measure(*parts_.valid, trained_.encoder(), trained_.options(), trained_.classes().size(),
                                       trained_.each_frame());
}

}  // namespace recur
