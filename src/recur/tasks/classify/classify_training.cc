#include "recur/tasks/classify/classify_training.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"
#include "recur/tasks/classify/classify_score.h"

namespace recur {
namespace {

// Of each example, with mean 1.
std::vector<float> loss_weights(const std::vector<float>& classes, int64_t count, const std::string& kind) {
  if (kind == "none") return {};
  std::vector<double> frequency(static_cast<size_t>(count), 0), weight(frequency);
  for (const float c : classes) ++frequency[static_cast<size_t>(c)];
  double sum = 0;
  for (size_t c = 0; c < weight.size(); ++c) {
    weight[c] = frequency[c] == 0 ? 0 : std::pow(frequency[c], kind == "sqrt" ? -0.5 : -1.0);
    sum += weight[c] * frequency[c];
  }
  std::vector<float> result;
  for (const float c : classes) {
    result.push_back(static_cast<float>(weight[static_cast<size_t>(c)] * static_cast<double>(classes.size()) / sum));
  }
  return result;
}

}  // namespace

ClassifyTraining::ClassifyTraining(ClassifyTrained trained, ClassifyParts parts,
                                   ShuffledBatches<EncodedSequence> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.train.checksum);
  const Targets& targets = trained_.targets();
  if (targets.is_value()) return;
  weights_ = loss_weights(parts_.train.targets, targets.outputs(), trained_.options().loss.class_weights);
}

Tensor ClassifyTraining::loss(const Tensor& out, std::span<const int32_t> which) const {
  std::vector<float> targets;
  for (const int32_t i : which) targets.push_back(parts_.train.targets[i]);
  if (trained_.targets().is_value()) {
    return mse(out, cast(Tensor::from(targets, {std::ssize(targets), 1}), out.dtype()), Reduction::kNone);
  }
  const std::vector<int32_t> classes(targets.begin(), targets.end());
  return cross_entropy(out, Tensor::from(classes, {std::ssize(classes)}),
                       {.smoothing = trained_.options().loss.smoothing, .reduction = Reduction::kNone});
}

double ClassifyTraining::default_epochs() const {
  constexpr double kMostSymbols = 5e6, kLeastPasses = 2;
  const double usual = BatchTraining::default_epochs();
  if (!trained_.encoder().is_text()) return usual;
  double symbols = 1;
  for (const int64_t length : lengths_of(*parts_.train.sequences)) symbols += static_cast<double>(length);
  return std::min(usual, std::max(std::ceil(kMostSymbols / symbols), kLeastPasses));
}

TrainingStep ClassifyTraining::step(bool trace_gradients) {
  const auto batch = batches_.next();
  Tensors of_members;
  for (const Tensor& output :
       trained_.network().outputs(make_batch(batch.examples), mode(), new_trace(trace_gradients))) {
    of_members.push_back(loss(output, batch.indices));
  }
  const Tensor losses = mean(stack(of_members), 0);
  Tensor objective = mean(losses);
  const double plain = objective.item();
  if (!weights_.empty()) {
    std::vector<float> weights;
    for (const int32_t i : batch.indices) weights.push_back(weights_[i]);
    objective = mean(losses * cast(Tensor::from(weights, losses.shape()), losses.dtype()));
  }
  return {.objective = objective,
          .weight = static_cast<double>(batch.counted),
          .loss = plain,
          .examples = batch.counted,
          .ends_epoch = batch.ends_pass};
}

Evaluation ClassifyTraining::validate() {
  const ClassifyExamples& examples = *parts_.valid;
  const Targets& targets = trained_.targets();
  ClassifyScores scores =
      score(trained_.network(), examples, targets, trained_.options().use.batch, nullptr, PathUse::kNetworkAlone);
  if (NgramPath* path = trained_.network().ngrams(); path != nullptr && !examples.path_scores.empty()) {
    path->choose_mix(scores.values, examples.path_scores, examples.targets);
    for (int64_t i = 0; i < examples.size(); ++i) {
      const auto C = static_cast<size_t>(scores.outputs);
      path->combine(std::span(scores.values).subspan(i * C, C), examples.path(i, C));
    }
  }
  return measure(scores, examples, targets);
}

void ClassifyTraining::check_validation() const {
  const std::vector<float>& valid = parts_.valid->targets;
  if (valid.empty()) fail("valid: expected examples to validate on, got none");
  const bool alike = std::ranges::count(valid, valid.front()) == std::ssize(valid);
  if (trained_.options().loss.select != "auc" || !alike) return;
  fail("select = auc: expected validation data of two classes or more, but all {} examples have the label {}",
       valid.size(), quoted_cell(trained_.targets().classes().word(static_cast<int32_t>(valid.front()))));
}

BaselineResults ClassifyTraining::baselines() const {
  return trained_.baselines()->measure(*parts_.valid, trained_.targets());
}

Criterion ClassifyTraining::criterion() const {
  const std::string& select = trained_.options().loss.select;
  return {.metric = select, .higher_is_better = select != "loss"};
}

}  // namespace recur
