#include "recur/data/strokes/writings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

bool holds_strokes(const DataFile& file) {
  constexpr size_t kHead = size_t{1} << 16;
  const std::string extension = file.extension();
  const bool named = extension == ".jsonl" || extension == ".json" || extension == ".ndjson";
  if (!named && !extension.empty()) return false;  // a sound is not opened for this
  const std::string head = file.head(kHead);       // of a pipe, which has no extension, too
  return (named || begins_json_objects(head)) && head.find("\"strokes\"") != std::string::npos;
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

PenMoves read_moves(const JsonLines& lines, const Json& strokes, bool points) {
  if (strokes.is_text()) {
    const auto inner = parse_json(strokes.get<std::string_view>(), JsonLines::kDeepest);
    if (inner && inner->is_array()) return read_moves(lines, *inner, points);
  }
  if (!strokes.is_array()) lines.fail_here("strokes: expected an array of [x, y, lifts]");
  PenMoves out;
  PenMove last;
  for (size_t i = 0; i < strokes.size(); ++i) {
    const Json& point = strokes[i];
    if (!point.is_array() || point.size() != 3) {
      lines.fail_here("strokes[{}]: expected [x, y, lifts], got {}", i, shortened(point.dump()));
    }
    const PenMove read{read_coordinate(lines, i, point[0]), read_coordinate(lines, i, point[1]),
                       read_lift(lines, i, point[2])};
    out.push_back(read);
    if (points) {
      out.back().x -= i == 0 ? read.x : last.x;
      out.back().y -= i == 0 ? read.y : last.y;
    }
    last = read;
  }
  return out;
}

}  // namespace

bool hold_writings(std::span<const DataFile> files) {
  const auto count = std::ranges::count_if(files, holds_strokes);
  if (count > 0 && count < std::ssize(files)) {
    fail("expected sounds or strokes, got both: {} of {} files hold strokes", count, files.size());
  }
  return count > 0;
}

std::vector<Writing> read_writings(std::span<const DataFile> files, bool points) {
  std::vector<Writing> out;
  std::vector<std::string> left_out;
  for (const DataFile& file : files) {
    JsonLines lines(file);
    while (lines.next()) {
      const Json* const strokes = lines.object().find("strokes");
      if (strokes == nullptr) lines.fail_here("expected the key \"strokes\"");
      Writing writing{.text = lines.scalar("text").value_or(""),
                      .moves = read_moves(lines, *strokes, points),
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
  if (out.empty()) fail("no writing with a text and two points");
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
