#include "recur/data/sequences/read_sequences.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/number_array.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/sequences/side_table.h"
#include "recur/data/sequences/table_sequences.h"
#include "recur/data/tables/guess_columns.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 8> kFormats{"csv", "tsv", "jsonl", "ts", "tsf", "npy", "npz", "idx"};

SequenceSet read_table(OpenTable table, SequenceOptions options) {
  GuessedColumns guessed = guess_columns(table.head, options, table.rows->name());
  options.columns = std::move(guessed.columns);
  SequenceSet set;
  switch (options.columns.layout) {
    case Layout::kWide:
      set = internal::read_wide(std::move(table), options);
      break;
    case Layout::kObservations:
      set = internal::read_observations(std::move(table), options);
      break;
    case Layout::kAuto:
    case Layout::kLong:
      set = internal::read_long(std::move(table), options);
      break;
  }
  std::ranges::move(guessed.notes, std::back_inserter(set.notes));
  return set;
}

SequenceSet read_file(const DataFile& file, const SequenceOptions& options) {
  const std::string format = options.format.empty() ? sequence_format(file) : options.format;
  if (format == "ts") return internal::read_ts(file, options);
  if (format == "tsf") return internal::read_tsf(file, options);
  if (format == "npy" || format == "npz" || format == "idx") return internal::read_array(file, options);
  if (format == "csv" || format == "tsv") return read_table(open_csv(file, options), options);
  if (format != "jsonl") fail_usage("unknown format '{}'; formats: {}", format, fmt::join(kFormats, ", "));
  if (internal::has_json_arrays(file)) return internal::read_json_sequences(file, options);
  return read_table(open_json_table(file), options);
}

int64_t values_in(const SequenceSet& set) {
  int64_t values = 0;
  for (const Sequence& s : set.sequences) values += static_cast<int64_t>(s.values.size());
  return values;
}

}  // namespace

SequenceOptions::operator TableOptions() const {
  return {.columns = columns,
          .header = header,
          .delimiter = delimiter.empty() && format == "tsv" ? "tab" : delimiter,
          .time_format = time_format,
          .missing = missing,
          .need_labels = need_labels,
          .label_steps = label_steps};
}

std::string sequence_format(const DataFile& file) {
  const std::string extension = file.extension();
  if (extension == ".ts") return "ts";
  if (extension == ".tsf") return "tsf";
  if (extension == ".jsonl" || extension == ".ndjson") return "jsonl";
  if (const std::string format = array_format(file); !format.empty()) return format;
  constexpr size_t kProbe = 1 << 12;
  const std::string head = file.head(kProbe);
  const size_t first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos && head[first] == '{' ? "jsonl" : "csv";
}

namespace {

bool has_value(const SequenceSet& set, size_t channel) {
  return std::ranges::any_of(set.sequences, [&](const Sequence& s) {
    for (size_t i = channel; i < s.values.size(); i += set.channels.size()) {
      if (!std::isnan(s.values[i])) return true;
    }
    return false;
  });
}

// They may be a mistake, such as an unknown word for missing values.
void note_empty_channels(SequenceSet& set) {
  std::vector<std::string> empty;
  for (size_t c = 0; c < set.channels.size(); ++c) {
    if (!has_value(set, c)) empty.push_back(set.channels[c].name);
  }
  if (empty.empty()) return;
  set.notes.push_back(fmt::format("{} of {} channels have no value at all, the first is {}", empty.size(),
                                  set.channels.size(), empty[0]));
}

}  // namespace

SequenceSet read_sequences(std::span<const DataFile> files, const SequenceOptions& options) {
  if (files.empty()) fail("sequences: no file given");
  const SideColumns side = find_side_columns(options);
  SequenceOptions own = options;
  const auto in_side = [](const std::vector<std::string>& names) {
    return [&names](const std::string& name) { return std::ranges::find(names, name) != names.end(); };
  };
  std::erase_if(own.columns.labels, in_side(side.labels));
  std::erase_if(own.columns.statics, in_side(side.statics));
  SequenceSet set;
  for (const DataFile& file : files) {
    SequenceSet more = read_file(file, own);
    if (more.sequences.empty()) fail("{}: no sequence in it", file.name());
    own.columns = more.columns;
    own.max_values -= values_in(more);
    set.append(std::move(more));
  }
  if (!options.side_table.empty()) join_side_table(set, side, options);
  if (!options.columns.complete) note_empty_channels(set);  // later data may lack what training had
  return set;
}

SequenceSet read_sequences(const std::vector<std::filesystem::path>& paths, const SequenceOptions& options) {
  return read_sequences(data_files(paths), options);
}

}  // namespace recur
