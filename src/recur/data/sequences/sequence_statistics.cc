#include "recur/data/sequences/sequence_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

LabelStatistics from_counts(std::string name, std::map<std::string, int64_t> counts) {
  LabelStatistics out;
  out.name = std::move(name);
  if (const auto none = counts.find(""); none != counts.end()) {
    out.missing = none->second;
    counts.erase(none);
  }
  out.classes.assign(counts.begin(), counts.end());
  out.numbers = !out.classes.empty();
  for (const auto& [label, count] : out.classes) {
    out.present += count;
    out.numbers = out.numbers && parse_number(label).has_value();
  }
  std::ranges::stable_sort(out.classes, std::greater<>(), [](const auto& entry) { return entry.second; });
  return out;
}

ChannelStatistics of_channel(const SequenceSet& set, size_t channel) {
  ChannelStatistics out;
  double sum = 0;
  out.least = std::numeric_limits<double>::infinity();
  out.greatest = -out.least;
  for (const Sequence& s : set.sequences) {
    for (size_t i = channel; i < s.values.size(); i += set.channels.size()) {
      const double value = s.values[i];
      if (std::isnan(value)) {
        ++out.missing;
        continue;
      }
      ++out.present;
      sum += value;
      out.least = std::min(out.least, value);
      out.greatest = std::max(out.greatest, value);
    }
  }
  if (out.present == 0) return {.missing = out.missing};
  out.mean = sum / static_cast<double>(out.present);
  return out;
}

void add_lengths(const SequenceSet& set, SequenceStatistics& out) {
  std::vector<int64_t> lengths;
  for (const Sequence& s : set.sequences) lengths.push_back(set.length(s));
  if (lengths.empty()) return;
  std::ranges::sort(lengths);
  for (const int64_t length : lengths) out.steps += length;
  out.shortest = lengths.front();
  out.median = lengths[lengths.size() / 2];
  out.longest = lengths.back();
}

void add_times(const SequenceSet& set, SequenceStatistics& out) {
  bool first = true;
  for (const Sequence& s : set.sequences) {
    if (s.times.empty()) continue;
    out.first_time = first ? s.times.front() : std::min(out.first_time, s.times.front());
    out.last_time = first ? s.times.back() : std::max(out.last_time, s.times.back());
    first = false;
  }
  out.grid = find_time_grid(set);
}

LabelStatistics of_steps(const SequenceSet& set) {
  std::map<std::string, int64_t> counts;
  for (const Sequence& s : set.sequences) {
    for (const int32_t label : s.step_labels) ++counts[label < 0 ? "" : set.step_classes[static_cast<size_t>(label)]];
  }
  return from_counts(set.columns.step_labels.empty() ? "step" : set.columns.step_labels[0], std::move(counts));
}

}  // namespace

LabelStatistics label_statistics(std::string name, const std::vector<std::string>& labels) {
  std::map<std::string, int64_t> counts;
  for (const std::string& label : labels) ++counts[label];
  return from_counts(std::move(name), std::move(counts));
}

SequenceStatistics sequence_statistics(const SequenceSet& set) {
  SequenceStatistics out;
  add_lengths(set, out);
  add_times(set, out);
  for (size_t c = 0; c < set.channels.size(); ++c) out.channels.push_back(of_channel(set, c));
  for (size_t i = 0; i < set.labels.size(); ++i) {
    std::vector<std::string> labels;
    for (const Sequence& s : set.sequences) labels.push_back(s.labels[i]);
    out.labels.push_back(label_statistics(set.labels[i], labels));
  }
  if (!set.step_classes.empty()) out.labels.push_back(of_steps(set));
  return out;
}

}  // namespace recur
