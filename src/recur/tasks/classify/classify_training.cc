#include "recur/tasks/classify/classify_training.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/embedding.h"
#include "recur/ops/losses.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/tasks/classify/augment.h"
#include "recur/tasks/classify/classify_score.h"

namespace recur {
namespace {

// The standard error of an accuracy of 0.9 where it is of few examples. A model that seems better by less has been
// lucky.
double chance_of(int64_t examples) {
  constexpr int64_t kMany = 200;
  return examples == 0 || examples >= kMany ? 0 : 0.3 / std::sqrt(static_cast<double>(examples));
}

}  // namespace

ClassifyTraining::ClassifyTraining(ClassifyTrained trained, ClassifyParts parts,
                                   ShuffledBatches<EncodedSequence> batches, std::optional<double> default_epochs)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)), default_epochs_(default_epochs) {
  keep_checksum(parts_.train.checksum);
  for (const std::vector<int64_t>& fold : parts_.folds) {
    held_out_.emplace_back(static_cast<size_t>(parts_.train.size()), false);
    for (const int64_t i : fold) held_out_.back()[static_cast<size_t>(i)] = true;
  }
  if (!trained_.encoder().is_text()) chance_ = chance_of(validated());
  draws_ = parts_.mitigation.draws();
}

// [B].
Tensor ClassifyTraining::loss(const Tensor& out, std::span<const int32_t> which) const {
  std::vector<float> targets;
  for (const int32_t i : which) targets.push_back(parts_.train.targets[i]);
  if (trained_.targets().is_value()) {
    const Tensor values = cast(Tensor::from(targets, {std::ssize(targets), 1}), out.dtype());
    return reshape(mse(out, values, Reduction::kNone), {std::ssize(targets)});
  }
  const std::vector<int32_t> classes(targets.begin(), targets.end());
  return cross_entropy(out, Tensor::from(classes, {std::ssize(classes)}),
                       {.smoothing = trained_.options().loss.smoothing, .reduction = Reduction::kNone});
}

// Series change, and pairs of them are mixed, as the options say.
ClassifyTraining::Mixed ClassifyTraining::make_training_batch(const ShuffledBatches<EncodedSequence>::Batch& batch,
                                                              std::span<const int32_t> which) {
  const AugmentOptions& options = trained_.options().augment;
  const SequenceEncoder& encoder = trained_.encoder();
  if (encoder.is_text() || options.has("none")) return {.batch = make_batch(batch.examples), .with = {}};
  std::vector<Loaded<EncodedSequence>> changed;
  for (const Loaded<EncodedSequence>& each : batch.examples) {
    changed.emplace_back(augmented(*each, encoder.channels(), options, batches_.dropout()));
  }
  Mixed out{.batch = make_batch(changed), .with = {}};
  if (!options.has("mixup")) return out;
  const int64_t size = std::ssize(which), step = 1 + static_cast<int64_t>(batches_.dropout().below(size));
  out.share = mixup_share(batches_.dropout());
  std::vector<int32_t> partner;
  for (int64_t b = 0; b < size; ++b) partner.push_back(static_cast<int32_t>((b + step) % size));
  const SequenceBatch own = out.batch;
  const Tensor other = permute(index_select(permute(own.x, {1, 0, 2}), Tensor::from(partner, {size})), {1, 0, 2});
  out.batch.x = own.x * out.share + other * (1 - out.share);
  for (int64_t b = 0; b < size; ++b) {
    out.batch.lengths[b] = std::max(own.lengths[b], own.lengths[partner[b]]);
    out.with.push_back(which[static_cast<size_t>(partner[b])]);
  }
  return out;
}

// Of the examples in the loss of one network; 0 for those that it is validated on.
std::vector<float> ClassifyTraining::weights(std::span<const int32_t> which, size_t member) const {
  std::vector<float> weights;
  for (const int32_t i : which) {
    weights.push_back(!learns_from(member, i) ? 0 : parts_.weights.empty() ? 1 : parts_.weights[i]);
  }
  return weights;
}

// Undefined without one.
Tensor ClassifyTraining::penalty(const Tensor& out, std::span<const int32_t> which) const {
  if (!parts_.mitigation.has_penalty()) return {};
  return parts_.mitigation.penalty(trained_.targets().is_value() ? out : softmax(out), which);
}

TrainingStep ClassifyTraining::step(bool trace_gradients) {
  const auto batch = batches_.next();
  const std::vector<int32_t> own = drawn(draws_, batch.indices);
  const Mixed mixed = make_training_batch(batch, own);
  const Tensors outputs = trained_.network().outputs(mixed.batch, mode(), new_trace(trace_gradients));
  const auto size = static_cast<double>(batch.indices.size());
  Tensors objectives;
  double plain = 0, counted = 0;
  // Towards the labels of these examples, as far as they count.
  const auto add = [&](size_t k, std::span<const int32_t> which, double share) {
    const Tensor losses = loss(outputs[k], which);
    const Tensor values = cast(losses.detach(), DType::kF32);
    std::vector<float> weight = weights(which, k);
    const std::vector<float> factor = parts_.mitigation.factors(which, {values.data<float>(), which.size()}, weight);
    for (size_t b = 0; b < which.size(); ++b) weight[b] *= factor[b];
    const Tensor weighted = losses * cast(Tensor::from(weight, {std::ssize(weight)}), losses.dtype());
    objectives.push_back(sum(weighted) * (share / size));
    for (size_t b = 0; b < which.size(); ++b) {
      if (!learns_from(k, which[b])) continue;
      plain += share * static_cast<double>(values.data<float>()[b]);
      counted += share;
    }
  };
  for (size_t k = 0; k < outputs.size(); ++k) {
    add(k, own, mixed.share);
    if (!mixed.with.empty()) add(k, mixed.with, 1 - mixed.share);
    if (const Tensor gap = penalty(outputs[k], own); gap.defined()) objectives.push_back(gap);
  }
  return {.objective = sum(stack(objectives)) / static_cast<double>(outputs.size()),
          .weight = static_cast<double>(batch.counted),
          .loss = counted > 0 ? plain / counted : 0,
          .examples = batch.counted,
          .ends_epoch = batch.ends_pass};
}

// Each network on its own fold, all folds together.
Evaluation ClassifyTraining::validate_folds() {
  const Targets& targets = trained_.targets();
  ClassifyScores all{.values = {}, .outputs = targets.outputs()};
  ClassifyExamples of_folds;
  std::vector<int64_t> which;
  for (size_t k = 0; k < parts_.folds.size(); ++k) {
    const ClassifyScores part =
        score_of(trained_.network(), k, parts_.train, parts_.folds[k], targets, trained_.options().use.batch);
    all.values.insert(all.values.end(), part.values.begin(), part.values.end());
    for (const int64_t i : parts_.folds[k]) of_folds.targets.push_back(parts_.train.targets[static_cast<size_t>(i)]);
    which.insert(which.end(), parts_.folds[k].begin(), parts_.folds[k].end());
  }
  if (PathMix* mix = trained_.network().mix(); mix != nullptr && !parts_.train.path_scores.empty()) {
    for (const int64_t i : which) {
      const auto path = parts_.train.path(i, static_cast<size_t>(targets.outputs()));
      of_folds.path_scores.insert(of_folds.path_scores.end(), path.begin(), path.end());
    }
    mix->choose(all.values, of_folds.path_scores, of_folds.targets);
  }
  of_folds.sequences = subset(parts_.train.sequences, std::move(which));
  combine_with_path(all, trained_.network(), of_folds);
  return measure(all, of_folds, targets);
}

Evaluation ClassifyTraining::validate() {
  if (!parts_.folds.empty()) return validate_folds();
  const ClassifyExamples& examples = *parts_.valid;
  const Targets& targets = trained_.targets();
  ClassifyScores scores = score(trained_.network(), examples, targets, trained_.options().use.batch);
  if (PathMix* mix = trained_.network().mix(); mix != nullptr && !examples.path_scores.empty()) {
    mix->choose(scores.values, examples.path_scores, examples.targets);
    combine_with_path(scores, trained_.network(), examples);
  }
  return measure(scores, examples, targets);
}

int64_t ClassifyTraining::validated() const {
  int64_t count = parts_.valid ? parts_.valid->size() : 0;
  for (const std::vector<int64_t>& fold : parts_.folds) count += std::ssize(fold);
  return count;
}

void ClassifyTraining::check_validation() const {
  std::vector<float> valid = parts_.valid ? parts_.valid->targets : std::vector<float>{};
  for (const std::vector<int64_t>& fold : parts_.folds) {
    for (const int64_t i : fold) valid.push_back(parts_.train.targets[static_cast<size_t>(i)]);
  }
  if (valid.empty()) fail("valid: expected examples to validate on, got none");
  const bool alike = std::ranges::count(valid, valid.front()) == std::ssize(valid);
  if (trained_.options().loss.select != "auc" || !alike) return;
  fail("select = auc: expected validation data of two classes or more, but all {} examples have the label {}",
       valid.size(), quoted_cell(trained_.targets().classes().word(static_cast<int32_t>(valid.front()))));
}

BaselineResults ClassifyTraining::baselines() const {
  const Targets& targets = trained_.targets();
  return parts_.valid ? trained_.baselines()->measure(*parts_.valid, targets)
                      : measure_folds(parts_.train, parts_.folds, targets);
}

void ClassifyTraining::save_state(StateWriter& state) const {
  BatchTraining::save_state(state);
  parts_.mitigation.save_state(state);
}

void ClassifyTraining::load_state(const StateReader& state) {
  BatchTraining::load_state(state);
  parts_.mitigation.load_state(state);
}

Criterion ClassifyTraining::criterion() const {
  const std::string& select = trained_.options().loss.select;
  if (select == "loss") return {};
  return {.metric = select, .higher_is_better = true, .chance = chance_};
}

}  // namespace recur
