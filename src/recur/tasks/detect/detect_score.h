// From the outputs of the network to scores, a threshold, and metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

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

// The network's outputs at each step of each sequence. For forecast and reconstruct the errors [T, C], scaled like the
// data, NaN if the value is missing; for classify the logit [T, 1].
struct DetectOutputs {
  std::vector<std::vector<float>> of_sequences;
  double loss = 0;  // mean squared error of the values that are not known to be anomalous, or cross-entropy in nats
};
// What becomes of a sequence whose outputs stop being finite: an error that names its step, or, where the state is
// carried on, a new beginning from a state of zeros, which is reported.
enum class LostState { kFail, kBeginAnew };
DetectOutputs run_model(const DetectModel& model, const DetectData& data, const DetectOptions& options,
                        LostState lost = LostState::kFail);

// The score of a step: for errors [C] their root mean square, each divided by its typical size, 0 when all are missing;
// for classify the probability of an anomaly.
double step_score(std::span<const float> outputs, const DetectOptions& options, const Calibration& calibration);

// Scores with what is known of them: of every step or every sequence, by options.threshold.level. A step of the warm-up
// has score 0 and counts as unknown. level and warm_up must have been chosen.
struct DetectScores {
  std::vector<std::vector<double>> of_sequences;  // of each step; of a sequence alone one
  std::vector<std::vector<Truth>> truth;          // of the same
};
DetectScores score(const DetectOutputs& outputs, const DetectData& data, const DetectOptions& options,
                   const Calibration& calibration);

// From validation data: the errors' scale, then the threshold that the options ask for. Throws Error where the best F1
// is asked for without labelled anomalies.
Calibration calibrate(const DetectOutputs& outputs, const DetectData& data, const DetectOptions& options);

// loss; where there are anomalies precision, recall and f1 at the threshold, and, of several steps a sequence,
// point_adjusted_f1; where normal ones are there too auc and auprc; the share that is flagged. As a table the counts.
Evaluation measure(const DetectScores& scores, double loss, double threshold);

}  // namespace recur
