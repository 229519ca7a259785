#include "recur/data/text/tagged_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/missing_column.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 10> kConlluColumns{"ID",    "FORM", "LEMMA",  "UPOS", "XPOS",
                                                          "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"};

enum class Format { kConll, kConllu, kPlain };

// A row's cells: between tabs when it has one, else between runs of spaces.
void split_row(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  if (line.find('\t') != std::string_view::npos) {
    for (size_t at = 0;;) {
      const size_t tab = line.find('\t', at);
      cells.push_back(line.substr(at, tab - at));
      if (tab == std::string_view::npos) return;
      at = tab + 1;
    }
  }
  for (size_t at = line.find_first_not_of(' '); at != std::string_view::npos;) {
    const size_t space = std::min(line.find(' ', at), line.size());
    cells.push_back(line.substr(at, space - at));
    at = line.find_first_not_of(' ', space);
  }
}

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

// CoNLL-U when the first row has its ten columns and counts from 1; plain when rows have one cell or several in turn.
Format find_format(const DataFile& file, const TaggedTextOptions& options) {
  if (options.format == "conll") return Format::kConll;
  if (options.format == "conllu") return Format::kConllu;
  if (options.format == "plain") return Format::kPlain;
  if (!options.format.empty()) {
    fail_usage("tagged text: unknown format '{}'; formats: conll, conllu, plain", options.format);
  }
  if (file.extension() == ".conllu") return Format::kConllu;
  LineReader lines(file);
  std::string_view line;
  std::vector<std::string_view> cells;
  size_t width = 0;
  for (int rows = 0; rows < 100 && lines.next(line);) {
    if (is_blank_line(line) || line.starts_with("# ")) continue;
    split_row(line, cells);
    if (width == 0) width = cells.size();
    if (rows++ == 0 && cells.size() == kConlluColumns.size() && (cells[0] == "1" || cells[0] == "1-2")) {
      return Format::kConllu;
    }
    if (cells.size() != width && !options.need_tags) return Format::kPlain;
  }
  return Format::kConll;
}

// Adds sentences to a text, on disk once they do not fit into memory.
class Keeper {
 public:
  Keeper(const TaggedTextOptions& options, TaggedText& out)
      : out_(out), memory_left_(options.memory_bytes > 0 ? options.memory_bytes : usual_memory_bytes()) {}

  void add(TaggedSentence sentence) {
    if (!out_.in_memory()) return store(sentence);
    memory_left_ -= bytes_of(sentence);
    out_.sentences.push_back(std::move(sentence));
    if (memory_left_ >= 0) return;
    out_.stored = std::make_shared<internal::RecordFile>("tagged text: cannot keep the sentences");
    for (const TaggedSentence& s : out_.sentences) store(s);
    out_.sentences = std::vector<TaggedSentence>();
  }

  int64_t size() const { return out_.size(); }

 private:
  static int64_t bytes_of(const TaggedSentence& s) {
    size_t bytes = sizeof(s) + s.line_of.size() * sizeof(int32_t);
    for (const auto* texts : {&s.tokens, &s.tags}) {
      for (const std::string& text : *texts) bytes += sizeof(text) + text.size();
    }
    return static_cast<int64_t>(bytes);
  }

  void store(const TaggedSentence& s) {
    record_.clear();
    record_.number(s.place);
    for (const auto* texts : {&s.tokens, &s.tags}) {
      record_.number(static_cast<uint32_t>(texts->size()));
      for (const std::string& text : *texts) record_.text(text);
    }
    for (const int32_t line : s.line_of) record_.number(line);
    out_.stored->append(record_);
    out_.stored_lengths.push_back(static_cast<int32_t>(s.tokens.size()));
  }

  TaggedText& out_;
  int64_t memory_left_;
  internal::RecordWriter record_;
};

class Reader {
 public:
  Reader(const DataFile& file, int32_t index, const TaggedTextOptions& options, Keeper& out)
      : lines_(file), index_(index), options_(options), format_(find_format(file, options)), out_(out) {}

  void read() {
    const int64_t before = out_.size();
    std::string_view line;
    while (lines_.next(line)) add_line(line);
    end_sentence();
    if (out_.size() == before) fail("{}: no sentence in it", lines_.name());
  }

  bool tagged() const { return tag_column_.has_value(); }

 private:
  void add_line(std::string_view line) {
    if (const size_t at = find_invalid_utf8(line); at != kNoPosition) {
      lines_.fail_here("byte {} is not UTF-8; convert the file", at + 1);
    }
    if (is_blank_line(line)) return end_sentence();
    if (format_ == Format::kConllu && line.starts_with('#')) return;
    split_row(line, cells_);
    if (format_ == Format::kPlain) return add_plain();
    if (cells_[0] == "-DOCSTART-" || is_comment()) return;
    if (width_ == 0) choose_columns();
    if (cells_.size() != width_) lines_.fail_here("expected {} columns, got {}", width_, cells_.size());
    if (format_ == Format::kConll || is_word()) add_row();
  }

  // In CoNLL a '#' may be a token: with as many columns as other rows it is one.
  bool is_comment() const { return cells_[0] == "#" && cells_.size() != width_; }

  void add_plain() {
    for (const std::string_view cell : cells_) {
      if (!cell.empty()) add_token(cell);
    }
    end_sentence();
  }

  void choose_columns() {
    const bool conllu = format_ == Format::kConllu;
    width_ = conllu ? kConlluColumns.size() : cells_.size();
    token_column_ = options_.token.empty() ? (conllu ? 1 : 0) : column(options_.token);
    if (!options_.tag.empty()) {
      tag_column_ = column(options_.tag);
    } else if (conllu) {
      tag_column_ = 3;
    } else if (width_ > 1) {
      tag_column_ = width_ - 1;
    }
    if (!tag_column_ && options_.need_tags) lines_.fail_here("expected a token and its tag, got one column");
  }

  // By a name of CoNLL-U, or "#1". A column of tags may be absent where none are needed.
  std::optional<size_t> find_column(const std::string& name) const {
    if (format_ == Format::kConllu) {
      const auto* const at = std::ranges::find(kConlluColumns, name);
      if (at != kConlluColumns.end()) return static_cast<size_t>(at - kConlluColumns.begin());
    }
    const auto number = name.starts_with('#') ? parse_number(name.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > static_cast<double>(width_)) return std::nullopt;
    return static_cast<size_t>(*number) - 1;
  }

  size_t column(const std::string& name) const {
    if (const auto found = find_column(name)) return *found;
    std::vector<std::string> known;
    if (format_ == Format::kConllu) known.assign(kConlluColumns.begin(), kConlluColumns.end());
    for (size_t i = known.size(); i < width_; ++i) known.push_back(fmt::format("#{}", i + 1));
    fail_missing_column(fmt::format("{}:{}", lines_.name(), lines_.line()), name, known, options_.chosen);
  }

  // False for ranges of multiword tokens and for empty nodes.
  bool is_word() const {
    const std::string_view id = cells_[0];
    const auto number = parse_number(id.substr(0, id.find_first_of("-.")));
    if (!number) lines_.fail_here("column 1 (ID): {} is no number", quoted_cell(id));
    if (id.find_first_of("-.") != std::string_view::npos) return false;
    const size_t expected = sentence_.tokens.size() + 1;
    if (*number == static_cast<double>(expected)) return true;
    lines_.fail_here("column 1 (ID): expected {}, got {}", expected, quoted_cell(id));
  }

  void add_row() {
    add_token(cells_[token_column_]);
    if (!tag_column_) return;
    const std::string_view tag = cells_[*tag_column_];
    if (tag.empty()) lines_.fail_here("column {}: the tag is empty", *tag_column_ + 1);
    sentence_.tags.emplace_back(tag);
  }

  void add_token(std::string_view token) {
    if (token.empty()) lines_.fail_here("column {}: the token is empty", token_column_ + 1);
    if (sentence_.tokens.empty()) sentence_.place = {index_, lines_.line()};
    sentence_.tokens.emplace_back(token);
    sentence_.line_of.push_back(static_cast<int32_t>(lines_.line() - sentence_.place.line));
  }

  void end_sentence() {
    if (!sentence_.tokens.empty()) out_.add(std::move(sentence_));
    sentence_ = {};
  }

  LineReader lines_;
  int32_t index_;
  const TaggedTextOptions& options_;
  Format format_;
  Keeper& out_;
  std::vector<std::string_view> cells_;
  TaggedSentence sentence_;
  size_t width_ = 0, token_column_ = 0;
  std::optional<size_t> tag_column_;
};

}  // namespace

int64_t TaggedText::length(int64_t i) const {
  const auto index = static_cast<size_t>(i);
  return in_memory() ? std::ssize(sentences[index].tokens) : stored_lengths[index];
}

Loaded<TaggedSentence> TaggedText::load(int64_t i) const {
  if (in_memory()) return Loaded<TaggedSentence>::refer(sentences[static_cast<size_t>(i)]);
  internal::RecordReader record = stored->read(i);
  TaggedSentence s;
  s.place = record.number<Place>();
  for (auto* texts : {&s.tokens, &s.tags}) {
    texts->resize(record.number<uint32_t>());
    for (std::string& text : *texts) text = record.text();
  }
  s.line_of.resize(s.tokens.size());
  for (int32_t& line : s.line_of) line = record.number<int32_t>();
  return Loaded<TaggedSentence>(std::move(s));
}

std::string TaggedText::where(const TaggedSentence& s, size_t token) const {
  return place_text(files, {s.place.file, s.place.line + s.line_of[token]});
}

TaggedText read_tagged_text(std::span<const DataFile> files, const TaggedTextOptions& options) {
  if (files.empty()) fail("tagged text: no file given");
  TaggedText out;
  Keeper keeper(options, out);
  size_t tagged = 0;
  for (const DataFile& file : files) {
    const auto index = static_cast<int32_t>(out.files.size());
    out.files.push_back(file.name());
    Reader reader(file, index, options, keeper);
    reader.read();
    tagged += reader.tagged() ? 1 : 0;
  }
  if (tagged != 0 && tagged != files.size()) fail("tagged text: some files have tags and others not");
  out.tagged = tagged > 0;
  if (!out.in_memory()) out.stored->flush();
  return out;
}

TaggedText read_tagged_text(const std::vector<std::filesystem::path>& paths, const TaggedTextOptions& options) {
  return read_tagged_text(data_files(paths), options);
}

}  // namespace recur
