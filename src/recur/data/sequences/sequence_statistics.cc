#include "recur/data/sequences/sequence_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

// Adds up the values of one channel after the other.
class ChannelSums {
 public:
  void add(float value) {
    if (std::isnan(value)) {
      ++out_.missing;
      return;
    }
    ++out_.present;
    sum_ += value;
    out_.least = std::min(out_.least, double{value});
    out_.greatest = std::max(out_.greatest, double{value});
  }

  ChannelStatistics result() const {
    if (out_.present == 0) return {.missing = out_.missing};
    ChannelStatistics out = out_;
    out.mean = sum_ / static_cast<double>(out_.present);
    return out;
  }

 private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  ChannelStatistics out_{.least = kInfinity, .greatest = -kInfinity};
  double sum_ = 0;
};

std::vector<ChannelStatistics> of_channels(const SequenceSet& set) {
  std::vector<ChannelSums> sums(set.channels.size());
  for_each_part(set, [&](const Sequence& part, int64_t) {
    for (size_t i = 0; i < part.values.size(); i += sums.size()) {
      for (size_t c = 0; c < sums.size(); ++c) sums[c].add(part.values[i + c]);
    }
  });
  std::vector<ChannelStatistics> out;
  for (size_t c = 0; c < sums.size(); ++c) {
    ChannelStatistics& channel = out.emplace_back(sums[c].result());
    const double offset = channel.present > 0 ? set.channels[c].offset : 0;
    for (double* value : {&channel.least, &channel.mean, &channel.greatest}) *value += offset;
  }
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
  bool any = false;
  for_each_part(set, [&](const Sequence& part, int64_t) {
    if (part.times.empty()) return;
    out.first_time = any ? std::min(out.first_time, part.times.front()) : part.times.front();
    out.last_time = any ? std::max(out.last_time, part.times.back()) : part.times.back();
    any = true;
  });
  out.grid = find_time_grid(set);
}

LabelStatistics of_steps(const SequenceSet& set) {
  std::vector<int64_t> of_class(set.step_classes.size() + 1);  // the missing first
  for_each_part(set, [&](const Sequence& part, int64_t) {
    for (const int32_t label : part.step_labels) ++of_class[static_cast<size_t>(label < 0 ? 0 : label + 1)];
  });
  std::map<std::string, int64_t> counts;
  if (of_class[0] > 0) counts[""] = of_class[0];
  for (size_t i = 1; i < of_class.size(); ++i) {
    if (of_class[i] > 0) counts[set.step_classes[i - 1]] = of_class[i];
  }
  return label_statistics(set.columns.step_labels.empty() ? "step" : set.columns.step_labels[0], std::move(counts));
}

}  // namespace

LabelStatistics label_statistics(std::string name, std::map<std::string, int64_t> counts) {
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

SequenceStatistics sequence_statistics(const SequenceSet& set) {
  SequenceStatistics out;
  add_lengths(set, out);
  add_times(set, out);
  out.channels = of_channels(set);
  for (size_t i = 0; i < set.labels.size(); ++i) {
    std::map<std::string, int64_t> counts;
    for (const Sequence& s : set.sequences) ++counts[s.labels[i]];
    out.labels.push_back(label_statistics(set.labels[i], std::move(counts)));
  }
  if (!set.step_classes.empty()) out.labels.push_back(of_steps(set));
  return out;
}

}  // namespace recur
