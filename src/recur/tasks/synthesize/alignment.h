// Where a decoder looked while it spoke.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace recur {

// The weights of attention [U][S] of U steps over S symbols, the last of which is the end.
using AttentionRows = std::vector<std::vector<float>>;

// The symbol at which each step looked most.
std::vector<int64_t> looked_at(const AttentionRows& weights);

// Whether a text was read from its beginning to its end, in order: one of the first three steps looks at one of the
// first three symbols, the last step at one of the last three; of the moves from step to step at least 95 % go from one
// symbol back to four on, and none goes further back than four.
bool is_diagonal(const AttentionRows& weights);

// The mean over steps of the largest weight: 1 where each step looks at one symbol alone.
double focus(const AttentionRows& weights);

struct AlignmentPanel {
  std::string title;
  std::vector<std::string> symbols;
  AttentionRows weights;
};

// The panels, one below the other, as the text of an SVG file: time from left to right, symbols from top to bottom. The
// darker, the larger the weight.
std::string alignment_chart_svg(std::span<const AlignmentPanel> panels, double seconds_per_step);

}  // namespace recur
