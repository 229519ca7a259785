#include "recur/data/text/word_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

// The number at the front of `text`, which is taken away with the spaces before it; nothing when there is none.
std::optional<float> take_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  float value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  return value;
}

// A line, without spaces behind it: a word and its numbers.
struct Row {
  std::string_view word, numbers;
  int64_t columns = 0;  // between spaces
};

Row split_row(std::string_view line, int64_t features) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  Row row{.word = line, .numbers = {}, .columns = std::ranges::count(line, ' ') + 1};
  if (row.columns <= features) return row;
  size_t at = line.size();
  for (int64_t f = 0; f < features; ++f) at = line.rfind(' ', at - 1);
  return {.word = line.substr(0, at), .numbers = line.substr(at), .columns = row.columns};
}

// Whether the word ends in numbers, or is one with numbers behind it: then the line has more of them than asked for.
bool ends_in_number(std::string_view word) {
  const size_t space = word.rfind(' ');
  return space != std::string::npos && parse_number(word.substr(space + 1)).has_value();
}

}  // namespace

std::string WordVectorsRead::note(const std::filesystem::path& path) const {
  if (not_utf8 == 0) return "";
  return fmt::format("{}: {} skipped, the first in line {}", path.string(),
                     counted(not_utf8, "word is not UTF-8 and is", "words are not UTF-8 and are"), first_broken);
}

WordVectorsRead read_word_vectors(const std::filesystem::path& path,
                                  const std::function<std::optional<int32_t>(std::string_view)>& id_of, Tensor table) {
  const int64_t features = table.size(1);
  std::vector<bool> found(static_cast<size_t>(table.size(0)), false);
  float* rows = table.data<float>();
  WordVectorsRead out;
  LineReader lines{DataFile(path)};
  for (std::string_view line; lines.next(line);) {
    const Row row = split_row(line, features);
    const bool is_header =
        row.columns == 2 && features != 1 && line.find_first_not_of("0123456789 ") == std::string::npos;
    if (lines.line() == 1 && is_header) continue;  // word2vec's: words and features
    if (row.columns < features + 1 || (row.columns > features + 1 && ends_in_number(row.word))) {
      lines.fail_here("expected a word and {} numbers, got {} columns", features, row.columns);
    }
    if (find_invalid_utf8(row.word) != kNoPosition) {
      if (out.not_utf8++ == 0) out.first_broken = lines.line();
      continue;
    }
    const auto id = id_of(row.word);
    if (!id || found[static_cast<size_t>(*id)]) continue;
    found[static_cast<size_t>(*id)] = true;
    std::string_view rest = row.numbers;
    const int64_t words = row.columns - features;  // that the word is made of
    for (int64_t f = 0; f < features; ++f) {
      const auto value = take_number(rest);
      if (!value) lines.fail_here("column {}: expected a number", words + f + 1);
      rows[*id * features + f] = *value;
    }
  }
  out.found = std::ranges::count(found, true);
  return out;
}

}  // namespace recur
