#include "recur/tasks/classify/series_defaults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

using Widths = std::vector<int64_t>;

constexpr float kDropout = 0.2f;
constexpr double kShort = 50;          // steps that recurrent layers do well with alone
const Widths kLongConv{64, 128, 128};  // before them, of longer series
const Widths kFilters{128, 256, 128}, kFewFilters{64, 128, 64};
constexpr int64_t kMostStride = 4;

// A training has about as much work as one core with AVX2 does in a minute and a half, with all that is around the
// products, if that makes it enough steps.
constexpr double kWork = 3e12;  // floating-point operations
constexpr double kLeastSteps = 800, kMostSteps = 2500, kLeastPasses = 3, kMostPasses = 400;
constexpr double kMostOfFew = 1200;  // steps for few series, of which an ensemble learns

// Few series: an ensemble and augmentation help most, and an ensemble costs least.
constexpr int64_t kFew = 1000;
int64_t usual_members(int64_t count) { return count <= kFew ? 5 : 1; }
int64_t usual_batch(int64_t count) { return count <= 64 ? 8 : count <= kFew ? 16 : 32; }

// Multiplications of a step of a series that convolutions make.
double of_convolutions(const Widths& widths, const Widths& kernels, double in, double stride, bool stride_once) {
  double total = 0, share = 1;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (i == 0 || !stride_once) share /= stride;
    const auto out = static_cast<double>(widths[i]);
    total += share * in * out * static_cast<double>(kernels[std::min(i, kernels.size() - 1)]);
    in = out;
  }
  return total;
}

// Floating-point operations to learn from one step of one series, forwards and backwards, of one network.
double work_of_step(const ClassifyModelOptions& model, double features) {
  double total = 0;
  if (model.has_rnn()) {
    const double front = std::pow(static_cast<double>(*model.stride), static_cast<double>(model.conv->size()));
    const double in = model.conv->empty() ? features : static_cast<double>(model.conv->back());
    const auto hidden = static_cast<double>(model.rnn.hidden), layers = static_cast<double>(model.rnn.layers);
    const double directions = model.rnn.bidirectional ? 2 : 1;
    total += of_convolutions(*model.conv, model.kernels, features, static_cast<double>(*model.stride), false);
    total += directions * 4 * hidden * (in + hidden + (layers - 1) * hidden * (1 + directions)) / front;
  }
  if (model.has_filters()) {
    total += of_convolutions(*model.filters, model.filter_kernels, features, static_cast<double>(*model.filter_stride),
                             true);
  }
  if (model.has_mlp() && !model.mlp.empty()) total += features * static_cast<double>(model.mlp.front());
  return 6 * total;
}

double work_of_step(const ClassifyOptions& options, const SeriesSize& size) {
  return work_of_step(options.model, static_cast<double>(size.features)) * std::max(size.mean_steps, 1.0) *
         static_cast<double>(*options.data.batch);
}

double batches_of(const ClassifyOptions& options, const SeriesSize& size) {
  return std::ceil(static_cast<double>(size.count) / static_cast<double>(*options.data.batch));
}

bool is_affordable(const ClassifyOptions& options, const SeriesSize& size) {
  const double steps = std::max(kLeastSteps, kLeastPasses * batches_of(options, size));
  return steps * work_of_step(options, size) * static_cast<double>(*options.model.members) <= kWork;
}

// The largest that leaves time for enough steps: fewer filters, a smaller ensemble, and a stride, in turn.
void choose_size(ClassifyOptions& options, const SeriesSize& size) {
  ClassifyModelOptions& model = options.model;
  const bool choose_filters = !model.filters, choose_stride = !model.filter_stride, choose_members = !model.members;
  if (choose_filters) model.filters = kFilters;
  if (choose_stride) model.filter_stride = 1;
  if (choose_members) model.members = usual_members(size.count);
  while (!is_affordable(options, size)) {
    if (choose_filters && model.has_filters() && *model.filters == kFilters) {
      model.filters = kFewFilters;
    } else if (choose_members && *model.members > 3) {
      model.members = 3;
    } else if (choose_stride && model.has_filters() && *model.filter_stride < 2) {
      model.filter_stride = 2;
    } else if (choose_members && *model.members > 1) {
      model.members = 1;
    } else if (choose_stride && model.has_filters() && *model.filter_stride < kMostStride) {
      ++*model.filter_stride;
    } else {
      return;
    }
  }
}

std::string in_words(const ClassifyOptions& options, const SeriesSize& size) {
  const ClassifyModelOptions& model = options.model;
  std::string text = fmt::format("network {}", model.network);
  if (model.has_filters()) {
    text += fmt::format(" with filters {}", fmt::join(*model.filters, ","));
    if (*model.filter_stride > 1) text += fmt::format(" of stride {}", *model.filter_stride);
  }
  if (*model.members > 1) text += fmt::format(", an ensemble of {}", *model.members);
  if (!options.augment.has("none")) text += fmt::format(", augmented by {}", fmt::join(options.augment.kinds, ", "));
  return text + fmt::format(", batches of {}: chosen for {} training series of {:.4g} steps", *options.data.batch,
                            size.count, size.mean_steps);
}

}  // namespace

std::string choose_series_defaults(ClassifyOptions& options, const SeriesSize& size) {
  ClassifyModelOptions& model = options.model;
  const bool all_given = model.network != "auto" && model.members && options.data.batch;
  if (model.network == "auto") model.network = "lstm-fcn";
  if (model.pooling == "auto") model.pooling = "mean";
  const bool is_long = size.mean_steps > kShort;
  if (!model.conv) model.conv = is_long ? kLongConv : Widths{};
  if (!model.stride) model.stride = is_long ? 2 : 1;
  if (!model.dropout) model.dropout = kDropout;
  if (!model.mlp_steps) model.mlp_steps = std::max<int64_t>(size.most_steps, 1);
  if (!options.data.batch) options.data.batch = usual_batch(size.count);
  choose_size(options, size);
  if (options.augment.has("auto")) {
    options.augment.kinds = size.count <= kFew ? std::vector<std::string>{"jitter", "scale", "crop", "warp"}
                                               : std::vector<std::string>{"none"};
  }
  return all_given ? "" : in_words(options, size);
}

double series_epochs(const ClassifyOptions& options, const SeriesSize& size) {
  const double batches = std::max(batches_of(options, size), 1.0);
  const double affordable = kWork / (work_of_step(options, size) * static_cast<double>(*options.model.members));
  const double steps = std::clamp(affordable, kLeastSteps, size.count <= kFew ? kMostOfFew : kMostSteps);
  return std::clamp(std::ceil(steps / batches), kLeastPasses, kMostPasses);
}

}  // namespace recur
