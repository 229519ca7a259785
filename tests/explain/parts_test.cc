#include "recur/explain/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/explain/attribution.h"
#include "recur/explain/baseline.h"
#include "recur/explain/picture.h"
#include "recur/explain/rows.h"
#include "tests/explain/records_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ReadRecord three_steps() { return record_of(Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2})); }
Tensor zeros_of(const ReadRecord& read) { return Tensor::zeros(read.x.shape()); }

TEST(Parts, AreCellsStepsOrChannels) {
  const ReadRecord read = three_steps();
  const Tensor zeros = zeros_of(read);
  EXPECT_EQ(Parts(read, zeros, {.by = "cell"}).size(), 6);
  const Parts steps(read, zeros, {.by = "step"});
  EXPECT_THAT(steps.all(), ElementsAre(Part{0, 1, -1}, Part{1, 1, -1}, Part{2, 1, -1}));
  const Parts channels(read, zeros, {.by = "channel"});
  EXPECT_THAT(channels.all(), ElementsAre(Part{-1, 3, 0}, Part{-1, 3, 1}));
  const std::vector<double> numbers{1, 2, 3, 4, 5, 6};
  EXPECT_THAT(steps.sums(numbers), ElementsAre(3, 7, 11));
  EXPECT_THAT(channels.sums(numbers), ElementsAre(9, 12));
}

TEST(Parts, AWindowMakesSeveralStepsOne) {
  const ReadRecord read = three_steps();
  const Parts parts(read, zeros_of(read), {.by = "step", .window = 2});
  EXPECT_THAT(parts.all(), ElementsAre(Part{0, 2, -1}, Part{2, 1, -1}));
  EXPECT_ERROR(Parts(read, zeros_of(read), {.window = 0}), "window: expected at least 1");
}

TEST(Parts, WhatIsAsInTheBaselineIsNone) {
  const ReadRecord read = record_of(Tensor::from({1, 0, 0, 4}, {2, 2}));
  EXPECT_THAT(Parts(read, zeros_of(read), {}).all(), ElementsAre(Part{0, 1, 0}, Part{1, 1, 1}));
}

TEST(Parts, AStaticChannelIsOnePart) {
  ReadRecord read = three_steps();
  read.is_static = {0, 1};
  const Parts parts(read, zeros_of(read), {.by = "step"});
  EXPECT_THAT(parts.all(), ElementsAre(Part{0, 1, -1}, Part{1, 1, -1}, Part{2, 1, -1}, Part{-1, 3, 1}));
}

TEST(Parts, WhatAMeasurementLeavesBehindBelongsToIt) {
  ReadRecord read = three_steps();
  read.measured_at = {0, 0, 0, 1, 2, 1};  // channel 0 at steps 0 and 2, channel 1 at 0 and 1
  const Parts parts(read, zeros_of(read), {});
  EXPECT_THAT(parts.all(), ElementsAre(Part{0, 1, 0}, Part{0, 1, 1}, Part{1, 1, 1}, Part{2, 1, 0}));
  EXPECT_THAT(parts.sums(std::vector<double>{1, 2, 3, 4, 5, 6}), ElementsAre(4, 2, 10, 5));
}

TEST(Baseline, OfEachKind) {
  ReadRecord read = three_steps();
  const auto values = [&](const char* kind) {
    const Tensor of = baseline_of(read, kind);
    return std::vector<float>(of.values<float>().begin(), of.values<float>().end());
  };
  EXPECT_THAT(values("auto"), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(values("first"), ElementsAre(1, 2, 1, 2, 1, 2));
  EXPECT_THAT(values("mean"), ElementsAre(3, 4, 3, 4, 3, 4));
  read.padding = Tensor::full({3, 2}, 7);
  read.usual_baseline = "padding";
  EXPECT_THAT(values("auto"), ElementsAre(7, 7, 7, 7, 7, 7));
}

TEST(Residual, IsRelativeToTheDifference) {
  EXPECT_NEAR(completeness_residual({1, 2}, 4, 0), 0.25, 1e-15);
  EXPECT_EQ(completeness_residual({}, 3, 3), 0);
  EXPECT_NEAR(completeness_residual({0.5}, 3, 3), 0.5, 1e-15);
}

Attribution values_of(const Parts& parts, std::vector<double> values) {
  return {.parts = parts.all(), .values = std::move(values), .low = {}, .high = {}, .score = 2, .baseline_score = 0.5};
}

TEST(Rows, NameStepsFromOneAndChannels) {
  const ReadRecord read = three_steps();
  const Attribution found = values_of(Parts(read, zeros_of(read), {.by = "channel"}), {1, -2});
  const auto rows = attribution_rows(read, found, false);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1], (std::vector<TableCell>{"r", "", "c1", -2.0}));
  EXPECT_THAT(largest_parts(found, 1), ElementsAre(1));
  EXPECT_THAT(attribution_columns(false, true), ElementsAre("id", "step", "channel", "attribution", "low", "high"));
  EXPECT_THAT(attribution_json(read, found).dump(), HasSubstr("{\"channel\":\"c1\",\"attribution\":-2"));
}

TEST(Rows, OfTextsHaveTokens) {
  ReadRecord read = record_of(Tensor::from({1, 2}, {2, 1}));
  read.tokens = {"good", "film"};
  read.channels = {"token"};
  const Attribution found = values_of(Parts(read, zeros_of(read), {}), {3, 1});
  EXPECT_EQ(attribution_rows(read, found, false)[0], (std::vector<TableCell>{"r", int64_t{1}, "good", 3.0}));
  EXPECT_EQ(part_text(read, found.parts[1]), "step 2 'film'");
}

TEST(Picture, OfATextHasItsTokensInColour) {
  ReadRecord read = record_of(Tensor::from({1, 2}, {2, 1}));
  read.tokens = {"<b>", "film"};
  read.channels = {"token"};
  const Attribution found = values_of(Parts(read, zeros_of(read), {}), {3, -3});
  const Explained one{read, found};
  const std::string svg = attribution_svg(std::span(&one, 1));
  EXPECT_THAT(svg, HasSubstr(">&lt;b&gt;</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(svg, HasSubstr("#b2182b"));
  EXPECT_THAT(svg, HasSubstr("#2166ac"));
}

TEST(Picture, OfASeriesHasFiniteNumbersWhateverIsMissing) {
  ReadRecord read = three_steps();
  read.shown = {std::nanf(""), 1, std::nanf(""), std::nanf(""), std::nanf(""), 1};
  read.shown_after = {2, 3};
  const Attribution found = values_of(Parts(read, zeros_of(read), {.by = "step"}), {0, 0, 0});
  const Explained one{read, found};
  const std::string svg = attribution_svg(std::span(&one, 1));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

}  // namespace
}  // namespace recur
