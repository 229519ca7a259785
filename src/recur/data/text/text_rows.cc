#include "recur/data/text/text_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/missing_column.h"

namespace recur {
namespace {

enum class Format { kTable, kJsonLines, kLabelFirst, kPlain };

constexpr std::array<std::string_view, 10> kTextNames{"text",  "sentence", "review", "content", "message",
                                                      "tweet", "document", "body",   "comment", "question"};
constexpr std::array<std::string_view, 8> kLabelNames{"label",  "class",    "category", "sentiment",
                                                      "target", "polarity", "rating",   "y"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  const std::string small = lower_ascii(trimmed(name));
  return std::ranges::find(names, small) != names.end();
}

// The label of a line "label<TAB>text" or "label text", and where its text begins.
struct LabelledLine {
  std::string_view label, text;
};
LabelledLine split_label(std::string_view line) {
  const size_t tab = line.find('\t');
  const size_t end = std::min(tab == std::string_view::npos ? line.find(' ') : tab, line.size());
  return {line.substr(0, end), trimmed(line.substr(std::min(end + 1, line.size())))};
}

bool begin_with_labels(const DataFile& file, const std::vector<std::string>& known) {
  LineReader lines(file);
  std::string_view line;
  const std::set<std::string_view> labels(known.begin(), known.end());
  while (lines.next(line)) {
    if (!trimmed(line).empty() && !labels.contains(split_label(line).label)) return false;
  }
  return !known.empty();
}

Format find_format(const DataFile& file, const TextRowOptions& options) {
  if (options.format == "csv" || options.format == "tsv") return Format::kTable;
  if (options.format == "jsonl") return Format::kJsonLines;
  if (options.format == "lines") return Format::kLabelFirst;
  if (options.format == "plain") return Format::kPlain;
  if (!options.format.empty()) {
    fail_usage("text: unknown format '{}'; formats: csv, tsv, jsonl, lines, plain", options.format);
  }
  const std::string extension = file.extension();
  if (extension == ".csv" || extension == ".tsv") return Format::kTable;
  if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") return Format::kJsonLines;
  if (options.need_labels) return Format::kLabelFirst;
  return begin_with_labels(file, options.known_labels) ? Format::kLabelFirst : Format::kPlain;
}

char delimiter_of(const DataFile& file, const TextRowOptions& options) {
  if (options.format == "tsv" || file.extension() == ".tsv") return '\t';
  return guess_delimiter(file) == ' ' ? ',' : guess_delimiter(file);
}

class Reader {
 public:
  Reader(const TextRowOptions& options, TextRows& out)
      : options_(options),
        out_(out),
        memory_left_(options.memory_bytes > 0 ? options.memory_bytes : usual_memory_bytes()) {}

  // Whether the file has labels.
  bool read(const DataFile& file) {
    file_ = static_cast<int32_t>(out_.files.size());
    out_.files.push_back(file.name());
    const int64_t before = out_.size();
    const bool labelled = read_as(find_format(file, options_), file);
    if (out_.size() == before) fail("{}: no text in it", file.name());
    return labelled;
  }

  void note() const {
    if (latin1_ > 0) note("{} rows are not UTF-8 and were read as Latin-1, the first at {}", latin1_, first_latin1_);
    if (empty_ > 0) note("{} rows have an empty text, the first at {}", empty_, first_empty_);
  }

 private:
  struct TableColumns {
    size_t text = 0;
    std::optional<size_t> label;
    bool header = false;
  };

  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) const {
    out_.notes.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  bool read_as(Format format, const DataFile& file) {
    switch (format) {
      case Format::kTable:
        return read_table(file);
      case Format::kJsonLines:
        return read_json(file);
      case Format::kLabelFirst:
        return read_lines(file, true);
      case Format::kPlain:
        return read_lines(file, false);
    }
    return false;
  }

  bool read_lines(const DataFile& file, bool labelled) {
    LineReader lines(file);
    std::string_view line;
    while (lines.next(line)) {
      line = trimmed(line);
      if (line.empty()) continue;
      const LabelledLine parts = labelled ? split_label(line) : LabelledLine{{}, line};
      add(parts.text, parts.label, lines.line());
    }
    return labelled;
  }

  bool read_table(const DataFile& file) {
    CsvReader table(file, delimiter_of(file, options_));
    if (!table.next()) return false;
    const std::vector<std::string> first(table.cells().begin(), table.cells().end());
    const TableColumns columns = choose_columns(file, first);
    bool more = columns.header ? table.next() : true;
    for (; more; more = table.next()) {
      const auto cells = table.cells();
      if (cells.size() != first.size()) {
        fail("{}:{}: expected {} columns, got {}", table.name(), table.line(), first.size(), cells.size());
      }
      add(cells[columns.text], columns.label ? cells[*columns.label] : "", table.line());
    }
    return columns.label.has_value();
  }

  TableColumns choose_columns(const DataFile& file, const std::vector<std::string>& first) const;
  std::optional<size_t> find_column(const std::vector<std::string>& first, const std::string& name) const;

  bool read_json(const DataFile& file);

  void add(std::string_view text, std::string_view label, int64_t line) {
    TextRow row{decoded(text, line), decoded(trimmed(label), line), {file_, line}};
    if (row.text.empty() && empty_++ == 0) first_empty_ = out_.where(row);
    if (out_.in_memory()) {
      memory_left_ -= static_cast<int64_t>(sizeof(TextRow) + row.text.size() + row.label.size());
      out_.rows.push_back(std::move(row));
      if (memory_left_ < 0) move_to_disk();
    } else {
      store(row);
    }
  }

  void move_to_disk() {
    out_.stored = std::make_shared<internal::RecordFile>("text: cannot keep the texts");
    for (const TextRow& row : out_.rows) store(row);
    out_.rows = std::vector<TextRow>();
  }

  void store(const TextRow& row) {
    record_.clear();
    record_.number(row.place);
    record_.text(row.label);
    record_.text(row.text);
    out_.stored->append(record_);
  }

  // UTF-8 of what may be Latin-1.
  std::string decoded(std::string_view bytes, int64_t line) {
    const bool latin1 = options_.encoding == "latin-1";
    const size_t bad = latin1 ? kNoPosition : find_invalid_utf8(bytes);
    if (!latin1 && bad == kNoPosition) return std::string(bytes);
    if (options_.encoding == "utf-8") fail("{}:{}: byte {} of a cell is not UTF-8", out_.files.back(), line, bad + 1);
    if (!latin1 && latin1_++ == 0) first_latin1_ = place_text(out_.files, {file_, line});
    std::string out;
    for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
    return out;
  }

  const TextRowOptions& options_;
  TextRows& out_;
  int64_t memory_left_;
  internal::RecordWriter record_;
  int32_t file_ = 0;
  int64_t latin1_ = 0, empty_ = 0;
  std::string first_latin1_, first_empty_;
};

// A column by its number "#2", or by its name in the first row.
std::optional<size_t> Reader::find_column(const std::vector<std::string>& first, const std::string& name) const {
  if (const auto at = std::ranges::find(first, name); at != first.end()) return static_cast<size_t>(at - first.begin());
  const auto number = name.starts_with('#') ? parse_number(name.substr(1)) : std::nullopt;
  if (!number || *number < 1 || *number > static_cast<double>(first.size())) return std::nullopt;
  return static_cast<size_t>(*number) - 1;
}

// How the cells of a table of two columns differ, in its first rows.
struct TwoColumns {
  std::array<std::set<std::string>, 2> seen;
  size_t rows = 0;
  // The one of fewer different cells names classes, the first of equals.
  size_t label() const { return seen[1].size() < seen[0].size() ? 1 : 0; }
  bool repeats(size_t column) const { return seen[column].size() * 2 <= rows; }
};

TwoColumns first_rows(const DataFile& file, char delimiter, bool header) {
  constexpr size_t kMost = 1000;
  CsvReader table(file, delimiter);
  TwoColumns out;
  if (header) table.next();
  for (; out.rows < kMost && table.next(); ++out.rows) {
    for (size_t i = 0; i < 2 && i < table.cells().size(); ++i) out.seen[i].emplace(table.cells()[i]);
  }
  return out;
}

Reader::TableColumns Reader::choose_columns(const DataFile& file, const std::vector<std::string>& first) const {
  const auto named = [&first](std::span<const std::string_view> names) -> std::optional<size_t> {
    const auto at = std::ranges::find_if(first, [&](const auto& name) { return is_one_of(name, names); });
    return at == first.end() ? std::nullopt : std::optional(static_cast<size_t>(at - first.begin()));
  };
  const auto declared = [&](const std::string& name) {
    const auto at = find_column(first, name);
    if (!at) fail_missing_column(file.name(), name, first, options_.chosen);
    return *at;
  };
  std::optional<size_t> text = options_.text.empty() ? named(kTextNames) : declared(options_.text);
  std::optional<size_t> label = named(kLabelNames);
  if (!options_.label.empty())
    label = options_.need_labels ? declared(options_.label) : find_column(first, options_.label);
  const auto names_it = [&first](const std::string& name) { return std::ranges::find(first, name) != first.end(); };
  const bool header = named(kTextNames) || named(kLabelNames) || names_it(options_.text) || names_it(options_.label);
  if (first.size() == 1) return {.text = 0, .label = std::nullopt, .header = header};
  if (first.size() == 2) {
    const TwoColumns two = first_rows(file, delimiter_of(file, options_), header);
    if (!text && !label) label = two.label();
    if (!text) text = 1 - *label;
    const bool may_be_label = options_.need_labels || (options_.label.empty() && two.repeats(1 - *text));
    if (!label && may_be_label) label = 1 - *text;
  }
  if (!text || (!label && options_.need_labels)) {
    fail_usage("{}: which of its {} columns is the {}? {}_column names it; columns: {}", file.name(), first.size(),
               text ? "label" : "text", text ? "label" : "text", fmt::join(first, ", "));
  }
  if (text == label) fail_usage("{}: column {} cannot be text and label", file.name(), *text + 1);
  return {.text = *text, .label = label, .header = header};
}

bool Reader::read_json(const DataFile& file) {
  JsonLines lines(file);
  std::optional<std::string> text_key, label_key;
  while (lines.next()) {
    if (!text_key) {
      text_key = options_.text.empty() ? lines.first_key(kTextNames) : std::optional(options_.text);
      label_key = options_.label.empty() ? lines.first_key(kLabelNames) : std::optional(options_.label);
      if (!text_key)
        lines.fail_here("which key has the text? text_column names it; keys: {}", fmt::join(lines.keys(), ", "));
      if (!label_key && options_.need_labels) {
        lines.fail_here("which key has the label? label_column names it; keys: {}", fmt::join(lines.keys(), ", "));
      }
    }
    const auto text = lines.scalar(*text_key);
    if (!text) lines.fail_here("there is no key '{}'", *text_key);
    const auto label = label_key ? lines.scalar(*label_key) : std::nullopt;
    if (!label && options_.need_labels) lines.fail_here("there is no key '{}'", *label_key);
    add(*text, label.value_or(""), lines.line());
  }
  return label_key.has_value();
}

}  // namespace

Loaded<TextRow> TextRows::load(int64_t i) const {
  if (in_memory()) return Loaded<TextRow>::refer(rows[static_cast<size_t>(i)]);
  internal::RecordReader record = stored->read(i);
  TextRow row;
  row.place = record.number<Place>();
  row.label = record.text();
  row.text = record.text();
  return Loaded<TextRow>(std::move(row));
}

bool names_text(std::string_view cell) { return is_one_of(cell, kTextNames); }

TextRows read_text_rows(std::span<const DataFile> files, const TextRowOptions& options) {
  if (files.empty()) fail("text: no file given");
  if (!options.encoding.empty() && options.encoding != "utf-8" && options.encoding != "latin-1") {
    fail_usage("text: unknown encoding '{}'; encodings: utf-8, latin-1", options.encoding);
  }
  TextRows out;
  Reader reader(options, out);
  size_t labelled = 0;
  for (const DataFile& file : files) labelled += reader.read(file) ? 1 : 0;
  if (labelled != 0 && labelled != files.size()) fail("text: some files have labels and others not");
  if (labelled == 0 && options.need_labels) fail("{}: there are no labels", out.files[0]);
  out.labelled = labelled > 0;
  if (!out.in_memory()) out.stored->flush();
  reader.note();
  return out;
}

TextRows read_text_rows(const std::vector<std::filesystem::path>& paths, const TextRowOptions& options) {
  return read_text_rows(data_files(paths), options);
}

}  // namespace recur
