#include "recur/tasks/classify/classify_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/csv_front.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

constexpr size_t kHead = 1 << 16;  // bytes that are looked at to tell texts from series

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789+-.eE:") == std::string::npos;
}

// Whether one of its words is a number.
bool has_number(std::string_view cell) {
  for (size_t at = 0; at < cell.size();) {
    const size_t end = std::min(cell.find_first_of(" \t", at), cell.size());
    if (parse_number(cell.substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

// Whether a line has numbers and nothing else, whatever stands between them.
bool has_numbers_alone(std::string_view line) {
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find_first_of(" ,;\t|", at), line.size());
    const std::string_view word = line.substr(at, end - at);
    if (!word.empty() && !is_number(word) && !is_missing(word)) return false;
    at = end + 1;
  }
  return true;
}

// Three words or more that are not all numbers, nor most of them, as in dates such as "01/02/2020 12:00 AM".
bool is_prose(std::string_view cell) {
  int words = 0, digits = 0;
  bool letters = false;
  for (size_t at = 0; at < cell.size();) {
    const size_t end = std::min(cell.find(' ', at), cell.size());
    const std::string_view word = cell.substr(at, end - at);
    words += !word.empty();
    digits += !word.empty() && word[0] >= '0' && word[0] <= '9';
    letters |= !word.empty() && !is_number(word) && word != "?" && word != "NaN" && word != "nan" && word != "NA";
    at = end + 1;
  }
  return words >= 3 && letters && 2 * digits <= words;
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

// Whether a cell is a number with a sign beside it or, between quotes, with commas: $5, 10%, "1,234".
bool has_written_number(std::string_view line) {
  if (has_cell(line, [](std::string_view cell) { return !sign_beside_number(trimmed(cell)).empty(); })) return true;
  constexpr NumberMarks kThousands{.decimal = '.', .thousands = ','};
  for (size_t at = line.find('"'); at != std::string_view::npos;) {
    const size_t end = line.find('"', at + 1);
    if (end == std::string_view::npos) return false;
    if (parse_marked_number(line.substr(at + 1, end - at - 1), kThousands)) return true;
    at = line.find('"', end + 1);
  }
  return false;
}

// What the first lines of a file are.
struct FirstLines {
  int lines = 0, prose = 0;
  int numeric = 0;       // lines of numbers alone
  bool numbers = false;  // a cell below the first line is a number
};

FirstLines first_lines(std::string_view head) {
  FirstLines out;
  for (size_t at = 0; at < head.size() && out.lines < 50;) {
    const size_t end = std::min(head.find_first_of("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    at = end + 1;
    if (trimmed(line).empty()) continue;
    out.prose += has_cell(line, is_prose);
    out.numeric += has_numbers_alone(line);
    out.numbers |= out.lines > 0 && (has_cell(line, has_number) || has_number(line) || has_written_number(line));
    ++out.lines;
  }
  return out;
}

void log_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) log_info("{}", note);
}

bool is_series_file(std::string_view extension) {
  constexpr std::array kSeries{".ts", ".tsf", ".npy", ".npz", ".idx"};
  return std::ranges::count(kSeries, extension) > 0;
}

// By the name, or the first bytes of a file whose name does not tell, such as a pipe.
bool is_json_lines(const DataFile& file, std::string_view head) {
  const std::string extension = file.extension();
  return extension == ".jsonl" || extension == ".ndjson" || begins_json_objects(head);
}
bool is_table(const DataFile& file) { return file.extension() == ".csv" || file.extension() == ".tsv"; }

// Of its first objects, none with an array for steps: one has a text by its name, or most have prose, or none a number.
bool holds_text_objects(const DataFile& file) {
  constexpr int kMost = 50;
  int objects = 0, prose = 0;
  bool numbers = false;
  try {
    for (JsonLines lines(file); objects < kMost && lines.next(); ++objects) {
      bool any = false;
      for (const auto& [key, value] : lines.object().items()) {
        if (value.is_array()) return false;
        if (objects == 0 && value.is_text() && names_text(key)) return true;
        any = any || (value.is_text() && is_prose(value.get<std::string_view>()));
        numbers = numbers || value.is_number();
      }
      prose += any;
    }
  } catch (const Error&) {
    return false;  // whoever reads it as series says what is wrong
  }
  return 2 * prose > objects || (objects > 1 && !numbers);
}

// Of most lines of prose, or of rows without any number, such as names and sequences of letters.
bool looks_like_text(const DataFile& file) {
  if (is_series_file(file.extension())) return false;
  const std::string head = file.head(kHead);
  if (head.find('\0') != std::string::npos) return false;
  if (is_json_lines(file, head)) return holds_text_objects(file);
  if (has_cell(first_row_of(head), names_text)) return true;
  const FirstLines first = first_lines(head);
  if (2 * first.prose > first.lines) return true;
  return is_table(file) && first.lines > 1 && !first.numbers;
}

// A text a file, of any words and programs; files of numbers are series.
bool holds_text_files(const ClassFolder& folder) {
  const DataFile& file = folder.files.front().file;
  const std::string extension = file.extension();
  if (is_series_file(extension)) return false;
  const std::string head = file.head(kHead);
  if (is_table(file) || is_json_lines(file, head)) return looks_like_text(file);
  const FirstLines first = first_lines(head);
  return head.find('\0') == std::string::npos && 2 * first.numeric <= first.lines;
}

bool all_are_folders(const DataFiles& files) {
  const auto folders = std::ranges::count_if(files, is_folder);
  if (folders > 0 && folders < std::ssize(files)) {
    fail_usage("DATA: expected files, or folders with a subfolder per class, got both");
  }
  return folders > 0;
}

// A file of each class after the other, each with the class of its folder.
SequenceSet read_folders(const DataFiles& folders, const SequenceOptions& reading) {
  std::vector<LabelledFile> all;
  std::vector<std::string> notes;
  for (const DataFile& folder : folders) {
    ClassFolder found = read_class_folder(folder);
    notes.push_back(std::move(found.note));
    std::ranges::move(found.files, std::back_inserter(all));
  }
  DataFiles files;
  for (const LabelledFile& each : all) files.push_back(each.file);
  SequenceOptions own = reading;
  own.need_labels = false;
  SequenceSet set = read_sequences(files, own);
  std::vector<int64_t> in_file(all.size(), 0);
  for (const Sequence& s : set.sequences) ++in_file[static_cast<size_t>(s.place.file)];
  const bool labelled = !all.front().label.empty();
  if (labelled) {
    set.labels = {"folder"};
    set.stated_values = false;  // of what the files themselves call labels
  }
  for (Sequence& s : set.sequences) {
    const LabelledFile& of = all[static_cast<size_t>(s.place.file)];
    const std::string own_id = in_file[static_cast<size_t>(s.place.file)] > 1 ? "#" + s.id : "";
    if (set.columns.id.empty()) s.id = of.id + own_id;
    s.labels.assign(labelled ? 1 : 0, of.label);
  }
  set.notes.insert(set.notes.begin(), notes.begin(), notes.end());
  return set;
}

}  // namespace

bool looks_like_text(const DataFiles& files) {
  if (files.empty()) return false;
  if (is_folder(files[0])) return holds_text_files(read_class_folder(files[0]));
  return looks_like_text(files[0]);
}

bool is_text(const DataFiles& files, const TextChoice& choice) {
  if (choice.input != "auto") return choice.input == "text";
  const bool symbols = choice.tokens != "words" && choice.tokens != "auto";
  return !choice.text_column.empty() || symbols || looks_like_text(files);
}

namespace {

// Among labels that are numbers, NaN, NA and None are no classes but missing.
void drop_missing_numbers(SequenceSet& set) {
  const auto fits = [](const Sequence& s) { return is_missing(s.labels[0]) || parse_number(s.labels[0]).has_value(); };
  if (set.labels.empty() || !std::ranges::all_of(set.sequences, fits)) return;
  for (Sequence& s : set.sequences) {
    if (is_missing(s.labels[0])) s.labels[0].clear();
  }
}

}  // namespace

ClassifySource::ClassifySource(SequenceSet set) : series_(std::make_shared<const SequenceSet>(std::move(set))) {
  if (series().labels.size() > 1) {
    fail_usage("label_column: expected one column of labels, got {}: {}", series().labels.size(),
               listed(series().labels));
  }
}

ClassifySource ClassifySource::read(const DataFiles& files, const ClassifyDataOptions& options, const Reading& how) {
  const bool folders = all_are_folders(files);
  if (recur::is_text(files, {.input = options.input, .text_column = options.text, .tokens = options.tokens.kind})) {
    TextRows rows = read_text_rows(files, {.format = options.series.format,
                                           .text = options.text,
                                           .label = options.label,
                                           .id = options.series.id,
                                           .header = options.series.header,
                                           .delimiter = options.series.delimiter,
                                           .chosen = how.chosen,
                                           .need_labels = how.need_labels,
                                           .known_labels = how.known_labels,
                                           .before = how.text_columns});
    log_notes(rows.notes);
    return ClassifySource(std::move(rows));
  }
  SequenceOptions reading = options.series.sequence_options(how.columns, how.need_labels);
  if (how.columns == nullptr && !options.label.empty()) reading.columns.labels = {options.label};
  reading.side_table = how.labels_file;
  reading.may_lack = how.may_lack;
  SequenceSet set = folders ? read_folders(files, reading) : read_sequences(files, reading);
  drop_missing_numbers(set);
  log_notes(set.notes);
  if (how.need_labels && set.labels.empty()) {
    fail("{}: no label column found; set label_column to its name; other columns: {}", listed_files(set.files),
         set.columns.ignored.empty() ? "none" : listed(set.columns.ignored));
  }
  return ClassifySource(std::move(set));
}

ClassifySource ClassifySource::edited(const std::function<std::string(const std::string&)>& edit) const {
  if (!is_text()) fail_usage("expected texts, got series");
  TextRows out{
      .rows = {}, .files = texts_->files, .labelled = texts_->labelled, .notes = {}, .columns = texts_->columns};
  for (int64_t i = 0; i < size(); ++i) {
    TextRow row = *texts_->load(i);
    row.text = edit(row.text);
    out.rows.push_back(std::move(row));
  }
  return ClassifySource(std::move(out));
}

std::string ClassifySource::taken() const {
  if (!is_text()) return taken_text(series());
  std::string out = fmt::format("{}: {}, {} labels", files_text(texts().files), counted(size(), "text", "texts"),
                                texts().labelled ? "with" : "without");
  const TextColumns& columns = texts().columns;
  for (const auto& [role, column] :
       {std::pair("text", &columns.text), std::pair("label", &columns.label), std::pair("id", &columns.id)}) {
    if (!column->empty()) out += fmt::format("; {}: {}", role, shortened(*column));
  }
  return out;
}

std::string ClassifySource::label(int64_t i) const {
  if (is_text()) return texts().load(i)->label;
  const auto& labels = series().sequences[i].labels;
  return labels.empty() ? "" : labels[0];
}

std::string ClassifySource::name(int64_t i) const {
  if (!is_text()) return series().sequences[i].id;
  const Loaded<TextRow> row = texts().load(i);
  return row->id.empty() ? fmt::format("{}", i + 1) : row->id;
}

std::string ClassifySource::where_label(int64_t i) const {
  return is_text() ? where(i) : series().where_label(series().sequences[i], 0);
}

std::string ClassifySource::where(int64_t i) const {
  return is_text() ? texts().where(*texts().load(i)) : series().where(series().sequences[i]);
}

}  // namespace recur
