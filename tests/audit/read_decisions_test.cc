#include "recur/audit/read_decisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

DataFile table(const std::string& text) { return DataFile::from_memory("t.csv", text); }

std::vector<std::string> groups_of(const ReadDecisions& read) {
  const Grouping& grouping = read.decisions.groupings.at(0);
  std::vector<std::string> out;
  for (const int32_t group : grouping.group_of) out.push_back(group < 0 ? "" : grouping.groups[size_t(group)]);
  return out;
}

TEST(ReadDecisions, DecidesByTheThreshold) {
  const DecisionOptions options{.groups = {"g"}, .label = "y", .score = "s", .threshold = 5.0};
  const ReadDecisions read = read_decisions(table("s,g,y\n5,a,1\n4.9,b,0\n,b,1\n9,a,\n"), options);
  ASSERT_EQ(read.decisions.size(), 4);
  EXPECT_EQ(read.decisions.records[0].chosen, true);
  EXPECT_EQ(read.decisions.records[1].chosen, false);
  EXPECT_FALSE(read.decisions.records[2].chosen);  // there is no score
  EXPECT_FALSE(read.decisions.records[3].actual);
  EXPECT_FALSE(read.decisions.probabilities);
  EXPECT_THAT(read.notes, ElementsAre("positive: '1'", "decided by s >= 5"));
}

TEST(ReadDecisions, PutsNumbersIntoBands) {
  const DecisionOptions options{.groups = {"age"}, .bands = {"age=25,45"}, .prediction = "p"};
  EXPECT_THAT(groups_of(read_decisions(table("age,p\n24.9,no\n25,yes\n44,no\n45,no\n,yes\n"), options)),
              ElementsAre("< 25", "25 .. 45", "25 .. 45", ">= 45", ""));
  EXPECT_ERROR(read_decisions(table("age,p\n24,no\nold,yes\n"), options), "t.csv:3: age: expected a number");
}

TEST(ReadDecisions, AsksWhichAnswerIsPositive) {
  const auto read = [](const std::string& text, const std::string& positive) {
    return read_decisions(table(text), {.groups = {"g"}, .prediction = "p", .positive = positive});
  };
  EXPECT_EQ(read("g,p\na,TRUE\nb,False\n", "").decisions.records[0].chosen, true);
  EXPECT_EQ(read("g,p\na,hired\nb,no\n", "hired").decisions.records[1].chosen, false);
  EXPECT_ERROR(read("g,p\na,hired\nb,declined\n", ""), "which answer is positive? Set positive to it");
  EXPECT_ERROR(read("g,p\na,0\nb,1\nb,2\n", ""), "answers: 0, 1, 2");
  EXPECT_ERROR(read("g,p\na,0\nb,1\n", "2"), "has no '2'; it has: 0, 1");
}

TEST(ReadDecisions, RefusesLabelsAndDecisionsThatAreWrittenDifferently) {
  const auto read = [](const std::string& text) {
    return read_decisions(table(text), {.groups = {"g"}, .label = "y", .prediction = "p", .positive = "1"});
  };
  EXPECT_ERROR(read("g,y,p\na,1,yes\nb,0,no\n"), "expected the same answers in y and p, got 0, 1 and no, yes");
  EXPECT_ERROR(read("g,y,p\na,yes,1\nb,no,0\n"), "expected the same answers in y and p");
  EXPECT_EQ(read("g,y,p\na,1,0\nb,0,0\n").decisions.records[0].chosen, false);  // nobody is chosen
  EXPECT_EQ(read("g,y,p\na,1,2\nb,2,3\nc,3,3\n").decisions.records[0].actual, true);
}

TEST(ReadDecisions, TakesTheFirstOfColumnsOfOneName) {
  const ReadDecisions read = read_decisions(table("g,p,p\na,1,0\nb,0,1\n"), {.groups = {"g"}, .prediction = "p"});
  EXPECT_EQ(read.decisions.records[0].chosen, true);
  EXPECT_EQ(read.notes.at(0), "t.csv:1: two columns are called 'p': the later one is #3");
}

TEST(ReadDecisions, RefusesWhatIsNotThere) {
  const DataFile file = table("g,p,s\na,1,0.5\nb,0,7\n");
  EXPECT_ERROR(read_decisions(file, {.groups = {"x"}, .prediction = "p"}), "'x'");
  EXPECT_ERROR(read_decisions(file, {.groups = {"g"}}), "expected prediction or score");
  EXPECT_ERROR(read_decisions(file, {.groups = {"g", "g"}, .prediction = "p"}), "groups: 'g' is named twice");
  EXPECT_ERROR(read_decisions(file, {.prediction = "p"}), "groups: expected one column or more");
  EXPECT_ERROR(read_decisions(file, {.groups = {"g"}, .score = "s"}), "s is not a probability");
  EXPECT_ERROR(read_decisions(file, {.groups = {"g"}, .prediction = "p", .score = "s", .threshold = 0.5}), "got both");
  EXPECT_ERROR(read_decisions(table("g,s\na,1\nb,x\n"), {.groups = {"g"}, .score = "s"}),
               "t.csv:3: s: expected a number");
  EXPECT_ERROR(read_decisions(table("g,p\n"), {.groups = {"g"}, .prediction = "p"}), "expected rows below the header");
}

}  // namespace
}  // namespace recur
