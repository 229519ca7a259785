#include "recur/data/text/text_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "tests/support/pack.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TextRows read(const std::string& name, std::string text, const TextRowOptions& options = {}) {
  const std::vector<DataFile> files{DataFile::from_memory(name, std::move(text))};
  return read_text_rows(files, options);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const TextRows& data) {
  Pairs out;
  for (const TextRow& row : data.rows) out.emplace_back(row.label, row.text);
  return out;
}

// Every row is the same read from disk.
void expect_same_on_disk(const std::string& name, const std::string& text, TextRowOptions options = {}) {
  const TextRows memory = read(name, text, options);
  options.memory_bytes = 1;
  const TextRows disk = read(name, text, options);
  EXPECT_TRUE(memory.in_memory());
  EXPECT_FALSE(disk.in_memory());
  EXPECT_THAT(disk.rows, IsEmpty());
  ASSERT_EQ(disk.size(), memory.size());
  EXPECT_EQ(disk.notes, memory.notes);
  EXPECT_EQ(disk.labelled, memory.labelled);
  for (int64_t i = 0; i < memory.size(); ++i) {
    const auto a = memory.load(i), b = disk.load(i);
    EXPECT_EQ(a->text, b->text);
    EXPECT_EQ(a->label, b->label);
    EXPECT_EQ(a->id, b->id);
    EXPECT_EQ(memory.where(*a), disk.where(*b));
  }
}

const Pairs kTwo{{"1", "good film"}, {"0", "bad, really"}};

TEST(TextRows, ReadsLinesThatBeginWithTheLabel) {
  EXPECT_EQ(pairs(read("a.txt", "1 good film\r\n\n0 bad, really\n")), kTwo);
  EXPECT_EQ(pairs(read("a.txt", "1\tgood film\n0\tbad, really\n")), kTwo);
  EXPECT_EQ(pairs(read("a.xz", xz("1 good film\n0 bad, really\n"))), kTwo);
}

TEST(TextRows, AreTheSameOnDisk) {
  expect_same_on_disk("a.txt", "1 good film\r\n\n0 bad, really\n1\n");
  expect_same_on_disk("a.csv", "id,Sentence,Label\n7,\"good\nfilm\",1\n8,\"bad, really\",0\n");
  expect_same_on_disk("a.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"\xC3\xA9\", \"label\": 2}\n");
  expect_same_on_disk("a.txt", "no label\nhere\n", {.format = "plain", .need_labels = false});
}

TEST(TextRows, GoToDiskWhenTheyAreMoreThanMemoryHolds) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i % 3) + " text number " + std::to_string(i) + "\n";
  const TextRows some = read("a.txt", text, {.memory_bytes = 20'000});
  EXPECT_FALSE(some.in_memory());
  EXPECT_EQ(some.size(), 1000);
  EXPECT_EQ(some.load(0)->text, "text number 0");
  EXPECT_EQ(some.load(999)->text, "text number 999");
  EXPECT_TRUE(read("a.txt", text, {.memory_bytes = 1'000'000}).in_memory());
}

TEST(TextRows, ReadsTablesByTheNamesOfTheirColumns) {
  EXPECT_EQ(pairs(read("a.csv", "id,Sentence,Label\n7,good film,1\n8,\"bad, really\",0\n")), kTwo);
  EXPECT_EQ(pairs(read("a.tsv", "sentence\tlabel\ngood film\t1\nbad, really\t0\n")), kTwo);
  EXPECT_EQ(pairs(read("a.csv", "a;b;c\n1;x;good film\n0;y;bad, really\n", {.text = "c", .label = "a"})), kTwo);
  EXPECT_EQ(pairs(read("a.csv", "x,1,good film\ny,0,\"bad, really\"\n", {.text = "#3", .label = "#2"})), kTwo);
}

TEST(TextRows, TakesTheColumnOfFewerDifferentCellsForTheLabel) {
  const Pairs expected{{"pos", "one"}, {"neg", "two"}, {"pos", "three"}};
  EXPECT_EQ(pairs(read("a.csv", "one,pos\ntwo,neg\nthree,pos\n")), expected);
  EXPECT_EQ(pairs(read("a.tsv", "pos\tone\nneg\ttwo\npos\tthree\n")), expected);
}

TEST(TextRows, TakesForTheLabelWhatRepeatsBesideTheTextWhereNoneIsNeeded) {
  const TextRowOptions any{.need_labels = false};
  EXPECT_EQ(pairs(read("a.csv", "review,stars\none,5\ntwo,1\nthree,5\nfour,1\n", any)),
            (Pairs{{"5", "one"}, {"1", "two"}, {"5", "three"}, {"1", "four"}}));
  EXPECT_FALSE(read("a.csv", "id,review\n1,one\n2,two\n3,three\n", any).labelled);
}

TEST(TextRows, ReadsJsonLines) {
  EXPECT_EQ(
      pairs(read("a.jsonl", "{\"text\": \"good film\", \"label\": 1}\n\n{\"label\": 0, \"text\": \"bad, really\"}\n")),
      kTwo);
  EXPECT_EQ(pairs(read("a.jsonl", "{\"t\": \"x\", \"l\": true}\n", {.text = "t", .label = "l"})),
            (Pairs{{"true", "x"}}));
}

TEST(TextRows, ReadsTextAloneWhereNoLabelsAreNeeded) {
  const TextRows data = read("a.txt", "1 good film\n", {.need_labels = false});
  EXPECT_EQ(pairs(data), (Pairs{{"", "1 good film"}}));
  EXPECT_FALSE(data.labelled);
  EXPECT_EQ(pairs(read("a.csv", "text\ngood\n", {.need_labels = false})), (Pairs{{"", "good"}}));
  EXPECT_EQ(pairs(read("a.csv", "n,text\n1,good\n", {.label = "label", .need_labels = false})), (Pairs{{"", "good"}}));
  EXPECT_EQ(pairs(read("a.jsonl", "{\"text\":\"x\"}\n", {.need_labels = false})), (Pairs{{"", "x"}}));
}

TEST(TextRows, SplitsLinesAtPredictionWhenAllBeginWithKnownLabels) {
  const TextRowOptions options{.need_labels = false, .known_labels = {"0", "1"}};
  EXPECT_EQ(pairs(read("a.txt", "1 good film\n0 bad, really\n", options)), kTwo);
  EXPECT_FALSE(read("a.txt", "1 good film\n2 bad\n", options).labelled);
}

TEST(TextRows, ReadsLatin1LineByLineAndNotesIt) {
  const TextRows data = read("a.txt", "1 caf\xE9\n0 caf\xC3\xA9\n");
  EXPECT_EQ(data.rows[0].text, "caf\xC3\xA9");
  EXPECT_EQ(data.rows[1].text, "caf\xC3\xA9");
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("1 row is not UTF-8 and was read as Latin-1, the first at a.txt:1")));
  EXPECT_ERROR(read("a.txt", "1 caf\xE9\n", {.encoding = "utf-8"}), "a.txt:1: byte 4");
  EXPECT_EQ(read("a.txt", "0 \xC3\xA9\n", {.encoding = "latin-1"}).rows[0].text, "\xC3\x83\xC2\xA9");
}

TEST(TextRows, ReadsTablesOfLatin1AsItReadsLines) {
  const std::string table = "text,pr\xE9\nein sch\xF6nes Bild,a\nno film at all,b\ntr\xC3\xA8s bien,a\n";
  const TextRowOptions by_name{.label = "pr\xC3\xA9"};
  const TextRows data = read("a.csv", table, by_name);
  EXPECT_EQ(data.columns.label, "pr\xC3\xA9");
  EXPECT_EQ(data.rows[0].text, "ein sch\xC3\xB6nes Bild");
  EXPECT_EQ(data.rows[2].text, "tr\xC3\xA8s bien");
  EXPECT_THAT(data.notes,
              ElementsAre(HasSubstr("2 rows are not UTF-8 and were read as Latin-1, the first at a.csv:1")));
  EXPECT_ERROR(read("a.csv", table, {.label = "pr\xC3\xA9", .encoding = "utf-8"}), "a.csv:1: byte 8");
  const TextRows forced = read("a.csv", table, {.label = "pr\xC3\xA9", .encoding = "latin-1"});
  EXPECT_EQ(forced.rows[0].text, "ein sch\xC3\xB6nes Bild");
  EXPECT_EQ(forced.rows[2].text, "tr\xC3\x83\xC2\xA8s bien");
  EXPECT_TRUE(forced.notes.empty());
}

TEST(TextRows, ReadsLabelsBehindTheTab) {
  const TextRows data = read("a.txt", "good film\t1\nbad, really\t0\nfine\t1\npoor\t0\n");
  EXPECT_EQ(pairs(data)[0], kTwo[0]);
  EXPECT_EQ(pairs(data)[1], kTwo[1]);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("the label is the cell after the tab")));
}

TEST(TextRows, ReadsOneLabelOfFastTextALine) {
  EXPECT_EQ(pairs(read("a.txt", "__label__b good film\nbad __label__a\n")),
            (Pairs{{"__label__b", "good film"}, {"__label__a", "bad"}}));
  EXPECT_ERROR(read("a.txt", "__label__a x\n__label__a __label__b y\n"),
               "a.txt:2: 2 labels, '__label__a' and '__label__b' among them");
  EXPECT_ERROR(read("a.txt", "__label__a x\ny\n"), "a.txt:2: no label");
  EXPECT_EQ(pairs(read("a.txt", "__label__a __label__b y\nz\n", {.need_labels = false})),
            (Pairs{{"__label__a", "y"}, {"", "z"}}));
}

TEST(TextRows, TakesLabelsAsTheyAre) {
  EXPECT_EQ(pairs(read("a.csv", "text,label\na,None\nb,NA\nc,null\nd,nan\ne,1.0\n")),
            (Pairs{{"None", "a"}, {"NA", "b"}, {"null", "c"}, {"nan", "d"}, {"1", "e"}}));
}

TEST(TextRows, KeepsIdsAndTheNamesOfColumns) {
  const TextRows table = read("a.csv", "id,Sentence,Label\n007,good film,1\n,\"bad, really\",0\n");
  EXPECT_EQ(table.rows[0].id, "007");
  EXPECT_EQ(table.rows[1].id, "");
  EXPECT_EQ(table.columns.text, "Sentence");
  EXPECT_EQ(table.columns.id, "id");
  EXPECT_EQ(read("a.jsonl", "{\"text\": \"x\", \"id\": 7, \"label\": 1}\n").rows[0].id, "7");
}

TEST(TextRows, ReadsFoldersOfClasses) {
  const testing::Scratch scratch;
  scratch.put("pos/1.txt", "good\r\nfilm\n");
  scratch.put("neg/1.txt", "bad, really");
  const TextRows data = read_text_rows({scratch.folder()});
  EXPECT_EQ(pairs(data), (Pairs{{"neg", "bad, really"}, {"pos", "good\nfilm\n"}}));
  EXPECT_EQ(data.rows[1].id, "pos/1.txt");
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("2 folders are classes")));
  EXPECT_THAT(data.where(data.rows[1]), ::testing::EndsWith("pos/1.txt"));
  scratch.put("neg/2.txt", std::string_view("a\0b", 3));
  EXPECT_ERROR(read_text_rows({scratch.folder()}), "NUL byte");
}

TEST(TextRows, LeavesOutWhatStandsInFrontOfATable) {
  for (const char* front : {"sep=;\n", "# made by a program\n# by hand, too\n"}) {
    const TextRows data = read("a.csv", std::string(front) + "text;label\na good film;1\na bad film;0\n");
    ASSERT_EQ(data.size(), 2) << front;
    EXPECT_EQ(data.columns.text, "text");
    EXPECT_EQ(data.rows[0].text, "a good film");
    EXPECT_THAT(data.notes, ElementsAre(HasSubstr("in front of the table left out"))) << front;
  }
  EXPECT_EQ(read("a.csv", "#win it,1\nnot that,0\n#win,1\nnot it,0\n").size(), 4);
}

TEST(TextRows, RefusesLabelsAndIdsThatAreTexts) {
  const std::string longest(kLongestName, 'x');
  EXPECT_EQ(read("a.csv", "text,label\na b," + longest + "\nc d,y\n").size(), 2);
  EXPECT_ERROR(read("a.csv", "text,label\na b," + longest + "x\nc d,y\n"),
               "a.csv:2: expected a label of 4096 bytes at most");
  EXPECT_ERROR(read("a.csv", "id,text,label\n1,a b,y\n" + longest + "x,c d,y\n"),
               "a.csv:3: expected an id of 4096 bytes at most");
}

TEST(TextRows, NotesEmptyTexts) {
  const TextRows data = read("a.txt", "1 x\n0\n");
  EXPECT_EQ(data.rows[1].text, "");
  EXPECT_THAT(data.notes, ElementsAre("1 row has an empty text, the first at a.txt:2"));
  EXPECT_THAT(read("a.txt", "1 x\n").notes, IsEmpty());
}

TEST(TextRows, SaysWhatIsWrongAndWhere) {
  EXPECT_ERROR(read("a.csv", "text,label\nx,1\ny\n"), "a.csv:3: expected 2 columns, got 1");
  EXPECT_ERROR(read("a.csv", "a,b,c\n1,2,3\n"), "which of its 3 columns is the text");
  EXPECT_ERROR(read("a.csv", "text,b,c\n1,2,3\n"), "which of its 3 columns is the label");
  EXPECT_ERROR(read("a.csv", "text,b\n1,2\n", {.label = "klass"}),
               "there is no column 'klass', which an option names; columns: text, b");
  EXPECT_ERROR(read("a.csv", "text,b\n1,2\n", {.text = "b", .label = "b"}), "cannot be text and label");
  EXPECT_ERROR(read("a.csv", "text\nx\n"), "there are no labels");
  EXPECT_ERROR(read("a.jsonl", "{\"text\":\"x\",\"label\":1}\n{\"text\":\"x\"}\n"),
               "a.jsonl:2: there is no key 'label'");
  EXPECT_ERROR(read("a.jsonl", "{\"text\":[1],\"label\":1}\n"), "key 'text': expected one value, got array");
  EXPECT_ERROR(read("a.jsonl", "{\"text\":\"x\",\"rating\":4,\"sentiment\":\"good\"}\n"),
               "a.jsonl:1: which column is the label, 'rating' or 'sentiment'? label_column names it");
  const std::string keys = "{\"text\":\"x\",\"spam\":true}\n";
  EXPECT_ERROR(read("a.jsonl", keys), "a.jsonl:1: which key has the label? label_column names it; keys: text, spam");
  EXPECT_THROW(read("a.jsonl", keys), UsageError);  // as of the columns of a table
  EXPECT_ERROR(read("a.jsonl", "[1]\n"), "a.jsonl:1: expected a JSON object");
  EXPECT_ERROR(read("a.jsonl", "{\"text\": \"x\n"), "a.jsonl:1: expected a JSON object");
  EXPECT_ERROR(read("a.txt", "\n"), "a.txt: no text in it");
  EXPECT_ERROR(read("a.txt", "x", {.format = "word"}), "unknown format 'word'");
  EXPECT_ERROR(read("a.txt", "x", {.encoding = "ebcdic"}), "unknown encoding 'ebcdic'");
}

}  // namespace
}  // namespace recur
