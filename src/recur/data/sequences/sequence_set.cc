#include "recur/data/sequences/sequence_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

double number_of(const std::string& cell, const std::string& column, const std::string& place) {
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  if (const auto number = parse_number(cell)) return *number;
  fail("{}: column {}: {}", place, column, number_wanted(cell));
}

void check_same(const std::string& file, std::string_view what, const std::vector<std::string>& first,
                const std::vector<std::string>& other) {
  if (first == other) return;
  fail("{}: its {} are {}, those of the files before {}", file, what, fmt::join(other, ", "), fmt::join(first, ", "));
}

std::vector<std::string> names_of(const std::vector<Channel>& channels) {
  std::vector<std::string> names;
  for (const Channel& channel : channels) names.push_back(channel.name);
  return names;
}

}  // namespace

int64_t SequenceSet::length(const Sequence& s) const {
  return channels.empty() ? 0 : static_cast<int64_t>(s.values.size() / channels.size());
}

std::span<const float> SequenceSet::step(const Sequence& s, int64_t t) const {
  return std::span(s.values).subspan(static_cast<size_t>(t) * channels.size(), channels.size());
}

double SequenceSet::label_number(const Sequence& s, size_t label) const {
  return number_of(s.labels[label], labels[label], where(s));
}

double SequenceSet::static_number(const Sequence& s, size_t column) const {
  return number_of(s.statics[column], statics[column], where(s));
}

int64_t SequenceSet::channels_of(ChannelRole role) const { return std::ranges::count(channels, role, &Channel::role); }

void SequenceSet::append(SequenceSet&& other) {
  if (files.empty()) {
    *this = std::move(other);
    return;
  }
  const std::string& file = other.files.empty() ? files[0] : other.files[0];
  check_same(file, "channels", names_of(channels), names_of(other.channels));
  check_same(file, "labels", labels, other.labels);
  check_same(file, "static columns", statics, other.statics);
  if (time_kind != other.time_kind) fail("{}: its times are of another kind than those of the files before", file);
  std::vector<int32_t> step_class;  // of the other's classes, here
  for (std::string& name : other.step_classes) {
    const auto at = std::ranges::find(step_classes, name);
    step_class.push_back(static_cast<int32_t>(at - step_classes.begin()));
    if (at == step_classes.end()) step_classes.push_back(std::move(name));
  }
  const auto first_file = static_cast<int32_t>(files.size());
  for (Sequence& s : other.sequences) {
    for (int32_t& label : s.step_labels) label = label < 0 ? label : step_class[static_cast<size_t>(label)];
    s.place.file += first_file;
    sequences.push_back(std::move(s));
  }
  std::ranges::move(other.files, std::back_inserter(files));
  std::ranges::move(other.notes, std::back_inserter(notes));
  for (const std::string& name : other.stated_classes) {
    if (std::ranges::find(stated_classes, name) == stated_classes.end()) stated_classes.push_back(name);
  }
}

}  // namespace recur
