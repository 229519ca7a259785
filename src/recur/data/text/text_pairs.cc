#include "recur/data/text/text_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/named_column.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 5> kSourceNames{"source", "src", "input", "from", "text"};
constexpr std::array<std::string_view, 7> kTargetNames{"target", "tgt", "trg", "output", "to", "translation", "label"};

bool is_one_of(std::string_view cell, std::span<const std::string_view> names) {
  return std::ranges::count(names, lower_ascii(trimmed(cell))) > 0;
}

using Cells = std::vector<std::string>;

struct PairColumns {
  size_t source = 0;
  std::optional<size_t> target;
  bool header = false;
};

class PairReader {
 public:
  PairReader(const TextPairOptions& options, TextPairs& out) : options_(options), out_(out) {}

  void read(const DataFile& file) {
    open(file);
    if (file.extension() == ".jsonl" || file.extension() == ".ndjson") return read_json(file);
    if (file.extension() == ".csv") return read_csv(file);
    read_lines(file);
  }

  void read_aligned(const DataFile& sources, const DataFile& targets) {
    open(sources);
    LineReader left(sources), right(targets);
    std::string_view source, target;
    for (;;) {
      const bool more = left.next(source), more_targets = right.next(target);
      if (more != more_targets) fail_lengths(left, right, more);
      if (!more) return;
      add(source, target, left.line());
    }
  }

  void note() const {
    if (empty_ > 0) {
      out_.notes.push_back(
          fmt::format("{} pairs have an empty side and are left out, the first at {}", empty_, first_empty_));
    }
  }

 private:
  void open(const DataFile& file) {
    file_ = static_cast<int32_t>(out_.files.size());
    out_.files.push_back(file.name());
  }

  [[noreturn]] static void fail_lengths(LineReader& left, LineReader& right, bool left_goes_on) {
    LineReader& longer = left_goes_on ? left : right;
    std::string_view line;
    while (longer.next(line)) {
    }
    // The shorter one counts its lines; the longer one was a line ahead.
    fail("{} has {} lines and {} has {}: expected a target for each source, line by line", left.name(), left.line(),
         right.name(), right.line());
  }

  std::string text(std::string_view cell, int64_t line) const {
    cell = trimmed(cell);
    if (const size_t bad = find_invalid_utf8(cell); bad != kNoPosition) {
      fail("{}:{}: byte {} of {} is not UTF-8", out_.files.back(), line, bad + 1, "a text");
    }
    return std::string(cell);
  }

  void add(std::string_view source, std::string_view target, int64_t line) {
    TextPair pair{.source = text(source, line),
                  .target = options_.need_targets ? text(target, line) : std::string(),
                  .place = {file_, line}};
    if (options_.need_targets && (pair.source.empty() || pair.target.empty())) {
      if (empty_++ == 0) first_empty_ = out_.where(pair);
      return;
    }
    out_.pairs.push_back(std::move(pair));
  }

  // Which columns of a table are meant; `first` are the cells of its first row.
  PairColumns columns(const DataFile& file, const Cells& first) {
    const auto names_usual = [&](const auto& names) {
      return std::ranges::find_if(first, [&](const std::string& cell) { return is_one_of(cell, names); });
    };
    const auto source = names_usual(kSourceNames), target = names_usual(kTargetNames);
    const auto by_name = [](const std::string& option) { return !option.empty() && !option.starts_with('#'); };
    PairColumns found;
    const bool usual = source != first.end() && (target != first.end() || !options_.need_targets);
    found.header = options_.header == "yes" ||
                   (options_.header != "no" && (by_name(options_.source) || by_name(options_.target) || usual));
    found.source =
        choose(options_.source, "source_column", first, found.header, file,
               found.header && usual ? std::optional(static_cast<size_t>(source - first.begin())) : std::nullopt, 0);
    if (!options_.need_targets) return found;
    if (first.size() < 2) {
      fail(
          "{}:1: expected a source and a target with a tab or comma between, got one column; targets of a file of "
          "their own: --target FILE",
          file.name());
    }
    found.target =
        choose(options_.target, "target_column", first, found.header, file,
               found.header && usual ? std::optional(static_cast<size_t>(target - first.begin())) : std::nullopt, 1);
    if (found.target == found.source) {
      fail_usage("{}: source_column and target_column are the same column", file.name());
    }
    return found;
  }

  // An option's column, else the usual one, else, of two columns, the one at `place`.
  size_t choose(const std::string& option, const char* key, const Cells& first, bool header, const DataFile& file,
                std::optional<size_t> usual, size_t place) {
    if (!option.empty()) {
      const std::string& name = file.name();
      const ListHead head{.file = name, .cells = first, .header = header};
      const bool alone = !options_.need_targets && first.size() == 1;
      return alone ? find_named_column(head, key, option).value_or(0) : named_column(head, key, option);
    }
    if (usual) return *usual;
    if (first.size() <= 2 || !options_.need_targets) return std::min(place, first.size() - 1);
    fail_usage(
        "{}: which of {} columns are the source and the target? Set source_column and target_column to their "
        "names or to #1 .. #{}",
        file.name(), first.size(), first.size());
  }

  template <class Row>
  void add_row(const PairColumns& columns, const Row& cells, size_t expected, int64_t line) {
    if (cells.size() != expected) {
      fail("{}:{}: expected {} columns, got {}", out_.files.back(), line, expected, cells.size());
    }
    add(cells[columns.source], columns.target ? cells[*columns.target] : std::string_view(), line);
  }

  void note_first_row(const DataFile& file, const Cells& first) {
    if (options_.header == "no") return;
    out_.notes.push_back(
        fmt::format("{}: the first row, {}, is data: its cells name no source and target; header = "
                    "yes takes them for names",
                    file.name(), listed(first)));
  }

  void read_csv(const DataFile& file) {
    CsvReader table(file, guess_delimiter(file));
    if (!table.next()) return;
    const Cells first(table.cells().begin(), table.cells().end());
    const PairColumns found = columns(file, first);
    if (!found.header) note_first_row(file, first);
    bool more = found.header ? table.next() : true;
    for (; more; more = table.next()) add_row(found, table.cells(), first.size(), table.line());
    std::ranges::move(table.encoding_notes(), std::back_inserter(out_.notes));
  }

  void read_lines(const DataFile& file) {
    LineReader lines(file);
    std::string_view line;
    std::optional<PairColumns> found;
    size_t width = 0;
    while (lines.next(line)) {
      const auto cells = cells_between_tabs(line);
      const bool empty = trimmed(line).empty();
      if (!found && !options_.need_targets && cells.size() == 1) {
        found = PairColumns();
        width = 1;
      }
      if (width == 1 && found) {
        // Plain lines; empty ones too, so that the lines of the answers are those of the file.
        add(source_of_line(line), {}, lines.line());
      } else if (empty && cells.size() == 1) {
        add({}, {}, lines.line());
      } else if (found) {
        add_row(*found, cells, width, lines.line());
      } else {
        const Cells first(cells.begin(), cells.end());
        found = columns(file, first);
        width = cells.size();
        if (found->header) continue;
        if (options_.need_targets) note_first_row(file, first);
        add_row(*found, cells, width, lines.line());
      }
    }
  }

  void read_json(const DataFile& file) {
    JsonLines lines(file);
    std::optional<std::string> source, target;
    const auto key = [&](const std::string& option, std::span<const std::string_view> names, const char* what) {
      if (!option.empty()) return option;
      if (const auto usual = lines.first_key(names)) return *usual;
      fail_usage("{}:{}: which key has the {}? {}_column names it; keys: {}", lines.name(), lines.line(), what, what,
                 listed(lines.keys()));
    };
    const auto value = [&](const std::string& name) {
      const auto found = lines.scalar(name);
      if (!found) lines.fail_here("there is no key {}; keys: {}", quoted_cell(name), listed(lines.keys()));
      return *found;
    };
    while (lines.next()) {
      if (!source) source = key(options_.source, kSourceNames, "source");
      if (!target && options_.need_targets) target = key(options_.target, kTargetNames, "target");
      const std::string from = value(*source);
      add(from, target ? value(*target) : std::string(), lines.line());
    }
  }

  const TextPairOptions& options_;
  TextPairs& out_;
  int32_t file_ = 0;
  int64_t empty_ = 0;
  std::string first_empty_;
};

}  // namespace

std::string_view source_of_line(std::string_view line) { return trimmed(line.substr(0, line.find('\t'))); }

TextPairs read_text_pairs(std::span<const DataFile> files, const TextPairOptions& options) {
  if (files.empty()) fail("text: no file given");
  const bool aligned = options.need_targets && !options.target_files.empty();
  if (aligned && options.target_files.size() != files.size()) {
    fail_usage("target: expected a file of targets for each of {} files of sources, got {}", files.size(),
               options.target_files.size());
  }
  TextPairs out;
  PairReader reader(options, out);
  for (size_t i = 0; i < files.size(); ++i) {
    if (aligned) {
      reader.read_aligned(files[i], options.target_files[i]);
    } else {
      reader.read(files[i]);
    }
  }
  reader.note();
  if (out.pairs.empty()) fail("{}: there are no {} in it", out.files[0], options.need_targets ? "pairs" : "lines");
  return out;
}

}  // namespace recur
