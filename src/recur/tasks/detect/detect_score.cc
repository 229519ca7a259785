#include "recur/tasks/detect/detect_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/ops/cast.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/metrics/point_adjust.h"
#include "recur/tasks/metrics/ranked_scores.h"

namespace recur {
namespace {

constexpr int64_t kChunk = 512;       // steps run in one go where the state is carried on
constexpr double kLeastScale = 1e-3;  // of a channel forecast without error, in its deviations: no division by nothing

int64_t width_of(const DetectData& data, const DetectOptions& options) {
  return classifies(options) ? 1 : data.channels;
}

// Puts the network's outputs where they belong, as errors where there are values to hold them against.
class Outputs {
 public:
  Outputs(const DetectData& data, const DetectOptions& options)
      : classify_(classifies(options)), result_(width_of(data, options), data.lengths()) {
    lost_.assign(data.sequences.size(), kNone);
  }

  void put(const Tensor& y, std::span<const DetectExample> windows) {
    const Tensor values = cast(y, DType::kF32);
    const float* from = values.data<float>();
    const int64_t width = result_.width();
    for (int64_t b = 0; b < std::ssize(windows); ++b) {
      const Window& window = windows[b].window;
      const bool was_lost = lost_[window.sequence] != kNone;
      outputs_.clear();
      for (int64_t t = 0; t < window.steps; ++t) put_step(from + (t * std::ssize(windows) + b) * width, windows[b], t);
      if (!was_lost) result_.write(window.sequence, window.begin, outputs_);
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

  // Of step t of the window.
  void put_step(const float* from, const DetectExample& example, int64_t t) {
    const Window& window = example.window;
    const int64_t width = result_.width(), at = window.begin - example.first + t;
    if (lost_[window.sequence] != kNone) return;
    if (!std::all_of(from, from + width, [](float y) { return std::isfinite(y); })) {
      lost_[window.sequence] = window.begin + t;
      return;
    }
    const Truth truth = example.steps.truth[at];
    if (classify_) {
      const float y = *from;
      outputs_.push_back(y);
      if (truth != Truth::kUnknown)
        add_loss(std::log1p(std::exp(-std::abs(y))) + std::max(y, 0.0f) - (truth == Truth::kAnomalous ? y : 0.0f));
      return;
    }
    for (int64_t c = 0; c < width; ++c) {
      const float error = from[c] - example.steps.target[at * width + c];
      outputs_.push_back(error);
      if (truth != Truth::kAnomalous && !std::isnan(error)) add_loss(double{error} * error);
    }
  }
  void add_loss(double loss) {
    result_.loss += loss;
    ++count_;
  }

  const bool classify_;
  int64_t count_ = 0;
  std::vector<int64_t> lost_;
  std::vector<float> outputs_;  // of one window
  DetectOutputs result_;
};

[[noreturn]] void fail_lost(const DetectData& data, int64_t i, int64_t t) {
  throw NotFiniteError(fmt::format(
      "{}, step {}: the output of the network is not finite: its weights are too large, or a value before is",
      data.sequences[i].name, t + 1));
}

// Goes on with a sequence whose state was lost, as if it began there, until it ends or the state is lost again.
void begin_anew(const DetectModel& model, const DetectData& data, const DetectOptions& options, int32_t i,
                Outputs& outputs) {
  const int64_t first = *outputs.lost(i), steps = data.sequences[i].steps;
  outputs.begin_anew(i);
  const bool late = options.model.method == "forecast";
  RecurrentState state;
  int64_t chunk = 8;  // small at first: it may be lost again soon
  for (int64_t begin = first; begin < steps && !outputs.lost(i); begin += chunk) {
    if (begin > first) chunk = std::min(2 * chunk, kChunk);
    const DetectExample window = load_window(data, {i, begin, std::min(chunk, steps - begin)}, late, first);
    const std::span<const DetectExample> one(&window, 1);
    RecurrentOutput out =
        model(make_windows(one, data.features, late), {.state = std::move(state), .mode = Mode::evaluation()});
    state = std::move(out.state);
    outputs.put(out.y, one);
  }
  if (outputs.lost(i) == first) fail_lost(data, i, first);
}

// Deals with the sequences whose state was lost.
void settle_lost(const DetectModel& model, const DetectData& data, const DetectOptions& options, LostState lost,
                 Outputs& outputs) {
  for (int32_t i = 0; i < data.size(); ++i) {
    while (const auto at = outputs.lost(i)) {
      if (lost == LostState::kFail || !model.is_causal()) fail_lost(data, i, *at);
      log_warning("{}, step {}: the state of the network is not finite and was reset", data.sequences[i].name, *at + 1);
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
        const int64_t steps = data.sequences[i].steps;
        windows.push_back({i, std::min(begin, steps), std::clamp<int64_t>(steps - begin, 0, kChunk)});
      }
      const std::vector<DetectExample> examples = load_windows(data, windows, late);
      RecurrentOutput out =
          model(make_windows(examples, data.features, late), {.state = std::move(state), .mode = Mode::evaluation()});
      state = std::move(out.state);
      outputs.put(out.y, examples);
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
    const std::vector<DetectExample> examples = load_windows(data, batch, late);
    outputs.put(model(make_windows(examples, data.features, late), {.mode = Mode::evaluation()}).y, examples);
  }
}

std::vector<float> error_scales(const OutputReader& outputs, const DetectData& data, int64_t warm_up) {
  std::vector<double> squares(static_cast<size_t>(data.channels), 0), counts(squares);
  std::vector<float> room;
  for (int64_t i = 0; i < data.size(); ++i) {
    data.for_each_part(i, [&](const DetectPart& part, int64_t first) {
      const auto errors = outputs(i, first, part, room);
      for (size_t at = 0; at < errors.size(); ++at) {
        const size_t c = at % squares.size(), t = at / squares.size();
        if (first + static_cast<int64_t>(t) < warm_up || std::isnan(errors[at])) continue;
        if (part.truth[t] == Truth::kAnomalous) continue;
        squares[c] += double{errors[at]} * errors[at];
        ++counts[c];
      }
    });
  }
  std::vector<float> scales;
  for (size_t c = 0; c < squares.size(); ++c) {
    scales.push_back(static_cast<float>(counts[c] > 0 ? std::max(std::sqrt(squares[c] / counts[c]), kLeastScale) : 1));
  }
  return scales;
}

// What has a label, as ranking metrics take it.
RankedScores labelled(const ScoreSource& source) {
  RankedScores things;
  source([&](const DetectScores& part) {
    for (size_t t = 0; t < part.scores.size(); ++t) {
      if (part.truth[t] != Truth::kUnknown) things.add(part.scores[t], part.truth[t] == Truth::kAnomalous);
    }
  });
  return things;
}

double choose_threshold(const ScoreSource& source, const DetectThresholdOptions& options) {
  const auto best = labelled(source).best_f1_threshold();
  if (options.choose == "f1" && !best)
    fail("choose = f1: expected labelled anomalies in the validation data, got none");
  if (options.choose != "quantile" && best) return *best;
  RankedScores normal;
  source([&](const DetectScores& part) {
    for (size_t t = 0; t < part.scores.size(); ++t) {
      if (part.truth[t] != Truth::kAnomalous) normal.add(part.scores[t], false);
    }
  });
  if (normal.size() == 0)
    fail("choose = quantile: expected normal steps or sequences in the validation data, got none");
  return normal.quantile(options.quantile);
}

// Counts of steps with a label, and the same point-adjusted.
class Counts {
 public:
  explicit Counts(double threshold) : threshold_(threshold) {}

  void add(const DetectScores& part) {
    if (part.sequence != sequence_) adjusted += run_.finish();
    sequence_ = part.sequence;
    for (size_t t = 0; t < part.scores.size(); ++t) {
      const bool flag = part.scores[t] > threshold_, anomalous = part.truth[t] == Truth::kAnomalous;
      flagged += flag ? 1 : 0;
      if (part.truth[t] == Truth::kUnknown) continue;
      plain.add(anomalous, flag);
      run_.add(anomalous, flag);
      ++labelled;
    }
    all += std::ssize(part.scores);
    single = single && part.first + std::ssize(part.scores) <= 1;
  }
  void finish() { adjusted += run_.finish(); }

  BinaryCounts plain, adjusted;
  int64_t flagged = 0, all = 0, labelled = 0;
  bool single = true;  // a score a sequence

 private:
  double threshold_;
  int64_t sequence_ = 0;
  PointAdjusted run_;
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

DetectOutputs::DetectOutputs(int64_t width, std::span<const int64_t> lengths)
    : rows_({.width = width, .purpose = "outputs: cannot keep them"}) {
  for (const int64_t steps : lengths) first_.push_back(first_.back() + steps);
  rows_.resize(first_.back());
}

OutputReader DetectOutputs::reader() const {
  return [this](int64_t i, int64_t first, const DetectPart& part, std::vector<float>& room) {
    return read(i, first, first + part.steps(), room);
  };
}

namespace {

// The scores of the steps of a part, with those of the warm-up not judged.
void score_steps(std::span<const float> outputs, const DetectPart& part, int64_t first, const DetectOptions& options,
                 const Calibration& calibration, std::vector<double>& scores, std::vector<Truth>& truth) {
  const int64_t steps = part.steps();
  const auto warm_up = static_cast<size_t>(std::clamp<int64_t>(*options.threshold.warm_up - first, 0, steps));
  const size_t width = steps > 0 ? outputs.size() / static_cast<size_t>(steps) : 0;
  truth.assign(part.truth.begin(), part.truth.end());
  std::fill_n(truth.begin(), warm_up, Truth::kUnknown);
  scores.assign(warm_up, 0);
  for (size_t at = warm_up * width; at < outputs.size(); at += width) {
    scores.push_back(step_score(outputs.subspan(at, width), options, calibration));
  }
}

// What the scores of its steps make of a sequence.
class OfSequence {
 public:
  void add(std::span<const double> scores, std::span<const Truth> truth) {
    for (const double score : scores) {
      sum_ += score;
      highest_ = count_ == 0 ? score : std::max(highest_, score);
      ++count_;
    }
    for (const Truth of_step : truth) {
      known_ |= of_step != Truth::kUnknown;
      anomalous_ |= of_step == Truth::kAnomalous;
    }
  }
  double score(const std::string& pooling) const {
    return pooling == "max" && count_ > 0 ? highest_ : sum_ / std::max<double>(1, static_cast<double>(count_));
  }
  Truth truth() const { return anomalous_ ? Truth::kAnomalous : known_ ? Truth::kNormal : Truth::kUnknown; }

 private:
  double sum_ = 0, highest_ = 0;
  int64_t count_ = 0;
  bool known_ = false, anomalous_ = false;
};

}  // namespace

ScoreSource score(OutputReader outputs, const DetectData& data, const DetectOptions& options,
                  const Calibration& calibration) {
  return [outputs = std::move(outputs), &data, &options,
          calibration](const std::function<void(const DetectScores&)>& visit) {
    const bool whole = options.threshold.level == "sequences";
    std::vector<float> room;
    std::vector<double> scores;
    std::vector<Truth> truth;
    for (int64_t i = 0; i < data.size(); ++i) {
      OfSequence all;
      data.for_each_part(i, [&](const DetectPart& part, int64_t first) {
        score_steps(outputs(i, first, part, room), part, first, options, calibration, scores, truth);
        if (whole) {
          all.add(scores, truth);
        } else {
          visit({.sequence = i, .first = first, .scores = scores, .truth = truth});
        }
      });
      if (!whole) continue;
      const double of_all = all.score(options.threshold.pooling);
      const Truth known = all.truth();
      visit({.sequence = i, .first = 0, .scores = std::span(&of_all, 1), .truth = std::span(&known, 1)});
    }
  };
}

Calibration calibrate(const OutputReader& outputs, const DetectData& data, const DetectOptions& options) {
  Calibration calibration;
  if (!classifies(options)) calibration.scale = error_scales(outputs, data, *options.threshold.warm_up);
  calibration.threshold = choose_threshold(score(outputs, data, options, calibration), options.threshold);
  return calibration;
}

Evaluation measure(const ScoreSource& scores, double loss, double threshold) {
  Counts counts(threshold);
  scores([&](const DetectScores& part) { counts.add(part); });
  counts.finish();
  Evaluation result{.examples = counts.all, .metrics = {{"loss", loss}}, .tables = {}};
  auto& metrics = result.metrics;
  if (const BinaryCounts& plain = counts.plain; plain.hits + plain.misses > 0) {
    metrics.insert(metrics.end(), {{"precision", plain.precision()}, {"recall", plain.recall()}, {"f1", plain.f1()}});
    RankedScores things = labelled(scores);
    const auto auc = things.roc_auc(), auprc = things.average_precision();
    if (auc) metrics.push_back({"auc", *auc});
    if (auc && auprc) metrics.push_back({"auprc", *auprc});
    if (!counts.single) metrics.push_back({"point_adjusted_f1", counts.adjusted.f1()});
    result.tables.push_back(counts_table(counts));
  }
  metrics.push_back({"flagged", static_cast<double>(counts.flagged) / std::max<double>(1, counts.all)});
  metrics.push_back({"threshold", threshold});
  return result;
}

}  // namespace recur
