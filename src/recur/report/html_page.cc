#include "recur/report/html_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/plot/svg.h"

namespace recur {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --pale: #d0d7de; --soft: #f6f8fa; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --pale: #3d444d; --soft: #161b22; --link: #79b8ff; }
}
body { margin: 0 auto; padding: 1rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--pale); }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--pale); text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; }
.wide { overflow-x: auto; margin: 1rem 0; }
figure { display: inline-block; vertical-align: top; max-width: 96%; margin: 0.5rem 0.5rem 0.5rem 0; padding: 0.5rem; border: 1px solid var(--pale); border-radius: 6px; background: #ffffff; color: #1f2328; }
figure svg { max-width: 100%; height: auto; }
figcaption { font-size: 0.85rem; }
button { font: inherit; font-size: 0.8rem; margin: 0.2rem 0.4rem 0.2rem 0; padding: 0.1rem 0.6rem; color: var(--ink);
  background: var(--soft); border: 1px solid var(--pale); border-radius: 4px; cursor: pointer; }
button:focus-visible, a:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
@media print {
  body { max-width: none; color: #000000; background: #ffffff; font-size: 11px; }
  button, nav { display: none; }
  figure, tr { break-inside: avoid; }
}
)";

// Copies the table before a button. Pages that were opened as files may not have the clipboard: then the text is
// selected.
constexpr std::string_view kScript = R"(
const cells = row => [...row.cells].map(cell => cell.textContent);
const csv = rows => rows.map(row => row.map(text => /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text)
  .join(',')).join('\n') + '\n';
const tex = text => text.replace(/\\/g, '\\textbackslash ').replace(/([&%$#_{}])/g, '\\$1').replace(/~/g, '\\textasciitilde ')
  .replace(/\^/g, '\\textasciicircum ');
const latex = rows => '\\begin{tabular}{' + rows[0].map(() => 'l').join('') + '}\n' +
  rows.map((row, i) => row.map(tex).join(' & ') + (i === 0 ? ' \\\\ \\hline' : ' \\\\')).join('\n') + '\n\\end{tabular}\n';
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.focus();
  }
  const said = document.getElementById('said');
  said.textContent = 'copied';
}
for (const button of document.querySelectorAll('button[data-table]')) {
  button.addEventListener('click', () => {
    const rows = [...document.getElementById(button.dataset.table).rows].map(cells);
    copy(button.dataset.as === 'csv' ? csv(rows) : latex(rows), button);
  });
}
)";

std::string cell_html(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return html_escaped(*text);
  if (const auto* whole = std::get_if<int64_t>(&cell)) return fmt::format("{}", *whole);
  const double value = std::get<double>(cell);
  return std::isnan(value) ? "none" : fmt::format("{:.5g}", value);
}

bool is_number(const TableCell& cell) { return !std::holds_alternative<std::string>(cell); }

}  // namespace

std::string html_escaped(std::string_view text) { return svg_escaped(text); }

void HtmlPage::heading(int level, std::string_view text) {
  if (level > 2) {
    body_ += fmt::format("<h{0}>{1}</h{0}>\n", level, html_escaped(text));
    return;
  }
  const std::string id = fmt::format("section-{}", ++sections_);
  body_ += fmt::format("<h2 id=\"{}\">{}</h2>\n", id, html_escaped(text));
  contents_ += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, html_escaped(text));
}

void HtmlPage::paragraph(std::string_view text) { body_ += fmt::format("<p>{}</p>\n", html_escaped(text)); }

void HtmlPage::table(std::string_view caption, const Table& table) {
  const std::string id = fmt::format("table-{}", ++tables_);
  std::vector<bool> numbers(table.columns.size(), !table.rows.empty());
  for (const auto& row : table.rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      const auto* text = std::get_if<std::string>(&row[c]);
      numbers[c] = numbers[c] && (is_number(row[c]) || text->empty());
    }
  }
  // What is too wide scrolls, which must be possible by keyboard too.
  body_ += fmt::format("<section class=\"wide\" tabindex=\"0\" aria-label=\"{}, table {}\">\n<table id=\"{}\">\n",
                       html_escaped(caption), tables_, id);
  body_ += fmt::format("<caption>{}</caption>\n<thead><tr>", html_escaped(caption));
  for (size_t c = 0; c < table.columns.size(); ++c) {
    body_ += fmt::format("<th scope=\"col\"{}>{}</th>", numbers[c] ? " class=\"number\"" : "",
                         html_escaped(table.columns[c]));
  }
  body_ += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    body_ += "<tr>";
    for (size_t c = 0; c < row.size(); ++c) {
      body_ += fmt::format("<td{}>{}</td>", numbers[c] ? " class=\"number\"" : "", cell_html(row[c]));
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody>\n</table>\n</section>\n<p>";
  for (const auto& [as, name] : {std::pair("csv", "CSV"), std::pair("latex", "LaTeX")}) {
    body_ += fmt::format(
        "<button type=\"button\" data-table=\"{}\" data-as=\"{}\" aria-label=\"Copy as {}: {}\">Copy as {}</button>",
        id, as, name, html_escaped(caption), name);
  }
  body_ += "</p>\n";
}

void HtmlPage::figure(std::string_view svg, std::string_view caption) {
  std::string picture(svg);
  const size_t at = picture.find("<svg ");
  if (at != std::string::npos) {
    picture.insert(at + 5, fmt::format("role=\"img\" aria-label=\"{}\" ", html_escaped(caption)));
  }
  body_ += fmt::format("<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", picture, html_escaped(caption));
}

std::string HtmlPage::html() const {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n</header>\n<nav "
      "aria-label=\"Contents\">\n<ul>\n{2}</ul>\n</nav>\n"
      "<main>\n{3}</main>\n<div id=\"said\" role=\"status\"></div>\n<script>{4}</script>\n</body>\n</html>\n",
      html_escaped(title_), kStyle, contents_, body_, kScript);
}

}  // namespace recur
