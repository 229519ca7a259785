#include "recur/tasks/classify/classify_baselines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/stop.h"
#include "recur/tasks/classify/classify_score.h"

namespace recur {
namespace {

float most_frequent(const std::vector<float>& classes, int64_t count) {
  std::vector<int64_t> counts(static_cast<size_t>(count), 0);
  for (const float c : classes) ++counts[static_cast<size_t>(c)];
  return static_cast<float>(std::ranges::max_element(counts) - counts.begin());
}

float mean_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return static_cast<float>(sum / static_cast<double>(std::max<size_t>(values.size(), 1)));
}

Loaded<EncodedSequence> load(const ClassifyExamples& examples, int64_t i) {
  Random none(0);
  return examples.sequences->load(i, none);
}

// Every k-th series, so that all of them together have at most NearestNeighbour::kMostValues values.
NearestNeighbour neighbours(const ClassifyExamples& train) {
  const int64_t features = load(train, 0)->features;
  int64_t values = 0;
  for (const int64_t steps : lengths_of(*train.sequences)) values += steps * features;
  const int64_t every = (values + NearestNeighbour::kMostValues - 1) / NearestNeighbour::kMostValues;
  NearestNeighbour nearest(features);
  int64_t kept = 0;
  for (int64_t i = 0; i < train.size(); i += std::max<int64_t>(every, 1)) {
    const auto series = load(train, i);
    kept += std::ssize(series->values);
    if (kept > NearestNeighbour::kMostValues && nearest.size() > 0) break;
    nearest.add(series->values, train.targets[static_cast<size_t>(i)]);
  }
  return nearest;
}

// The metrics of answers, as those of a model that is certain of them.
std::vector<Metric> metrics_of(const std::vector<float>& answers, const ClassifyExamples& examples,
                               const Targets& targets) {
  const int64_t outputs = targets.outputs();
  ClassifyScores scores{.values = {}, .outputs = outputs};
  scores.values.assign(answers.size() * static_cast<size_t>(outputs), -std::numeric_limits<float>::infinity());
  for (size_t i = 0; i < answers.size(); ++i) {
    if (targets.is_value()) {
      scores.values[i] = answers[i];
    } else {
      scores.values[i * static_cast<size_t>(outputs) + static_cast<size_t>(answers[i])] = 0;
    }
  }
  std::vector<Metric> metrics = measure(scores, examples, targets).metrics;
  if (targets.is_value()) return metrics;
  std::erase_if(metrics, [](const Metric& each) { return each.name != "accuracy" && each.name != "macro_f1"; });
  return metrics;
}

ClassifyExamples part_of(const ClassifyExamples& examples, const std::vector<int64_t>& which) {
  ClassifyExamples part{.sequences = subset(examples.sequences, which), .targets = {}};
  for (const int64_t i : which) part.targets.push_back(examples.targets[static_cast<size_t>(i)]);
  return part;
}

std::vector<int64_t> without(int64_t size, const std::vector<int64_t>& left_out) {
  std::vector<bool> is_out(static_cast<size_t>(size), false);
  for (const int64_t i : left_out) is_out[static_cast<size_t>(i)] = true;
  std::vector<int64_t> rest;
  for (int64_t i = 0; i < size; ++i) {
    if (!is_out[static_cast<size_t>(i)]) rest.push_back(i);
  }
  return rest;
}

// Adds metrics times a weight, by the place of the method. One that is not there every time is left out.
void add_weighted(BaselineResults& sum, const BaselineResults& now, double weight) {
  if (sum.methods.empty()) {
    sum.methods = now.methods;
    for (BaselineResult& method : sum.methods) {
      for (Metric& metric : method.metrics) metric.value *= weight;
    }
    return;
  }
  sum.methods.resize(std::min(sum.methods.size(), now.methods.size()));
  for (size_t k = 0; k < sum.methods.size(); ++k) {
    for (Metric& metric : sum.methods[k].metrics) {
      const auto same = std::ranges::find(now.methods[k].metrics, metric.name, &Metric::name);
      metric.value +=
          same == now.methods[k].metrics.end() ? std::numeric_limits<double>::quiet_NaN() : same->value * weight;
    }
  }
}

}  // namespace

Criterion usual_criterion(const Targets& targets) {
  if (targets.is_value()) return {.metric = "loss", .higher_is_better = false};
  return {.metric = "accuracy", .higher_is_better = true};
}

ClassifyBaselines ClassifyBaselines::fit(const ClassifyExamples& train, const Targets& targets) {
  ClassifyBaselines all;
  all.usual_ = targets.is_value() ? mean_of(train.targets) : most_frequent(train.targets, targets.outputs());
  if (train.size() == 0) return all;
  const bool is_text = load(train, 0)->features == 0;
  if (!is_text) {
    all.nearest_ = neighbours(train);
    all.series_ = train.size();
  } else if (!targets.is_value()) {
    all.bayes_ = NaiveBayes::fit(train.size(), targets.outputs(), [&](int64_t i) {
      return NaiveBayes::Text{load(train, i)->symbols, static_cast<int32_t>(train.targets[static_cast<size_t>(i)])};
    });
  }
  return all;
}

BaselineResults ClassifyBaselines::measure(const ClassifyExamples& examples, const Targets& targets) const {
  BaselineResults results{.by = usual_criterion(targets), .methods = {}};
  const auto add = [&](std::string name, const std::function<float(const EncodedSequence&)>& answer,
                       const std::string& part = "") {
    std::vector<float> answers;
    for (int64_t i = 0; i < examples.size(); ++i) {
      if (i % 64 == 0) check_stop();
      answers.push_back(answer(*load(examples, i)));
    }
    results.methods.push_back({std::move(name), metrics_of(answers, examples, targets), part});
  };
  add(targets.is_value() ? "mean" : "majority", [this](const EncodedSequence&) { return usual_; });
  if (bayes_) {
    add("naive Bayes", [this](const EncodedSequence& s) { return static_cast<float>(bayes_->predict(s.symbols)); });
  }
  if (!nearest_) return results;
  const std::string part = nearest_->size() < series_ ? fmt::format("{} of {} series", nearest_->size(), series_) : "";
  add(
      "nearest neighbour", [this](const EncodedSequence& s) { return nearest_->by_distance(s.values); }, part);
  double cost = 0;
  for (const int64_t steps : lengths_of(*examples.sequences)) cost += nearest_->warping_cost(steps);
  if (cost > NearestNeighbour::kMostWarping) return results;
  add(
      "nearest by warping", [this](const EncodedSequence& s) { return nearest_->by_warping(s.values); }, part);
  return results;
}

BaselineResults measure_folds(const ClassifyExamples& examples, const std::vector<std::vector<int64_t>>& folds,
                              const Targets& targets) {
  BaselineResults all{.by = usual_criterion(targets), .methods = {}};
  double size = 0;
  for (const std::vector<int64_t>& fold : folds) {
    const ClassifyBaselines others = ClassifyBaselines::fit(part_of(examples, without(examples.size(), fold)), targets);
    const BaselineResults now = others.measure(part_of(examples, fold), targets);
    add_weighted(all, now, static_cast<double>(fold.size()));
    size += static_cast<double>(fold.size());
  }
  for (BaselineResult& method : all.methods) {
    for (Metric& metric : method.metrics) metric.value /= size;
  }
  return all;
}

std::string ClassifyBaselines::to_text() const {
  Json json{{"usual", usual_}};
  if (bayes_) json["naive_bayes"] = bayes_->to_text();
  if (nearest_) {
    json["series"] = series_;
    json["features"] = nearest_->features();
    json["nearest"] = nearest_->to_text();
  }
  return json.dump();
}

ClassifyBaselines ClassifyBaselines::from_text(std::string_view text, const Targets& targets) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("baselines: expected a JSON object");
  ClassifyBaselines all;
  const auto is_answer = [&](float answer) {
    return targets.is_value()
               ? std::isfinite(answer)
               : answer >= 0 && answer < static_cast<float>(targets.outputs()) && answer == std::floor(answer);
  };
  try {
    all.usual_ = json->at("usual").get<float>();
    if (const Json* bayes = json->find("naive_bayes")) {
      all.bayes_ = NaiveBayes::from_text(bayes->get<std::string>(), targets.outputs());
    }
    if (const Json* nearest = json->find("nearest")) {
      all.series_ = json->at("series").get<int64_t>();
      const auto features = json->at("features").get<int64_t>();
      if (features < 1) fail("baselines: expected features, got {}", features);
      all.nearest_ = NearestNeighbour::from_text(nearest->get<std::string>(), features);
    }
  } catch (const JsonError& error) {
    fail("baselines: {}", error.what());
  }
  const bool answers_fit = is_answer(all.usual_) && (!all.nearest_ || all.nearest_->all_answers(is_answer));
  if (!answers_fit) fail("baselines: an answer is none of the model's");
  return all;
}

}  // namespace recur
