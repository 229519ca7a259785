// From the outputs of the network to scores, a threshold, and metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/row_store.h"
#include "recur/tasks/detect/detect_model.h"
#include "recur/tasks/evaluation.h"

namespace recur {

// The scale of the network's errors on validation data, and the threshold; stored in the model.
struct Calibration {
  std::vector<float> scale;         // [C]: the root of the mean square of each channel's error; none of classification
  std::optional<double> threshold;  // scores above are anomalies; nothing before the first validation

  std::string to_text() const;
  // Throws Error when it has another number of scales: it is untrusted input.
  static Calibration from_text(std::string_view json, int64_t scales);
};

// Gives the outputs for a part of sequence i that begins with step `first`. For forecast and reconstruct the errors
// [T, C], scaled like the data, NaN if the value is missing; for classify the logit [T, 1]. They are there already, or
// are put into `room`.
using OutputReader =
    std::function<std::span<const float>(int64_t i, int64_t first, const DetectPart& part, std::vector<float>& room)>;

// The network's outputs at each step of each sequence, in memory or, where they are too many, on disk.
class DetectOutputs {
 public:
  // width: C, or 1 of logits.
  DetectOutputs(int64_t width, std::span<const int64_t> lengths);

  int64_t width() const { return rows_.width(); }
  void write(int64_t i, int64_t first, std::span<const float> values) { rows_.write(first_[i] + first, values); }
  std::span<const float> read(int64_t i, int64_t begin, int64_t end, std::vector<float>& room) const {
    return rows_.read(first_[i] + begin, first_[i] + end, room);
  }
  OutputReader reader() const;  // as long as this lives

  double loss = 0;  // mean squared error of the values that are not known to be anomalous, or cross-entropy in nats

 private:
  RowStore<float> rows_;
  std::vector<int64_t> first_{0};  // of each sequence its first row, and behind the last one their number
};
// What becomes of a sequence whose outputs stop being finite: an error that names its step, or, where the state is
// carried on, a new beginning from a state of zeros, which is reported.
enum class LostState { kFail, kBeginAnew };
DetectOutputs run_model(const DetectModel& model, const DetectData& data, const DetectOptions& options,
                        LostState lost = LostState::kFail);

// The score of a step: for errors [C] their root mean square, each divided by its typical size, 0 when all are missing;
// for classify the probability of an anomaly.
double step_score(std::span<const float> outputs, const DetectOptions& options, const Calibration& calibration);

// Scores of steps, or the one of a sequence, with what is known of them.
struct DetectScores {
  int64_t sequence = 0, first = 0;  // the step of the first one
  std::span<const double> scores;
  std::span<const Truth> truth;  // of the same
};
// Calls its argument with the scores of all sequences in order, a part at a time, and does so again each time it is
// called. None are kept: there may be more than fit into memory.
using ScoreSource = std::function<void(const std::function<void(const DetectScores&)>&)>;

// Of every step or every sequence, by options.threshold.level. A step of the warm-up has score 0 and counts as unknown.
// level and warm_up must have been chosen. Data, options and what is read must outlive the source.
ScoreSource score(OutputReader outputs, const DetectData& data, const DetectOptions& options,
                  const Calibration& calibration);

// From validation data: the errors' scale, then the threshold that the options ask for. Throws Error where the best F1
// is asked for without labelled anomalies.
Calibration calibrate(const OutputReader& outputs, const DetectData& data, const DetectOptions& options);

// loss; where there are anomalies precision, recall and f1 at the threshold, and, of several steps a sequence,
// point_adjusted_f1; where normal ones are there too auc and auprc; the share that is flagged. As a table the counts.
Evaluation measure(const ScoreSource& scores, double loss, double threshold);

}  // namespace recur
