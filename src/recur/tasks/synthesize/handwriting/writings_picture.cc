#include "recur/tasks/synthesize/handwriting/writings_picture.h"

#include <algorithm>
#include <vector>

#include "recur/plot/svg.h"

namespace recur {
namespace {

struct InkBox {
  double left = 0, top = 0, right = 0, bottom = 0;

  void take(double x, double y) {
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
};

// Calls visit(xs, ys) with the places of each stroke.
template <class Visit>
void for_each_stroke(const PenMoves& moves, Visit&& visit) {
  std::vector<double> xs, ys;
  double x = 0, y = 0;
  for (const PenMove& move : moves) {
    x += double{move.x};
    y += double{move.y};
    xs.push_back(x);
    ys.push_back(y);
    if (!move.lifts && &move != &moves.back()) continue;
    visit(xs, ys);
    xs.clear();
    ys.clear();
  }
}

}  // namespace

std::string writings_svg(std::span<const Writing> writings) {
  constexpr double kHeight = 80, kMargin = 20, kMostWidth = 1600;  // pixels, of a line of writing
  SvgDrawing drawing;
  double at = kMargin, widest = 200;
  for (const Writing& writing : writings) {
    InkBox box;
    for_each_stroke(writing.moves, [&](const auto& xs, const auto& ys) {
      for (size_t i = 0; i < xs.size(); ++i) box.take(xs[i], ys[i]);
    });
    const double tall = std::max(box.bottom - box.top, 1e-9), wide = std::max(box.right - box.left, 1e-9);
    const double scale = std::min(kHeight / tall, kMostWidth / wide);
    drawing.text(kMargin, at, writing.name, "start", "fill=\"#888888\" font-size=\"12\"");
    at += kMargin / 2;
    for_each_stroke(writing.moves, [&](const auto& xs, const auto& ys) {
      std::vector<double> across, down;
      for (const double x : xs) across.push_back(kMargin + (x - box.left) * scale);
      for (const double y : ys) down.push_back(at + (y - box.top) * scale);
      if (xs.size() == 1) {  // a dot is a short line
        across.push_back(across.front() + 2);
        down.push_back(down.front());
      }
      drawing.path(across, down, kInk, 2);
    });
    at += tall * scale + 2 * kMargin;
    widest = std::max(widest, wide * scale);
  }
  return drawing.svg(widest + 2 * kMargin, at, "handwriting");
}

}  // namespace recur
