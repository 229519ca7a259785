#include "recur/tasks/detect/detect_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 9> kNormalWords{"0",     "normal", "nominal", "ok",      "no",
                                                       "false", "n",      "good",    "negative"};
constexpr std::array<std::string_view, 11> kAnomalyWords{"1",    "anomaly", "anomalous", "abnormal", "outlier", "yes",
                                                         "true", "attack",  "fault",     "bad",      "positive"};
constexpr int64_t kSequencesToDraw = 10;  // fewer are cut in time

// A score is still finite from squares of these, and an ordinary network's gates are long saturated.
constexpr float kFurthest = 1e15f;

// Labels of sequences where a row is one, of steps elsewhere.
void name_label(Columns& columns, const std::string& name) {
  (columns.layout == Layout::kLong ? columns.step_labels : columns.labels) = {name};
}

Sequence part_of(const SequenceSet& set, const Sequence& sequence, int64_t begin, int64_t end) {
  const auto cut = [&](auto& values, int64_t width) {
    if (values.empty()) return;
    values.erase(values.begin() + end * width, values.end());
    values.erase(values.begin(), values.begin() + begin * width);
  };
  Sequence part = sequence;
  cut(part.values, set.width());
  cut(part.times, 1);
  cut(part.step_labels, 1);
  return part;
}

// The same set without sequences.
SequenceSet empty_like(const SequenceSet& set) {
  SequenceSet empty = set;
  empty.sequences.clear();
  return empty;
}

}  // namespace

Truth truth_of(std::string_view label, const std::vector<std::string>& normal, std::string_view place) {
  if (label.empty()) return Truth::kUnknown;
  if (!normal.empty()) return std::ranges::count(normal, label) > 0 ? Truth::kNormal : Truth::kAnomalous;
  const std::string word = lower_ascii(label);
  if (std::ranges::count(kNormalWords, word) > 0) return Truth::kNormal;
  if (std::ranges::count(kAnomalyWords, word) > 0) return Truth::kAnomalous;
  fail("{}label {}: expected a label known as normal or as an anomaly; set normal_labels to the labels of normal data",
       place, quoted_cell(label));
}

std::vector<Truth> truth_of(const SequenceSet& set, const Sequence& sequence, const std::vector<std::string>& normal) {
  const auto steps = static_cast<size_t>(set.length(sequence));
  if (sequence.step_labels.empty()) {
    if (sequence.labels.empty()) return std::vector(steps, Truth::kUnknown);
    return std::vector(steps, truth_of(sequence.labels[0], normal, set.where_label(sequence, 0) + ": "));
  }
  std::vector<std::optional<Truth>> of_class(set.step_classes.size());
  std::vector<Truth> truth(sequence.step_labels.size(), Truth::kUnknown);
  for (size_t t = 0; t < truth.size(); ++t) {
    if (sequence.step_labels[t] < 0) continue;
    const auto label = static_cast<size_t>(sequence.step_labels[t]);
    if (!of_class[label]) {
      const std::string place =
          fmt::format("{}: step {} of sequence {}: ", set.files[static_cast<size_t>(sequence.place.file)], t + 1,
                      quoted_cell(sequence.id));
      of_class[label] = truth_of(set.step_classes[label], normal, place);
    }
    truth[t] = *of_class[label];
  }
  return truth;
}

int64_t DetectData::count(Truth truth) const {
  int64_t count = 0;
  for (const DetectSequence& sequence : sequences) count += std::ranges::count(sequence.truth, truth);
  return count;
}

std::vector<int64_t> DetectData::lengths() const {
  std::vector<int64_t> result;
  for (const DetectSequence& sequence : sequences) result.push_back(sequence.steps);
  return result;
}

SequenceSet read_detect(const DataFiles& files, const DetectOptions& options, const Columns* columns,
                        bool need_labels) {
  const DetectUseOptions& use = options.use;
  SequenceOptions reading = options.data.series.sequence_options(columns, need_labels);
  reading.label_steps = true;
  reading.side_table = use.labels_file;
  if (columns == nullptr) {
    if (!use.label.empty()) reading.columns.labels = {use.label};
  } else if (!use.label.empty()) {
    name_label(reading.columns, use.label);
  } else if (columns->labels.empty() && columns->step_labels.empty()) {
    reading.need_labels = false;  // the model's data had none; these may
  }
  reading.find_anomalies = use.label.empty() && use.labels_file.empty();
  SequenceSet set = read_sequences(files, reading);
  for (const std::string& note : set.notes) log_info("{}", note);
  if (set.labels.size() > 1) {
    fail_usage("label_column: expected one column of labels, got {}: {}", set.labels.size(), listed(set.labels));
  }
  if (longest_of(set) == 0) fail("{}: expected at least one step, got none", listed_files(set.files));
  return set;
}

int64_t longest_of(const SequenceSet& set) {
  int64_t steps = 0;
  for (const Sequence& sequence : set.sequences) steps = std::max(steps, set.length(sequence));
  return steps;
}

std::optional<size_t> keep_in_range(std::span<float> input) {
  std::optional<size_t> first;
  for (size_t i = 0; i < input.size(); ++i) {
    if (std::abs(input[i]) <= kFurthest) continue;
    input[i] = std::clamp(input[i], -kFurthest, kFurthest);
    if (!first) first = i;
  }
  return first;
}

DetectData encode_detect(const SequenceSet& set, const SeriesEncoder& encoder, const std::vector<std::string>& normal) {
  DetectData data{.sequences = {}, .features = encoder.features(), .channels = set.width()};
  for (const Sequence& sequence : set.sequences) {
    DetectSequence out{.input = encoder.encode(set, sequence),
                       .target = sequence.values,
                       .truth = truth_of(set, sequence, normal),
                       .steps = set.length(sequence),
                       .name = fmt::format("{}: sequence {}", set.where(sequence), quoted_cell(sequence.id))};
    if (const auto far = keep_in_range(out.input)) {
      log_warning("{}, step {}: {}", out.name, static_cast<int64_t>(*far) / data.features + 1, kFarValue);
    }
    for (size_t i = 0; i < out.target.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      if (!std::isnan(out.target[i])) {
        out.target[i] = out.input[at / data.channels * data.features + at % data.channels];
      }
    }
    data.sequences.push_back(std::move(out));
  }
  return data;
}

DetectSets hold_out(SequenceSet set, double fraction, const std::vector<std::string>& normal, uint64_t seed) {
  DetectSets parts{.train = empty_like(set), .valid = empty_like(set)};
  if (set.size() >= kSequencesToDraw) {
    std::vector<std::string> kinds;
    for (const Sequence& sequence : set.sequences) {
      const bool anomalous = std::ranges::count(truth_of(set, sequence, normal), Truth::kAnomalous) > 0;
      kinds.emplace_back(anomalous ? "anomalous" : "normal");
    }
    const HoldOut drawn = hold_out(kinds, fraction, seed);
    for (const int64_t i : drawn.train) parts.train.sequences.push_back(std::move(set.sequences[i]));
    for (const int64_t i : drawn.valid) parts.valid.sequences.push_back(std::move(set.sequences[i]));
    return parts;
  }
  for (const Sequence& sequence : set.sequences) {
    const int64_t steps = set.length(sequence);
    const auto begin = steps - static_cast<int64_t>(std::round(static_cast<double>(steps) * fraction));
    if (begin == 0 || begin == steps) {
      fail("{}: {} steps are too few to hold out a fraction of {} for validation", set.where(sequence), steps,
           fraction);
    }
    parts.train.sequences.push_back(part_of(set, sequence, 0, begin));
    parts.valid.sequences.push_back(part_of(set, sequence, begin, steps));
  }
  return parts;
}

}  // namespace recur
