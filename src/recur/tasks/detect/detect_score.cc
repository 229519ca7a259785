#include "recur/tasks/detect/detect_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/quantile.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/ops/cast.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/metrics/point_adjust.h"
#include "recur/tasks/metrics/ranking.h"

namespace recur {
namespace {

constexpr int64_t kChunk = 512;       // steps run in one go where the state is carried on
constexpr double kLeastScale = 1e-3;  // of a channel forecast without error, in its deviations: no division by nothing

// Puts the network's outputs where they belong, as errors where there are values to hold them against.
class Outputs {
 public:
  Outputs(const DetectData& data, const DetectOptions& options)
      : data_(data), classify_(classifies(options)), width_(classify_ ? 1 : data.channels) {
    for (const DetectSequence& sequence : data.sequences) {
      result_.of_sequences.emplace_back(static_cast<size_t>(sequence.steps * width_));
    }
    lost_.assign(data.sequences.size(), kNone);
  }

  void put(const Tensor& y, std::span<const Window> windows) {
    const Tensor values = cast(y, DType::kF32);
    const float* from = values.data<float>();
    for (int64_t b = 0; b < std::ssize(windows); ++b) {
      for (int64_t t = 0; t < windows[b].steps; ++t) {
        put_step(from + (t * std::ssize(windows) + b) * width_, windows[b].sequence, windows[b].begin + t);
      }
    }
  }

  // The first step of a sequence whose outputs were not finite; nothing is put from there on, until begin_anew().
  std::optional<int64_t> lost(int64_t i) const { return lost_[i] == kNone ? std::nullopt : std::optional(lost_[i]); }
  void begin_anew(int64_t i) { lost_[i] = kNone; }

  DetectOutputs result() && {
    if (count_ > 0) result_.loss /= static_cast<double>(count_);
    return std::move(result_);
  }

 private:
  static constexpr int64_t kNone = -1;

  void put_step(const float* from, int32_t i, int64_t t) {
    if (lost_[i] != kNone) return;
    if (!std::all_of(from, from + width_, [](float y) { return std::isfinite(y); })) {
      lost_[i] = t;
      return;
    }
    const DetectSequence& sequence = data_.sequences[i];
    float* to = result_.of_sequences[i].data() + t * width_;
    const Truth truth = sequence.truth[t];
    if (classify_) {
      *to = *from;
      if (truth != Truth::kUnknown)
        add_loss(std::log1p(std::exp(-std::abs(*to))) + std::max(*to, 0.0f) -
                 (truth == Truth::kAnomalous ? *to : 0.0f));
      return;
    }
    for (int64_t c = 0; c < width_; ++c) {
      to[c] = from[c] - sequence.target[t * width_ + c];
      if (truth != Truth::kAnomalous && !std::isnan(to[c])) add_loss(double{to[c]} * to[c]);
    }
  }
  void add_loss(double loss) {
    result_.loss += loss;
    ++count_;
  }

  const DetectData& data_;
  const bool classify_;
  const int64_t width_;
  int64_t count_ = 0;
  std::vector<int64_t> lost_;
  DetectOutputs result_;
};

[[noreturn]] void fail_lost(const DetectData& data, int64_t i, int64_t t) {
  throw NotFiniteError(fmt::format(
      "{}, step {}: the output of the network is not finite: its weights are too large, or a value before is",
      data.sequences[i].name, t + 1));
}

// One sequence from its step `first` on, as if it began there.
DetectData rest_of(const DetectData& data, int64_t i, int64_t first) {
  const DetectSequence& whole = data.sequences[i];
  DetectSequence rest{.input = {whole.input.begin() + first * data.features, whole.input.end()},
                      .target = {},
                      .truth = {},
                      .steps = whole.steps - first};
  return {.sequences = {std::move(rest)}, .features = data.features, .channels = data.channels};
}

// Goes on with a sequence whose state was lost, until it ends or the state is lost again.
void begin_anew(const DetectModel& model, const DetectData& data, const DetectOptions& options, int32_t i,
                Outputs& outputs) {
  const int64_t first = *outputs.lost(i);
  outputs.begin_anew(i);
  const DetectData rest = rest_of(data, i, first);
  RecurrentState state;
  int64_t chunk = 8;  // small at first: it may be lost again soon
  for (int64_t begin = 0; begin < rest.sequences[0].steps && !outputs.lost(i); begin += chunk) {
    if (begin > 0) chunk = std::min(2 * chunk, kChunk);
    const Window window{0, begin, std::min(chunk, rest.sequences[0].steps - begin)};
    const bool late = options.model.method == "forecast";
    RecurrentOutput out =
        model(make_windows(rest, std::span(&window, 1), late), {.state = std::move(state), .mode = Mode::evaluation()});
    state = std::move(out.state);
    const Window where{i, first + begin, window.steps};
    outputs.put(out.y, std::span(&where, 1));
  }
  if (outputs.lost(i) == first) fail_lost(data, i, first);
}

// Deals with the sequences whose state was lost.
void settle_lost(const DetectModel& model, const DetectData& data, const DetectOptions& options, LostState lost,
                 Outputs& outputs) {
  for (int32_t i = 0; i < data.size(); ++i) {
    while (const auto at = outputs.lost(i)) {
      if (lost == LostState::kFail || !model.is_causal()) fail_lost(data, i, *at);
      log_warning("{}, step {}: the state of the network is not finite; it begins anew", data.sequences[i].name,
                  *at + 1);
      begin_anew(model, data, options, i, outputs);
    }
  }
}

// Whole sequences side by side, a chunk at a time.
void run_carried(const DetectModel& model, const DetectData& data, const DetectOptions& options, Outputs& outputs) {
  const bool late = options.model.method == "forecast";
  for (const auto& which : batches_by_length(data.lengths(), {.batch = options.use.batch})) {
    int64_t longest = 0;
    for (const int32_t i : which) longest = std::max(longest, data.sequences[i].steps);
    RecurrentState state;
    for (int64_t begin = 0; begin < longest; begin += kChunk) {
      check_stop();
      std::vector<Window> windows;
      for (const int32_t i : which) {
        windows.push_back({i, begin, std::clamp<int64_t>(data.sequences[i].steps - begin, 0, kChunk)});
      }
      RecurrentOutput out =
          model(make_windows(data, windows, late), {.state = std::move(state), .mode = Mode::evaluation()});
      state = std::move(out.state);
      outputs.put(out.y, windows);
    }
  }
}

void run_windows(const DetectModel& model, const DetectData& data, const DetectOptions& options, Outputs& outputs) {
  const std::vector<Window> windows = cut_windows(data, *options.data.window, *options.data.window);
  std::vector<int64_t> lengths;
  for (const Window& window : windows) lengths.push_back(window.steps);
  for (const auto& which : batches_by_length(lengths, {.batch = options.use.batch})) {
    check_stop();
    std::vector<Window> batch;
    for (const int32_t i : which) batch.push_back(windows[i]);
    const bool late = options.model.method == "forecast";
    outputs.put(model(make_windows(data, batch, late), {.mode = Mode::evaluation()}).y, batch);
  }
}

std::vector<float> error_scales(const DetectOutputs& outputs, const DetectData& data, size_t warm_up) {
  std::vector<double> squares(static_cast<size_t>(data.channels), 0), counts(squares);
  for (int64_t i = 0; i < data.size(); ++i) {
    const auto& errors = outputs.of_sequences[i];
    for (size_t at = 0; at < errors.size(); ++at) {
      const size_t c = at % squares.size(), t = at / squares.size();
      if (t < warm_up || std::isnan(errors[at]) || data.sequences[i].truth[t] == Truth::kAnomalous) continue;
      squares[c] += double{errors[at]} * errors[at];
      ++counts[c];
    }
  }
  std::vector<float> scales;
  for (size_t c = 0; c < squares.size(); ++c) {
    scales.push_back(static_cast<float>(counts[c] > 0 ? std::max(std::sqrt(squares[c] / counts[c]), kLeastScale) : 1));
  }
  return scales;
}

// What has a label, as ranking metrics take it.
std::vector<Scored> labelled(const DetectScores& scores) {
  std::vector<Scored> things;
  for (size_t i = 0; i < scores.truth.size(); ++i) {
    for (size_t t = 0; t < scores.truth[i].size(); ++t) {
      const Truth truth = scores.truth[i][t];
      if (truth != Truth::kUnknown) things.push_back({scores.of_sequences[i][t], truth == Truth::kAnomalous});
    }
  }
  return things;
}

double choose_threshold(const DetectScores& scores, const DetectThresholdOptions& options) {
  const auto best = best_f1_threshold(labelled(scores));
  if (options.choose == "f1" && !best)
    fail("choose = f1: expected labelled anomalies in the validation data, got none");
  if (options.choose != "quantile" && best) return *best;
  std::vector<double> normal;
  for (size_t i = 0; i < scores.truth.size(); ++i) {
    for (size_t t = 0; t < scores.truth[i].size(); ++t) {
      if (scores.truth[i][t] != Truth::kAnomalous) normal.push_back(scores.of_sequences[i][t]);
    }
  }
  if (normal.empty()) fail("choose = quantile: expected normal steps or sequences in the validation data, got none");
  sort_numbers(normal);
  return quantile(std::span<const double>(normal), options.quantile);
}

// Counts of steps with a label, and the same point-adjusted.
struct Counts {
  BinaryCounts plain, adjusted;
  int64_t flagged = 0, all = 0, labelled = 0;
  void add(const std::vector<double>& scores, const std::vector<Truth>& truth, double threshold) {
    std::vector<uint8_t> actual, predicted;
    for (size_t t = 0; t < scores.size(); ++t) {
      const bool flag = scores[t] > threshold;
      flagged += flag ? 1 : 0;
      if (truth[t] == Truth::kUnknown) continue;
      plain.add(truth[t] == Truth::kAnomalous, flag);
      actual.push_back(truth[t] == Truth::kAnomalous ? 1 : 0);
      predicted.push_back(flag ? 1 : 0);
    }
    all += std::ssize(scores);
    labelled += std::ssize(actual);
    adjusted += point_adjusted(actual, predicted);
  }
};

Table counts_table(const Counts& counts) {
  const BinaryCounts& plain = counts.plain;
  const int64_t passed = counts.labelled - plain.hits - plain.false_alarms - plain.misses;
  return {.name = "counts",
          .columns = {"actual", "flagged", "passed"},
          .rows = {{std::string("anomalous"), plain.hits, plain.misses},
                   {std::string("normal"), plain.false_alarms, passed}}};
}

}  // namespace

std::string Calibration::to_text() const {
  Json json{{"scale", scale}};
  if (threshold) json["threshold"] = *threshold;
  return json.dump();
}

Calibration Calibration::from_text(std::string_view text, int64_t scales) {
  const auto json = parse_json(text, 2);
  if (!json) fail("calibration: expected a JSON object");
  Calibration calibration;
  try {
    calibration.scale = json->at("scale").get<std::vector<float>>();
    if (json->contains("threshold")) calibration.threshold = json->at("threshold").get<double>();
  } catch (const JsonError& error) {
    fail("calibration: {}", error.what());
  }
  const bool positive = std::ranges::all_of(calibration.scale, [](float s) { return s > 0 && std::isfinite(s); });
  const bool unset = !calibration.threshold && calibration.scale.empty();
  if (!positive || (!unset && std::ssize(calibration.scale) != scales)) {
    fail("calibration: expected {} positive scales", scales);
  }
  return calibration;
}

DetectOutputs run_model(const DetectModel& model, const DetectData& data, const DetectOptions& options,
                        LostState lost) {
  const autograd::NoGrad no_grad;
  Outputs outputs(data, options);
  model.is_causal() ? run_carried(model, data, options, outputs) : run_windows(model, data, options, outputs);
  settle_lost(model, data, options, lost, outputs);
  return std::move(outputs).result();
}

double step_score(std::span<const float> outputs, const DetectOptions& options, const Calibration& calibration) {
  if (classifies(options)) return 1 / (1 + std::exp(-double{outputs[0]}));
  double squares = 0;
  int64_t present = 0;
  for (size_t c = 0; c < outputs.size(); ++c) {
    if (std::isnan(outputs[c])) continue;
    const double error = outputs[c] / double{calibration.scale[c]};
    squares += error * error;
    ++present;
  }
  return present == 0 ? 0 : std::sqrt(squares / static_cast<double>(present));
}

DetectScores score(const DetectOutputs& outputs, const DetectData& data, const DetectOptions& options,
                   const Calibration& calibration) {
  const bool whole = options.threshold.level == "sequences";
  const auto width = static_cast<size_t>(classifies(options) ? 1 : data.channels);
  DetectScores scores;
  for (int64_t i = 0; i < data.size(); ++i) {
    const std::span<const float> of_sequence(outputs.of_sequences[i]);
    std::vector<Truth> truth = data.sequences[i].truth;
    const auto warm_up = std::min(static_cast<size_t>(*options.threshold.warm_up), truth.size());
    std::fill_n(truth.begin(), warm_up, Truth::kUnknown);
    std::vector<double> steps(warm_up, 0);
    for (size_t at = warm_up * width; at < of_sequence.size(); at += width) {
      steps.push_back(step_score(of_sequence.subspan(at, width), options, calibration));
    }
    if (!whole) {
      scores.of_sequences.push_back(std::move(steps));
      scores.truth.push_back(std::move(truth));
      continue;
    }
    const double all = std::accumulate(steps.begin(), steps.end(), 0.0) / std::max<double>(1, std::ssize(steps));
    const bool highest = options.threshold.pooling == "max" && !steps.empty();
    scores.of_sequences.push_back({highest ? std::ranges::max(steps) : all});
    const bool known = std::ranges::count(truth, Truth::kUnknown) < std::ssize(truth);
    const bool anomalous = std::ranges::count(truth, Truth::kAnomalous) > 0;
    scores.truth.push_back({anomalous ? Truth::kAnomalous : known ? Truth::kNormal : Truth::kUnknown});
  }
  return scores;
}

Calibration calibrate(const DetectOutputs& outputs, const DetectData& data, const DetectOptions& options) {
  Calibration calibration;
  if (!classifies(options))
    calibration.scale = error_scales(outputs, data, static_cast<size_t>(*options.threshold.warm_up));
  calibration.threshold = choose_threshold(score(outputs, data, options, calibration), options.threshold);
  return calibration;
}

Evaluation measure(const DetectScores& scores, double loss, double threshold) {
  Counts counts;
  bool single = true;
  for (size_t i = 0; i < scores.truth.size(); ++i) {
    counts.add(scores.of_sequences[i], scores.truth[i], threshold);
    single = single && scores.truth[i].size() <= 1;
  }
  Evaluation result{.examples = counts.all, .metrics = {{"loss", loss}}, .tables = {}};
  auto& metrics = result.metrics;
  if (const BinaryCounts& plain = counts.plain; plain.hits + plain.misses > 0) {
    metrics.insert(metrics.end(), {{"precision", plain.precision()}, {"recall", plain.recall()}, {"f1", plain.f1()}});
    const std::vector<Scored> things = labelled(scores);
    const auto auc = roc_auc(things), auprc = average_precision(things);
    if (auc) metrics.push_back({"auc", *auc});
    if (auc && auprc) metrics.push_back({"auprc", *auprc});
    if (!single) metrics.push_back({"point_adjusted_f1", counts.adjusted.f1()});
    result.tables.push_back(counts_table(counts));
  }
  metrics.push_back({"flagged", static_cast<double>(counts.flagged) / std::max<double>(1, counts.all)});
  metrics.push_back({"threshold", threshold});
  return result;
}

}  // namespace recur
