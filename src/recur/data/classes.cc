#include "recur/data/classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/data/tables/cell_text.h"

namespace recur {

Vocabulary fit_classes(std::span<const std::string> labels) {
  std::vector<std::string> names(labels.begin(), labels.end());
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase(names, "");
  const auto number = [](const std::string& name) { return parse_number(name); };
  if (std::ranges::all_of(names, [&](const auto& name) { return number(name).has_value(); })) {
    std::ranges::stable_sort(names, [&](const auto& a, const auto& b) { return *number(a) < *number(b); });
  }
  return Vocabulary(std::move(names));
}

int32_t class_of(const Vocabulary& classes, std::string_view label, std::string_view place) {
  if (const auto id = classes.find(label)) return *id;
  if (label.empty()) fail("{}: the label is missing", place);
  const std::vector<std::string_view> known(classes.words().begin(), classes.words().end());
  constexpr size_t kToList = 12;
  const std::span<const std::string> first = std::span(classes.words()).first(std::min(kToList, known.size()));
  fail("{}: the label {} was not seen in training{}; classes: {}{}", place, quoted_cell(label),
       did_you_mean(label, known), listed(first), first.size() < known.size() ? ", ..." : "");
}

}  // namespace recur
