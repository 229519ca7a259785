#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "recur/data/tables/date_time.h"
#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::SizeIs;

std::string ucr_row(const std::string& label, int steps, char delimiter) {
  std::string row = label;
  for (int t = 0; t < steps; ++t) row += delimiter + std::to_string(t) + ".5";
  return row + "\n";
}

TEST(WideTable, ReadsNamedSeriesOfDifferentLengths) {
  const SequenceSet set = sequences_of("a.csv", "H1,1,2,3\nH2,4\nH3,5,6\n");
  EXPECT_EQ(set.columns.layout, Layout::kWide);
  EXPECT_THAT(ids(set), ElementsAre("H1", "H2", "H3"));
  EXPECT_THAT(set.sequences[2].values, ElementsAre(5, 6));
  EXPECT_EQ(set.where(set.sequences[2]), "a.csv:3");
}

TEST(WideTable, ReadsTheOlderFilesOfTheUcrArchive) {
  for (const char delimiter : {',', '\t', ' '}) {
    std::string text;
    for (const char* label : {"1.0000e+00", "2.0000e+00", "1.0000e+00", "2.0000e+00"})
      text += ucr_row(label, 20, delimiter);
    const SequenceSet set = sequences_of("ECG_TRAIN.tsv", text);
    EXPECT_THAT(labels(set), ElementsAre("1", "2", "1", "2"));
    EXPECT_THAT(set.sequences[0].values, SizeIs(20));
  }
}

TEST(WideTable, KnowsNumberedColumns) {
  std::string text = "name,kind,v1,v2,v3,v4,v5,v6,v7,v8\n";
  text += "a,x,1,2,3,4,5,6,7,8\nb,y,1,2,3,,5,6,,\nc,x,1,2,3,4,5,6,7,8\n";
  const SequenceSet set = sequences_of("a.csv", text);
  EXPECT_THAT(ids(set), ElementsAre("a", "b", "c"));
  EXPECT_THAT(labels(set), ElementsAre("x", "y", "x"));
  EXPECT_THAT(set.sequences[1].values, SizeIs(6));  // what is missing at the end is filling
  EXPECT_TRUE(std::isnan(set.sequences[1].values[3]));
}

TEST(WideTable, HasTheDatesThatColumnsAreCalledByAsTimes) {
  std::string iso = "page", american = "page,Lat";
  for (int day = 1; day <= 9; ++day) {
    iso += fmt::format(",2020-01-{:02}", day + 22);
    american += fmt::format(",1/{}/20", day + 22);
  }
  const SequenceSet set = sequences_of("a.csv", iso + "\na,1,2,3,4,5,6,7,8,9\nb,,2,3,4,,,,,\n");
  EXPECT_EQ(set.time_kind, TimeKind::kDate);
  EXPECT_EQ(set.sequences[0].times.front(), parse_date("2020-01-23"));
  EXPECT_EQ(set.sequences[0].times.back(), parse_date("2020-01-31"));
  EXPECT_THAT(set.sequences[1].times, SizeIs(4));  // the first value is missing
  // A model that was made before has no times.
  Columns earlier = set.columns;
  earlier.dated = false;
  EXPECT_EQ(sequences_of("a.csv", iso + "\na,1,2,3,4,5,6,7,8,9\n", {.columns = earlier}).time_kind, TimeKind::kNone);
  const SequenceSet other = sequences_of("a.csv", american + "\na,0,1,2,3,4,5,6,7,8,9\nb,0,1,2,3,4,5,6,7,8,9\n");
  EXPECT_EQ(other.columns.time_format, "%m/%d/%y");
  EXPECT_EQ(other.sequences[1].times.back(), parse_date("2020-01-31"));
  EXPECT_THAT(
      sequences_of("a.csv", "n,v1,v2,v3,v4,v5,v6,v7,v8\na,1,2,3,4,5,6,7,8\nb,1,2,3,4,5,6,7,8\n").sequences[0].times,
      SizeIs(0));
}

TEST(WideTable, TakesLabelsBehindTheValues) {
  const SequenceSet set =
      sequences_of("a.csv", "1,2,p\n3,4,q\n5,6,p\n", {.columns = {.layout = Layout::kWide, .labels = {"#3"}}});
  EXPECT_THAT(labels(set), ElementsAre("p", "q", "p"));
  EXPECT_THAT(set.sequences[1].values, ElementsAre(3, 4));
  EXPECT_THAT(ids(set), ElementsAre("1", "2", "3"));
}

TEST(WideTable, ReadsTheSameWayAgain) {
  std::string text;
  for (const char* label : {"1", "2", "1", "2"}) text += ucr_row(label, 20, ',');
  const SequenceOptions again{.columns = sequences_of("a.csv", text).columns};
  const SequenceSet one = sequences_of("b.csv", ucr_row("2", 20, ','), again);
  EXPECT_THAT(labels(one), ElementsAre("2"));
  EXPECT_THAT(one.sequences[0].values, SizeIs(20));
}

TEST(WideTable, ReadsAMillionColumns) {
  std::string text = "a";
  for (int i = 0; i < 1000000; ++i) text += ",1";
  const SequenceSet set = sequences_of("a.csv", text + "\nb,2\n");
  EXPECT_THAT(set.sequences[0].values, SizeIs(1000000));
}

TEST(WideTable, NamesBadCells) {
  EXPECT_ERROR(sequences_of("a.csv", "a,1,2\nb,1,x,3\n"), "a.csv:2: column 3: expected a number, got 'x'");
  EXPECT_ERROR(sequences_of("a.csv", "p,1,q\n", {.columns = {.layout = Layout::kWide, .labels = {"#4"}}}),
               "there is no column '#4'");
  EXPECT_ERROR(sequences_of("a.csv", "1,2,p\n1\n", {.columns = {.layout = Layout::kWide, .labels = {"#3"}}}),
               "a.csv:2: expected 3 columns, got 1");
}

std::string wide_with(const std::string& header, int cells) {
  std::string text = header + "\n";
  for (int row = 0; row < 6; ++row) {
    text += row % 2 == 0 ? "up" : "down";
    for (int c = 0; c < cells; ++c) text += "," + std::to_string(row + c);
    text += "\n";
  }
  return text;
}

SequenceSet read_wide_with(const std::string& header, int cells) {
  SequenceOptions options;
  options.columns.layout = Layout::kWide;
  options.columns.labels = {"label"};
  const std::vector<DataFile> files{DataFile::from_memory("a.csv", wide_with(header, cells))};
  return read_sequences(files, options);
}

TEST(WideTable, NumberedStepsMustBeInOrder) {
  EXPECT_ERROR(read_wide_with("label,v3,v2,v1", 3), "a.csv: the column 'v2' stands behind 'v3'");
  const SequenceSet more = read_wide_with("label,age,v1,v2,v3", 4);
  EXPECT_THAT(more.notes,
              ::testing::Contains(::testing::HasSubstr("1 column among the numbered ones is taken as a step "
                                                       "of the series: 'age'")));
  const auto has_note = [](const SequenceSet& set) {
    return std::ranges::any_of(set.notes,
                               [](const std::string& note) { return note.find("numbered") != std::string::npos; });
  };
  EXPECT_FALSE(has_note(read_wide_with("label,v1,v2,v9", 3)));
  EXPECT_FALSE(has_note(read_wide_with("label,2020-01,2020-02,2020-03,2021-01", 4)));
  EXPECT_FALSE(has_note(read_wide_with("label,one,two,three", 3)));
}

}  // namespace
}  // namespace recur
