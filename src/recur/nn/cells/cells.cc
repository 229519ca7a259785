#include <fmt/format.h>

#include "recur/base/suggest.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/slice.h"

namespace recur {

const Cell& rnn_cell();
const Cell& rnn_relu_cell();
const Cell& lstm_cell();
const Cell& lstm_peephole_cell();
const Cell& lstm_coupled_cell();
const Cell& gru_cell();
const Cell& gru_reset_before_cell();

std::span<const Cell* const> cells() {
  static const Cell* const list[] = {
      &rnn_cell(),       //
      &rnn_relu_cell(),  //
      &lstm_cell(),      //
      &lstm_peephole_cell(), &lstm_coupled_cell(), &gru_cell(), &gru_reset_before_cell(),
  };
  return list;
}

const Cell& find_cell(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Cell* cell : cells()) {
    if (cell->name == name) return *cell;
    names.push_back(cell->name);
  }
  const auto near = nearest(name, names);
  fail_usage("unknown cell '{}'{}; known: {}", name, near ? fmt::format(": did you mean '{}'?", *near) : "",
             fmt::join(names, ", "));
}

Tensor gate(const Tensor& gates, int g, int64_t hidden) {
  return slice(gates, {.axis = 1, .begin = g * hidden}, hidden);
}

}  // namespace recur
