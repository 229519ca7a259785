#include "recur/data/text/text_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/missing_column.h"

namespace recur::internal {
namespace {

constexpr std::array<std::string_view, 10> kTextNames{"text",  "sentence", "review", "content", "message",
                                                      "tweet", "document", "body",   "comment", "question"};
constexpr std::array<std::string_view, 8> kLabelNames{"label",  "class",    "category", "sentiment",
                                                      "target", "polarity", "rating",   "y"};
// Those that mean nothing else. A rating or a category may be a further column.
constexpr std::array<std::string_view, 4> kPlainLabelNames{"label", "class", "target", "y"};
constexpr std::array<std::string_view, 12> kIdNames{"id",        "text_id",     "doc_id",     "document_id",
                                                    "review_id", "sentence_id", "phraseid",   "sentenceid",
                                                    "tweet_id",  "comment_id",  "message_id", "question_id"};

using Column = std::optional<size_t>;

int64_t words_in(std::string_view cell) {
  int64_t words = 0;
  bool inside = false;
  for (const char c : cell) {
    words += c != ' ' && !inside ? 1 : 0;
    inside = c != ' ';
  }
  return words;
}

// What rows have in two columns.
struct Below {
  std::array<std::set<std::string>, 2> seen;  // different cells
  std::array<bool, 2> numbers{true, true};    // all are
  size_t rows = 0;
};

class Finder {
 public:
  Finder(const DataFile& file, char delimiter, const std::vector<std::string>& first, const TextRowOptions& options)
      : file_(file), delimiter_(delimiter), first_(first), options_(options) {}

  TextTable run() {
    choose_named();
    if (first_.size() == 1) return {.text = 0, .label = {}, .id = {}, .header = out_.header};
    const std::vector<size_t> left = columns_left();
    if (!text_ && label_ && left.size() == 1) {
      text_ = left[0];
    } else if (left.size() + (text_ ? 1 : 0) + (label_ ? 1 : 0) == 2 && !left.empty()) {
      choose_of_two(left);
    }
    if (!text_ || (!label_ && options_.need_labels)) fail_open();
    if (text_ == label_) fail_usage("{}: column {} cannot be text and label", file_.name(), *text_ + 1);
    out_.text = *text_;
    out_.label = label_;
    if (!out_.header && label_ && options_.header != "no") look_for_header();
    return out_;
  }

 private:
  Column at(std::string_view name) const {
    const auto found = std::ranges::find(first_, name);
    return found == first_.end() ? std::nullopt : Column(static_cast<size_t>(found - first_.begin()));
  }
  // By its number "#2", or by its name in the first row.
  Column find(const std::string& name) const {
    if (const Column found = at(name)) return found;
    const auto number = name.starts_with('#') ? parse_number(name.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > static_cast<double>(first_.size())) return std::nullopt;
    return static_cast<size_t>(*number) - 1;
  }
  size_t declared(const std::string& name) const {
    const Column found = find(name);
    if (!found) fail_missing_column(file_.name(), name, first_, options_.chosen);
    return *found;
  }
  Column named(std::span<const std::string_view> names, const std::string& before, const std::string& option) const {
    if (!before.empty()) {
      if (const Column found = at(before)) return found;
    }
    const auto found = std::ranges::find_if(first_, [&](const auto& cell) { return is_name_among(cell, names); });
    if (found != first_.end() && std::count(found, first_.end(), *found) > 1 && option.empty() &&
        options_.header != "no") {
      fail_usage("{}: several columns are called {}; text_column, label_column or id_column takes a number such as #{}",
                 file_.name(), quoted_cell(*found), found - first_.begin() + 1);
    }
    return found == first_.end() ? std::nullopt : Column(static_cast<size_t>(found - first_.begin()));
  }

  // Of several columns called as labels are, the one that is called plainly so.
  Column named_label() const {
    const std::string& before = options_.before.label;
    const Column found = named(kLabelNames, before, options_.label);
    const bool open = options_.chosen && options_.label.empty() && options_.header != "no";
    if (!found || !open || (!before.empty() && at(before))) return found;
    const Column text = options_.text.empty() ? std::nullopt : find(options_.text);
    const Column likely = likely_label(first_, text, file_.name());
    return likely ? likely : found;
  }

  // By options and by the names of columns.
  void choose_named() {
    const TextColumns& before = options_.before;
    const Column text = named(kTextNames, before.text, options_.text);
    const Column label = named_label();
    const Column id = named(kIdNames, before.id, options_.id);
    const auto is_name = [&](const std::string& option) { return !option.empty() && at(option).has_value(); };
    out_.header = text || label || id || is_name(options_.text) || is_name(options_.label) || is_name(options_.id);
    if (options_.header == "yes" || options_.header == "no") out_.header = options_.header == "yes";
    text_ = options_.text.empty() ? (out_.header ? text : std::nullopt) : Column(declared(options_.text));
    label_ = out_.header ? label : std::nullopt;
    if (!options_.label.empty()) label_ = options_.need_labels ? declared(options_.label) : find(options_.label);
    out_.id = out_.header ? id : std::nullopt;
    if (!options_.id.empty()) out_.id = options_.need_labels ? declared(options_.id) : find(options_.id);
    if (out_.id == text_ || out_.id == label_) out_.id.reset();
  }

  std::vector<size_t> columns_left() const {
    std::vector<size_t> left;
    for (size_t c = 0; c < first_.size(); ++c) {
      if (Column(c) != text_ && Column(c) != label_ && Column(c) != out_.id) left.push_back(c);
    }
    return left;
  }

  // Of the rows below the first, as long as they are few.
  Below look_below(size_t a, size_t b) const {
    constexpr size_t kMost = 1000;
    CsvReader table(file_, delimiter_, options_.encoding);
    Below out;
    table.next();
    for (; out.rows < kMost && table.next(); ++out.rows) {
      const auto cells = table.cells();
      for (const size_t i : {0, 1}) {
        const size_t column = i == 0 ? a : b;
        if (column >= cells.size()) continue;
        out.seen[i].emplace(cells[column]);
        out.numbers[i] = out.numbers[i] && parse_number(cells[column]).has_value();
      }
    }
    return out;
  }

  // Of two columns one is the text, and the other may be its label: the one of fewer different cells names classes; of
  // equals the one of numbers, or the first.
  void choose_of_two(const std::vector<size_t>& left) {
    const size_t a = text_ ? std::min(*text_, left[0]) : left[0], b = text_ ? std::max(*text_, left[0]) : left.back();
    Below below = look_below(a, b);
    if (!out_.header) {
      below.seen[0].insert(first_[a]);
      below.seen[1].insert(first_[b]);
      ++below.rows;
    }
    const bool values = below.seen[1].size() == below.seen[0].size() && below.numbers[1] && !below.numbers[0];
    if (!text_) label_ = values || below.seen[1].size() < below.seen[0].size() ? b : a;
    if (!text_) text_ = a + b - *label_;
    const size_t other = a + b - *text_;
    const bool repeats = below.seen[other == a ? 0 : 1].size() * 2 <= below.rows;
    if (!label_ && (options_.need_labels || (options_.label.empty() && repeats))) label_ = other;
  }

  // A first row whose label is nowhere else, where others repeat or are numbers, may be a header of names that are not
  // known.
  void look_for_header() {
    const std::string &label = first_[*label_], &text = first_[*text_];
    const Below below = look_below(*text_, *label_);
    const auto& labels = below.seen[1];
    const bool number_below = below.numbers[1] && !parse_number(label);
    const bool repeats = labels.size() * 2 <= below.rows;
    if (below.rows < 3 || labels.contains(label) || (!repeats && !number_below)) return;
    const auto known = [&](const std::string& cell) {
      return std::ranges::find(options_.known_labels, canonical_label(cell)) != options_.known_labels.end();
    };
    if (known(label) || occurs_below(label)) return;
    const bool all_known = !options_.known_labels.empty() && std::ranges::all_of(labels, known);
    const auto longer = std::ranges::count_if(below.seen[0], [](const auto& cell) { return words_in(cell) > 1; });
    const bool name_of_text = words_in(text) == 1 && 2 * longer > std::ssize(below.seen[0]);
    constexpr int64_t kWordsOfNames = 3;
    if (all_known || number_below || name_of_text) {
      out_.header = true;
      out_.note = fmt::format(
          "{}: the first row is taken for a header, since its label {} occurs nowhere else; --header no reads it as a "
          "text",
          file_.name(), quoted_cell(label));
    } else if (options_.need_labels && words_in(text) <= kWordsOfNames) {
      fail_usage("{}: is the first row a header? Its label {} occurs nowhere else; set --header yes or --header no",
                 file_.name(), quoted_cell(label));
    }
  }

  bool occurs_below(const std::string& label) const {
    CsvReader table(file_, delimiter_, options_.encoding);
    table.next();
    while (table.next()) {
      if (*label_ < table.cells().size() && table.cells()[*label_] == label) return true;
    }
    return false;
  }

  [[noreturn]] void fail_open() const {
    const char* const open = text_ ? "label" : "text";
    fail_usage("{}: which of its {} columns is the {}? {}_column names it; columns: {}", file_.name(), first_.size(),
               open, open, listed(first_));
  }

  const DataFile& file_;
  char delimiter_;
  const std::vector<std::string>& first_;
  const TextRowOptions& options_;
  Column text_, label_;
  TextTable out_;
};

}  // namespace

std::span<const std::string_view> text_names() { return kTextNames; }
std::span<const std::string_view> label_names() { return kLabelNames; }
std::span<const std::string_view> text_id_names() { return kIdNames; }

std::optional<size_t> likely_label(std::span<const std::string> names, std::optional<size_t> text,
                                   std::string_view where) {
  std::vector<size_t> all, plain;
  for (size_t c = 0; c < names.size(); ++c) {
    if (c == text || !is_name_among(names[c], kLabelNames)) continue;
    all.push_back(c);
    if (is_name_among(names[c], kPlainLabelNames)) plain.push_back(c);
  }
  const std::vector<size_t>& likely = plain.empty() ? all : plain;
  if (likely.size() > 1) {
    fail_usage("{}: which column is the label, {} or {}? label_column names it", where, quoted_cell(names[likely[0]]),
               quoted_cell(names[likely[1]]));
  }
  return likely.empty() ? std::nullopt : std::optional(likely[0]);
}

bool is_name_among(std::string_view cell, std::span<const std::string_view> names) {
  const std::string small = lower_ascii(trimmed(cell));
  return std::ranges::find(names, small) != names.end();
}

bool names_columns(std::string_view a, std::string_view b) {
  return (is_name_among(a, kTextNames) && is_name_among(b, kLabelNames)) ||
         (is_name_among(a, kLabelNames) && is_name_among(b, kTextNames));
}

TextTable find_text_table(const DataFile& file, char delimiter, const std::vector<std::string>& first,
                          const TextRowOptions& options) {
  return Finder(file, delimiter, first, options).run();
}

}  // namespace recur::internal
