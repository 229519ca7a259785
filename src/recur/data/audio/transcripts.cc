#include "recur/data/audio/transcripts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/audio/sound_file.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/natural_order.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/named_column.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kFileNames{"path",       "file",  "filename", "file_name",
                                                      "audio",      "sound", "wav",      "audio_filepath",
                                                      "audio_path", "image", "img",      "wav_filename"};
constexpr std::array<std::string_view, 7> kTextNames{"text",      "transcript", "transcription", "sentence",
                                                     "utterance", "label",      "target"};
constexpr std::array<std::string_view, 4> kSpeakerNames{"speaker", "speaker_id", "client_id", "spk"};

// Things left out, of which the first few are named.
struct LeftOut {
  int64_t count = 0;
  std::vector<std::string> names;

  void add(std::string name) {
    constexpr size_t kNamed = 5;
    ++count;
    if (names.size() < kNamed) names.push_back(std::move(name));
  }
  std::string listing() const {
    std::string out = listed_files(names);
    if (count > std::ssize(names)) out += fmt::format(" and {} more", count - std::ssize(names));
    return out;
  }
};

std::string one_spaced(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

struct ListColumns {
  size_t file = 0;
  std::optional<size_t> text, speaker;
  bool header = false;
};

using RowCells = std::vector<std::string>;

class TranscriptReader {
 public:
  TranscriptReader(const TranscriptOptions& options, Transcripts& out) : options_(options), out_(out) {}

  void read(const DataFile& file) {
    list_ = static_cast<int32_t>(out_.files.size());
    out_.files.push_back(file.name());
    if (is_folder(file)) return read_folder(file.name());
    if (options_.is_kind(file.name()) || begins_sound(file.head(4))) return read_one(file);
    folder_ = file.memory() == nullptr ? fs::path(file.name()).parent_path() : fs::path();
    if (file.extension() == ".jsonl" || file.extension() == ".ndjson" || file.extension() == ".json") {
      read_json(file);
    } else if (file.extension() == ".csv") {
      read_csv(file);
    } else {
      read_lines(file);
    }
  }

  void finish() {
    const auto warn = [&](const LeftOut& left, std::string_view what, std::string_view many) {
      if (left.count == 0) return;
      out_.warnings.push_back(fmt::format("{} {}: {}", left.count, left.count == 1 ? what : many, left.listing()));
    };
    warn(missing_, "file of the list is missing and is left out", "files of the list are missing and are left out");
    if (options_.keep_textless) {
      warn(textless_, "sound has no text", "sounds have no text");
    } else {
      warn(textless_, "sound has no text and is left out", "sounds have no text and are left out");
    }
    warn(soundless_, "text has no sound and is left out", "texts have no sound and are left out");
    if (out_.items.empty()) {
      fail("{}: no sound {}is left{}{}", files_text(out_.files), options_.need_texts ? "with a text " : "",
           out_.warnings.empty() ? "" : ": ", out_.warnings.empty() ? "" : out_.warnings.front());
    }
    out_.has_speakers = std::ranges::all_of(out_.items, [](const Transcript& item) { return !item.speaker.empty(); });
  }

 private:
  std::string checked_text(std::string_view text, const std::string& where) const {
    if (const size_t bad = find_invalid_utf8(text); bad != kNoPosition) {
      fail("{}: byte {} of a text is not UTF-8", where, bad + 1);
    }
    return one_spaced(text);
  }

  // --- Folders ---

  // Files below a folder, in natural order, those beginning with a dot passed over.
  static std::vector<fs::path> files_below(const fs::path& folder) {
    constexpr int kDeepest = 16;  // links may lead around
    std::vector<fs::path> out;
    std::error_code error;
    const auto follow = fs::directory_options::follow_directory_symlink;
    for (fs::recursive_directory_iterator at(folder, follow, error), end; !error && at != end; at.increment(error)) {
      if (at.depth() > kDeepest) fail("{}: more than {} folders inside each other", folder.string(), kDeepest);
      std::error_code unreadable;
      const bool hidden = at->path().filename().string().starts_with('.');
      if (hidden && at->is_directory(unreadable)) at.disable_recursion_pending();
      if (!hidden && at->is_regular_file(unreadable)) out.push_back(at->path());
    }
    if (error) fail("cannot read the folder {}: {}", folder.string(), error.message());
    std::ranges::sort(out, [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
    return out;
  }

  static std::string stem_of(const fs::path& path) { return fs::path(path).replace_extension().string(); }

  void read_folder(const std::string& folder) {
    const std::vector<fs::path> all = files_below(folder);
    std::map<std::string, std::string> texts;  // by the path without its extension
    for (const fs::path& path : all) {
      if (path.string().ends_with(".trans.txt")) {
        read_trans(path, texts);
      } else if (path.extension() == ".txt") {
        texts[stem_of(path)] = checked_text(DataFile(path).content(kLongestText), path.string());
      }
    }
    std::set<std::string> used;
    for (const fs::path& path : all) {
      if (!options_.is_kind(path.string())) continue;
      const auto text = texts.find(stem_of(path));
      if (text != texts.end()) used.insert(text->first);
      add_sound(path, text == texts.end() ? std::nullopt : std::optional(text->second));
    }
    if (!options_.need_texts) return;
    for (const auto& [stem, text] : texts) {
      if (!used.contains(stem)) soundless_.add(stem + ".txt");
    }
  }

  // "ID what is said" a line, as LibriSpeech has it.
  void read_trans(const fs::path& path, std::map<std::string, std::string>& texts) const {
    LineReader lines{DataFile(path)};
    std::string_view line;
    while (lines.next(line)) {
      const size_t space = std::min(line.find_first_of(" \t"), line.size());
      if (space == 0) continue;
      texts[(path.parent_path() / std::string(line.substr(0, space))).string()] =
          checked_text(line.substr(space), fmt::format("{}:{}", lines.name(), lines.line()));
    }
  }

  void add_sound(const DataFile& file, std::optional<std::string> text) {
    if (options_.need_texts && (!text || text->empty())) {
      textless_.add(file.name());
      if (!options_.keep_textless) return;
    }
    out_.items.push_back({.file = file,
                          .name = file.name(),
                          .text = text.value_or(""),
                          .speaker = "",
                          .place = {.file = list_, .line = 0}});
  }

  void read_one(const DataFile& file) {
    const fs::path beside = stem_of(file.name()) + ".txt";
    std::error_code error;
    if (!options_.need_texts || !fs::exists(beside, error)) return add_sound(file, std::nullopt);
    add_sound(file, checked_text(DataFile(beside).content(kLongestText), beside.string()));
  }

  // --- Lists ---

  DataFile file_at(const std::string& path) const {
    std::error_code error;
    const fs::path beside = folder_ / path;
    return fs::exists(beside, error) || !fs::exists(path, error) ? DataFile(beside) : DataFile(path);
  }

  void add_row(const std::string& path, std::optional<std::string_view> text, std::string_view speaker, int64_t line) {
    const std::string where = fmt::format("{}:{}", out_.files.back(), line);
    if (path.empty()) fail("{}: expected the path of a sound, got an empty cell", where);
    if (path.find('\0') != std::string::npos) fail("{}: a path has a NUL byte", where);
    Transcript item{.file = file_at(path),
                    .name = path,
                    .text = text ? checked_text(*text, where) : "",
                    .speaker = std::string(trimmed(speaker)),
                    .place = {.file = list_, .line = line}};
    std::error_code error;
    if (fs::is_other(item.file.name(), error)) {
      fail("{}: expected the path of a sound, got {}: a pipe or a device", where, path);
    }
    if (!fs::exists(item.file.name(), error)) return missing_.add(fmt::format("{} ({})", path, where));
    if (options_.need_texts && item.text.empty()) {
      textless_.add(fmt::format("{} ({})", path, where));
      if (!options_.keep_textless) return;
    }
    out_.items.push_back(std::move(item));
  }

  static std::optional<size_t> usual(const RowCells& first, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      const auto at =
          std::ranges::find(first, name, [](const std::string& cell) { return lower_ascii(trimmed(cell)); });
      if (at != first.end()) return static_cast<size_t>(at - first.begin());
    }
    return std::nullopt;
  }

  std::optional<size_t> declared(const std::string& option, const char* key, const RowCells& first, bool header) const {
    if (option.empty()) return std::nullopt;
    return named_column({.file = out_.files.back(), .cells = first, .header = header}, key, option);
  }

  ListColumns columns_of(const RowCells& first) const {
    const auto by_name = [](const std::string& option) { return !option.empty() && !option.starts_with('#'); };
    const auto file = usual(first, kFileNames), text = usual(first, kTextNames);
    ListColumns found;
    found.header =
        options_.header == "yes" || (options_.header != "no" && (by_name(options_.file) || by_name(options_.text) ||
                                                                 by_name(options_.speaker) || file.has_value()));
    const auto given_file = declared(options_.file, "audio_column", first, found.header);
    const bool alone = first.size() == 1;
    if (given_file || (found.header && file) || alone || first.size() == 2) {
      found.file = given_file ? *given_file : found.header && file ? *file : 0;
    } else {
      fail_usage(
          "{}: which of {} columns has the paths of the sounds? Set audio_column and text_column to their names "
          "or to #1 .. #{}",
          out_.files.back(), first.size(), first.size());
    }
    if (options_.need_texts && !(alone && options_.keep_textless)) {
      const auto given = declared(options_.text, "text_column", first, found.header);
      if (alone) {
        fail("{}:1: expected the path of a sound and its text with a tab or comma between, got one column",
             out_.files.back());
      }
      found.text = given                  ? given
                   : found.header && text ? text
                   : first.size() == 2    ? std::optional<size_t>(1 - found.file)
                                          : std::nullopt;
      if (!found.text) {
        fail_usage("{}: which of {} columns has the texts? Set text_column to its name or number; columns: {}",
                   out_.files.back(), first.size(), listed(first));
      }
      if (*found.text == found.file)
        fail_usage("{}: audio_column and text_column are the same column", out_.files.back());
    }
    found.speaker = declared(options_.speaker, "speaker_column", first, found.header);
    if (!found.speaker && found.header) found.speaker = usual(first, kSpeakerNames);
    return found;
  }

  template <class Row>
  void add_cells(const ListColumns& columns, const Row& cells, size_t expected, int64_t line) {
    if (cells.size() != expected) {
      fail("{}:{}: expected {} columns, got {}", out_.files.back(), line, expected, cells.size());
    }
    add_row(std::string(trimmed(cells[columns.file])),
            columns.text ? std::optional<std::string_view>(cells[*columns.text]) : std::nullopt,
            columns.speaker ? std::string_view(cells[*columns.speaker]) : std::string_view(), line);
  }

  void read_csv(const DataFile& file) {
    CsvReader table(file, guess_delimiter(file));
    if (!table.next()) return;
    const RowCells first(table.cells().begin(), table.cells().end());
    const ListColumns found = columns_of(first);
    bool more = found.header ? table.next() : true;
    for (; more; more = table.next()) add_cells(found, table.cells(), first.size(), table.line());
    std::ranges::move(table.encoding_notes(), std::back_inserter(out_.notes));
  }

  void read_lines(const DataFile& file) {
    LineReader lines(file);
    std::string_view line;
    std::optional<ListColumns> found;
    size_t width = 0;
    while (lines.next(line)) {
      if (trimmed(line).empty()) continue;
      const auto cells = cells_between_tabs(line);
      if (found) {
        add_cells(*found, cells, width, lines.line());
        continue;
      }
      found = columns_of(RowCells(cells.begin(), cells.end()));
      width = cells.size();
      if (!found->header) add_cells(*found, cells, width, lines.line());
    }
  }

  void read_json(const DataFile& file) {
    JsonLines lines(file);
    const auto value = [&](const std::string& option, std::span<const std::string_view> names, const char* what,
                           bool needed) -> std::optional<std::string> {
      const auto key = option.empty() ? lines.first_key(names) : std::optional(option);
      auto found = key ? lines.scalar(*key) : std::nullopt;
      if (!found && needed) {
        lines.fail_here("which key has the {}? {}_column names it; keys: {}", what, what, listed(lines.keys()));
      }
      return found;
    };
    // Once a line has had a text, one without is a sound without a text.
    bool texts = options_.keep_textless;
    while (lines.next()) {
      const auto path = value(options_.file, kFileNames, "audio", true);
      const auto text = options_.need_texts ? value(options_.text, kTextNames, "text", !texts) : std::nullopt;
      texts = texts || text.has_value();
      add_row(*path, text ? std::optional<std::string_view>(*text) : std::nullopt,
              value(options_.speaker, kSpeakerNames, "speaker", !options_.speaker.empty()).value_or(""), lines.line());
    }
  }

  static constexpr size_t kLongestText = size_t{1} << 20;

  const TranscriptOptions& options_;
  Transcripts& out_;
  fs::path folder_;  // of the list
  int32_t list_ = 0;
  LeftOut missing_, textless_, soundless_;
};

}  // namespace

Transcripts read_transcripts(std::span<const DataFile> files, const TranscriptOptions& options) {
  if (files.empty()) fail("sounds: no file given");
  Transcripts out;
  TranscriptReader reader(options, out);
  for (const DataFile& file : files) reader.read(file);
  reader.finish();
  return out;
}

}  // namespace recur
