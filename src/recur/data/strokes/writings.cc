#include "recur/data/strokes/writings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

bool is_json_name(const DataFile& file) {
  const std::string extension = file.extension();
  return extension == ".jsonl" || extension == ".json" || extension == ".ndjson";
}

bool begins_strokes(const DataFile& file) {
  constexpr size_t kHead = size_t{1} << 16;
  const std::string head = file.head(kHead);
  const bool is_named = is_json_name(file);
  if (is_named && head.find_first_not_of(" \t\r\n") == std::string::npos) {
    fail("{}: the file is empty; expected JSON lines of strokes, or of sounds with their texts", file.name());
  }
  return (is_named || begins_json_objects(head)) && head.find("\"strokes\"") != std::string::npos;
}

// A folder is one of sounds.
void refuse_strokes_in(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const DataFile file(at->path());
    std::error_code unreadable;
    if (is_json_name(file) && at->is_regular_file(unreadable) && at->file_size(unreadable) > 0 &&
        begins_strokes(file)) {
      fail("{}: expected files of strokes, or a folder of sounds, got a folder that holds strokes: {}", folder.string(),
           file.name());
    }
  }
}

bool holds_strokes(const DataFile& file) {
  std::error_code unknown;
  if (file.memory() == nullptr && fs::is_directory(file.name(), unknown)) {
    refuse_strokes_in(file.name());
    return false;
  }
  // A sound is not opened for this; a pipe, which has no extension, is.
  return (is_json_name(file) || file.extension().empty()) && begins_strokes(file);
}

// A number of a point, which must be no further out than a page of any unit.
float read_coordinate(const JsonLines& lines, size_t point, const Json& value) {
  constexpr double kMost = 1e9;
  const double number = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (!(std::abs(number) <= kMost)) {
    lines.fail_here("strokes[{}]: expected numbers up to {}, got {}", point, kMost, shortened(value.dump()));
  }
  return static_cast<float>(number);
}

bool read_lift(const JsonLines& lines, size_t point, const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  const double number = value.is_number() ? value.get<double>() : -1;
  if (number != 0 && number != 1) {
    lines.fail_here("strokes[{}]: expected 1 where the pen is lifted after the point, else 0, got {}", point,
                    shortened(value.dump()));
  }
  return number == 1;
}

PenMoves read_moves(const JsonLines& lines, const Json& strokes) {
  if (strokes.is_text()) {
    const auto inner = parse_json(strokes.get<std::string_view>(), JsonLines::kDeepest);
    if (inner && inner->is_array()) return read_moves(lines, *inner);
  }
  if (!strokes.is_array()) lines.fail_here("strokes: expected an array of [x, y, lifts]");
  PenMoves out;
  for (size_t i = 0; i < strokes.size(); ++i) {
    const Json& point = strokes[i];
    if (!point.is_array() || point.size() != 3) {
      lines.fail_here("strokes[{}]: expected [x, y, lifts], got {}", i, shortened(point.dump()));
    }
    out.push_back(
        {read_coordinate(lines, i, point[0]), read_coordinate(lines, i, point[1]), read_lift(lines, i, point[2])});
  }
  return out;
}

}  // namespace

bool hold_writings(std::span<const DataFile> files) {
  std::vector<std::string> with, without;
  for (const DataFile& file : files) (holds_strokes(file) ? with : without).push_back(file.name());
  if (!with.empty() && !without.empty()) {
    fail("expected sounds or strokes, got both: {} of {} files hold strokes: {} does, {} does not", with.size(),
         files.size(), with.front(), without.front());
  }
  return !with.empty();
}

std::vector<Writing> read_writings(std::span<const DataFile> files) {
  std::vector<Writing> out;
  std::vector<std::string> names, left_out;
  for (const DataFile& file : files) {
    names.push_back(file.name());
    JsonLines lines(file);
    while (lines.next()) {
      const Json* const strokes = lines.object().find("strokes");
      if (strokes == nullptr) lines.fail_here("expected the key \"strokes\"");
      Writing writing{.text = lines.scalar("text").value_or(""),
                      .moves = read_moves(lines, *strokes),
                      .name = fmt::format("{}:{}", file.name(), lines.line())};
      const bool blank = writing.text.find_first_not_of(" \t\r\n") == std::string::npos;
      if (blank || writing.moves.size() < 2) {
        left_out.push_back(writing.name);
      } else {
        out.push_back(std::move(writing));
      }
    }
  }
  if (!left_out.empty()) {
    log_warning("{} of {} writings have no text or fewer than two points, and are left out: {}", left_out.size(),
                left_out.size() + out.size(), listed(left_out, 5));
  }
  if (out.empty()) fail("{}: no writing with a text and two points", files_text(names));
  return out;
}

std::string strokes_json(const PenMoves& moves, bool points) {
  std::string out = "[";
  double x = 0, y = 0;
  for (size_t i = 0; i < moves.size(); ++i) {
    const PenMove& move = moves[i];
    if (!points) x = y = 0;
    if (!points || i > 0) {
      x += double{move.x};
      y += double{move.y};
    }
    out += fmt::format("{}[{:.6g},{:.6g},{}]", i > 0 ? "," : "", x, y, move.lifts ? 1 : 0);
  }
  return out + "]";
}

}  // namespace recur
