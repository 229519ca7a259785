#include "recur/tasks/denoise/denoise_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/tasks/baseline_results.h"
#include "recur/tasks/metrics/image_quality.h"

namespace recur {
namespace {

// Of one picture, by one method.
struct Quality {
  double error = 0, psnr = 0, ssim = 0;
};

Quality quality_of(const Planes& got, const Planes& truth) {
  const double error = mean_squared_error(got.values, truth.values);
  return {error, peak_signal_to_noise(error), structural_similarity(got.values, truth.values, truth.shape)};
}

Quality mean_of(const std::vector<Quality>& all) {
  Quality sum;
  for (const Quality& each : all) {
    sum.error += each.error;
    sum.psnr += each.psnr;
    sum.ssim += each.ssim;
  }
  const auto n = static_cast<double>(std::max<size_t>(all.size(), 1));
  return {sum.error / n, sum.psnr / n, sum.ssim / n};
}

std::vector<Metric> metrics_of(const Quality& quality) {
  return {{"loss", quality.error}, {"psnr", quality.psnr}, {"ssim", quality.ssim}};
}

void write_row(Sink* rows, const std::string& name, const std::vector<double>& numbers) {
  if (rows == nullptr) return;
  std::vector<TableCell> cells{name};
  cells.insert(cells.end(), numbers.begin(), numbers.end());
  rows->row(cells);
}

}  // namespace

Evaluation measure(const Denoiser& denoiser, const PlaneSource& noisy, const PlaneSource& truth, Sink* rows,
                   bool baselines) {
  std::vector<Quality> own, before, median;
  std::vector<std::vector<TableCell>> cells;
  clean(denoiser, noisy, [&](int64_t i, const Planes& from, const Planes& cleaned) {
    const Planes right = truth.load(i);
    if (right.shape != from.shape) {
      fail("clean: {} has {} x {} pixels, and {} has {} x {}", truth.name(i), right.shape.height, right.shape.width,
           noisy.name(i), from.shape.height, from.shape.width);
    }
    own.push_back(quality_of(cleaned, right));
    if (!baselines) return;
    before.push_back(quality_of(from, right));
    median.push_back(quality_of({from.shape, median_filter(from.values, from.shape)}, right));
    if (rows == nullptr) return;
    cells.push_back({noisy.name(i), own.back().error, own.back().psnr, own.back().ssim, before.back().psnr,
                     before.back().ssim, median.back().psnr, median.back().ssim});
  });
  if (rows != nullptr) {
    rows->columns({"picture", "loss", "psnr", "ssim", "noisy_psnr", "noisy_ssim", "median_psnr", "median_ssim"});
    for (const auto& each : cells) rows->row(each);
  }
  Evaluation result{.examples = noisy.size, .metrics = metrics_of(mean_of(own))};
  if (baselines) {
    const Quality of_noisy = mean_of(before), of_median = mean_of(median);
    result.metrics.push_back({"noisy_psnr", of_noisy.psnr});
    result.metrics.push_back({"noisy_ssim", of_noisy.ssim});
    result.metrics.push_back({"median_psnr", of_median.psnr});
    result.metrics.push_back({"median_ssim", of_median.ssim});
    add_baselines(result, {.by = {.metric = "psnr", .higher_is_better = true},
                           .methods = {{"nothing", metrics_of(of_noisy)}, {"a median filter", metrics_of(of_median)}}});
  }
  return result;
}

std::vector<SimpleFilter> picture_filters() {
  return {{"a median filter", "median", [](const Planes& x) { return median_filter(x.values, x.shape); }}};
}

double error_at(const std::vector<float>& weights, const std::vector<float>& got, const std::vector<float>& truth) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    const double error = static_cast<double>(got[i]) - static_cast<double>(truth[i]);
    sum += error * error;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

double mean_of_numbers(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

Evaluation measure_blind(const Denoiser& denoiser, const PieceSource& pieces, const std::vector<SimpleFilter>& filters,
                         Sink* rows) {
  const PlaneSource shown{
      .size = pieces.size, .load = [&](int64_t i) { return pieces.load(i).noisy; }, .name = pieces.name};
  std::vector<double> own;
  std::vector<std::vector<double>> simple(filters.size());
  std::vector<std::string> columns{"example", "loss"};
  for (const SimpleFilter& filter : filters) columns.push_back(filter.column + "_loss");
  if (rows != nullptr) rows->columns(columns);
  clean(denoiser, shown, [&](int64_t i, const Planes& from, const Planes& guessed) {
    const NoisyPiece piece = pieces.load(i);
    std::vector<double> errors{error_at(piece.weights, guessed.values, piece.wanted.values)};
    own.push_back(errors[0]);
    for (size_t k = 0; k < filters.size(); ++k) {
      errors.push_back(error_at(piece.weights, filters[k].apply(from), piece.wanted.values));
      simple[k].push_back(errors.back());
    }
    write_row(rows, pieces.name(i), errors);
  });
  const double loss = mean_of_numbers(own);
  if (std::isnan(loss)) fail("expected data of at least two values, of which one can be hidden");
  Evaluation result{.examples = pieces.size, .metrics = {{"loss", loss}}};
  BaselineResults baselines{.by = {.metric = "loss"}, .methods = {}};
  for (size_t k = 0; k < filters.size(); ++k) {
    baselines.methods.push_back({filters[k].name, {{"loss", mean_of_numbers(simple[k])}}});
  }
  if (!filters.empty()) add_baselines(result, baselines);
  return result;
}

}  // namespace recur
