// Files of sequences, told apart by name and content: CSV/TSV and JSON lines (docs/data.md says which columns and
// keys), UCR/UEA .ts and the older UCR rows "label, v1, v2, ...", Monash .tsf, NumPy .npy/.npz and IDX arrays; each
// also compressed with gzip, xz or zstd. Read as a stream: memory is what the sequences take,
// up to a budget, beyond which they are on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/data/tables/columns.h"
#include "recur/data/tables/table_options.h"

namespace recur {

enum class Repeats { kFail, kFirst, kLast, kMean };  // of one time stamp in a sequence: error, or which to keep
Repeats repeats_from_name(std::string_view name);    // "fail", "first", "last", "mean"; throws UsageError

struct SequenceOptions {
  Columns columns{};
  std::string format{};  // "csv", "tsv", "jsonl", "ts", "tsf", "npy", "npz", "idx"; "": found out
  std::string header{}, delimiter{}, time_format{}, missing{}, decimal{}, thousands{};  // as in TableOptions
  Repeats repeats = Repeats::kFail;
  bool sort_time = false;  // sort rows whose time goes back, instead of an error
  // A table with a row a sequence: labels and statics by id, or by position where it has no id or the data have none.
  std::filesystem::path side_table{};
  // False for prediction: declared label columns may be absent, and labels are then empty.
  bool need_labels = true;
  // A declared channel that files may lack, as one that is to be predicted: it is then missing throughout. Of tables in
  // the long layout and JSON lines.
  std::string may_lack{};
  bool label_steps = false;  // in a long table the column of labels labels each row, even where it never changes
  bool find_anomalies = false, keep_level = false, leave_out_calendar = false;  // as in TableOptions
  // Bytes of values, times and step labels that are held in memory; of larger data they go to a scratch file in
  // $TMPDIR, with room for twice their size where sequences alternate row by row. 0: usual_memory_bytes().
  int64_t memory_bytes = 0;
  int64_t max_values = std::numeric_limits<int64_t>::max();  // numbers at most, of all files

  operator TableOptions() const;  // what of this is for tables
};

// All files together; they must have the same channels. Sequences with equal ids in several files stay apart. Throws
// Error, naming file, line and column, for what cannot be read; UsageError where options contradict the file.
SequenceSet read_sequences(std::span<const DataFile> files, const SequenceOptions& options = {});
SequenceSet read_sequences(const std::vector<std::filesystem::path>& paths, const SequenceOptions& options = {});

// What a file is by its name and first bytes, as SequenceOptions::format has it; "csv" when nothing else fits.
std::string sequence_format(const DataFile& file);

}  // namespace recur
