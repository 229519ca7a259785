#include "recur/data/text/tagged_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pack.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TaggedText read(const std::string& name, std::string text, const TaggedTextOptions& options = {}) {
  const std::vector<DataFile> files{DataFile::from_memory(name, std::move(text))};
  return read_tagged_text(files, options);
}

std::string conllu_row(const std::string& id, const std::string& form, const std::string& upos) {
  return id + "\t" + form + "\tlemma\t" + upos + "\tX\t_\t0\troot\t_\t_\n";
}

TEST(TaggedText, ReadsConlluWithoutRangesAndEmptyNodes) {
  const std::string text = "# sent_id = 1\n" + conllu_row("1-2", "im", "_") + conllu_row("1", "in", "ADP") +
                           conllu_row("2", "dem", "DET") + conllu_row("2.1", "ghost", "_") +
                           conllu_row("3", "#", "SYM") + "\n# second\n" + conllu_row("1", "Ja", "INTJ") + "\n";
  const TaggedText data = read("a.conllu.gz", gzip(text));
  ASSERT_EQ(data.sentences.size(), 2U);
  EXPECT_THAT(data.sentences[0].tokens, ElementsAre("in", "dem", "#"));
  EXPECT_THAT(data.sentences[0].tags, ElementsAre("ADP", "DET", "SYM"));
  EXPECT_EQ(data.where(data.sentences[0]), "a.conllu.gz:3");
  EXPECT_EQ(data.where(data.sentences[0], 2), "a.conllu.gz:6");
  EXPECT_THAT(data.sentences[1].tokens, ElementsAre("Ja"));
  EXPECT_TRUE(data.tagged);
}

TEST(TaggedText, KeepsTheIdsOfSentences) {
  const std::string text = "# sent_id = web-1\n# text = a\n" + conllu_row("1", "a", "X") + "\n" +
                           conllu_row("1", "b", "X") + "\n#sent_id=web-3\n" + conllu_row("1", "c", "X");
  for (const int64_t bytes : {0, 1}) {
    const TaggedText data = read("a.conllu", text, {.memory_bytes = bytes});
    ASSERT_EQ(data.size(), 3);
    EXPECT_EQ(data.load(0)->id, "web-1");
    EXPECT_EQ(data.load(1)->id, "");
    EXPECT_EQ(data.load(2)->id, "web-3");
  }
}

TEST(TaggedText, RefusesASentenceWithoutAnEnd) {
  EXPECT_ERROR(read("a.conll", "a X\nb X\n\na X\nb X\nc X\n", {.most_tokens = 2}),
               "a.conll:6: the sentence that begins in line 4 has more than 2 tokens");
  EXPECT_EQ(read("a.conll", "a X\nb X\n\na X\nb X\nc X\n", {.most_tokens = 3}).size(), 2);
}

TEST(TaggedText, IsTheSameOnDisk) {
  for (const bool tags : {true, false}) {
    std::string text;
    for (int i = 0; i < 50; ++i)
      text += std::string(tags ? "a\tX\n\xC3\xA4\tY\n\n" : "a\n\xC3\xA4\n\n") +
              (i % 3 == 0 ? (tags ? "c\tZ\n\n" : "c\n\n") : "");
    const TaggedText memory = read("a.txt", text, {.need_tags = tags});
    for (const int64_t bytes : {1, 3000}) {
      const TaggedText disk = read("a.txt", text, {.need_tags = tags, .memory_bytes = bytes});
      EXPECT_TRUE(memory.in_memory());
      EXPECT_FALSE(disk.in_memory());
      EXPECT_THAT(disk.sentences, IsEmpty());
      EXPECT_EQ(disk.tagged, tags);
      ASSERT_EQ(disk.size(), memory.size());
      for (int64_t i = 0; i < memory.size(); ++i) {
        const auto a = memory.load(i), b = disk.load(i);
        EXPECT_EQ(a->tokens, b->tokens);
        EXPECT_EQ(a->tags, b->tags);
        EXPECT_EQ(a->line_of, b->line_of);
        EXPECT_EQ(memory.where(*a), disk.where(*b));
        EXPECT_EQ(disk.length(i), std::ssize(b->tokens));
        EXPECT_EQ(memory.length(i), disk.length(i));
      }
    }
  }
}

TEST(TaggedText, NamesTheColumnsItTakes) {
  const auto columns = [](const TaggedText& text) { return text.token_column + " " + text.tag_column; };
  EXPECT_EQ(columns(read("a.conllu", conllu_row("1", "Ja", "INTJ"))), "FORM UPOS");
  EXPECT_EQ(columns(read("a.txt", "a X\nb Y\n\na X\n")), "#1 #2");
  EXPECT_EQ(columns(read("a.tsv", "word\ttag\na\tX\nb\tY\n\na\tX\nb\tY\n")), "word tag");
}

TEST(TaggedText, KnowsConlluByItsColumnsAndTakesOthersByName) {
  const std::string text = conllu_row("1", "Ja", "INTJ");
  EXPECT_THAT(read("a.txt", text).sentences[0].tags, ElementsAre("INTJ"));
  EXPECT_THAT(read("a.txt", text, {.token = "LEMMA", .tag = "XPOS"}).sentences[0].tags, ElementsAre("X"));
  EXPECT_THAT(read("a.txt", text, {.token = "LEMMA", .tag = "#8"}).sentences[0].tokens, ElementsAre("lemma"));
}

TEST(TaggedText, ReadsConllColumnsBetweenSpacesOrTabs) {
  const TaggedText data = read("a.txt", "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n# . O O\n");
  ASSERT_EQ(data.sentences.size(), 2U);
  EXPECT_THAT(data.sentences[0].tokens, ElementsAre("EU", "rejects"));
  EXPECT_THAT(data.sentences[0].tags, ElementsAre("B-ORG", "O"));
  EXPECT_THAT(read("a.tsv", "a b\tX\n#\tY\r\n").sentences[0].tokens, ElementsAre("a b", "#"));
  EXPECT_THAT(read("a.txt", "EU NNP O\n", {.tag = "#2"}).sentences[0].tags, ElementsAre("NNP"));
}

TEST(TaggedText, ReadsTokensAloneWhereNoTagsAreNeeded) {
  const TaggedText one_a_line = read("a.txt", "a\nb\n\nc\n", {.need_tags = false});
  ASSERT_EQ(one_a_line.sentences.size(), 2U);
  EXPECT_THAT(one_a_line.sentences[0].tokens, ElementsAre("a", "b"));
  EXPECT_THAT(one_a_line.sentences[0].tags, IsEmpty());
  EXPECT_FALSE(one_a_line.tagged);
  const TaggedText plain = read("a.txt", "a sentence\n\nand another one\n", {.need_tags = false});
  ASSERT_EQ(plain.sentences.size(), 2U);
  EXPECT_THAT(plain.sentences[1].tokens, ElementsAre("and", "another", "one"));
}

const std::string kEntities = "mary\tB-PER\nworks\tO\n\n", kMore = "paul\tB-PER\nsings\tO\n\n";

TEST(TaggedText, PassesOverCommentsBeforeASentence) {
  for (const std::string comment :
       {"# newdoc\n", "# id 12 domain=train\n", "#id\t0\n", "# sent_id = O\n", "# a\tb\tc\n"}) {
    const TaggedText data = read("a.txt", comment + kEntities + comment + kMore);
    ASSERT_EQ(data.sentences.size(), 2U) << comment;
    EXPECT_THAT(data.sentences[0].tokens, ElementsAre("mary", "works")) << comment;
    EXPECT_THAT(data.sentences[1].tags, ElementsAre("B-PER", "O")) << comment;
    EXPECT_THAT(data.notes, ElementsAre(::testing::HasSubstr("2 lines that begin with # are taken for comments")))
        << comment;
  }
  // A word that begins with # has a tag that others have too.
  EXPECT_THAT(read("a.txt", "#win\tO\nmary\tB-PER\n\n" + kMore).sentences[0].tokens, ElementsAre("#win", "mary"));
}

TEST(TaggedText, PassesOverAHeaderAndBlanksBehindCells) {
  const TaggedText data = read("a.tsv", "word\ttag\nmary\tB-PER \nworks \tO\n\n");
  EXPECT_THAT(data.sentences[0].tokens, ElementsAre("mary", "works"));
  EXPECT_THAT(data.sentences[0].tags, ElementsAre("B-PER", "O"));
  EXPECT_THAT(data.notes, ElementsAre("a.tsv: the first row is taken for a header: word, tag"));
  EXPECT_THAT(read("a.tsv", "tag\tword\nX\tmary\nY\tpaul\n", {.token = "word", .tag = "#1"}).sentences[0].tokens,
              ElementsAre("mary", "paul"));
  // A tab behind every row is no column; one behind some rows is.
  EXPECT_THAT(read("a.tsv", "mary\tB-PER\t\nworks\tO\t\n").sentences[0].tags, ElementsAre("B-PER", "O"));
  EXPECT_ERROR(read("a.tsv", "mary\tB-PER\nworks\tO\t\n"), "a.tsv:2: expected 2 columns, got 3");
  EXPECT_ERROR(read("a.tsv", "mary\tB-PER\t\nworks\tO\n"), "a.tsv:1: column 3: the tag is empty");
}

TEST(TaggedText, ReadsConlluPlusAndNodesBeforeTheFirstWord) {
  const TaggedText plus = read("a.conllup", "# global.columns = ID FORM XPOS UPOS\n# id\n1\tJa\tX\tINTJ\n");
  EXPECT_THAT(plus.sentences[0].tags, ElementsAre("INTJ"));
  EXPECT_THAT(read("a.txt", conllu_row("0.1", "ghost", "_") + conllu_row("1", "Ja", "INTJ")).sentences[0].tokens,
              ElementsAre("Ja"));
  EXPECT_ERROR(read("a.conllup", "# global.columns = ID FORM\n1\tJa\n"), "there is no column 'UPOS'");
}

TEST(TaggedText, NamesThePlaceOfBadRows) {
  EXPECT_ERROR(read("a.txt", "a b c\nd e\n"), "a.txt:2: expected 3 columns, got 2");
  EXPECT_ERROR(read("a.txt", "a\nb\n"), "a.txt:1: expected a token and its tag");
  EXPECT_ERROR(read("a.txt", "a\t\n"), "a.txt:1: column 2: the tag is empty");
  EXPECT_ERROR(read("a.txt", "a\tX\n\tX\n"), "a.txt:2: column 1: the token is empty");
  EXPECT_ERROR(read("a.txt", "a X\n\xFF X\n"), "a.txt:2: byte 1 is not UTF-8");
  EXPECT_ERROR(read("a.conllu", conllu_row("1", "a", "X") + conllu_row("3", "b", "X")), "expected 2, got '3'");
  EXPECT_ERROR(read("a.conllu", conllu_row("x", "a", "X")), "a.conllu:1: column 1 (ID): 'x' is not a number");
  EXPECT_ERROR(read("a.conllu", "1\ta\tX\n"), "expected 10 columns, got 3");
  EXPECT_ERROR(read("a.conllu", conllu_row("1", "a", "X"), {.tag = "POS"}), "there is no column 'POS'");
  EXPECT_ERROR(read("a.txt", "a X\n", {.tag = "#3"}), "there is no column '#3'");
  EXPECT_ERROR(read("a.txt", "\n\n"), "a.txt: no sentence in it");
}

TEST(TaggedText, JoinsFilesOfOneKind) {
  const testing::Scratch folder;
  const auto tagged = folder.put("a.conll", "a X\n"), plain = folder.put("b.conll", "a\n");
  EXPECT_EQ(read_tagged_text({tagged, tagged}).sentences[1].place.file, 1);
  EXPECT_ERROR(read_tagged_text({tagged, plain}, {.need_tags = false}), "some files have tags and others not");
  EXPECT_ERROR(read_tagged_text(std::vector<std::filesystem::path>{}), "no file given");
}

}  // namespace
}  // namespace recur
