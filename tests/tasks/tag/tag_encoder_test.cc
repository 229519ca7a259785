#include "recur/tasks/tag/tag_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"
#include "tests/tasks/tag/tag_sentences.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// "the" three times (once as "The"), "cat" twice, "Ä" and "sat" once.
TaggedText small() {
  return tagged_text({tagged({"the", "cat", "Ä"}, {"D", "N", "X"}), tagged({"The", "cat"}, {"D", "N"}),
                      tagged({"the", "sat"}, {"D", "V"})});
}

TagEncoder encoder_of(const TaggedText& text, const TagDataOptions& options = {}) {
  return TagEncoder::fit(*tag_examples(text).sentences, options);
}

std::vector<Loaded<TaggedSentence>> some(const TaggedText& text, std::vector<int64_t> which) {
  std::vector<Loaded<TaggedSentence>> sentences;
  for (const int64_t i : which) sentences.push_back(text.load(i));
  return sentences;
}

TagDataOptions counted(int64_t words, int64_t characters) {
  TagDataOptions options;
  options.min_count = words;
  options.min_char_count = characters;
  return options;
}

std::vector<int32_t> ids_of(const Tensor& t) {
  const auto values = t.values<int32_t>();
  return {values.begin(), values.end()};
}

TEST(TagEncoder, RanksWordsByFrequencyWithoutRegardToCase) {
  const TagEncoder encoder = encoder_of(small());
  EXPECT_THAT(encoder.words().words(), ElementsAre("<unk>", "the", "cat", "sat", "ä"));
  EXPECT_EQ(encoder.word("THE"), 1);
  EXPECT_EQ(encoder.word("ä"), encoder.word("Ä"));
  EXPECT_EQ(encoder.word("dog"), kUnknown);
  EXPECT_EQ(encoder.word(""), kUnknown);
}

TEST(TagEncoder, KeepsTheCaseOfWordsWhereAskedAndThatOfCharactersAlways) {
  TagDataOptions options = counted(1, 1);
  const TagEncoder folded = encoder_of(small(), options);
  options.lower_case = false;
  const TagEncoder encoder = encoder_of(small(), options);
  EXPECT_NE(encoder.word("the"), encoder.word("The"));
  EXPECT_EQ(encoder.word("CAT"), kUnknown);
  EXPECT_TRUE(folded.characters().find("T").has_value());
  EXPECT_FALSE(folded.words().find("The").has_value());
}

TEST(TagEncoder, RareWordsAndCharactersAreUnknown) {
  const TagEncoder encoder = encoder_of(small(), counted(2, 4));
  EXPECT_THAT(encoder.words().words(), ElementsAre("<unk>", "the", "cat"));
  // t six times (the, cat, cat, the, sat: of "The" the T is another); h, e, a three times each, c twice.
  EXPECT_THAT(encoder.characters().words(), ElementsAre("<unk>", "t"));
}

TEST(TagEncoder, AWordOfTheTextThatIsWrittenAsTheUnknownOneIsUnknown) {
  const TaggedText text = tagged_text({tagged({"<unk>", "<unk>", "a"}, {"X", "X", "Y"})});
  const TagEncoder encoder = encoder_of(text);
  EXPECT_THAT(encoder.words().words(), ElementsAre("<unk>", "a"));
  EXPECT_EQ(encoder.word("<unk>"), kUnknown);
}

TEST(TagEncoder, ABatchIsTimeMajorAndPaddedBehindEachSentence) {
  const TaggedText text = small();
  const TagEncoder encoder = encoder_of(text);
  const std::vector<int64_t> which{1, 0};
  const TagBatch batch = encoder.batch(text, some(text, which), 0, nullptr);
  EXPECT_EQ(batch.words.shape(), (Shape{3, 2}));
  EXPECT_THAT(batch.lengths, ElementsAre(2, 3));
  EXPECT_THAT(ids_of(batch.words), ElementsAre(1, 1, 2, 2, kUnknown, 4));
  const auto tag = [&](const char* name) { return *encoder.tags().find(name); };
  EXPECT_THAT(ids_of(batch.tags), ElementsAre(tag("D"), tag("D"), tag("N"), tag("N"), kNoTag, tag("X")));
}

TEST(TagEncoder, SpellsEachDistinctTokenOnceAsItIsWritten) {
  const TaggedText text = small();
  const TagEncoder encoder = encoder_of(text, counted(1, 1));
  const std::vector<int64_t> which{1, 0};
  const TagBatch batch = encoder.batch(text, some(text, which), 0, nullptr);
  // "The" and "the" are one word, and two to spell; "cat" is there twice.
  EXPECT_THAT(batch.character_lengths, ElementsAre(3, 3, 3, 1));
  EXPECT_EQ(batch.characters.shape(), (Shape{3, 4}));
  EXPECT_THAT(ids_of(batch.word_at), ElementsAre(0, 2, 1, 1, 0, 3));
  std::vector<std::string> spelt(4);
  for (int64_t u = 0; u < 4; ++u) {
    for (int64_t k = 0; k < batch.character_lengths[u]; ++k) {
      spelt[u] += encoder.characters().word(ids_of(batch.characters)[k * 4 + u]);
    }
  }
  EXPECT_THAT(spelt, ElementsAre("The", "cat", "the", "Ä"));
}

TEST(TagEncoder, ReadsTheFirstFortyCharactersOfALongWord) {
  std::string word, longer;
  for (size_t i = 0; i < kLongestWord; ++i) word += "ä";
  longer = word + "bbbb";
  const TaggedText text = tagged_text({tagged({word, longer, "b"}, {"X", "Y", "Y"})});
  const TagEncoder encoder = encoder_of(text, counted(1, 1));
  const TagBatch batch = encoder.batch(text, some(text, {0}), 0, nullptr);
  EXPECT_THAT(batch.character_lengths, ElementsAre(40, 40, 1));
  const std::vector<int32_t> spelt = ids_of(batch.characters);
  for (size_t k = 0; k < kLongestWord; ++k) EXPECT_EQ(spelt[k * 3], spelt[k * 3 + 1]);
}

TEST(TagEncoder, AllSentencesEmptyIsABatchOfPadding) {
  const TaggedText text = small();
  const TagEncoder encoder = encoder_of(text);
  const TaggedText empty = tagged_text({tagged({}, {}), tagged({}, {})});
  const TagBatch batch = encoder.batch(empty, some(empty, {0, 1}), 0, nullptr);
  EXPECT_EQ(batch.words.shape(), (Shape{1, 2}));
  EXPECT_THAT(batch.lengths, Each(0));
  EXPECT_THAT(ids_of(batch.tags), Each(kNoTag));
  EXPECT_EQ(batch.characters.shape(), (Shape{1, 0}));
}

TEST(TagEncoder, WithoutTagsABatchHasNone) {
  const TagEncoder encoder = encoder_of(small());
  const TaggedText text = untagged_text({{"the", "dog"}});
  EXPECT_FALSE(encoder.batch(text, some(text, {0}), 0, nullptr).tags.defined());
}

TEST(TagEncoder, NamesTheTokenWhoseTagIsNotKnown) {
  const TagEncoder encoder = encoder_of(small());
  const TaggedText text = tagged_text({tagged({"a", "b"}, {"D", "N"}), tagged({"a", "b"}, {"D", "ODD"})});
  EXPECT_ERROR(encoder.batch(text, some(text, {0, 1}), 0, nullptr), "a.conll:5");
  EXPECT_NO_THROW(encoder.batch(text, some(text, {0}), 0, nullptr));
  // To evaluate, it has no number.
  EXPECT_THAT(ids_of(encoder.batch(text, some(text, {1})).tags), ElementsAre(*encoder.tags().find("D"), kNoTag));
}

TEST(TagEncoder, HasTheTagsOfValidationToo) {
  const TaggedText valid = tagged_text({tagged({"new"}, {"ODD"})});
  const TagEncoder encoder = TagEncoder::fit(*tag_examples(small()).sentences, {}, tag_examples(valid).sentences.get());
  EXPECT_THAT(encoder.tags().words(), ElementsAre("D", "N", "ODD", "V", "X"));
  EXPECT_EQ(encoder.word("new"), kUnknown);
}

TEST(TagEncoder, WordDropoutTakesAWordSeenNTimesForUnknownInWOfWPlusN) {
  const TaggedText text = small();
  const TagEncoder encoder = encoder_of(text);
  Random random(11);
  constexpr double kDropout = 1.5;
  constexpr int kDraws = 4000;
  int the = 0, sat = 0;
  for (int i = 0; i < kDraws; ++i) {
    const TagBatch batch = encoder.batch(text, some(text, {2}), kDropout, &random);
    the += ids_of(batch.words)[0] == kUnknown;
    sat += ids_of(batch.words)[1] == kUnknown;
    ASSERT_THAT(ids_of(batch.word_at), ElementsAre(0, 1));  // the spelling stays
  }
  // Four standard deviations of a share of 4000 draws are at most 0.032.
  EXPECT_NEAR(static_cast<double>(the) / kDraws, kDropout / (kDropout + 3), 0.032);
  EXPECT_NEAR(static_cast<double>(sat) / kDraws, kDropout / (kDropout + 1), 0.032);
}

TEST(TagEncoder, WordsAreKeptOutsideTraining) {
  const TaggedText text = small();
  const TagEncoder encoder = encoder_of(text);
  const TagBatch batch = encoder.batch(text, some(text, {2}), 1e9, nullptr);
  EXPECT_THAT(ids_of(batch.words), ElementsAre(1, 3));
  Random random(1);
  EXPECT_THAT(ids_of(encoder.batch(text, some(text, {2}), 0, &random).words), ElementsAre(1, 3));
}

TEST(TagEncoder, ComesBackFromItsAssetsCountsIncluded) {
  const TaggedText text = small();
  const TagEncoder encoder = encoder_of(text), again(encoder.assets(), {});
  EXPECT_EQ(again.words().words(), encoder.words().words());
  EXPECT_EQ(again.characters().words(), encoder.characters().words());
  EXPECT_EQ(again.tags().words(), encoder.tags().words());
  Random one(5), two(5);
  for (int i = 0; i < 20; ++i) {
    const std::vector<int64_t> all{0, 1, 2};
    EXPECT_EQ(ids_of(encoder.batch(text, some(text, all), 2, &one).words),
              ids_of(again.batch(text, some(text, all), 2, &two).words));
  }
}

TEST(TagEncoder, RefusesTextsOfOneTagOrNone) {
  EXPECT_ERROR(encoder_of(tagged_text({tagged({"a", "b"}, {"X", "X"})})), "expected at least two tags");
  EXPECT_ERROR(encoder_of(tagged_text({})), "expected at least two tags");
}

TEST(TagEncoder, RefusesDamagedAssets) {
  const Assets good = encoder_of(small()).assets();
  const auto with = [&](const std::string& name, const std::string& text) {
    Assets assets = good;
    assets[name] = text;
    return assets;
  };
  const auto refused = [&](const Assets& assets, const std::string& why) { EXPECT_ERROR(TagEncoder(assets, {}), why); };
  refused({}, "lacks 'words'");
  refused(with("tags", "[]"), "do not match");
  refused(with("characters", "[]"), "do not match");
  refused(with("tags", "[\"D\", \"D\"]"), "D");
  refused(with("tags", "[1, 2]"), "vocabulary");
  refused(with("tags", "[[[\"D\"]]]"), "expected JSON");
  refused(with("words", "[]"), "vocabulary");
  refused(with("words", R"({"words": ["<unk>", "a"], "counts": [0, 1, 2]})"), "do not match");
  refused(with("words", R"({"words": ["<unk>", "a"], "counts": [0, -1]})"), "negative");
  refused(with("words", R"({"words": ["<unk>"], "counts": ["many"]})"), "vocabulary");
  EXPECT_NO_THROW(TagEncoder(good, {}));
}

}  // namespace
}  // namespace recur
