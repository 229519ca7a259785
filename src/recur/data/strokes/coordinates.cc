#include "recur/data/strokes/coordinates.h"

#include <algorithm>
#include <cmath>

#include "recur/base/log.h"
#include "recur/base/quantile.h"
#include "recur/data/strokes/far_move.h"

namespace recur {
namespace {

// How the numbers of a writing go on. The first row, which may be the way from a corner of the page, does not count.
struct Course {
  double drift = 0;   // the length of the sum of all beside the sum of their lengths: 1 where all go one way
  double change = 0;  // how far each is from the next, beside the sum of their lengths
};

// Of those of at least four points whose numbers are not all 0.
std::optional<Course> course_of(const PenMoves& rows) {
  constexpr size_t kFewest = 4;
  if (rows.size() < kFewest) return std::nullopt;
  double x = 0, y = 0, lengths = 0, changes = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    const double own_x = double{rows[i].x}, own_y = double{rows[i].y};
    x += own_x;
    y += own_y;
    lengths += std::hypot(own_x, own_y);
    if (i > 1) changes += std::hypot(own_x - double{rows[i - 1].x}, own_y - double{rows[i - 1].y});
  }
  if (!(lengths > 0)) return std::nullopt;
  return Course{.drift = std::hypot(x, y) / lengths, .change = changes / lengths};
}

bool all_rest(std::span<const Writing> writings) {
  return std::ranges::all_of(writings, [](const Writing& each) {
    return std::ranges::all_of(each.moves, [](const PenMove& row) { return row.x == 0 && row.y == 0; });
  });
}

double median(std::vector<double> values) {
  sort_numbers(values);
  return quantile(std::span<const double>(values), 0.5);
}

void make_moves(PenMoves& points) {
  PenMove last = points.empty() ? PenMove{} : points.front();
  for (PenMove& each : points) {
    const PenMove point = each;
    each.x -= last.x;
    each.y -= last.y;
    last = point;
  }
}

}  // namespace

std::string_view text_of(Coordinates kind) {
  return kind == Coordinates::kMoves ? "moves from point to point" : "points";
}

// The bounds lie between made hands of 3 to 60 points a letter and 1 to 40 letters: moves drift by 0.1 to 0.3, where
// letters are simple by 0.6, points by 0.85 and more. Points around 0 in their middle do not drift, and neighbours
// differ little, as those of moves taken very often.
std::optional<Coordinates> guess_coordinates(std::span<const Writing> as_read) {
  constexpr double kMovesDrift = 0.6, kMovesChange = 0.12, kPointsDrift = 0.75, kPointsChange = 1;
  std::vector<double> drifts, changes;
  for (const Writing& each : as_read) {
    if (const auto course = course_of(each.moves)) {
      drifts.push_back(course->drift);
      changes.push_back(course->change);
    }
  }
  if (all_rest(as_read)) return Coordinates::kMoves;  // either way there is none
  if (drifts.empty()) return std::nullopt;
  const double drift = median(std::move(drifts)), change = median(std::move(changes));
  if (drift >= kPointsDrift && change < kPointsChange) return Coordinates::kPoints;
  if (drift < kMovesDrift && change >= kMovesChange) return Coordinates::kMoves;
  return std::nullopt;
}

std::vector<Writing> moves_of(std::vector<Writing> as_read, Coordinates kind) {
  if (const auto guess = guess_coordinates(as_read); guess && *guess != kind) {
    log_warning("{}: the numbers of the strokes look like {}, but are read as {}", as_read.front().name,
                text_of(*guess), text_of(kind));
  }
  if (kind == Coordinates::kPoints) {
    for (Writing& each : as_read) make_moves(each.moves);
  }
  warn_of_far_move(as_read);
  return as_read;
}

}  // namespace recur
