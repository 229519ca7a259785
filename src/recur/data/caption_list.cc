#include "recur/data/caption_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/named_column.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 9> kImageNames{"image", "image_path", "image_file", "path",   "file",
                                                      "img",   "filename",   "file_name",  "picture"};
constexpr std::array<std::string_view, 7> kCaptionNames{"caption",   "captions",    "text",   "sentence",
                                                        "sentences", "description", "comment"};

bool is_caption_name(std::string_view name) {
  const std::string lower = lower_ascii(trimmed(name));
  if (std::ranges::count(kCaptionNames, lower) > 0) return true;
  // caption_1, caption2
  return lower.starts_with("caption") && lower.find_first_not_of("_0123456789", 7) == std::string::npos;
}

bool is_image_column(std::string_view name) { return std::ranges::count(kImageNames, lower_ascii(trimmed(name))) > 0; }

using ListCells = std::vector<std::string>;

struct CaptionColumns {
  size_t image = 0;
  std::vector<size_t> captions;
  bool header = false;
};

class CaptionListReader {
 public:
  CaptionListReader(const CaptionListOptions& options, CaptionList& out) : options_(options), out_(out) {}

  void read(const DataFile& file) {
    file_ = static_cast<int32_t>(out_.files.size());
    out_.files.push_back(file.name());
    if (file.extension() == ".jsonl" || file.extension() == ".ndjson") return read_json(file);
    if (file.extension() == ".csv") return read_csv(file);
    read_lines(file);
  }

  void finish() {
    if (empty_ > 0) {
      out_.warnings.push_back(fmt::format("{} left out, the first at {}",
                                          counted(empty_, "empty caption is", "empty captions are"), first_empty_));
    }
    int64_t bare = 0;
    std::string first;
    if (options_.need_captions) {
      for (const CaptionedImage& image : out_.images) {
        if (image.captions.empty() && bare++ == 0) first = quoted_cell(image.id);
      }
    }
    if (bare > 0) {
      out_.warnings.push_back(
          fmt::format("{} no caption, the first of them {}", counted(bare, "picture has", "pictures have"), first));
    }
  }

 private:
  size_t named(const std::string& option, const char* key, const ListCells& first, bool header) const {
    return named_column({.file = out_.files.back(), .cells = first, .header = header}, key, option);
  }

  CaptionColumns columns(const ListCells& first) const {
    const auto by_name = [](const std::string& option) { return !option.empty() && !option.starts_with('#'); };
    const bool usual = std::ranges::any_of(first, is_image_column);
    CaptionColumns found;
    found.header = options_.header == "yes" ||
                   (options_.header != "no" &&
                    (usual || by_name(options_.image) || std::ranges::any_of(options_.captions, by_name)));
    if (!options_.image.empty()) {
      found.image = named(options_.image, "image_column", first, found.header);
    } else if (found.header && usual) {
      found.image = static_cast<size_t>(std::ranges::find_if(first, is_image_column) - first.begin());
    } else if (first.size() > 2) {
      fail_usage("{}: which of {} columns has the pictures? Set image_column to its name or to #1 .. #{}",
                 out_.files.back(), first.size(), first.size());
    }
    if (options_.need_captions) found.captions = caption_columns(first, found);
    return found;
  }

  std::vector<size_t> caption_columns(const ListCells& first, const CaptionColumns& found) const {
    std::vector<size_t> out;
    for (const std::string& each : options_.captions) {
      out.push_back(named(each, "caption_columns", first, found.header));
      if (out.back() == found.image) {
        fail_usage("{}: image_column and caption_columns name the same column", out_.files.back());
      }
    }
    for (size_t k = 0; options_.captions.empty() && k < first.size(); ++k) {
      if (found.header && k != found.image && is_caption_name(first[k])) out.push_back(k);
    }
    if (!out.empty()) return out;
    if (first.size() == 2) return {1 - found.image};
    if (first.size() < 2) {
      fail("{}:1: expected a picture and a caption with a tab or comma between, got one column", out_.files.back());
    }
    fail_usage("{}: which of {} columns have the captions? Set caption_columns to their names or to #1 .. #{}",
               out_.files.back(), first.size(), first.size());
  }

  CaptionedImage& image(std::string_view id, int64_t line) {
    id = trimmed(id);
    if (id.empty()) fail("{}:{}: there is no path of a picture", out_.files.back(), line);
    const auto [at, is_new] = known_.emplace(std::string(id), out_.images.size());
    if (is_new) {
      namespace fs = std::filesystem;
      std::error_code ignored;
      const fs::path own = fs::path(out_.files.back()).parent_path() / at->first;
      const std::string path = fs::exists(own, ignored) ? own.string() : at->first;
      out_.images.push_back({.id = at->first, .path = path, .captions = {}, .place = {file_, line}});
    }
    return out_.images[at->second];
  }

  void add_caption(CaptionedImage& to, std::string_view text, int64_t line) {
    text = trimmed(text);
    if (const size_t bad = find_invalid_utf8(text); bad != kNoPosition) {
      fail("{}:{}: byte {} of a caption is not UTF-8", out_.files.back(), line, bad + 1);
    }
    if (!text.empty()) {
      to.captions.emplace_back(text);
    } else if (empty_++ == 0) {
      first_empty_ = place_text(out_.files, {file_, line});
    }
  }

  template <class Row>
  void add_row(const CaptionColumns& columns, const Row& cells, size_t expected, int64_t line) {
    if (cells.size() != expected) {
      fail("{}:{}: expected {} columns, got {}", out_.files.back(), line, expected, cells.size());
    }
    CaptionedImage& to = image(cells[columns.image], line);
    for (const size_t k : columns.captions) add_caption(to, cells[k], line);
  }

  void read_csv(const DataFile& file) {
    CsvReader table(file, guess_delimiter(file));
    if (!table.next()) return;
    const ListCells first(table.cells().begin(), table.cells().end());
    const CaptionColumns found = columns(first);
    bool more = found.header ? table.next() : true;
    for (; more; more = table.next()) add_row(found, table.cells(), first.size(), table.line());
    std::ranges::move(table.encoding_notes(), std::back_inserter(out_.notes));
  }

  void read_lines(const DataFile& file) {
    LineReader lines(file);
    std::string_view line;
    std::optional<CaptionColumns> found;
    size_t width = 0;
    while (lines.next(line)) {
      if (trimmed(line).empty()) continue;
      const auto cells = cells_between_tabs(line);
      if (!found) {
        const ListCells first(cells.begin(), cells.end());
        found = columns(first);
        width = first.size();
        if (found->header) continue;
      }
      add_row(*found, cells, width, lines.line());
    }
  }

  void read_json(const DataFile& file) {
    JsonLines lines(file);
    while (lines.next()) {
      std::string key = options_.image;
      if (key.empty()) {
        const auto usual = lines.first_key(kImageNames);
        if (!usual) lines.fail_here("which key has the picture? image_column names it; keys: {}", listed(lines.keys()));
        key = *usual;
      }
      const auto id = lines.scalar(key);
      if (!id) lines.fail_here("there is no key {}; keys: {}", quoted_cell(key), listed(lines.keys()));
      CaptionedImage& to = image(*id, lines.line());
      if (!options_.need_captions) continue;
      std::vector<std::string> keys = options_.captions;
      if (keys.empty()) std::ranges::copy_if(lines.keys(), std::back_inserter(keys), is_caption_name);
      if (keys.empty()) {
        lines.fail_here("which key has the captions? caption_columns names it; keys: {}", listed(lines.keys()));
      }
      for (const std::string& each : keys) add_json(lines, to, each);
    }
  }

  void add_json(const JsonLines& lines, CaptionedImage& to, const std::string& key) {
    const Json* const value = lines.object().find(key);
    if (value == nullptr) {
      lines.fail_here("there is no key {}; keys: {}", quoted_cell(key), listed(lines.keys()));
    }
    if (!value->is_array()) return add_caption(to, *lines.scalar(key), lines.line());
    for (const Json& each : *value) {
      const auto text = json_scalar_text(each);
      if (!text) lines.fail_here("{}: expected texts in the array", quoted_cell(key));
      add_caption(to, *text, lines.line());
    }
  }

  const CaptionListOptions& options_;
  CaptionList& out_;
  std::map<std::string, size_t> known_;
  int32_t file_ = 0;
  int64_t empty_ = 0;
  std::string first_empty_;
};

}  // namespace

CaptionList read_caption_list(std::span<const DataFile> files, const CaptionListOptions& options) {
  CaptionList out;
  CaptionListReader reader(options, out);
  for (const DataFile& file : files) reader.read(file);
  reader.finish();
  if (out.images.empty()) fail("{}: there are no rows in it", files_text(out.files));
  return out;
}

}  // namespace recur
