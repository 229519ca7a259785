#include "recur/tasks/network/network_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/table.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

bool is_table(const DataFile& file) {
  const std::string format = sequence_format(file);
  return format == "csv" || format == "tsv";
}

// Nothing is to be found out where all columns but those of id and time, if they are said, are channels: a row is a
// step.
void take_all_columns(const DataFile& file, SequenceOptions& how, int64_t channels) {
  Columns& columns = how.columns;
  if (!columns.values.empty() || !columns.statics.empty()) return;
  std::vector<std::string> names = open_csv(file, how).head.names;
  for (const std::string& name : names)
    if (name.find('.') != std::string::npos && parse_number(name))
      log_warning("{}: its first row is taken for names, of which '{}' is a number; --header no reads it as values",
                  file.name(), name);
  const auto has = [&](const std::string& name) { return std::ranges::count(names, name) > 0; };
  std::vector<std::string> others = joined_columns(columns.id, has);
  for (std::string& name : joined_columns(columns.time, has)) others.push_back(std::move(name));
  std::erase_if(names, [&](const std::string& name) { return std::ranges::count(others, name) > 0; });
  if (std::ssize(names) != channels) return;
  columns.values = names;
  columns.complete = true;
}

}  // namespace

SequenceSet read_network(const DataFiles& files, const NetworkUseOptions& options, int64_t inputs) {
  SequenceOptions how = options.series.sequence_options(nullptr, false);
  how.keep_level = true;
  const int64_t channels = inputs + std::ssize(options.targets);
  if (!files.empty() && is_table(files.front())) {
    Columns& columns = how.columns;
    if (columns.layout == Layout::kAuto) columns.layout = Layout::kLong;
    if (columns.layout == Layout::kLong) take_all_columns(files.front(), how, channels);
  }
  SequenceSet set = read_sequences(files, how);
  if (set.width() != channels) {
    fail("{}: expected {} channel{}{}, got {}: {}; --value-columns names them", fmt::join(set.files, ", "), inputs,
         inputs == 1 ? "" : "s", options.targets.empty() ? "" : fmt::format(" and {} targets", options.targets.size()),
         set.width(), listed(channel_names(set)));
  }
  // What was found out is said: a column may have been taken for a time or an id.
  if (!how.columns.complete) log_info("{}", taken_text(set));
  return set;
}

void check_input(std::span<const float> step, int64_t vocabulary, const std::string& place) {
  for (size_t c = 0; c < step.size(); ++c) {
    const float value = step[c];
    if (std::isnan(value)) fail("{}: channel {}: a value is missing, which the network cannot read", place, c + 1);
    if (vocabulary == 0) continue;
    if (!(value >= 0 && value < static_cast<float>(vocabulary)) || value != std::floor(value)) {
      fail("{}: expected the number of a symbol, 0 to {}, got {}", place, vocabulary - 1, value);
    }
  }
}

NetworkSteps load_network(const SequenceSet& set, int64_t i, const std::vector<std::string>& targets,
                          int64_t vocabulary) {
  const Sequence& sequence = set.sequences[static_cast<size_t>(i)];
  const Loaded<Sequence> loaded = set.load(sequence);
  std::vector<bool> is_target;
  for (const Channel& channel : set.channels) is_target.push_back(std::ranges::count(targets, channel.name) > 0);
  NetworkSteps out;
  const int64_t steps = set.length(*loaded);
  const auto inputs = static_cast<size_t>(std::ranges::count(is_target, false));
  for (int64_t t = 0; t < steps; ++t) {
    const std::span<const float> values = set.step(*loaded, t);
    for (size_t c = 0; c < values.size(); ++c) (is_target[c] ? out.targets : out.inputs).push_back(values[c]);
    const auto step = std::span(out.inputs).last(inputs);
    const bool fine = std::ranges::none_of(step, [](float v) { return std::isnan(v); });
    if (vocabulary > 0 || !fine) check_input(step, vocabulary, fmt::format("{}, step {}", set.where(sequence), t + 1));
  }
  return out;
}

}  // namespace recur
