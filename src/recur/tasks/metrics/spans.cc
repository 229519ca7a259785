#include "recur/tasks/metrics/spans.h"

#include <algorithm>
#include <iterator>

namespace recur {
namespace {

struct Parts {
  char prefix = 'O';  // or B, I, E, S
  std::string_view type = {};
};

Parts parts_of(std::string_view label) {
  constexpr std::string_view kPrefixes = "BIESMLU", kMeanings = "BIESIES";
  const size_t kind = label.size() < 3 || label[1] != '-' ? std::string_view::npos : kPrefixes.find(label[0]);
  if (kind == std::string_view::npos) return {};
  return {kMeanings[kind], label.substr(2)};
}

bool inside(const Parts& parts) { return parts.prefix != 'O'; }

// Whether a span ends between two neighbours, and whether one begins: conlleval's rules.
bool ends_between(const Parts& left, const Parts& right) {
  if (!inside(left)) return false;
  const bool right_begins = right.prefix == 'B' || right.prefix == 'S' || right.prefix == 'O';
  return left.prefix == 'E' || left.prefix == 'S' || right_begins || left.type != right.type;
}
bool begins_between(const Parts& left, const Parts& right) {
  if (!inside(right)) return false;
  return !inside(left) || ends_between(left, right);
}

}  // namespace

std::vector<LabelSpan> find_spans(std::span<const std::string_view> labels) {
  std::vector<LabelSpan> spans;
  Parts left;
  const auto steps = std::ssize(labels);
  int64_t begin = 0;
  for (int64_t t = 0; t <= steps; ++t) {
    const Parts right = t < steps ? parts_of(labels[t]) : Parts{};
    if (ends_between(left, right)) spans.push_back({begin, t, std::string(left.type)});
    if (begins_between(left, right)) begin = t;
    left = right;
  }
  return spans;
}

bool is_span_label(std::string_view label) { return label == "O" || inside(parts_of(label)); }

bool are_span_labels(std::span<const std::string> labels) {
  constexpr std::ptrdiff_t kOthers = 4;  // one of so many
  const auto others = std::ranges::count_if(labels, [](const std::string& label) { return !is_span_label(label); });
  return others * kOthers <= std::ssize(labels) &&
         std::ranges::any_of(labels, [](const std::string& label) { return inside(parts_of(label)); });
}

BinaryCounts compare_spans(std::span<const std::string_view> actual, std::span<const std::string_view> predicted) {
  const std::vector<LabelSpan> there = find_spans(actual), found = find_spans(predicted);
  std::vector<LabelSpan> both;
  std::ranges::set_intersection(there, found, std::back_inserter(both));
  const int64_t hits = std::ssize(both);
  return {.hits = hits, .false_alarms = std::ssize(found) - hits, .misses = std::ssize(there) - hits};
}

}  // namespace recur
