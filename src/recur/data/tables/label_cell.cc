#include "recur/data/tables/label_cell.h"

#include "recur/data/tables/cell_text.h"

namespace recur {

std::string label_cell(std::string_view cell, const CellRules& rules) {
  const std::string_view label = trimmed(cell);
  if (label == "?" || (!rules.missing.empty() && label == rules.missing)) return "";
  return canonical_label(label);
}

}  // namespace recur
