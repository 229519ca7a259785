#include "recur/data/tables/table.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(TableHead, FindsColumnsInAnyOrder) {
  TableHead head;
  head.names = {"a", "b", "#1"};
  for (const auto& [name, column] : std::vector<std::pair<std::string, size_t>>{
           {"b", 1}, {"a", 0}, {"a", 0}, {"#1", 2}, {"#2", 1}, {"b", 1}, {"#3", 2}, {"#1", 2}}) {
    EXPECT_EQ(head.find(name), column) << name;
  }
  for (const char* name : {"c", "", "#0", "#4", "#1.5", "#"}) EXPECT_EQ(head.find(name), std::nullopt) << name;
}

TEST(TableHead, FindsAMillionColumnsInTheirOrder) {
  TableHead head;
  for (int i = 0; i < 1'000'000; ++i) head.names.push_back(std::to_string(i));
  size_t found = 0;
  for (const std::string& name : head.names) found += head.find(name) ? 1 : 0;
  EXPECT_EQ(found, head.names.size());
}

OpenTable opened(const std::string& text) { return open_csv(DataFile::from_memory("t.csv", text), {}); }

TEST(OpenCsv, LeavesOutWhatStandsInFrontOfTheTable) {
  for (const char* front : {"# made by a program\n", "# a, b and c\n#\n", "sep=;\n", "sep=;\n# by hand\n"}) {
    OpenTable table = opened(std::string(front) + "id;x;y\na;1;2\n");
    EXPECT_EQ(table.head.names, (std::vector<std::string>{"id", "x", "y"})) << front;
    ASSERT_TRUE(table.rows->next()) << front;
    EXPECT_EQ(table.rows->cells()[2], "2") << front;
    EXPECT_EQ(table.head.notes.size(), 1u) << front;
  }
}

TEST(OpenCsv, TakesAHeaderThatBeginsWithAHash) {
  const OpenTable table = opened("# id,x\n1,2\n");
  EXPECT_EQ(table.head.names, (std::vector<std::string>{"# id", "x"}));
  EXPECT_TRUE(table.head.notes.empty());
}

}  // namespace
}  // namespace recur
