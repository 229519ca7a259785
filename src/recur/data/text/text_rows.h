// Labelled texts: a row each of CSV/TSV or JSON lines, plain lines "label<TAB>text", "label text", "text<TAB>label" or
// fastText's "__label__x text", or a file each of folders that are classes. Also compressed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/byte_limits.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/loaded.h"
#include "recur/data/files/place.h"
#include "recur/data/files/record_file.h"

namespace recur {

struct TextRow {
  std::string text;   // UTF-8
  std::string label;  // as written, but "1" of "1.0"; empty without labels
  Place place;
  std::string id = {};  // empty where the data have none
};

// The names of a table's columns, or the keys of JSON lines; "" where there are none.
struct TextColumns {
  std::string text = {}, label = {}, id = {};
};

struct TextRows {
  std::vector<TextRow>
      rows;  // all of them, or, when they do not fit into memory, none: then load() reads them from disk
  std::vector<std::string> files;
  bool labelled = false;
  std::vector<std::string> notes;                  // choices made for the data, in words
  TextColumns columns = {};                        // of the first file that names any
  std::shared_ptr<internal::RecordFile> stored{};  // rows on disk

  bool in_memory() const { return stored == nullptr; }
  int64_t size() const { return in_memory() ? std::ssize(rows) : stored->size(); }
  Loaded<TextRow> load(int64_t i) const;  // for any number of threads

  std::string where(const TextRow& row) const { return place_text(files, row.place); }
};

constexpr size_t kLongestName = 4096;  // bytes of a label or an id

struct TextRowOptions {
  std::string format{};     // "csv", "tsv", "jsonl", "lines" (label first), "plain" (text alone); "": found out
  std::string text{};       // column by name or "#2"; "": one named text, sentence, review, ..., or what is left
  std::string label{};      // column by name or "#1"; "": one named label, class, ..., or the other of two columns
  std::string id{};         // column by name or "#1"; "": one named id, text_id, ..., or none
  std::string header{};     // "yes", "no"; "" or "auto": found out
  std::string delimiter{};  // one character or "tab"; "": found out
  std::string encoding{};   // "utf-8", "latin-1"; "": UTF-8, with lines that are not taken as Latin-1 and noted
  bool chosen = true;       // the columns are named for these files; false: as a model has them
  bool need_labels = true;  // false for prediction: files may have no label column
  // What labels may be: where no labels are needed, lines are split when all the first words are among them.
  std::vector<std::string> known_labels{};
  TextColumns before{};  // of the files before, such as a model's training data: a table with such names is read alike
  int64_t memory_bytes = 0;  // that rows may take; larger data go to a scratch file in $TMPDIR. 0: usual_memory_bytes()
};

// Whether a header's cell is one of the usual names of a column of texts: "text", "Review".
bool names_text(std::string_view cell);

// Empty lines are skipped; a row with a label and no text stays, and is noted. A folder is one of classes, or of texts
// without labels. Throws Error, naming file, line and column, for what cannot be read; UsageError for what may be read
// in two ways.
TextRows read_text_rows(std::span<const DataFile> files, const TextRowOptions& options = {});
TextRows read_text_rows(const std::vector<std::filesystem::path>& paths, const TextRowOptions& options = {});

}  // namespace recur
