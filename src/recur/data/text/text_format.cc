#include "recur/data/text/text_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "recur/base/error.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/csv_front.h"
#include "recur/data/text/text_columns.h"

namespace recur::internal {
namespace {

constexpr std::string_view kFastTextPrefix = "__label__";
constexpr size_t kHead = 1 << 16;

// What the lines of a file have in common.
struct LineSurvey {
  int64_t lines = 0;
  bool one_tab = true;                // every line has one
  bool begin_with_known = true;       // every line begins with a known label
  bool end_with_known = true;         // behind its tab
  bool fasttext = false;              // the first line has a label of fastText's
  bool names = false;                 // the first line are names of columns
  std::set<std::string> first, last;  // different cells before and behind the tabs of the first lines
};

LineSurvey survey(const DataFile& file, const TextRowOptions& options) {
  constexpr int64_t kMostCompared = 1000;
  const std::set<std::string_view> known(options.known_labels.begin(), options.known_labels.end());
  LineSurvey out;
  LineReader lines(file);
  for (std::string_view line; lines.next(line);) {
    line = trimmed(line);
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    const std::string_view last = tab == std::string::npos ? std::string_view() : trimmed(line.substr(tab + 1));
    if (out.lines++ == 0) {
      out.fasttext = split_fasttext(line).labels > 0;
      out.names = tab != std::string::npos && names_columns(trimmed(line.substr(0, tab)), last);
    }
    out.one_tab = out.one_tab && tab != std::string::npos && last.find('\t') == std::string::npos;
    out.begin_with_known = out.begin_with_known && known.contains(split_label(line).label);
    out.end_with_known = out.end_with_known && known.contains(last);
    if (out.one_tab && out.lines <= kMostCompared) {
      out.first.emplace(line.substr(0, tab));
      out.last.emplace(last);
    }
    if (out.lines >= kMostCompared && !out.one_tab && !out.begin_with_known) break;  // nothing more to learn
  }
  return out;
}

FoundTextFormat of_lines(const DataFile& file, const TextRowOptions& options) {
  const LineSurvey found = survey(file, options);
  if (found.fasttext) return {.format = TextFormat::kFastText};
  FoundTextFormat table{.format = TextFormat::kTable, .delimiter = '\t'};
  if (found.one_tab && found.names) return table;
  if (!options.need_labels && found.lines > 0) {
    if (found.begin_with_known) return {.format = TextFormat::kLabelFirst};
    return found.one_tab && found.end_with_known ? table : FoundTextFormat{};
  }
  const bool behind = found.one_tab && found.last.size() < found.first.size() &&
                      2 * std::ssize(found.last) <= std::min<int64_t>(found.lines, 1000);
  if (!behind) return {.format = TextFormat::kLabelFirst};
  FoundTextFormat out = table;
  out.note = fmt::format("{}: the label is the cell after the tab of each line, since these cells repeat", file.name());
  return out;
}

// Whether the first line of a file without an extension that tells, such as a pipe, names columns: the one that a model
// reads, or a usual one of texts beside others.
bool is_header(std::string_view line, const TextRowOptions& options) {
  int cells = 0;
  bool named = false;
  for (size_t at = 0; at <= line.size(); ++cells) {
    const size_t end = std::min(line.find_first_of(",;\t|", at), line.size());
    std::string_view cell = trimmed(line.substr(at, end - at));
    if (cell.size() > 1 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
    named = named || names_text(cell) || (!cell.empty() && cell == options.before.text);
    at = end + 1;
  }
  return named && cells > 1;
}

}  // namespace

LabelledLine split_label(std::string_view line) {
  const size_t tab = line.find('\t');
  const size_t end = std::min(tab == std::string_view::npos ? line.find(' ') : tab, line.size());
  return {line.substr(0, end), trimmed(line.substr(std::min(end + 1, line.size())))};
}

FastTextLine split_fasttext(std::string_view line) {
  FastTextLine out;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find_first_of(" \t", at), line.size());
    const std::string_view word = line.substr(at, end - at);
    if (word.starts_with(kFastTextPrefix) && word.size() > kFastTextPrefix.size()) {
      if (out.labels == 0) out.first = word;
      if (out.labels == 1) out.second = word;
      ++out.labels;
    } else {
      out.text += line.substr(at, end + 1 - at);
    }
    at = end + 1;
  }
  out.text = trimmed(out.text);
  return out;
}

FoundTextFormat find_text_format(const DataFile& file, const TextRowOptions& options) {
  const std::string extension = file.extension();
  const auto table = [&] {
    const char guessed = options.format == "tsv" || extension == ".tsv" ? '\t' : guess_delimiter(file);
    const char delimiter = options.delimiter.empty() ? guessed : delimiter_from_name(options.delimiter);
    return FoundTextFormat{.format = TextFormat::kTable, .delimiter = delimiter == ' ' ? ',' : delimiter};
  };
  if (options.format == "csv" || options.format == "tsv") return table();
  if (options.format == "jsonl") return {.format = TextFormat::kJsonLines};
  if (options.format == "lines") return {.format = TextFormat::kLabelFirst};
  if (options.format == "plain") return {.format = TextFormat::kPlain};
  if (!options.format.empty()) {
    fail_usage("text: unknown format '{}'; formats: csv, tsv, jsonl, lines, plain", options.format);
  }
  if (extension == ".csv" || extension == ".tsv" || !options.delimiter.empty()) return table();
  if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") {
    return {.format = TextFormat::kJsonLines};
  }
  const std::string head = file.head(kHead);
  const std::string_view first = trimmed(first_row_of(head));
  if (begins_json_objects(head)) return {.format = TextFormat::kJsonLines};
  if ((options.chosen && !(options.text.empty() && options.label.empty())) || is_header(first, options)) return table();
  return of_lines(file, options);
}

}  // namespace recur::internal
