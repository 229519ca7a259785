#include "recur/tasks/metrics/spans.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

using Labels = std::vector<std::string_view>;
using Spans = std::vector<LabelSpan>;

TEST(FindSpans, ReadsEveryScheme) {
  const Spans expected{{0, 2, "PER"}, {3, 4, "LOC"}, {4, 6, "LOC"}};
  EXPECT_EQ(find_spans(Labels{"B-PER", "I-PER", "O", "B-LOC", "B-LOC", "I-LOC"}), expected);
  EXPECT_EQ(find_spans(Labels{"I-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-LOC"}), expected);
  EXPECT_EQ(find_spans(Labels{"B-PER", "E-PER", "O", "S-LOC", "B-LOC", "E-LOC"}), expected);
  EXPECT_EQ(find_spans(Labels{"B-PER", "L-PER", "O", "U-LOC", "B-LOC", "L-LOC"}), expected);
  EXPECT_EQ(find_spans(Labels{"B-A", "M-A", "E-A", "S-A"}), (Spans{{0, 3, "A"}, {3, 4, "A"}}));
}

TEST(FindSpans, APrefixThatDoesNotFitBeginsASpan) {
  EXPECT_EQ(find_spans(Labels{"O", "I-A", "I-B", "E-B", "I-B"}), (Spans{{1, 2, "A"}, {2, 4, "B"}, {4, 5, "B"}}));
  EXPECT_EQ(find_spans(Labels{"S-A", "I-A"}), (Spans{{0, 1, "A"}, {1, 2, "A"}}));
}

TEST(FindSpans, OtherLabelsAreOutside) {
  EXPECT_TRUE(find_spans(Labels{"O", "NOUN", "B-", "X-PER", ""}).empty());
  EXPECT_TRUE(find_spans({}).empty());
}

TEST(FindSpans, TypesMayHoldDashes) { EXPECT_EQ(find_spans(Labels{"B-a-b", "I-a-b"}), (Spans{{0, 2, "a-b"}})); }

TEST(AreSpanLabels, TellsThemFromWordClasses) {
  using Texts = std::vector<std::string>;
  EXPECT_TRUE(are_span_labels(Texts{"O", "B-PER", "I-PER"}));
  EXPECT_FALSE(are_span_labels(Texts{"NOUN", "VERB"}));
  EXPECT_FALSE(are_span_labels(Texts{"O"}));
  EXPECT_FALSE(are_span_labels(Texts{"O", "B-PER", "NOUN"}));
  EXPECT_TRUE(are_span_labels(Texts{"O", "B-PER", "I-PER", "L-PER", "U-PER"}));
  EXPECT_TRUE(are_span_labels(Texts{"0", "O", "B-PER", "I-PER"}));  // a slip
  EXPECT_FALSE(are_span_labels(Texts{"0", "o", "O", "B-PER", "I-PER"}));
}

TEST(CompareSpans, CountsASpanOnlyWhenAllOfItIsRight) {
  const Labels actual{"B-A", "I-A", "O", "B-B", "O", "B-A"};
  const Labels predicted{"B-A", "I-A", "O", "B-A", "O", "O"};
  const BinaryCounts counts = compare_spans(actual, predicted);
  EXPECT_EQ(counts.hits, 1);
  EXPECT_EQ(counts.false_alarms, 1);
  EXPECT_EQ(counts.misses, 2);
  EXPECT_EQ(compare_spans(actual, actual).f1(), 1);
  EXPECT_EQ(compare_spans(Labels{"B-A", "I-A"}, Labels{"B-A", "O"}).hits, 0);  // half a span is none
}

}  // namespace
}  // namespace recur
