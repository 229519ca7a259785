#include "recur/data/tables/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

using Records = std::vector<std::vector<std::string>>;

Records records_of(std::string text, char delimiter = ',') {
  CsvReader reader(DataFile::from_memory("data.csv", std::move(text)), delimiter);
  Records records;
  while (reader.next()) records.emplace_back(reader.cells().begin(), reader.cells().end());
  return records;
}

TEST(CsvReader, SplitsAtDelimitersAndKeepsEmptyCells) {
  EXPECT_EQ(records_of("a,b,c\r\n1,,\n,\n"), (Records{{"a", "b", "c"}, {"1", "", ""}, {"", ""}}));
  EXPECT_EQ(records_of("a;b\n", ';'), (Records{{"a", "b"}}));
}

TEST(CsvReader, TakesRunsOfSpacesAsOneDelimiter) {
  EXPECT_EQ(records_of("  1.0   2.0\t3\n4 5 6  \n", ' '), (Records{{"1.0", "2.0", "3"}, {"4", "5", "6"}}));
}

TEST(CsvReader, SkipsEmptyLines) { EXPECT_EQ(records_of("\na\n\n  \nb\n\n"), (Records{{"a"}, {"b"}})); }

TEST(CsvReader, TakesQuotedCellsWithDelimitersQuotesAndLineEnds) {
  EXPECT_EQ(records_of(R"("a,b","say ""no""",c)"), (Records{{"a,b", "say \"no\"", "c"}}));
  EXPECT_EQ(records_of("\"\",\"\"\"\"\n"), (Records{{"", "\""}}));
  EXPECT_EQ(records_of("1,\"two\r\nlines\n\n\",3\n4,5,6\n"), (Records{{"1", "two\nlines\n\n", "3"}, {"4", "5", "6"}}));
}

TEST(CsvReader, TakesQuotesInsideCellsAsLetters) {
  EXPECT_EQ(records_of("a 5\" disk,b\"\n"), (Records{{"a 5\" disk", "b\""}}));
}

TEST(CsvReader, TakesQuotesBetweenTabsAsLettersUnlessTheyEncloseACell) {
  EXPECT_EQ(records_of("\"open\ttext\t1\n", '\t'), (Records{{"\"open", "text", "1"}}));
  EXPECT_EQ(records_of("\"a \"\"b\"\"\"\t\"1\"\n\" it\t0\n", '\t'), (Records{{"a \"b\"", "1"}, {"\" it", "0"}}));
}

TEST(CsvReader, NamesTheLineWhereARecordBegins) {
  CsvReader reader(DataFile::from_memory("data.csv", "\na,\"x\ny\"\nb,c\n"), ',');
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 2);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 4);
}

TEST(CsvReader, RefusesOpenQuotesAndTextBehindThem) {
  EXPECT_ERROR(records_of("a,b\n1,\"open\n2,3\n"), "data.csv:2: a quote that opens here is never closed");
  EXPECT_ERROR(records_of("a\n1,\"x\"y\n"), "data.csv:2: column 2: text behind the closing quote");
  EXPECT_ERROR(records_of("\"a b\n", ' '), "data.csv:1: column 1: the quote is never closed");
}

TEST(CsvReader, ReadsALineOfAMillionColumns) {
  std::string line = "0";
  for (int i = 1; i < 1000000; ++i) line += ",1";
  EXPECT_EQ(records_of(line)[0].size(), 1000000U);
}

TEST(CsvReader, ReadsCellsThatAreAllQuotedAsOthers) {
  EXPECT_EQ(records_of("\"a\",\"b,c\",\"\"\nd,\"e\",\n"), (Records{{"a", "b,c", ""}, {"d", "e", ""}}));
  EXPECT_EQ(records_of("\"a\",\"b\"\"c\"\n"), (Records{{"a", "b\"c"}}));
  EXPECT_EQ(records_of("\"a\",\"b\nc\",5\" pipe\n"), (Records{{"a", "b\nc", "5\" pipe"}}));
  EXPECT_EQ(records_of("\"a\"\t\"b\"c\n", '\t'), (Records{{"a", "\"b\"c"}}));
}

TEST(CsvReader, TakesLinesThatAreNotUtf8ForLatin1) {
  CsvReader reader(DataFile::from_memory("a",
                                         "Temp \xB0"
                                         "C,gr\xC3\xB6\xC3\x9F"
                                         "e\n\x80,h\xF6her\n"),
                   ',');
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.cells()[0],
            "Temp \xC2\xB0"
            "C");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.cells()[0], "\xE2\x82\xAC");
  EXPECT_EQ(reader.cells()[1], "h\xC3\xB6her");
  EXPECT_EQ(reader.latin1_lines(), 2);
  EXPECT_EQ(reader.first_latin1_line(), 1);
}

}  // namespace
}  // namespace recur
