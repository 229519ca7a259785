#include "recur/data/classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

constexpr size_t kListed = 12;

int64_t total(const LabelCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0},
                         [](int64_t sum, const auto& entry) { return sum + entry.second; });
}

}  // namespace

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
  constexpr size_t kLongest = 40;  // beyond it, it is no label, and the message would hold all of another
  fail("{}: the label {} was not seen in training{}; classes: {}", place, quoted_cell(label),
       label.size() <= kLongest ? did_you_mean(label, known) : "", listed(classes.words(), kListed));
}

int32_t OpenClasses::number(std::string_view label, std::string_view place) {
  if (const auto id = classes_.find(label)) return *id;
  if (label.empty()) fail("{}: the label is missing", place);
  const auto found = numbers_.find(label);
  ++counts_[std::string(label)];
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<int32_t>(size());
  numbers_.emplace(label, number);
  lacking_.emplace_back(label);
  return number;
}

Vocabulary OpenClasses::names() const {
  std::vector<std::string> names = classes_.words();
  names.insert(names.end(), lacking_.begin(), lacking_.end());
  return Vocabulary(std::move(names));
}

std::string OpenClasses::warning(std::string_view of) const {
  if (lacking_.empty()) return "";
  return fmt::format("{} of {} that the model does not know, and count as its errors: {}", total(counts_), of,
                     labels_text(counts_));
}

std::string labels_text(const LabelCounts& counts) {
  std::vector<std::pair<std::string_view, int64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (size_t i = 0; i < std::min(kListed, sorted.size()); ++i) {
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", quoted_cell(sorted[i].first), sorted[i].second);
  }
  if (sorted.size() > kListed) out += fmt::format(" and {} more", sorted.size() - kListed);
  return out;
}

std::string validation_alone_text(const LabelCounts& train, const LabelCounts& valid, std::string_view one,
                                  std::string_view many) {
  LabelCounts alone;
  for (const auto& [label, count] : valid) {
    if (!label.empty() && !train.contains(label)) alone.emplace(label, count);
  }
  if (alone.empty()) return "";
  const bool single = alone.size() == 1;
  return fmt::format("{} of the validation data {} not in the training data, so the model cannot learn {}: {}",
                     counted(std::ssize(alone), one, many), single ? "is" : "are", single ? "it" : "them",
                     labels_text(alone));
}

}  // namespace recur
