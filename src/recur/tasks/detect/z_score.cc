#include "recur/tasks/detect/z_score.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

std::vector<float> means_of(const DetectData& data) {
  const auto channels = static_cast<size_t>(data.channels);
  std::vector<double> sums(channels, 0), counts(channels, 0);
  for (int64_t i = 0; i < data.size(); ++i) {
    data.for_each_part(i, [&](const DetectPart& part, int64_t) {
      for (size_t at = 0; at < part.target.size(); ++at) {
        const bool counts_for = part.truth[at / channels] != Truth::kAnomalous && !std::isnan(part.target[at]);
        if (!counts_for) continue;
        sums[at % channels] += part.target[at];
        ++counts[at % channels];
      }
    });
  }
  std::vector<float> means;
  for (size_t c = 0; c < channels; ++c) means.push_back(static_cast<float>(sums[c] / std::max(counts[c], 1.0)));
  return means;
}

// Errors are scored in the same way whatever the network's method is.
DetectOptions of_errors(DetectOptions options) {
  options.model.method = "forecast";
  return options;
}

}  // namespace

OutputReader ZScore::errors() const {
  return [this](int64_t, int64_t, const DetectPart& part, std::vector<float>& room) {
    room.assign(part.target.begin(), part.target.end());
    for (size_t at = 0; at < room.size(); ++at) room[at] = mean_[at % mean_.size()] - room[at];
    return std::span<const float>(room);
  };
}

ZScore ZScore::fit(const DetectData& train, const DetectData& valid, const DetectOptions& options) {
  ZScore score;
  score.mean_ = means_of(train);
  score.calibration_ = calibrate(score.errors(), valid, of_errors(options));
  return score;
}

BaselineResults ZScore::measure(const DetectData& data, const DetectOptions& options) const {
  const double threshold = calibration_.threshold.value_or(0);
  const DetectOptions of_baseline = of_errors(options);
  std::vector<Metric> metrics = recur::measure(score(errors(), data, of_baseline, calibration_), 0, threshold).metrics;
  std::erase_if(metrics, [](const Metric& each) { return each.name == "loss" || each.name == "threshold"; });
  const auto has = [&](const char* name) { return std::ranges::count(metrics, name, &Metric::name) > 0; };
  if (!has("f1")) return {};
  return {.by = {.metric = has("auprc") ? "auprc" : "f1", .higher_is_better = true},
          .methods = {{"z-score", std::move(metrics)}}};
}

std::string ZScore::to_text() const { return Json{{"mean", mean_}, {"calibration", calibration_.to_text()}}.dump(); }

ZScore ZScore::from_text(std::string_view text, int64_t channels) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("baselines: expected a JSON object");
  ZScore score;
  try {
    score.mean_ = json->at("mean").get<std::vector<float>>();
    score.calibration_ = Calibration::from_text(json->at("calibration").get<std::string>(), channels);
  } catch (const JsonError& error) {
    fail("baselines: {}", error.what());
  }
  const bool finite = std::ranges::all_of(score.mean_, [](float mean) { return std::isfinite(mean); });
  if (!finite || std::ssize(score.mean_) != channels) fail("baselines: expected {} means", channels);
  return score;
}

}  // namespace recur
