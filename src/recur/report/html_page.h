// One HTML page that needs nothing else: no request leaves it. Headings, paragraphs, tables and pictures in order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/sink.h"

namespace recur {

std::string html_escaped(std::string_view text);

class HtmlPage {
 public:
  explicit HtmlPage(std::string title) : title_(std::move(title)) {}

  void heading(int level, std::string_view text);  // 2, 3, ...; the title is 1
  void paragraph(std::string_view text);
  // Numbers to the right, texts to the left; with buttons that copy it as CSV and as LaTeX.
  void table(std::string_view caption, const Table& table);
  // An SVG picture, with words for those who cannot see it.
  void figure(std::string_view svg, std::string_view caption);

  // The whole page: readable in light and dark, on paper, by keyboard and aloud.
  std::string html() const;

 private:
  std::string title_, body_, contents_;
  int sections_ = 0, tables_ = 0;
};

}  // namespace recur
