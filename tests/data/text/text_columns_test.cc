#include "recur/data/text/text_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "recur/data/tables/csv_reader.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::internal {
namespace {

using ::testing::HasSubstr;

TextTable table(std::string text, const TextRowOptions& options = {}) {
  const DataFile file = DataFile::from_memory("a.csv", std::move(text));
  CsvReader rows(file, ',');
  rows.next();
  const std::vector<std::string> first(rows.cells().begin(), rows.cells().end());
  return find_text_table(file, ',', first, options);
}

const std::string kRows = "one good film,yes\nno good at all,no\nthe best film,yes\nthe worst film,no\n";
const std::string kWords = "anna,yes\nbert,no\ncarl,yes\ndora,no\n";

TEST(TextColumns, TakesNamesThatAreNotKnownForAHeader) {
  const TextTable found = table("utterance,intent\n" + kRows);
  EXPECT_TRUE(found.header);
  EXPECT_THAT(found.note, HasSubstr("'intent' occurs nowhere else"));
  EXPECT_EQ(found.text, 0u);
  EXPECT_EQ(found.label, 1u);
  EXPECT_TRUE(table("Some Phrase,Score\na b,1\nc d,0\ne f,1\ng h,0\n").header);  // numbers alone below
  EXPECT_FALSE(table(kRows).header);
  EXPECT_FALSE(table("utterance,intent\n" + kRows, {.header = "no"}).header);
}

TEST(TextColumns, AsksWhichOfTwoColumnsOfOneName) {
  const std::string rows = "text,text,label\na b,c d,x\ne f,g h,y\n";
  EXPECT_ERROR(table(rows), "several columns are called 'text'");
  EXPECT_EQ(table(rows, {.text = "#2", .header = "yes"}).text, 1u);
}

TEST(TextColumns, AsksWhichOfTwoLabels) {
  const std::string rows = "a good film,4,positive\na bad film,1,negative\n";
  EXPECT_THROW(table("review,rating,sentiment\n" + rows), UsageError);
  EXPECT_ERROR(table("review,rating,sentiment\n" + rows), "which column is the label, 'rating' or 'sentiment'?");
  EXPECT_EQ(table("review,rating,sentiment\n" + rows, {.label = "sentiment"}).label, 2u);
  EXPECT_EQ(table("review,rating,label\n" + rows).label, 2u);  // called plainly so
  EXPECT_EQ(table("review,rating,sentiment\n" + rows, {.before = {.label = "sentiment"}}).label, 2u);
  EXPECT_EQ(table("review,rating,sentiment\n" + rows, {.chosen = false, .need_labels = false}).label, 1u);
}

TEST(TextColumns, KnowsValuesByTheirNumbers) {
  const TextTable found = table("Some Phrase,Score\na b,1.5\nc d,0.25\ne f,2\n");
  EXPECT_TRUE(found.header);
  EXPECT_EQ(found.text, 0u);
  EXPECT_EQ(table("a b,1.5\nc d,0.25\ne f,2\n").label, 1u);
}

TEST(TextColumns, AsksWhereAFirstRowMayBeEither) {
  EXPECT_ERROR(table("name,language\n" + kWords),
               "is the first row a header? Its label 'language' occurs nowhere else");
  EXPECT_TRUE(table("name,language\n" + kWords, {.header = "yes"}).header);
  EXPECT_FALSE(table("eve,odd\n" + kWords, {.header = "no"}).header);
  EXPECT_FALSE(table("a film of a kind of its own,odd\n" + kRows).header);  // a sentence is no name
  EXPECT_FALSE(table("a,b\n" + kWords.substr(0, 16)).header);               // too few to tell
}

TEST(TextColumns, KnowsTheLabelsOfAModel) {
  EXPECT_TRUE(table("name,language\n" + kWords, {.need_labels = false, .known_labels = {"yes", "no"}}).header);
}

TEST(TextColumns, RemembersTheNamesOfTheTrainingData) {
  const TextRowOptions options{.need_labels = false, .before = {.text = "utterance", .label = "intent", .id = "nr"}};
  EXPECT_TRUE(table("utterance\nhello there\n", options).header);
  const TextTable found = table("other,nr,utterance\nx,1,hello there\n", options);
  EXPECT_EQ(found.text, 2u);
  EXPECT_EQ(found.id, 1u);
}

TEST(TextColumns, FindsIds) {
  const TextTable found = table("id,text,label\n7,a film,1\n");
  EXPECT_EQ(found.id, 0u);
  EXPECT_EQ(found.text, 1u);
  EXPECT_FALSE(table("text,label\na film,1\n").id);
  EXPECT_EQ(table("nr,text,label\n7,a film,1\n", {.id = "nr"}).id, 0u);
  EXPECT_ERROR(table("nr,text,label\n7,a film,1\n", {.id = "no"}), "there is no column 'no'");
  EXPECT_FALSE(table("nr,text\n7,a film\n", {.id = "no", .chosen = false, .need_labels = false}).id);
  // Beside an id, two columns are told apart like two alone.
  const TextTable three = table("id,phrase,kind\n1,a good film,x\n2,no good film,y\n3,the best film,x\n4,a film,y\n");
  EXPECT_EQ(three.text, 1u);
  EXPECT_EQ(three.label, 2u);
}

TEST(TextColumns, QuotesNoWholeTexts) {
  const std::string text(5000, 'x');
  const std::string message = testing::message_of([&] { table(text + ",b,c\n"); });
  EXPECT_THAT(message, HasSubstr("which of its 3 columns is the text"));
  EXPECT_LT(message.size(), 300u);
}

}  // namespace
}  // namespace recur::internal
