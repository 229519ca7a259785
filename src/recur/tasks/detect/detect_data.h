// Series with the known truth about each step.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/sequences/sequence_set.h"
#include "recur/io/data_checksum.h"
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

// Some steps of a sequence: of one in memory itself, else made for the purpose.
struct DetectPart {
  std::span<const float> input, target;  // [steps, F] and [steps, C]
  std::span<const Truth> truth;          // [steps]
  std::shared_ptr<const DetectSequence> made = nullptr;

  int64_t steps() const { return std::ssize(truth); }
};

// Values further from the training data than a network can reckon with become the furthest that it can, in units of
// the scaler. Returns the index of the first such value in `input`, or nothing.
std::optional<size_t> keep_in_range(std::span<float> input);
// What to say of one, behind its place.
inline constexpr std::string_view kFarValue =
    "a value is too far from the training data for the network; it counts as 1e15 in units of the scaler";

// Of data on disk `sequences` are without steps: part() makes them, for any number of threads.
struct DetectData {
  std::vector<DetectSequence> sequences;
  int64_t features = 0, channels = 0;                                                   // F and C
  std::function<DetectSequence(int64_t i, int64_t begin, int64_t end)> make = nullptr;  // of data on disk
  DataChecksum checksum = {};                                                           // of all steps

  int64_t size() const { return std::ssize(sequences); }
  bool in_memory() const { return !make; }
  int64_t count(Truth truth) const;  // of steps
  std::vector<int64_t> lengths() const;
  // Steps begin .. end - 1 of a sequence.
  DetectPart part(int64_t i, int64_t begin, int64_t end) const;

  // Calls visit(part, first) with the steps of a sequence in order: at once where they are in memory, else in parts.
  template <class Visit>
  void for_each_part(int64_t i, const Visit& visit) const {
    constexpr int64_t kPartValues = 1 << 18;
    const int64_t steps = sequences[static_cast<size_t>(i)].steps;
    const int64_t most =
        in_memory() ? std::max<int64_t>(steps, 1) : std::max<int64_t>(kPartValues / (features + channels + 1), 1);
    for (int64_t t = 0; t < steps; t += most) {
      const int64_t end = std::min(t + most, steps);
      visit(part(i, t, end), t);
    }
  }

  std::array<int64_t, 3> counted = {-1, -1, -1};  // by truth, of data on disk, so that they are not read for it again
};

// Reads series, with labels of each row where there is a row per step. `columns` are those of a model, or null. Throws
// Error where there are no steps.
SequenceSet read_detect(const DataFiles& files, const DetectOptions& options, const Columns* columns, bool need_labels);

int64_t longest_of(const SequenceSet& set);  // in steps

// The truth about the steps of a sequence in memory, or of its part from step `first` on: by labels of its steps, else
// by its own, else unknown.
std::vector<Truth> truth_of(const SequenceSet& set, const Sequence& sequence, const std::vector<std::string>& normal,
                            int64_t first = 0);

// Of a set in memory all at once, of one on disk each part when it is asked for. labelled = false: labels, whatever
// they are, say nothing.
DetectData encode_detect(const std::shared_ptr<const SequenceSet>& set, const SeriesEncoder& encoder,
                         const std::vector<std::string>& normal, bool labelled = true);

// Keeps a part for validation: of ten sequences or more whole ones, drawn with their share of those that have
// anomalies; of fewer the end of each. Throws Error where a part would be empty.
struct DetectSets {
  SequenceSet train, valid;
};
DetectSets hold_out(SequenceSet set, double fraction, const std::vector<std::string>& normal, uint64_t seed);

}  // namespace recur
