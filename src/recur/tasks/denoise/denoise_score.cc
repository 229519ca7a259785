#include "recur/tasks/denoise/denoise_score.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "recur/base/error.h"
#include "recur/tasks/baseline_results.h"
#include "recur/tasks/denoise/blind_spots.h"
#include "recur/tasks/metrics/image_quality.h"

namespace recur {
namespace {

constexpr uint64_t kSpotStream = 12;

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

BlindSpots spots_of(const PlaneSource& source, int64_t i, uint64_t seed) {
  Random random(seed, (kSpotStream << 40) + static_cast<uint64_t>(i));
  return hide_some(source.load(i), random);
}

// Mean squared difference where there are weights.
double error_at(const std::vector<float>& weights, const std::vector<float>& got, const std::vector<float>& truth) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double error = static_cast<double>(got[i]) - static_cast<double>(truth[i]);
    sum += static_cast<double>(weights[i]) * error * error;
    count += static_cast<double>(weights[i]);
  }
  return sum / count;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(std::max<size_t>(values.size(), 1));
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

Evaluation measure_blind(const Denoiser& denoiser, const PlaneSource& noisy, uint64_t seed, Sink* rows,
                         bool baselines) {
  PlaneSource shown = noisy;
  shown.load = [&](int64_t i) { return spots_of(noisy, i, seed).shown; };
  std::vector<double> own, shown_error, median;
  if (rows != nullptr) rows->columns({"picture", "loss", "shown_loss", "median_loss"});
  clean(denoiser, shown, [&](int64_t i, const Planes& from, const Planes& guessed) {
    const std::vector<float> weights = spots_of(noisy, i, seed).weights;
    if (std::ranges::count(weights, 1.0f) == 0) return;  // one pixel
    const std::vector<float> right = noisy.load(i).values;
    own.push_back(error_at(weights, guessed.values, right));
    if (!baselines) return;
    shown_error.push_back(error_at(weights, from.values, right));
    median.push_back(error_at(weights, median_filter(from.values, from.shape), right));
    if (rows != nullptr) {
      rows->row(std::vector<TableCell>{noisy.name(i), own.back(), shown_error.back(), median.back()});
    }
  });
  if (own.empty()) fail("expected pictures of at least two pixels, got none");
  Evaluation result{.examples = noisy.size, .metrics = {{"loss", mean_of(own)}}};
  if (baselines) {
    add_baselines(result, {.by = {.metric = "loss"},
                           .methods = {{"a neighbour", {{"loss", mean_of(shown_error)}}},
                                       {"a median filter", {{"loss", mean_of(median)}}}}});
  }
  return result;
}

}  // namespace recur
