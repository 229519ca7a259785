#include "table_sink.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "recur/base/error.h"

namespace recur::python {
namespace {

nb::object str_of(const std::string& text) {
  PyObject* const made = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

template <class T>
nb::object array_of(const std::vector<TableCell>& cells) {
  auto* const values = new std::vector<T>(cells.size());
  const nb::capsule owner(values, [](void* kept) noexcept { delete static_cast<std::vector<T>*>(kept); });
  std::ranges::transform(cells, values->begin(), [](const TableCell& cell) {
    if (const auto* whole = std::get_if<int64_t>(&cell)) return static_cast<T>(*whole);
    return static_cast<T>(std::get<double>(cell));
  });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(values->data(), {values->size()}, owner));
}

nb::object column_of(const std::vector<TableCell>& cells) {
  const auto holds = [&](auto is) { return std::ranges::all_of(cells, is); };
  if (holds([](const TableCell& cell) { return std::holds_alternative<int64_t>(cell); }))
    return array_of<int64_t>(cells);
  if (holds([](const TableCell& cell) { return !std::holds_alternative<std::string>(cell); }))
    return array_of<double>(cells);
  nb::list list;
  for (const TableCell& cell : cells) list.append(object_of(cell));
  return list;
}

}  // namespace

nb::object object_of(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return str_of(*text);
  if (const auto* whole = std::get_if<int64_t>(&cell)) return nb::int_(*whole);
  return nb::float_(std::get<double>(cell));
}

void TableSink::columns(const std::vector<std::string>& names) {
  names_ = names;
  columns_.resize(names.size());
}

void TableSink::row(std::span<const TableCell> cells) {
  if (cells.size() != columns_.size()) fail("row: expected {} cells, got {}", columns_.size(), cells.size());
  for (size_t i = 0; i < cells.size(); ++i) columns_[i].push_back(cells[i]);
}

bool TableSink::text(std::string_view piece) {
  text_ += piece;
  return true;
}

nb::tuple TableSink::take_table() {
  nb::list columns;
  for (const auto& cells : columns_) columns.append(column_of(cells));
  return nb::make_tuple(names_, columns);
}

nb::list TableSink::take_rows() {
  nb::list rows;
  const size_t count = columns_.empty() ? 0 : columns_.front().size();
  for (size_t i = 0; i < count; ++i) {
    nb::dict row;
    for (size_t c = 0; c < columns_.size(); ++c) row[str_of(names_[c])] = object_of(columns_[c][i]);
    rows.append(row);
  }
  for (auto& cells : columns_) cells.clear();
  return rows;
}

nb::object TableSink::take_text() { return str_of(std::exchange(text_, {})); }

nb::dict TableSink::take_pictures() {
  nb::dict pictures;
  for (const Picture& each : pictures_) pictures[str_of(each.name)] = nb::bytes(each.bytes.data(), each.bytes.size());
  return pictures;
}

}  // namespace recur::python
