#include "recur/tasks/synthesize/alignment.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/plot/svg.h"

namespace recur {

std::vector<int64_t> looked_at(const AttentionRows& weights) {
  std::vector<int64_t> out;
  for (const auto& row : weights) out.push_back(std::ranges::max_element(row) - row.begin());
  return out;
}

bool is_diagonal(const AttentionRows& weights) {
  constexpr int64_t kNear = 3, kMostBack = 1, kMostOn = 4, kFarBack = 4;
  constexpr double kShare = 0.95;
  if (weights.empty() || weights.front().empty()) return false;
  const std::vector<int64_t> at = looked_at(weights);
  const auto steps = std::ssize(at), symbols = std::ssize(weights.front());
  const auto first = std::span(at).first(static_cast<size_t>(std::min(steps, kNear)));
  if (std::ranges::min(first) >= kNear || at.back() < symbols - kNear) return false;
  int64_t good = 0;
  for (size_t u = 1; u < at.size(); ++u) {
    const int64_t move = at[u] - at[u - 1];
    if (move < -kFarBack) return false;
    if (move >= -kMostBack && move <= kMostOn) ++good;
  }
  return static_cast<double>(good) >= kShare * static_cast<double>(steps - 1);
}

double focus(const AttentionRows& weights) {
  double sum = 0;
  for (const auto& row : weights) sum += row.empty() ? 0 : double{*std::ranges::max_element(row)};
  return weights.empty() ? 0 : sum / static_cast<double>(weights.size());
}

namespace {

// Pixels.
constexpr double kRow = 13, kWidest = 900, kStep = 14, kTop = 26, kBelow = 34, kEdge = 12;
constexpr float kFaint = 0.02f;  // weights below it are not drawn

std::string shade(float weight) {  // from white to kMarked
  const float share = std::clamp(weight, 0.0f, 1.0f);
  const auto mix = [&](int dark) { return static_cast<int>(255 - share * static_cast<float>(255 - dark)); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0x08), mix(0x51), mix(0x9c));
}

struct Drawn {
  double width, height;
};

Drawn draw_panel(const AlignmentPanel& panel, double top, double seconds_per_step, SvgDrawing& to) {
  double left = kEdge;
  for (const std::string& symbol : panel.symbols) left = std::max(left, 2 * kEdge + text_width(symbol));
  const auto steps = static_cast<double>(panel.weights.size());
  const double width = std::min(kStep, kWidest / std::max(steps, 1.0));
  to.text(left, top + 14, panel.title, "start", "font-weight=\"600\"");
  const double grid = top + kTop, bottom = grid + kRow * static_cast<double>(panel.symbols.size());
  for (size_t s = 0; s < panel.symbols.size(); ++s) {
    to.text(left - 6, grid + kRow * (static_cast<double>(s) + 0.8), panel.symbols[s], "end");
  }
  for (size_t u = 0; u < panel.weights.size(); ++u) {
    const auto& row = panel.weights[u];
    for (size_t s = 0; s < row.size(); ++s) {
      if (row[s] < kFaint) continue;
      to.rect(left + width * static_cast<double>(u), grid + kRow * static_cast<double>(s), width, kRow, shade(row[s]));
    }
  }
  to.line(left, grid, left, bottom, kInk);
  to.line(left, bottom, left + steps * width, bottom, kInk);
  const double seconds = steps * seconds_per_step;
  if (seconds > 0) {
    for (const double tick : round_ticks(0, seconds)) {
      const double x = left + tick / seconds_per_step * width;
      to.line(x, bottom, x, bottom + 4, kInk);
      to.text(x, bottom + 17, fmt::format("{:g} s", tick), "middle");
    }
  }
  return {left + steps * width + 2 * kEdge, bottom + kBelow - top};
}

}  // namespace

std::string alignment_chart_svg(std::span<const AlignmentPanel> panels, double seconds_per_step) {
  SvgDrawing drawing;
  double top = kEdge, width = 2 * kEdge;
  for (const AlignmentPanel& panel : panels) {
    const Drawn drawn = draw_panel(panel, top, seconds_per_step, drawing);
    top += drawn.height;
    width = std::max(width, drawn.width);
  }
  return drawing.svg(width, top + kEdge, "attention: characters over time");
}

}  // namespace recur
