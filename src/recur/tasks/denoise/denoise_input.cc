#include "recur/tasks/denoise/denoise_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/image_set.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/denoise/series_sounds.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 6> kTableNames{".csv", ".tsv", ".jsonl", ".json", ".ts", ".tsf"};

std::string input_of_array(const DataFile& file) {
  const ArrayReader reader(file);
  const std::vector<int64_t>& shape = reader.shape();
  if (shape.size() == 1) return "series";
  if (shape.size() > 3) return "pictures";
  const bool bytes = reader.element_type().kind == 'u' && reader.element_type().bytes == 1;
  if (shape.size() == 3 && (bytes || shape[1] == shape[2])) return "pictures";
  fail_usage("{}: an array of shape ({}) is {}, or {} series of {} steps; set input = pictures or series", file.name(),
             fmt::join(shape, ", "), shape.size() == 2 ? "one picture" : fmt::format("{} pictures", shape[0]), shape[0],
             shape[1]);
}

// Of a text: a list of pictures names one in its first two lines, and a table without a name that says so begins with a
// number.
std::string input_of_text(const DataFile& file) {
  LineReader lines(file);
  std::string_view line;
  bool numbers = false;
  for (int i = 0; i < 2 && lines.next(line); ++i) {
    const std::string_view first = trimmed(line.substr(0, line.find_first_of("\t,; ")));
    if (is_image_name(first)) return "pictures";
    numbers = numbers || parse_marked_number(first, {}).has_value();
  }
  const bool is_table = std::ranges::count(kTableNames, file.extension()) > 0;
  return is_table || numbers ? "series" : "pictures";
}

std::string input_of_file(const DataFile& file) {
  if (are_sounds({file})) return "series";
  constexpr size_t kHead = 16;
  if (is_folder(file) || image_format(file.head(kHead)) != ImageFormat::kNone) return "pictures";
  const std::string array = array_format(file);
  if (array == "npz") return "series";
  return array.empty() ? input_of_text(file) : input_of_array(file);
}

}  // namespace

std::string input_of(const DataFiles& files) {
  std::string kind;
  for (const DataFile& file : files) {
    const std::string own = input_of_file(file);
    if (!kind.empty() && own != kind) {
      fail_usage("{} holds {}, and {} {}; set input, or give files of one kind", files.front().name(), kind,
                 file.name(), own);
    }
    kind = own;
  }
  return kind;
}

}  // namespace recur
