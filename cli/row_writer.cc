#include "cli/row_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "cli/facts.h"

namespace recur::cli {
namespace {

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string csv_cell(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return csv_text(*text);
  if (const auto* integer = std::get_if<int64_t>(&cell)) return fmt::format("{}", *integer);
  const double number = std::get<double>(cell);
  return std::isnan(number) ? "" : fmt::format("{}", number);  // there is none, as of an error without a known value
}

class CsvWriter : public Sink {
 public:
  explicit CsvWriter(TextWriter write) : write_(std::move(write)) {}

  void columns(const std::vector<std::string>& names) override {
    std::vector<TableCell> cells(names.begin(), names.end());
    row(cells);
  }

  void row(std::span<const TableCell> cells) override {
    std::vector<std::string> texts;
    for (const TableCell& cell : cells) texts.push_back(csv_cell(cell));
    write_(fmt::format("{}\n", fmt::join(texts, ",")));
  }

 private:
  TextWriter write_;
};

class JsonWriter : public Sink {
 public:
  explicit JsonWriter(TextWriter write) : write_(std::move(write)) {}

  void columns(const std::vector<std::string>& names) override { names_ = names; }

  void row(std::span<const TableCell> cells) override {
    Json object = Json::object();
    for (std::size_t i = 0; i < cells.size(); ++i) object[names_[i]] = cell_json(cells[i]);
    write_(json_line(object));
  }

 private:
  TextWriter write_;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Sink> make_row_writer(TextWriter write, bool json) {
  if (json) return std::make_unique<JsonWriter>(std::move(write));
  return std::make_unique<CsvWriter>(std::move(write));
}

}  // namespace recur::cli
