#include "recur/data/sequences/read_sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/number_array.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/sequences/side_table.h"
#include "recur/data/sequences/step_spill.h"
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
  for (const Sequence& s : set.sequences) values += set.length(s) * set.width();
  return values;
}

// Reads file after file into one set, in memory as long as all of them fit.
class FileReader {
 public:
  explicit FileReader(const SequenceOptions& options) : options_(options), most_(internal::memory_bytes(options)) {}

  void read(const DataFile& file) {
    // What is on disk takes no memory. A file that hardly has room does not go to disk in tiny pieces.
    constexpr int64_t kLeastShare = 8;
    options_.memory_bytes = std::max(most_ - held_, most_ / kLeastShare + 1);
    SequenceSet more = read_file(file, options_);
    if (more.sequences.empty()) fail("{}: no sequence in it", file.name());
    options_.columns = more.columns;
    options_.max_values -= values_in(more);
    held_ += bytes_in_memory(more);
    set_.append(std::move(more));
    if (held_ > most_) set_.move_to_disk();
    if (!set_.in_memory()) held_ = 0;
  }

  SequenceSet take() { return std::move(set_); }

 private:
  SequenceOptions options_;
  int64_t most_, held_ = 0;  // bytes in memory
  SequenceSet set_;
};

}  // namespace

SequenceOptions::operator TableOptions() const {
  return {.columns = columns,
          .header = header,
          .delimiter = delimiter.empty() && format == "tsv" ? "tab" : delimiter,
          .time_format = time_format,
          .missing = missing,
          .decimal = decimal,
          .thousands = thousands,
          .need_labels = need_labels,
          .may_lack = may_lack,
          .find_anomalies = find_anomalies,
          .keep_level = keep_level,
          .leave_out_calendar = leave_out_calendar,
          .label_steps = label_steps};
}

std::string sequence_format(const DataFile& file) {
  const std::string extension = file.extension();
  if (extension == ".ts") return "ts";
  if (extension == ".tsf") return "tsf";
  if (extension == ".jsonl" || extension == ".ndjson") return "jsonl";
  if (std::string format = array_format(file); !format.empty()) return format;
  constexpr size_t kProbe = 1 << 12;
  const std::string head = file.head(kProbe);
  return begins_json_objects(head) ? "jsonl" : "csv";
}

namespace {

// They may be a mistake, such as an unknown word for missing values.
void note_empty_channels(SequenceSet& set) {
  std::vector<bool> has_value(set.channels.size(), false);
  size_t missing = has_value.size();
  const auto look = [&](const Sequence& part, int64_t) {
    for (size_t i = 0; i < part.values.size() && missing > 0; ++i) {
      const size_t channel = i % has_value.size();
      if (has_value[channel] || std::isnan(part.values[i])) continue;
      has_value[channel] = true;
      --missing;
    }
  };
  for (size_t i = 0; i < set.sequences.size() && missing > 0; ++i) for_each_part(set, set.sequences[i], look);
  if (missing == 0) return;
  const auto first = static_cast<size_t>(std::ranges::find(has_value, false) - has_value.begin());
  set.notes.push_back(fmt::format("{} of {} no value at all, the first is {}", missing,
                                  counted(set.width(), "channel has", "channels have"), set.channels[first].name));
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
  FileReader reader(own);
  for (const DataFile& file : files) reader.read(file);
  SequenceSet set = reader.take();
  if (!options.side_table.empty()) join_side_table(set, side, options);
  if (!options.columns.complete) note_empty_channels(set);  // later data may lack what training had
  return set;
}

SequenceSet read_sequences(const std::vector<std::filesystem::path>& paths, const SequenceOptions& options) {
  return read_sequences(data_files(paths), options);
}

}  // namespace recur
