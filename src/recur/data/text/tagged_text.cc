#include "recur/data/text/tagged_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/missing_column.h"
#include "recur/data/text/tagged_layout.h"

namespace recur {
namespace {

using internal::TaggedKind;
using internal::TaggedLayout;

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
    size_t bytes = sizeof(s) + s.id.size() + s.line_of.size() * sizeof(int32_t);
    for (const auto* texts : {&s.tokens, &s.tags}) {
      for (const std::string& text : *texts) bytes += sizeof(std::string) + text.size();
    }
    return static_cast<int64_t>(bytes);
  }

  void store(const TaggedSentence& s) {
    record_.clear();
    record_.number(s.place);
    record_.text(s.id);
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

class SentenceReader {
 public:
  SentenceReader(const DataFile& file, int32_t index, const TaggedTextOptions& options, Keeper& out)
      : lines_(file), index_(index), options_(options), layout_(internal::find_layout(file, options)), out_(out) {}

  void read() {
    const int64_t before = out_.size();
    std::string_view line;
    while (lines_.next(line)) add_line(line);
    end_sentence();
    if (out_.size() == before) fail("{}: no sentence in it", lines_.name());
  }

  bool tagged() const { return tag_column_.has_value(); }
  std::string token_name() const { return width_ > 0 ? column_name(token_column_) : ""; }
  std::string tag_name() const { return tag_column_ ? column_name(*tag_column_) : ""; }

  // What was guessed, in words.
  std::vector<std::string> notes() const {
    std::vector<std::string> notes = layout_.notes;
    if (comments_ > 0) {
      notes.push_back(fmt::format("{}: {}, the first is line {}", lines_.name(),
                                  counted(comments_, "line that begins with # is taken for a comment",
                                          "lines that begin with # are taken for comments"),
                                  first_comment_));
    }
    return notes;
  }

 private:
  bool is_conllu() const { return layout_.kind == TaggedKind::kConllu; }

  void add_line(std::string_view line) {
    if (const size_t at = find_invalid_utf8(line); at != kNoPosition) {
      lines_.fail_here("byte {} is not UTF-8; convert the file", at + 1);
    }
    if (internal::is_blank_line(line)) return end_sentence();
    if (is_conllu() && line.starts_with('#')) return take_id(line);
    internal::split_tagged_row(line, cells_);
    if (layout_.ends_with_tab && cells_.size() > layout_.width && cells_.back().empty()) cells_.pop_back();
    if (layout_.kind == TaggedKind::kPlain) return add_plain();
    if (cells_[0] == "-DOCSTART-") return;
    if (is_comment()) {
      if (comments_++ == 0) first_comment_ = lines_.line();
      return;
    }
    if (width_ == 0) choose_columns();
    if (cells_.size() != width_) lines_.fail_here("expected {} columns, got {}", width_, cells_.size());
    if (layout_.header && !header_passed_) {
      header_passed_ = true;
      return;
    }
    if (!is_conllu() || is_word()) add_row();
  }

  std::string column_name(size_t column) const {
    return column < layout_.names.size() ? layout_.names[column] : fmt::format("#{}", column + 1);
  }

  // In CoNLL a '#' may be a token, or begin one. It is if the row has as many columns as others and, where it begins a
  // sentence, a tag that others have too.
  bool is_comment() const {
    if (is_conllu() || !cells_[0].starts_with('#')) return false;
    const size_t width = layout_.width > 0 ? layout_.width : width_;
    if (cells_.size() != width) return width > 0 && (sentence_.tokens.empty() || cells_[0] == "#");
    if (!sentence_.tokens.empty() || width < 2) return false;
    return internal::is_key_comment(cells_) ||
           !layout_.tags.contains(cells_[internal::tag_place(options_, cells_.size())]);
  }

  // "# sent_id = weblog-1", which stands before the words of its sentence.
  void take_id(std::string_view comment) {
    constexpr std::string_view kKey = "sent_id";
    comment = trimmed(comment.substr(1));
    if (!comment.starts_with(kKey) || !sentence_.tokens.empty()) return;
    comment = trimmed(comment.substr(kKey.size()));
    if (comment.starts_with('=')) sentence_.id = trimmed(comment.substr(1));
  }

  void add_plain() {
    for (const std::string_view cell : cells_) {
      if (!cell.empty()) add_token(cell);
    }
    end_sentence();
  }

  void choose_columns() {
    width_ = is_conllu() ? layout_.width : cells_.size();
    token_column_ = !options_.token.empty() ? column(options_.token) : is_conllu() ? column("FORM") : layout_.token;
    if (!options_.tag.empty()) {
      tag_column_ = column(options_.tag);
    } else if (is_conllu()) {
      tag_column_ = column("UPOS");
    } else if (width_ > 1) {
      tag_column_ = width_ - 1;
    }
    if (!tag_column_ && options_.need_tags) lines_.fail_here("expected a token and its tag, got one column");
  }

  // By a name, or "#1". A column of tags may be absent where none are needed.
  std::optional<size_t> find_column(const std::string& name) const {
    const auto at = std::ranges::find(layout_.names, name);
    if (at != layout_.names.end()) return static_cast<size_t>(at - layout_.names.begin());
    const auto number = name.starts_with('#') ? parse_number(name.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > static_cast<double>(width_)) return std::nullopt;
    return static_cast<size_t>(*number) - 1;
  }

  size_t column(const std::string& name) const {
    if (const auto found = find_column(name)) return *found;
    std::vector<std::string> known = layout_.names;
    for (size_t i = known.size(); i < width_; ++i) known.push_back(fmt::format("#{}", i + 1));
    fail_missing_column(fmt::format("{}:{}", lines_.name(), lines_.line()), name, known, options_.chosen);
  }

  // False for ranges of multiword tokens and for empty nodes.
  bool is_word() const {
    if (layout_.names[0] != "ID") return true;
    const std::string_view id = cells_[0];
    const auto number = parse_number(id.substr(0, id.find_first_of("-.")));
    if (!number) lines_.fail_here("column 1 (ID): {} is not a number", quoted_cell(id));
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
    if (std::ssize(sentence_.tokens) == options_.most_tokens) {
      lines_.fail_here(
          "the sentence that begins in line {} has more than {} tokens; an empty line ends a sentence, and "
          "most_tokens allows longer ones",
          sentence_.place.line, options_.most_tokens);
    }
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
  TaggedLayout layout_;
  Keeper& out_;
  std::vector<std::string_view> cells_;
  TaggedSentence sentence_;
  size_t width_ = 0, token_column_ = 0;
  std::optional<size_t> tag_column_;
  bool header_passed_ = false;
  int64_t comments_ = 0, first_comment_ = 0;
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
  s.id = record.text();
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
    SentenceReader reader(file, index, options, keeper);
    reader.read();
    tagged += reader.tagged() ? 1 : 0;
    if (out.token_column.empty()) {
      out.token_column = reader.token_name();
      out.tag_column = reader.tag_name();
    }
    std::ranges::move(reader.notes(), std::back_inserter(out.notes));
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
