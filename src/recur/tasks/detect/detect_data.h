// Series with the known truth about each step.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/detect/detect_options.h"
#include "recur/tasks/series_encoder.h"
#include "recur/tasks/trained.h"

namespace recur {

enum class Truth : uint8_t { kNormal, kAnomalous, kUnknown };

// The truth of a label: normal if it is one of `normal`, else anomalous. If `normal` is empty, 0, normal, ok, ... are
// normal and 1, anomaly, ... are not; throws Error for other labels, which could be either.
Truth truth_of(std::string_view label, const std::vector<std::string>& normal, std::string_view place = "");

struct DetectSequence {
  std::vector<float> input;   // [T, F], as SeriesEncoder gives it
  std::vector<float> target;  // [T, C], its channels alone; NaN where missing
  std::vector<Truth> truth;   // [T]
  int64_t steps = 0;          // T
  std::string name = {};      // "a.csv:12: sequence H1", for messages
};

// Values further from the training data than a network can reckon with become the furthest that it can, in units of
// the scaler. Returns the index of the first such value in `input`, or nothing.
std::optional<size_t> keep_in_range(std::span<float> input);
// What to say of one, behind its place.
inline constexpr std::string_view kFarValue =
    "a value is too far from the training data for the network; it counts as 1e15 in units of the scaler";

struct DetectData {
  std::vector<DetectSequence> sequences;
  int64_t features = 0, channels = 0;  // F and C

  int64_t size() const { return std::ssize(sequences); }
  int64_t count(Truth truth) const;  // of steps
  std::vector<int64_t> lengths() const;
};

// Reads series, with labels of each row where there is a row per step. `columns` are those of a model, or null. Throws
// Error where there are no steps.
SequenceSet read_detect(const DataFiles& files, const DetectOptions& options, const Columns* columns, bool need_labels);

int64_t longest_of(const SequenceSet& set);  // in steps

// The truth about the steps of a sequence: by labels of its steps, else by its own, else unknown.
std::vector<Truth> truth_of(const SequenceSet& set, const Sequence& sequence, const std::vector<std::string>& normal);

DetectData encode_detect(const SequenceSet& set, const SeriesEncoder& encoder, const std::vector<std::string>& normal);

// Keeps a part for validation: of ten sequences or more whole ones, drawn with their share of those that have
// anomalies; of fewer the end of each. Throws Error where a part would be empty.
struct DetectSets {
  SequenceSet train, valid;
};
DetectSets hold_out(SequenceSet set, double fraction, const std::vector<std::string>& normal, uint64_t seed);

}  // namespace recur
