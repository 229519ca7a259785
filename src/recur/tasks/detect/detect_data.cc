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
  if (sequence.stored.store < 0) return set.load(sequence, begin, end);
  Sequence part = sequence;
  part.stored.first += begin;
  part.stored.steps = end - begin;
  return part;
}

// Whether a step of a sequence is anomalous.
bool has_anomaly(const SequenceSet& set, const Sequence& sequence, const std::vector<std::string>& normal) {
  bool found = false;
  for_each_part(set, sequence, [&](const Sequence& part, int64_t first) {
    found = found || std::ranges::count(truth_of(set, part, normal, first), Truth::kAnomalous) > 0;
  });
  return found;
}

// One sequence, or a part of it, for the network; `far`: its first step with a value that is too far.
DetectSequence encode_steps(const SequenceSet& set, const SeriesEncoder& encoder, const Sequence& part,
                            std::vector<Truth> truth, std::optional<int64_t>& far) {
  DetectSequence out{.input = encoder.encode_part(set, part),
                     .target = part.values,
                     .truth = std::move(truth),
                     .steps = set.length(part)};
  const int64_t features = encoder.features(), channels = set.width();
  if (const auto at = keep_in_range(out.input)) far = static_cast<int64_t>(*at) / features;
  for (size_t i = 0; i < out.target.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (!std::isnan(out.target[i])) out.target[i] = out.input[at / channels * features + at % channels];
  }
  return out;
}

void add_to(DataChecksum& checksum, const DetectPart& part) {
  checksum.add(part.input);
  checksum.add(part.target);
  std::vector<uint8_t> truth;
  for (const Truth of_step : part.truth) truth.push_back(static_cast<uint8_t>(of_step));
  checksum.add(truth);
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

std::vector<Truth> truth_of(const SequenceSet& set, const Sequence& sequence, const std::vector<std::string>& normal,
                            int64_t first) {
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
          fmt::format("{}: step {} of sequence {}: ", set.files[static_cast<size_t>(sequence.place.file)],
                      first + static_cast<int64_t>(t) + 1, quoted_cell(sequence.id));
      of_class[label] = truth_of(set.step_classes[label], normal, place);
    }
    truth[t] = *of_class[label];
  }
  return truth;
}

int64_t DetectData::count(Truth truth) const {
  if (const int64_t known = counted[static_cast<size_t>(truth)]; known >= 0) return known;
  int64_t count = 0;
  for (const DetectSequence& sequence : sequences) count += std::ranges::count(sequence.truth, truth);
  return count;
}

DetectPart DetectData::part(int64_t i, int64_t begin, int64_t end) const {
  const auto of = [&](const DetectSequence& s, int64_t from) {
    const auto first = static_cast<size_t>(from), count = static_cast<size_t>(end - begin);
    const auto width = static_cast<size_t>(features), targets = static_cast<size_t>(channels);
    const auto cut = [&](const auto& values, size_t columns) {
      return std::span(values).subspan(first * columns, count * columns);
    };
    return DetectPart{.input = cut(s.input, width), .target = cut(s.target, targets), .truth = cut(s.truth, 1)};
  };
  if (in_memory()) return of(sequences[static_cast<size_t>(i)], begin);
  auto made = std::make_shared<const DetectSequence>(make(i, begin, end));
  DetectPart part = of(*made, 0);
  part.made = std::move(made);
  return part;
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

DetectData encode_detect(const std::shared_ptr<const SequenceSet>& set, const SeriesEncoder& encoder,
                         const std::vector<std::string>& normal, bool labelled) {
  encoder.check_columns(*set);
  const auto encode = [set, encoder, normal, labelled](const Sequence& part, int64_t first,
                                                       std::optional<int64_t>& far) {
    const auto steps = static_cast<size_t>(set->length(part));
    return encode_steps(*set, encoder, part,
                        labelled ? truth_of(*set, part, normal, first) : std::vector(steps, Truth::kUnknown), far);
  };
  DetectData data{.sequences = {}, .features = encoder.features(), .channels = set->width()};
  const bool in_memory = set->in_memory();
  if (!in_memory) {
    data.counted = {0, 0, 0};
    data.make = [set, encode](int64_t i, int64_t begin, int64_t end) {
      std::optional<int64_t> far;
      return encode(set->load(set->sequences[static_cast<size_t>(i)], begin, end), begin, far);
    };
  }
  for (int64_t i = 0; i < set->size(); ++i) {
    const Sequence& sequence = set->sequences[static_cast<size_t>(i)];
    std::optional<int64_t> far;
    if (in_memory) {
      data.sequences.push_back(encode(sequence, 0, far));
    } else {
      data.sequences.push_back({.input = {}, .target = {}, .truth = {}, .steps = set->length(sequence)});
    }
    std::string& name = data.sequences.back().name;
    name = fmt::format("{}: sequence {}", set->where(sequence), quoted_cell(sequence.id));
    if (data.sequences.back().steps == 0) add_to(data.checksum, {});
    data.for_each_part(i, [&](const DetectPart& part, int64_t first) {
      add_to(data.checksum, part);
      if (in_memory) return;
      for (const Truth truth : part.truth) ++data.counted[static_cast<size_t>(truth)];
      const auto at = std::ranges::find_if(part.input, [](float x) { return std::abs(x) == kFurthest; });
      if (!far && at != part.input.end()) far = first + (at - part.input.begin()) / data.features;
    });
    if (far) log_warning("{}, step {}: {}", name, *far + 1, kFarValue);
  }
  return data;
}

DetectSets hold_out(SequenceSet set, double fraction, const std::vector<std::string>& normal, uint64_t seed) {
  std::vector<Sequence> sequences = std::move(set.sequences);
  set.sequences.clear();
  DetectSets parts{.train = set, .valid = set};
  if (std::ssize(sequences) >= kSequencesToDraw) {
    std::vector<std::string> kinds;
    for (const Sequence& sequence : sequences) {
      kinds.emplace_back(has_anomaly(set, sequence, normal) ? "anomalous" : "normal");
    }
    const HoldOut drawn = hold_out(kinds, fraction, seed);
    for (const int64_t i : drawn.train) parts.train.sequences.push_back(std::move(sequences[i]));
    for (const int64_t i : drawn.valid) parts.valid.sequences.push_back(std::move(sequences[i]));
    return parts;
  }
  for (const Sequence& sequence : sequences) {
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
