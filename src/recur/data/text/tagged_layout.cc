#include "recur/data/text/tagged_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "recur/base/error.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"

namespace recur::internal {
namespace {

constexpr int64_t kSurveyed = 20'000;  // rows that the layout follows from

const std::vector<std::string> kConlluNames{"ID",    "FORM", "LEMMA",  "UPOS", "XPOS",
                                            "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"};
constexpr std::array<std::string_view, 7> kTokenNames{"word", "words", "token", "tokens", "form", "text", "sentence"};
constexpr std::array<std::string_view, 17> kTagNames{"tag",      "tags", "label",   "labels",   "ner",  "ner_tag",
                                                     "ner_tags", "pos",  "pos_tag", "pos_tags", "upos", "xpos",
                                                     "chunk",    "iob",  "bio",     "entity",   "class"};

bool is_one_of(std::string_view cell, std::span<const std::string_view> names) {
  return std::ranges::find(names, lower_ascii(cell)) != names.end();
}

bool has_letters(std::string_view cell) {
  return std::ranges::any_of(
      cell, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c < 0; });
}

// The id of a first row of CoNLL-U: 1, the range 1-3, or the empty node 0.1.
bool is_first_id(std::string_view id) {
  return id == "1" || id.starts_with("1-") || (id.starts_with("0.") && parse_number(id).has_value());
}

// What the first rows of a file have.
struct Survey {
  int64_t rows = 0;   // comments aside
  size_t width = 0;   // of the first
  bool equal = true;  // all have as many cells
  int64_t with_tabs = 0, ending_with_tab = 0, with_known_tag = 0;
  bool groups = false;  // an empty line between two rows
  bool counts = true;   // the first cells count from 1 in each sentence
  std::vector<std::string> first;
  bool first_dropped = false;               // an empty cell behind the last tab
  std::set<std::string, std::less<>> tags;  // last cells, but of the first row and what may be comments
  std::vector<std::string> global_columns;  // of CoNLL-U Plus
};

class Surveyor {
 public:
  Surveyor(const DataFile& file, const TaggedTextOptions& options)
      : lines_(file), options_(options), known_(options.known_tags.begin(), options.known_tags.end()) {}

  Survey run() {
    std::string_view line;
    while (out_.rows < kSurveyed && lines_.next(line)) look(line);
    return std::move(out_);
  }

 private:
  void look(std::string_view line) {
    if (is_blank_line(line)) {
      at_start_ = true;
      return;
    }
    constexpr std::string_view kGlobal = "# global.columns =";
    split_tagged_row(line, cells_);
    if (lines_.line() == 1 && line.starts_with(kGlobal)) {
      split_tagged_row(line.substr(kGlobal.size()), cells_);
      out_.global_columns.assign(cells_.begin(), cells_.end());
      return;
    }
    // At the start of a sentence it may be a comment.
    if (line.starts_with('#') && at_start_) return;
    if (cells_[0] == "-DOCSTART-") return;
    take(line);
    at_start_ = false;
  }

  // An empty cell behind the last tab may be no column.
  bool drop_last() {
    if (cells_.size() < 3 || !cells_.back().empty()) return false;
    cells_.pop_back();
    return true;
  }

  void take(std::string_view line) {
    const bool dropped = drop_last();
    const std::string_view tag = cells_[tag_place(options_, cells_.size())];
    if (out_.rows++ == 0) {
      out_.width = cells_.size();
      out_.first_dropped = dropped;
      out_.first.assign(cells_.begin(), cells_.end());
    } else {
      out_.groups |= at_start_;
      if (out_.tags.find(tag) == out_.tags.end()) out_.tags.emplace(tag);
    }
    rank_ = at_start_ ? 1 : rank_ + 1;
    out_.counts = out_.counts && cells_[0] == std::to_string(rank_);
    out_.equal &= cells_.size() == out_.width;
    out_.with_tabs += line.find('\t') != std::string::npos;
    out_.ending_with_tab += dropped;
    out_.with_known_tag += cells_.size() > 1 && has_letters(tag) && known_.contains(tag);
  }

  LineReader lines_;
  const TaggedTextOptions& options_;
  std::set<std::string_view> known_;
  Survey out_;
  std::vector<std::string_view> cells_;
  bool at_start_ = true;
  int64_t rank_ = 0;  // of the row in its sentence
};

// Columns, or plain sentences, which may all have the same number of words. Asked for prediction alone.
TaggedKind columns_or_plain(const DataFile& file, const TaggedTextOptions& options, const Survey& survey,
                            std::vector<std::string>& notes) {
  constexpr int64_t kChance = 30;  // sentences of equal length in a row, that are none
  if (survey.rows == 0 || survey.with_tabs == survey.rows) return TaggedKind::kConll;
  const bool tagged = 2 * survey.with_known_tag >= survey.rows;
  if (!survey.equal) return tagged ? TaggedKind::kConll : TaggedKind::kPlain;
  if (survey.width == 1) {
    if (survey.rows > 1 && !survey.groups) {
      notes.push_back(fmt::format(
          "{}: read as one sentence, one token per line; --format plain reads one sentence per line", file.name()));
    }
    return TaggedKind::kConll;
  }
  if (options.known_tags.empty() || tagged) return TaggedKind::kConll;
  if (survey.with_known_tag > 0 || survey.groups || survey.rows >= kChance) {
    fail_usage("{}: its rows of {} cells may be columns or sentences; set --format conll or --format plain",
               file.name(), survey.width);
  }
  notes.push_back(fmt::format(
      "{}: read as plain sentences, since the last words are not tags of the model; --format conll reads columns",
      file.name()));
  return TaggedKind::kPlain;
}

// A first row whose cells are names, and whose tag is nowhere else.
bool is_header(const Survey& survey, const std::string& tag) {
  if (survey.width < 2 || survey.rows < 2 || survey.tags.contains(tag)) return false;
  return is_one_of(survey.first.front(), kTokenNames) || is_one_of(tag, kTagNames);
}

TaggedKind find_kind(const DataFile& file, const TaggedTextOptions& options, const Survey& survey,
                     std::vector<std::string>& notes) {
  if (options.format == "conll") return TaggedKind::kConll;
  if (options.format == "conllu") return TaggedKind::kConllu;
  if (options.format == "plain") return TaggedKind::kPlain;
  if (!options.format.empty()) {
    fail_usage("tagged text: unknown format '{}'; formats: conll, conllu, plain", options.format);
  }
  if (file.extension() == ".conllu" || !survey.global_columns.empty()) return TaggedKind::kConllu;
  if (survey.width == kConlluNames.size() && is_first_id(survey.first[0])) return TaggedKind::kConllu;
  return options.need_tags ? TaggedKind::kConll : columns_or_plain(file, options, survey, notes);
}

}  // namespace

void split_tagged_row(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  if (line.find('\t') != std::string_view::npos) {
    for (size_t at = 0;;) {
      const size_t tab = line.find('\t', at);
      cells.push_back(trimmed(line.substr(at, tab - at)));
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

size_t tag_place(const TaggedTextOptions& options, size_t width) {
  const auto number = options.tag.starts_with('#') ? parse_number(options.tag.substr(1)) : std::nullopt;
  const bool is_column = number && *number >= 1 && *number <= static_cast<double>(width);
  return is_column ? static_cast<size_t>(*number) - 1 : width - 1;
}

bool is_key_comment(std::span<const std::string_view> cells) {
  return cells.size() > 2 && cells[0] == "#" && cells[2] == "=";
}

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

TaggedLayout find_layout(const DataFile& file, const TaggedTextOptions& options) {
  Survey survey = Surveyor(file, options).run();
  TaggedLayout layout;
  layout.kind = find_kind(file, options, survey, layout.notes);
  if (layout.kind == TaggedKind::kPlain) return layout;
  if (layout.kind == TaggedKind::kConllu) {
    layout.names = std::move(survey.global_columns);
    if (layout.names.empty()) layout.names = kConlluNames;
    layout.width = layout.names.size();
    return layout;
  }
  layout.ends_with_tab = survey.rows > 0 && survey.ending_with_tab == survey.rows;
  layout.width = survey.width + (survey.first_dropped && !layout.ends_with_tab ? 1 : 0);
  std::string tag;  // of the first row
  if (!survey.first.empty()) tag = survey.first[tag_place(options, survey.first.size())];
  layout.header = is_header(survey, tag);
  if (layout.header) {
    layout.notes.push_back(
        fmt::format("{}: the first row is taken for a header: {}", file.name(), fmt::join(survey.first, ", ")));
    layout.names = std::move(survey.first);
  } else if (!survey.first.empty()) {
    survey.tags.insert(tag);
  }
  constexpr int64_t kEnough = 2;
  if (survey.counts && survey.rows >= kEnough && survey.width > 2) {
    layout.token = 1;
    layout.notes.push_back(
        fmt::format("{}: the tokens are in the second column, since the first one numbers them", file.name()));
  }
  layout.tags = std::move(survey.tags);
  layout.tags.insert(options.known_tags.begin(), options.known_tags.end());
  return layout;
}

}  // namespace recur::internal

namespace recur {

bool looks_tagged(const DataFile& file) {
  constexpr int64_t kRepeats = 2;  // rows a tag has at least, on average
  const TaggedTextOptions options;
  const internal::Survey survey = internal::Surveyor(file, options).run();
  if (!survey.global_columns.empty()) return true;
  if (survey.rows < 2 || survey.width < 2 || !survey.equal) return false;
  if (survey.width == internal::kConlluNames.size() && internal::is_first_id(survey.first[0])) return true;
  const auto is_number = [](const std::string& tag) { return parse_number(tag).has_value(); };
  return survey.groups && std::ssize(survey.tags) * kRepeats <= survey.rows &&
         !std::ranges::all_of(survey.tags, is_number);
}

}  // namespace recur
