#include "recur/tasks/translate/attention_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/data/files/utf8.h"

namespace recur {
namespace {

// Pixels.
constexpr double kCell = 22, kCharacter = 7.4, kGap = 30, kMargin = 16, kRoom = 8;
constexpr size_t kLongestToken = 24;  // characters shown of it

// The characters of a token as they are shown: blanks are made visible, what is no text is replaced, long tokens are
// cut off.
std::vector<std::string> shown_characters(const std::string& token) {
  std::vector<std::string> out;
  for (size_t at = 0; at < token.size();) {
    const DecodedCodePoint c = decode_utf8(token, at);
    const size_t bytes = std::max<size_t>(c.bytes, 1);
    std::string text = token.substr(at, bytes);
    at += bytes;
    if (out.size() == kLongestToken) {
      out.emplace_back("\u2026");
      break;
    }
    if (c.bytes == 0 || c.value == 0x7F || (c.value < ' ' && c.value != '\n')) text = kReplacementCharacter;
    if (text == " " && at < token.size() && out.empty()) continue;  // the blank before a word
    if (text == " ") text = "\u2423";
    if (text == "\n") text = "\u21b5";
    if (text == "&") text = "&amp;";
    if (text == "<") text = "&lt;";
    if (text == ">") text = "&gt;";
    out.push_back(std::move(text));
  }
  return out;
}

std::string shown(const std::string& token) {
  std::string text;
  for (const std::string& c : shown_characters(token)) text += c;
  return text;
}

double width_of(const std::vector<std::string>& tokens) {
  size_t most = 1;
  for (const std::string& token : tokens) most = std::max(most, shown_characters(token).size());
  return static_cast<double>(most) * kCharacter + kRoom;
}

struct Drawn {
  std::string svg;
  double width = 0, height = 0;
};

std::string cell(double x, double y, double weight) {
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" fill=\"#08519c\" fill-opacity=\"{:.3f}\" "
      "stroke=\"#dddddd\" stroke-width=\"0.5\"><title>{:.3f}</title></rect>\n",
      x, y, kCell, kCell, weight, weight);
}

Drawn draw_panel(const AttentionPanel& panel, double top) {
  const double left = kMargin + width_of(panel.target), grid = top + width_of(panel.source);
  Drawn out{.svg = {},
            .width = left + static_cast<double>(panel.source.size()) * kCell + kMargin,
            .height = grid - top + static_cast<double>(panel.target.size()) * kCell};
  for (size_t s = 0; s < panel.source.size(); ++s) {
    const double x = left + (static_cast<double>(s) + 0.68) * kCell;
    out.svg += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\" transform=\"rotate(-90 {0:.1f} {1:.1f})\">{2}</text>\n",
                           x, grid - 6, shown(panel.source[s]));
  }
  for (size_t t = 0; t < panel.target.size(); ++t) {
    const double y = grid + static_cast<double>(t) * kCell;
    out.svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - 6,
                           y + 0.68 * kCell, shown(panel.target[t]));
    for (size_t s = 0; s < panel.source.size(); ++s) {
      const bool known = t < panel.weights.size() && s < panel.weights[t].size();
      const double weight = known ? std::clamp(static_cast<double>(panel.weights[t][s]), 0.0, 1.0) : 0;
      out.svg += cell(left + static_cast<double>(s) * kCell, y, weight);
    }
  }
  return out;
}

}  // namespace

std::string attention_chart_svg(std::span<const AttentionPanel> panels) {
  std::string body;
  double width = 2 * kMargin, top = kMargin;
  for (const AttentionPanel& panel : panels) {
    const Drawn drawn = draw_panel(panel, top);
    body += drawn.svg;
    width = std::max(width, drawn.width);
    top += drawn.height + kGap;
  }
  const double height = panels.empty() ? 2 * kMargin : top - kGap + kMargin;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"DejaVu Sans Mono, monospace\" font-size=\"12\" fill=\"#333333\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{2}</svg>\n",
      width, height, body);
}

}  // namespace recur
