// What a model writes, by columns.
#pragma once

#include <string>
#include <vector>

#include "binding.h"
#include "recur/tasks/sink.h"

namespace recur::python {

class TableSink final : public Sink {
 public:
  void columns(const std::vector<std::string>& names) override;
  void row(std::span<const TableCell> cells) override;
  bool text(std::string_view piece) override;
  void picture(const Picture& picture) override { pictures_.push_back(picture); }

  // (names, columns): whole numbers as an array of int64, numbers of float64, texts as a list. REQUIRES: the GIL.
  nb::tuple take_table();
  // Rows as dictionaries.
  nb::list take_rows();
  nb::object take_text();
  // {name: bytes}
  nb::dict take_pictures();

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<TableCell>> columns_;
  std::string text_;
  std::vector<Picture> pictures_;
};

nb::object object_of(const TableCell& cell);

}  // namespace recur::python
