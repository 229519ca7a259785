#include "recur/data/text/word_vectors.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/line_reader.h"

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

int64_t count_columns(std::string_view line) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  return std::ranges::count(line, ' ') + 1;
}

}  // namespace

int64_t read_word_vectors(const std::filesystem::path& path,
                          const std::function<std::optional<int32_t>(std::string_view)>& id_of, Tensor table) {
  const int64_t features = table.size(1);
  std::vector<bool> found(static_cast<size_t>(table.size(0)), false);
  float* rows = table.data<float>();
  LineReader lines{DataFile(path)};
  for (std::string_view line; lines.next(line);) {
    const int64_t columns = count_columns(line);
    const bool is_header = columns == 2 && features != 1 && line.find_first_not_of("0123456789 ") == line.npos;
    if (lines.line() == 1 && is_header) continue;  // word2vec's: words and features
    if (columns != features + 1) lines.fail_here("expected a word and {} numbers, got {} columns", features, columns);
    const size_t end = line.find(' ');
    const auto id = id_of(line.substr(0, end));
    if (!id || found[static_cast<size_t>(*id)]) continue;
    found[static_cast<size_t>(*id)] = true;
    std::string_view rest = line.substr(end);
    for (int64_t f = 0; f < features; ++f) {
      const auto value = take_number(rest);
      if (!value) lines.fail_here("column {}: expected a number", f + 2);
      rows[*id * features + f] = *value;
    }
  }
  return std::ranges::count(found, true);
}

}  // namespace recur
