#include "recur/tasks/classify/classify_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/scratch_file.h"
#include "recur/data/sequences/read_sequences.h"

namespace recur {
namespace {

constexpr size_t kHead = 1 << 16;  // bytes that are looked at to tell texts from series

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789+-.eE:") == word.npos;
}

// Three words or more that are not all numbers.
bool is_prose(std::string_view cell) {
  int words = 0;
  bool letters = false;
  for (size_t at = 0; at < cell.size();) {
    const size_t end = std::min(cell.find(' ', at), cell.size());
    const std::string_view word = cell.substr(at, end - at);
    words += !word.empty();
    letters |= !word.empty() && !is_number(word) && word != "?" && word != "NaN" && word != "nan" && word != "NA";
    at = end + 1;
  }
  return words >= 3 && letters;
}

// Whether `is` holds for one of the line's cells, whatever the delimiter.
template <class Is>
bool has_cell(std::string_view line, Is is) {
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find_first_of(",;\t|", at), line.size());
    if (is(line.substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

// Most of the first lines.
bool is_mostly_prose(std::string_view head) {
  int prose = 0, lines = 0;
  for (size_t at = 0; at < head.size() && lines < 50; ++lines) {
    const size_t end = std::min(head.find('\n', at), head.size());
    prose += has_cell(head.substr(at, end - at), is_prose);
    at = end + 1;
  }
  return 2 * prose > lines;
}

void log_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) log_info("{}", note);
}

}  // namespace

bool looks_like_text(const DataFiles& files) {
  constexpr std::array kSeries{".ts", ".tsf", ".npy", ".npz", ".idx"};
  for (const DataFile& file : files) {
    if (std::ranges::count(kSeries, file.extension()) > 0) return false;
    const std::string head = file.head(kHead);
    if (head.find('\0') != head.npos) return false;
    return has_cell(std::string_view(head).substr(0, head.find_first_of("\r\n")), names_text) || is_mostly_prose(head);
  }
  return false;
}

ClassifySource::ClassifySource(SequenceSet set) : series_(std::make_shared<const SequenceSet>(std::move(set))) {
  if (series().labels.size() > 1) {
    fail_usage("label_column: expected one column of labels, got {}: {}", series().labels.size(),
               listed(series().labels));
  }
}

ClassifySource ClassifySource::read(const DataFiles& files, const ClassifyDataOptions& options, const Reading& how) {
  if (options.input == "text" || (options.input == "auto" && looks_like_text(files))) {
    TextRows rows = read_text_rows(files, {.format = options.series.format,
                                           .text = options.text,
                                           .label = options.label,
                                           .chosen = how.chosen,
                                           .need_labels = how.need_labels,
                                           .known_labels = how.known_labels});
    log_notes(rows.notes);
    return ClassifySource(std::move(rows));
  }
  SequenceOptions reading = options.series.sequence_options(how.columns, how.need_labels);
  if (how.columns == nullptr && !options.label.empty()) reading.columns.labels = {options.label};
  reading.side_table = how.labels_file;
  reading.memory_bytes = usual_memory_bytes();
  SequenceSet set = read_sequences(files, reading);
  log_notes(set.notes);
  if (how.need_labels && set.labels.empty()) {
    fail("{}: no label column found; set label_column to its name; other columns: {}", listed_files(set.files),
         set.columns.ignored.empty() ? "none" : listed(set.columns.ignored));
  }
  return ClassifySource(std::move(set));
}

std::string ClassifySource::label(int64_t i) const {
  if (is_text()) return texts().load(i)->label;
  const auto& labels = series().sequences[i].labels;
  return labels.empty() ? "" : labels[0];
}

std::string ClassifySource::name(int64_t i) const {
  return is_text() ? fmt::format("{}", i + 1) : series().sequences[i].id;
}

std::string ClassifySource::where(int64_t i) const {
  return is_text() ? texts().where(*texts().load(i)) : series().where(series().sequences[i]);
}

}  // namespace recur
