// Spans of labelled steps, such as names in a sentence, and their metrics by the rules of the CoNLL shared tasks
// (Tjong Kim Sang and Buchholz 2000): a span is correct if begin, end and type are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/metrics/classification.h"

namespace recur {

struct LabelSpan {
  int64_t begin = 0, end = 0;  // steps [begin, end)
  std::string type;

  auto operator<=>(const LabelSpan&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy's error
};

// The spans of a sequence, in order. Labels are "O", or a prefix and a type: B-x begins, I-x or M-x goes on, E-x or L-x
// ends, S-x or U-x is a whole span (IOB1, IOB2, BIOES, BILOU and BMES alike). A prefix that does not fit what comes
// before, such as I-x after O or after y, begins a span; other labels are outside.
std::vector<LabelSpan> find_spans(std::span<const std::string_view> labels);

// Whether a label is "O" or a prefix and a type.
bool is_span_label(std::string_view label);
// Whether labels are of this kind: one at least is of a span, and at most a quarter of them, slips of who wrote them,
// are of no kind of these.
bool are_span_labels(std::span<const std::string> labels);

// The hits, false alarms and misses of predicted spans in one sequence; add them up over sequences for F1.
BinaryCounts compare_spans(std::span<const std::string_view> actual, std::span<const std::string_view> predicted);

}  // namespace recur
