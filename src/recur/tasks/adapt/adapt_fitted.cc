// A model fitted to a few examples: how it comes to be, and its use.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/adapt/adapt_trained.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

size_t best_of(std::span<const float> row) { return static_cast<size_t>(std::ranges::max_element(row) - row.begin()); }

}  // namespace

// All records with their classes, whose names are put into `classes`.
Examples AdaptTrained::labelled(const AdaptSource& source, std::vector<std::string>& classes) const {
  Examples out;
  const bool is_class = encoder_.shape().is_class();
  Vocabulary names;
  if (is_class) {
    std::vector<std::string> labels;
    for (int64_t i = 0; i < source.size(); ++i) {
      labels.push_back(source.label(i));
      if (labels.back().empty()) fail("{}: the label is missing", source.where_label(i));
    }
    names = fit_classes(labels);
    classes = names.words();
  }
  for (int64_t i = 0; i < source.size(); ++i) {
    for (AdaptExample& each : encoder_.examples(source, i)) {
      out.examples.push_back(std::move(each));
      if (is_class) out.classes.push_back(class_of(names, source.label(i), source.where_label(i)));
    }
  }
  return out;
}

Adapted AdaptTrained::adapt(const DataFiles& examples) const {
  const AdaptShape& shape = encoder_.shape();
  if (kept_.is_fitted()) fail_usage("the model has been fitted to {} examples already", kept_.shots);
  const AdaptSource source = read(examples, true);
  AdaptAssets kept = kept_;
  const Examples shots = labelled(source, kept.classes);
  const std::string files = files_text_of(examples);
  if (shots.size() == 0) {
    fail("{}: there are no examples to adapt to{}", files,
         shape.target == "forecast" ? fmt::format("; a series takes at least {} steps, context and horizon",
                                                  options_.data.context + options_.data.horizon)
                                    : "");
  }
  const int64_t ways = std::ssize(kept.classes);
  if (shape.is_class() && ways < 2) {
    fail("{}: expected examples of at least two classes, but all have the label {}", files,
         quoted_cell(kept.classes[0]));
  }
  if (shape.is_class() && options_.learning.learner != "prototypes" && ways > shape.outputs) {
    fail("{}: expected at most {} classes, as many as the model has learnt to tell apart (ways), got {}", files,
         shape.outputs, ways);
  }
  kept.shots = shots.size();
  Fit fit = fitted_to(model_, options_, shots, shape.is_class() ? ways : 0, use_steps());
  for (const Tensor& each : fit.parameters) {
    const Tensor own = each.clone(DType::kF32);
    for (const float value : own.values<float>()) {
      if (!std::isfinite(value)) fail("{}: the parameters do not stay finite; a lower eval_rate may help", files);
    }
  }
  Random random(0);
  auto model = std::make_unique<AdaptTrained>(options_, encoder_, std::move(kept), random);
  Tensors parameters = model->model_.parameters();
  for (size_t i = 0; i < parameters.size(); ++i) parameters[i].copy_from(fit.parameters[i].detach());
  model->model_.set_fitted(fit.parts);
  model->options_.use.shots_file.clear();
  Adapted out{
      .model = nullptr, .examples = shots.size(), .classes = model->kept_.classes, .losses = std::move(fit.losses)};
  out.model = std::move(model);
  return out;
}

// [N, O] or [N, classes], batch by batch.
std::vector<float> AdaptTrained::answers_to(const std::vector<AdaptExample>& examples,
                                            const AdaptSource& source) const {
  const autograd::NoGrad no_grad;
  std::vector<float> out;
  const auto batch = static_cast<size_t>(options_.use.batch);
  for (size_t begin = 0; begin < examples.size(); begin += batch) {
    check_stop();
    const auto part = std::span(examples).subspan(begin, std::min(batch, examples.size() - begin));
    Tensor outputs = fitted_answers(model_, options_, part);
    if (encoder_.shape().is_class()) outputs = log_softmax(outputs);
    const Tensor own = outputs.clone(DType::kF32);
    for (size_t i = 0; i < part.size(); ++i) {
      const auto width = static_cast<size_t>(own.size(1));
      check_finite(own.values<float>().subspan(i * width, width), [&] { return source.where(part[i].record); });
    }
    out.insert(out.end(), own.values<float>().begin(), own.values<float>().end());
  }
  return out;
}

Evaluation AdaptTrained::evaluate_fitted(const DataFiles& data, Sink* examples) const {
  const AdaptSource source = read(data, true);
  const bool is_class = encoder_.shape().is_class();
  std::vector<AdaptExample> all;
  for (int64_t i = 0; i < source.size(); ++i) {
    for (AdaptExample& each : encoder_.examples(source, i)) all.push_back(std::move(each));
  }
  if (all.empty()) fail("there are no examples to evaluate on");
  const Vocabulary names(kept_.classes);
  OpenClasses open(names);
  std::vector<int32_t> classes;
  for (const AdaptExample& each : all) {
    if (is_class) classes.push_back(open.number(source.label(each.record), source.where_label(each.record)));
  }
  if (is_class && std::ranges::none_of(classes, [&](int32_t c) { return open.is_known(c); })) {
    class_of(names, source.label(0), source.where_label(0));
  }
  const std::string warning = open.warning(fmt::format("{} examples have labels", all.size()));
  if (!warning.empty()) log_warning("{}", warning);
  const std::vector<float> answers = answers_to(all, source);
  const size_t width = answers.size() / all.size();
  if (examples != nullptr) {
    examples->columns(is_class ? std::vector<std::string>{"id", "label", "loss", "prediction"}
                               : std::vector<std::string>{"id", "step", "loss"});
  }
  double loss = 0, right = 0, counted_losses = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto row = std::span(answers).subspan(i * width, width);
    double own = 0;
    if (is_class) {
      const bool known = open.is_known(classes[i]);
      if (known) own = -row[static_cast<size_t>(classes[i])];
      loss += own;
      counted_losses += known ? 1 : 0;
      right += known && best_of(row) == static_cast<size_t>(classes[i]) ? 1 : 0;
      if (examples == nullptr) continue;
      const TableCell cells[] = {source.name(all[i].record), source.label(all[i].record),
                                 known ? TableCell(own) : TableCell(""), kept_.classes[best_of(row)]};
      examples->row(cells);
      continue;
    }
    for (size_t o = 0; o < width; ++o) own += std::pow(row[o] - all[i].target[o], 2) / static_cast<double>(width);
    loss += own;
    counted_losses += 1;
    if (examples == nullptr) continue;
    const TableCell cells[] = {source.name(all[i].record), all[i].first + 1, own};
    examples->row(cells);
  }
  Evaluation out{.examples = std::ssize(all), .metrics = {{"loss", loss / counted_losses}}};
  if (is_class) out.metrics.push_back({"accuracy", right / static_cast<double>(all.size())});
  return out;
}

void AdaptTrained::predict_records(const DataFiles& data, Sink& out) const {
  const AdaptSource source = read(data, false);
  const AdaptShape& shape = encoder_.shape();
  std::vector<AdaptExample> all;
  for (int64_t i = 0; i < source.size(); ++i) {
    if (shape.target == "forecast") {
      auto last = encoder_.last(source, i);
      if (!last) {
        log_warning("{}: the series is shorter than the context of {} steps, and left out", source.where(i),
                    options_.data.context);
        continue;
      }
      all.push_back(*std::move(last));
      continue;
    }
    for (AdaptExample& each : encoder_.examples(source, i, false)) all.push_back(std::move(each));
  }
  const std::vector<float> answers = answers_to(all, source);
  const size_t width = all.empty() ? 0 : answers.size() / all.size();
  if (shape.is_class()) {
    std::vector<std::string> columns{"id", "label", "probability"};
    for (const std::string& each : kept_.classes) columns.push_back("p." + each);
    out.columns(columns);
  } else {
    out.columns({"id", "step", "column", "value"});
  }
  const int64_t each_step = shape.target == "forecast" ? shape.outputs / options_.data.horizon : 1;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto row = std::span(answers).subspan(i * width, width);
    const std::string name = source.name(all[i].record);
    if (shape.is_class()) {
      const size_t best = best_of(row);
      std::vector<TableCell> cells{name, kept_.classes[best], std::exp(double{row[best]})};
      for (const float each : row) cells.emplace_back(std::exp(double{each}));
      out.row(cells);
      continue;
    }
    for (size_t o = 0; o < width; ++o) {
      const auto number = static_cast<int64_t>(o);
      const TableCell cells[] = {name, all[i].first + 1 + number / each_step, encoder_.target_name(number),
                                 encoder_.target_value(number, double{row[o]})};
      out.row(cells);
    }
  }
}

}  // namespace recur
