#include "recur/tasks/denoise/series_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "recur/base/error.h"
#include "recur/tasks/baseline_results.h"

namespace recur {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN(), kMostDecibels = 100;

// Of one series, by one method.
struct SeriesQuality {
  double loss = kNone, snr = kNone, rmse = kNone;
};

// The sum of the squared differences of a channel from its mean, where there are weights.
double power_of(const NoisyPiece& piece, size_t begin, size_t end) {
  double sum = 0, count = 0;
  for (size_t i = begin; i < end; ++i) {
    sum += static_cast<double>(piece.weights[i] * piece.wanted.values[i]);
    count += static_cast<double>(piece.weights[i]);
  }
  const double mean = count > 0 ? sum / count : 0;
  double power = 0;
  for (size_t i = begin; i < end; ++i) {
    power += static_cast<double>(piece.weights[i]) * std::pow(static_cast<double>(piece.wanted.values[i]) - mean, 2);
  }
  return power;
}

SeriesQuality quality_of(const std::vector<float>& got, const NoisyPiece& piece, const SeriesScale& scale) {
  const auto steps = static_cast<size_t>(piece.wanted.shape.width);
  double error = 0, power = 0, in_units = 0, count = 0;
  for (int64_t c = 0; c < scale.channels(); ++c) {
    const size_t begin = static_cast<size_t>(c) * steps;
    double squares = 0;
    for (size_t i = begin; i < begin + steps; ++i) {
      const double difference = static_cast<double>(got[i]) - static_cast<double>(piece.wanted.values[i]);
      squares += static_cast<double>(piece.weights[i]) * difference * difference;
      count += static_cast<double>(piece.weights[i]);
    }
    error += squares;
    in_units += squares * std::pow(static_cast<double>(scale.unit(c)), 2);
    power += power_of(piece, begin, begin + steps);
  }
  if (count == 0) return {};
  // Rounding leaves a constant series a little power.
  const bool constant = power <= 1e-10 * count;
  const double decibels = error > 0 ? std::min(10 * std::log10(power / error), kMostDecibels) : kMostDecibels;
  return {error / count, constant ? kNone : decibels, std::sqrt(in_units / count)};
}

// Of all series, by one method.
struct SeriesQualities {
  std::vector<double> loss, snr, rmse;

  void add(const SeriesQuality& of) {
    loss.push_back(of.loss);
    snr.push_back(of.snr);
    rmse.push_back(of.rmse);
  }
  std::vector<Metric> metrics() const {
    return {{"loss", mean_of_numbers(loss)}, {"snr", mean_of_numbers(snr)}, {"rmse", mean_of_numbers(rmse)}};
  }
};

}  // namespace

PieceSource paired(const PlaneSource& noisy, const PlaneSource& clean) {
  return {.size = noisy.size,
          .load =
              [noisy, clean](int64_t i) {
                const Planes from = noisy.load(i), right = clean.load(i);
                if (right.shape != from.shape) {
                  fail("clean: series {} has {} steps, and series {} of the noisy ones has {}", clean.name(i),
                       right.shape.width, noisy.name(i), from.shape.width);
                }
                return piece_of(from, right);
              },
          .name = noisy.name};
}

Evaluation measure_series(const Denoiser& denoiser, const PieceSource& pieces, const SeriesScale& scale,
                          const std::vector<SimpleFilter>& filters, Sink* rows) {
  const PlaneSource noisy{
      .size = pieces.size, .load = [&](int64_t i) { return pieces.load(i).noisy; }, .name = pieces.name};
  SeriesQualities own, before;
  std::vector<SeriesQualities> simple(filters.size());
  std::vector<std::string> columns{"series", "loss", "snr", "rmse", "noisy_snr"};
  for (const SimpleFilter& filter : filters) columns.push_back(filter.column + "_snr");
  if (rows != nullptr) rows->columns(columns);
  clean(denoiser, noisy, [&](int64_t i, const Planes& from, const Planes& cleaned) {
    const NoisyPiece piece = pieces.load(i);
    const SeriesQuality of_model = quality_of(cleaned.values, piece, scale);
    own.add(of_model);
    before.add(quality_of(from.values, piece, scale));
    for (size_t k = 0; k < filters.size(); ++k) simple[k].add(quality_of(filters[k].apply(from), piece, scale));
    if (rows == nullptr) return;
    std::vector<TableCell> cells{pieces.name(i), of_model.loss, of_model.snr, of_model.rmse, before.snr.back()};
    for (const SeriesQualities& each : simple) cells.emplace_back(each.snr.back());
    rows->row(cells);
  });
  if (std::isnan(mean_of_numbers(own.loss))) fail("no value is known both of the noisy series and of the clean ones");
  Evaluation result{.examples = pieces.size, .metrics = own.metrics()};
  if (filters.empty()) return result;
  BaselineResults baselines{.by = {.metric = "snr", .higher_is_better = true},
                            .methods = {{"nothing", before.metrics()}}};
  result.metrics.push_back({"noisy_snr", mean_of_numbers(before.snr)});
  for (size_t k = 0; k < filters.size(); ++k) {
    result.metrics.push_back({filters[k].column + "_snr", mean_of_numbers(simple[k].snr)});
    baselines.methods.push_back({filters[k].name, simple[k].metrics()});
  }
  add_baselines(result, baselines);
  return result;
}

}  // namespace recur
