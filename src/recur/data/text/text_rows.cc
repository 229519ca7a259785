#include "recur/data/text/text_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/text/text_columns.h"
#include "recur/data/text/text_format.h"

namespace recur {
namespace {

using internal::TextFormat;

class RowReader {
 public:
  RowReader(const TextRowOptions& options, TextRows& out)
      : options_(options),
        out_(out),
        memory_left_(options.memory_bytes > 0 ? options.memory_bytes : usual_memory_bytes()) {}

  // Whether the file, or the folder, has labels.
  bool read(const DataFile& file) {
    if (is_folder(file)) return read_folder(file);
    open(file);
    const int64_t before = out_.size();
    const internal::FoundTextFormat found = internal::find_text_format(file, options_);
    if (!found.note.empty()) out_.notes.push_back(found.note);
    const bool labelled = read_as(found, file);
    if (out_.size() == before) fail("{}: no text in it", file.name());
    return labelled;
  }

  void note() const {
    if (latin1_ > 0)
      note("{} read as Latin-1, the first at {}",
           counted(latin1_, "row is not UTF-8 and was", "rows are not UTF-8 and were"), first_latin1_);
    if (empty_ > 0) note("{} an empty text, the first at {}", counted(empty_, "row has", "rows have"), first_empty_);
  }

 private:
  struct Cells {
    std::string_view text, label, id;
    bool decoded = false;  // by their reader
  };

  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) const {
    out_.notes.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void open(const DataFile& file) {
    file_ = static_cast<int32_t>(out_.files.size());
    out_.files.push_back(file.name());
  }

  bool read_as(const internal::FoundTextFormat& found, const DataFile& file) {
    switch (found.format) {
      case TextFormat::kTable:
        return read_table(file, found.delimiter);
      case TextFormat::kJsonLines:
        return read_json(file);
      case TextFormat::kFastText:
        return read_fasttext(file);
      case TextFormat::kLabelFirst:
        return read_lines(file, true);
      case TextFormat::kPlain:
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
      const auto parts = labelled ? internal::split_label(line) : internal::LabelledLine{{}, line};
      add({.text = parts.text, .label = parts.label, .id = {}}, lines.line());
    }
    return labelled;
  }

  bool read_fasttext(const DataFile& file) {
    LineReader lines(file);
    std::string_view line;
    bool labelled = false;
    while (lines.next(line)) {
      line = trimmed(line);
      if (line.empty()) continue;
      const internal::FastTextLine parts = internal::split_fasttext(line);
      if (parts.labels > 1 && options_.need_labels) {
        lines.fail_here("{} labels, {} and {} among them: a text has one class; leave one of them", parts.labels,
                        quoted_cell(parts.first), quoted_cell(parts.second));
      }
      if (parts.labels == 0 && options_.need_labels) {
        lines.fail_here("no label: expected a word that begins with __label__, as other lines have");
      }
      labelled = labelled || parts.labels > 0;
      add({.text = parts.text, .label = parts.first, .id = {}}, lines.line());
    }
    return labelled;
  }

  bool read_table(const DataFile& file, char delimiter) {
    CsvReader table(file, delimiter, options_.encoding);
    if (!table.next()) return false;
    const std::vector<std::string> first(table.cells().begin(), table.cells().end());
    const internal::TextTable columns = internal::find_text_table(file, delimiter, first, options_);
    if (std::string front = table.front_note(); !front.empty()) out_.notes.push_back(std::move(front));
    if (!columns.note.empty()) out_.notes.push_back(columns.note);
    if (columns.header && out_.columns.text.empty()) {
      const auto name = [&](const std::optional<size_t>& column) { return column ? first[*column] : std::string(); };
      out_.columns = {.text = first[columns.text], .label = name(columns.label), .id = name(columns.id)};
    }
    bool more = columns.header ? table.next() : true;
    for (; more; more = table.next()) {
      const auto cells = table.cells();
      if (cells.size() != first.size()) {
        fail("{}:{}: expected {} columns, got {}", table.name(), table.line(), first.size(), cells.size());
      }
      const auto cell = [&](const std::optional<size_t>& column) {
        return column ? cells[*column] : std::string_view();
      };
      add({.text = cells[columns.text], .label = cell(columns.label), .id = cell(columns.id), .decoded = true},
          table.line());
    }
    if (latin1_ == 0 && table.latin1_lines() > 0) {
      first_latin1_ = place_text(out_.files, {file_, table.first_latin1_line()});
    }
    latin1_ += table.latin1_lines();
    return columns.label.has_value();
  }

  bool read_json(const DataFile& file);

  // A text a file.
  bool read_folder(const DataFile& file) {
    constexpr size_t kMostBytes = size_t{64} << 20;
    const ClassFolder folder = read_class_folder(file);
    out_.notes.push_back(folder.note);
    for (const LabelledFile& each : folder.files) {
      open(each.file);
      std::string text = each.file.content(kMostBytes);
      if (text.find('\0') != std::string::npos) fail("{}: NUL byte: this is not a text file", each.file.name());
      std::erase(text, '\r');
      add({.text = trimmed(text), .label = each.label, .id = each.id}, 0);
    }
    return !folder.files.front().label.empty();
  }

  void add(const Cells& cells, int64_t line) {
    const auto text = [&](std::string_view cell) { return cells.decoded ? std::string(cell) : decoded(cell, line); };
    TextRow row{.text = text(cells.text),
                .label = canonical_label(text(trimmed(cells.label))),
                .place = {file_, line},
                .id = text(trimmed(cells.id))};
    if (options_.need_labels) check_name("a label", row.label, row.place);
    check_name("an id", row.id, row.place);
    if (row.text.empty() && empty_++ == 0) first_empty_ = out_.where(row);
    if (out_.in_memory()) {
      memory_left_ -= static_cast<int64_t>(sizeof(TextRow) + row.text.size() + row.label.size() + row.id.size());
      out_.rows.push_back(std::move(row));
      if (memory_left_ < 0) move_to_disk();
    } else {
      store(row);
    }
  }

  void check_name(std::string_view what, const std::string& name, const Place& place) const {
    if (name.size() <= kLongestName) return;
    fail("{}: expected {} of {} bytes at most, got {} of {}", place_text(out_.files, place), what, kLongestName,
         quoted_cell(name), name.size());
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
    record_.text(row.id);
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
    append_latin1(out, bytes);
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

bool RowReader::read_json(const DataFile& file) {
  JsonLines lines(file);
  std::optional<std::string> text_key, label_key, id_key;
  const auto key = [&](const std::string& option, const std::string& before, std::span<const std::string_view> names) {
    if (!option.empty()) return std::optional(option);
    if (!before.empty() && lines.object().contains(before)) return std::optional(before);
    return lines.first_key(names);
  };
  const auto fail_open = [&](std::string_view what) {
    fail_usage("{}:{}: which key has the {}? {}_column names it; keys: {}", lines.name(), lines.line(), what, what,
               listed(lines.keys()));
  };
  while (lines.next()) {
    if (!text_key) {
      const TextColumns& before = options_.before;
      text_key = key(options_.text, before.text, internal::text_names());
      label_key = key(options_.label, before.label, internal::label_names());
      const bool guessed = options_.label.empty() && label_key != before.label;
      if (guessed && options_.chosen && options_.need_labels) {
        const std::vector<std::string> keys = lines.keys();
        const auto text_at = std::ranges::find(keys, text_key.value_or("")) - keys.begin();
        const auto likely = internal::likely_label(keys, static_cast<size_t>(text_at),
                                                   fmt::format("{}:{}", lines.name(), lines.line()));
        if (likely) label_key = keys[*likely];
      }
      id_key = key(options_.id, before.id, internal::text_id_names());
      if (!text_key) fail_open("text");
      if (!label_key && options_.need_labels) fail_open("label");
      if (out_.columns.text.empty()) {
        out_.columns = {.text = *text_key, .label = label_key.value_or(""), .id = id_key.value_or("")};
      }
    }
    const auto text = lines.scalar(*text_key);
    if (!text) lines.fail_here("there is no key {}", quoted_cell(*text_key));
    const auto label = label_key ? lines.scalar(*label_key) : std::nullopt;
    if (!label && options_.need_labels) lines.fail_here("there is no key {}", quoted_cell(*label_key));
    const auto id = id_key && id_key != label_key && id_key != text_key ? lines.scalar(*id_key) : std::nullopt;
    add({.text = *text,
         .label = label ? std::string_view(*label) : "",
         .id = id ? std::string_view(*id) : "",
         .decoded = true},
        lines.line());
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
  row.id = record.text();
  return Loaded<TextRow>(std::move(row));
}

bool names_text(std::string_view cell) { return internal::is_name_among(cell, internal::text_names()); }

TextRows read_text_rows(std::span<const DataFile> files, const TextRowOptions& options) {
  if (files.empty()) fail("text: no file given");
  if (!options.encoding.empty() && options.encoding != "utf-8" && options.encoding != "latin-1") {
    fail_usage("text: unknown encoding '{}'; encodings: utf-8, latin-1", options.encoding);
  }
  TextRows out;
  RowReader reader(options, out);
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
