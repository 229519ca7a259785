// Attention as a picture: for each prediction a grid, a row a target token, a column a source token.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace recur {

struct AttentionPanel {
  std::vector<std::string> source, target;  // tokens; an end is shown as one more
  std::vector<std::vector<float>> weights;  // [target][source], 0 .. 1
};

// The panels, one below the other, as the text of an SVG file. The darker a cell, the larger its weight; the weight is
// its title, which browsers show under the pointer.
std::string attention_chart_svg(std::span<const AttentionPanel> panels);

}  // namespace recur
