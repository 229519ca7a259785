#include "recur/tasks/lm/lm_describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

class DescribeText : public ::testing::Test {
 protected:
  std::map<std::string, TableCell> described(const DataFiles& files) const {
    std::map<std::string, TableCell> out;
    for (const Fact& fact : describe_text(files)) out.emplace(fact.name, fact.value);
    return out;
  }
  static int64_t count(const std::map<std::string, TableCell>& facts, const std::string& name) {
    return std::get<int64_t>(facts.at(name));
  }

  Scratch scratch_;
};

TEST_F(DescribeText, CountsWhatIsInIt) {
  const auto facts = described({scratch_.put("a.txt", "the cät\tthe\r\n\n x \n")});
  EXPECT_EQ(count(facts, "files"), 1);
  EXPECT_EQ(count(facts, "bytes"), 19);
  EXPECT_EQ(count(facts, "lines"), 3);
  EXPECT_EQ(count(facts, "characters"), 18);           // of which one takes two bytes
  EXPECT_EQ(count(facts, "distinct_characters"), 10);  // t h e c ä x, and space, tab, CR, LF
  EXPECT_EQ(count(facts, "words"), 4);
  EXPECT_EQ(count(facts, "distinct_words"), 3);
  EXPECT_EQ(facts.at("utf8"), TableCell(std::string("yes")));
}

TEST_F(DescribeText, AddsUpFiles) {
  const auto facts = described({scratch_.put("a.txt", "one two\n"), scratch_.put("b.txt", "two three\n")});
  EXPECT_EQ(count(facts, "files"), 2);
  EXPECT_EQ(count(facts, "bytes"), 18);
  EXPECT_EQ(count(facts, "words"), 4);
  EXPECT_EQ(count(facts, "distinct_words"), 3);
}

TEST_F(DescribeText, OfNoUtf8SaysBytesFilesAndLinesAlone) {
  const auto facts = described({scratch_.put("a.txt", "latin \xE4\nline\n")});
  EXPECT_EQ(count(facts, "bytes"), 13);
  EXPECT_EQ(count(facts, "lines"), 2);
  EXPECT_EQ(facts.at("utf8"), TableCell(std::string("no")));
  for (const char* name : {"characters", "distinct_characters", "words", "distinct_words"})
    EXPECT_FALSE(facts.contains(name)) << name;
}

TEST_F(DescribeText, ATextOfBlanksHasNoWords) {
  const auto facts = described({scratch_.put("a.txt", " \n\t\n")});
  EXPECT_EQ(count(facts, "words"), 0);
  EXPECT_EQ(count(facts, "distinct_words"), 0);
  EXPECT_EQ(count(facts, "distinct_characters"), 3);
}

TEST_F(DescribeText, RefusesWhatIsNotThereOrEmpty) {
  EXPECT_ERROR(described({scratch_ / "absent.txt"}), "absent.txt");
  EXPECT_ERROR(described({scratch_.put("empty.txt", "")}), "empty.txt");
}

}  // namespace
}  // namespace recur
