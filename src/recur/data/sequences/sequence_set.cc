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
  if (const auto truth = parse_boolean(cell)) return *truth;
  fail("{}: column {}: {}", place, shortened(column), number_wanted(cell));
}

void check_same(const std::string& file, std::string_view what, const std::vector<std::string>& first,
                const std::vector<std::string>& other) {
  if (first == other) return;
  fail("{}: its {} are {}, those of the files before {}", file, what, listed(other), listed(first));
}

std::vector<std::string> names_of(const std::vector<Channel>& channels) {
  std::vector<std::string> names;
  for (const Channel& channel : channels) names.push_back(channel.name);
  return names;
}

// The layout that takes all of these sequences.
internal::StepLayout layout_of(size_t channels, const std::vector<Sequence>& sequences) {
  return {.channels = channels,
          .times = std::ranges::any_of(sequences, [](const Sequence& s) { return !s.times.empty(); }),
          .labels = std::ranges::any_of(sequences, [](const Sequence& s) { return !s.step_labels.empty(); })};
}

// The store of the set that more steps can go to, which may be a new one.
size_t store_for(SequenceSet& set, const internal::StepLayout& layout) {
  const auto takes = [&](const auto& store) { return store->layout().holds(layout) && !store->relabelled(); };
  const auto index = static_cast<size_t>(std::ranges::find_if(set.stores, takes) - set.stores.begin());
  if (index == set.stores.size()) set.stores.push_back(std::make_shared<internal::StepStore>(layout));
  return index;
}

// Moves the steps of sequences, which are or will be those of the set, to one of its stores.
void store_steps(SequenceSet& set, std::vector<Sequence>& sequences) {
  const bool all_stored = std::ranges::all_of(sequences, [](const Sequence& s) { return s.stored.store >= 0; });
  if (all_stored) return;
  const size_t index = store_for(set, layout_of(set.channels.size(), sequences));
  internal::StepStore& store = *set.stores[index];
  for (Sequence& s : sequences) {
    if (s.stored.store >= 0) continue;
    const int64_t first = store.append(s);
    s.stored = {.store = static_cast<int32_t>(index), .first = first, .steps = set.length(s)};
    internal::free_steps(s);
  }
  store.flush();
}

}  // namespace

int64_t SequenceSet::length(const Sequence& s) const {
  if (s.stored.store >= 0) return s.stored.steps;
  return channels.empty() ? 0 : static_cast<int64_t>(s.values.size() / channels.size());
}

std::span<const float> SequenceSet::step(const Sequence& s, int64_t t) const {
  return std::span(s.values).subspan(static_cast<size_t>(t) * channels.size(), channels.size());
}

std::string SequenceSet::where_label(const Sequence& s, size_t label) const {
  if (label + side_labels < labels.size() || side_table.empty()) return where(s);
  return s.side_line > 0 ? fmt::format("{}:{}", side_table, s.side_line)
                         : fmt::format("{}, for {}", side_table, where(s));
}

double SequenceSet::label_number(const Sequence& s, size_t label) const {
  return number_of(s.labels[label], labels[label], where_label(s, label));
}

double SequenceSet::static_number(const Sequence& s, size_t column) const {
  return number_of(s.statics[column], statics[column], where(s));
}

int64_t SequenceSet::channels_of(ChannelRole role) const { return std::ranges::count(channels, role, &Channel::role); }

Loaded<Sequence> SequenceSet::load(const Sequence& s) const {
  if (s.stored.store < 0) return Loaded<Sequence>::refer(s);
  return Loaded<Sequence>(load(s, 0, s.stored.steps));
}

Sequence SequenceSet::load(const Sequence& s, int64_t begin, int64_t end) const {
  Sequence out{.id = s.id,
               .times = {},
               .values = {},
               .labels = s.labels,
               .step_labels = {},
               .statics = s.statics,
               .place = s.place,
               .side_line = s.side_line};
  if (s.stored.store >= 0) {
    stores[static_cast<size_t>(s.stored.store)]->read(s.stored.first + begin, end - begin, out);
    return out;
  }
  const auto cut = [&](const auto& from, auto& to, int64_t width) {
    if (!from.empty()) to.assign(from.begin() + begin * width, from.begin() + end * width);
  };
  cut(s.times, out.times, 1);
  cut(s.values, out.values, width());
  cut(s.step_labels, out.step_labels, 1);
  return out;
}

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
  }
  if (!in_memory() || !other.in_memory()) merge_stores(other, step_class);
  std::ranges::move(other.sequences, std::back_inserter(sequences));
  std::ranges::move(other.files, std::back_inserter(files));
  std::ranges::move(other.notes, std::back_inserter(notes));
  for (const std::string& name : other.stated_classes) {
    if (std::ranges::find(stated_classes, name) == stated_classes.end()) stated_classes.push_back(name);
  }
}

// Those of the other that are in memory go into a store of ours, so that many small files share one; its own stores
// come behind ours.
void SequenceSet::merge_stores(SequenceSet& other, const std::vector<int32_t>& step_class) {
  move_to_disk();
  const auto before = static_cast<int32_t>(stores.size());
  for (auto& store : other.stores) {
    store->relabel(step_class);
    stores.push_back(std::move(store));
  }
  other.stores.clear();
  for (Sequence& s : other.sequences) {
    if (s.stored.store >= 0) s.stored.store += before;
  }
  store_steps(*this, other.sequences);
}

void SequenceSet::move_to_disk() { store_steps(*this, sequences); }

int64_t bytes_in_memory(const Sequence& s) {
  return static_cast<int64_t>(s.values.size() * sizeof(float) + s.times.size() * sizeof(double) +
                              s.step_labels.size() * sizeof(int32_t));
}

int64_t bytes_in_memory(const SequenceSet& set) {
  int64_t bytes = 0;
  for (const Sequence& s : set.sequences) bytes += bytes_in_memory(s);
  return bytes;
}

}  // namespace recur
