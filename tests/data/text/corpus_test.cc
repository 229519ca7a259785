#include "recur/data/text/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "recur/base/error.h"
#include "recur/base/random.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

Corpus corpus_of(const TextSource& source, const TokenizerOptions& options, const CorpusOptions& where = {}) {
  return Corpus(source, source.all(), fit_tokenizer(source, source.all(), options), where);
}

std::vector<int32_t> all_of(const Corpus& corpus) {
  std::vector<int32_t> ids(static_cast<size_t>(corpus.size()));
  corpus.read(0, ids);
  return ids;
}

// Words numbered so that the vocabulary has about `distinct` of them.
std::string many_words(int distinct) {
  std::string text;
  for (int i = 0; i < distinct; ++i) text.append("w").append(std::to_string(i)).append(i % 10 == 9 ? "\n" : " ");
  return text;
}

TEST(Corpus, HoldsWhatTheTokenizerGivesForEveryWidthInMemoryAndInAFile) {
  for (const int distinct : {10, 300, 70000}) {
    const auto source = TextSource::from_text("text", many_words(distinct));
    const auto in_memory = corpus_of(source, {.kind = "words"});
    const auto in_file = corpus_of(source, {.kind = "words"}, {.memory_bytes = 0, .scratch_in = {}});
    const auto expected = in_memory.tokenizer().encode(many_words(distinct));
    ASSERT_EQ(all_of(in_memory), expected);
    ASSERT_EQ(all_of(in_file), expected);
    Random random(1);
    for (int i = 0; i < 50; ++i) {
      const auto begin = random.below(expected.size());
      std::vector<int32_t> part(random.below(expected.size() - begin) + 1);
      in_file.read(static_cast<int64_t>(begin), part);
      ASSERT_TRUE(std::equal(part.begin(), part.end(), expected.begin() + static_cast<int64_t>(begin)));
    }
  }
}

TEST(Corpus, LeavesNothingInItsScratchFolder) {
  const testing::Scratch folder;
  const auto source = TextSource::from_text("text", "some text");
  Corpus corpus = corpus_of(source, {}, {.memory_bytes = 0, .scratch_in = folder.folder()});
  EXPECT_TRUE(std::filesystem::is_empty(folder.folder()));
  const Corpus moved = std::move(corpus);
  EXPECT_EQ(moved.tokenizer().decode(all_of(moved)), "some text");
}

TEST(Corpus, NamesTheScratchFolderThatCannotBeUsed) {
  const auto source = TextSource::from_text("text", "some text");
  try {
    corpus_of(source, {}, {.memory_bytes = 0, .scratch_in = "/nowhere"});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nowhere: No such file or directory"));
  }
}

TEST(Corpus, EndsTheLastLineOfEveryFile) {
  const testing::Scratch folder;
  const TextSource source({folder.put("a", "x y"), folder.put("b", "x\n"), folder.put("c", "y")});
  const auto corpus = corpus_of(source, {.kind = "words"});
  EXPECT_EQ(corpus.tokenizer().decode(all_of(corpus)), "x y\nx\ny\n");
  EXPECT_EQ(corpus.tokenizer().size(), 4);
}

TEST(Corpus, CountsBytesAndCharacters) {
  const auto source = TextSource::from_text("text", "5 €\n");
  EXPECT_EQ(corpus_of(source, {}).text_bytes(), 6);
  EXPECT_EQ(corpus_of(source, {}).text_characters(), 4);
  EXPECT_EQ(corpus_of(source, {.kind = "bytes"}).text_characters(), 6);
}

TEST(Corpus, RefusesATextWithoutSymbols) {
  const auto source = TextSource::from_text("text", "a");
  const std::shared_ptr<const Tokenizer> words =
      fit_tokenizer(source, source.all(), {.kind = "words", .line_end_symbol = false});
  const auto blank = TextSource::from_text("blank", "  \n ");
  EXPECT_THROW(Corpus(blank, blank.all(), words), Error);
}

TEST(SplitCorpus, FitsTheVocabularyToTheTrainingPart) {
  const auto source = TextSource::from_text("text", "aaaabbbbbz");
  const auto [train, valid] = split_corpus(source, 0.2, {});
  EXPECT_EQ(train.size(), 8);
  EXPECT_EQ(train.tokenizer().size(), 3);
  EXPECT_EQ(all_of(valid), (std::vector<int32_t>{2, 0}));
  EXPECT_EQ(train.shared_tokenizer(), valid.shared_tokenizer());
}

TEST(SplitCorpus, CutsWordsAtLines) {
  const auto source = TextSource::from_text("text", "a b c\nd e f\ng\n");
  const auto [train, valid] = split_corpus(source, 0.5, {.kind = "words"});
  EXPECT_EQ(train.tokenizer().decode(all_of(train)), "a b c\nd e f\n");
  EXPECT_EQ(valid.size(), 2);
}

// More than a block of the source and more than a buffer of the scratch file.
TEST(Corpus, LongTextsAreTheSameInOneGoAndInBlocks) {
  Random random(3);
  std::string text;
  while (text.size() < (size_t{5} << 19)) {
    for (uint64_t i = random.below(30); i > 0; --i) text += random.bernoulli(0.1) ? "é" : "word";
    text += random.bernoulli(0.3) ? "\n" : " ";
  }
  const auto source = TextSource::from_text("text", text);
  for (const char* kind : {"bytes", "chars", "words"}) {
    const auto corpus = corpus_of(source, {.kind = kind}, {.memory_bytes = 1000, .scratch_in = {}});
    EXPECT_EQ(corpus.text_bytes(), std::ssize(text));
    std::string ended = text;
    if (corpus.tokenizer().line_end() && !ended.ends_with('\n')) ended += '\n';
    EXPECT_EQ(all_of(corpus), corpus.tokenizer().encode(ended)) << kind;
  }
}

TEST(Corpus, ReadsAnyPositionFromAnyThread) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += static_cast<char>('a' + i * i % 23);
  const auto source = TextSource::from_text("text", text);
  const auto corpus = corpus_of(source, {}, {.memory_bytes = 0, .scratch_in = {}});
  const auto expected = all_of(corpus);
  std::vector<std::thread> readers;
  std::atomic<int> wrong{0};
  for (uint64_t seed = 0; seed < 3; ++seed)
    readers.emplace_back([&, seed] {
      Random random(seed);
      for (int i = 0; i < 100; ++i) {
        const auto begin = static_cast<int64_t>(random.below(expected.size()));
        std::vector<int32_t> part(random.below(expected.size() - static_cast<uint64_t>(begin)) + 1);
        corpus.read(begin, part);
        if (!std::equal(part.begin(), part.end(), expected.begin() + begin)) ++wrong;
      }
    });
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  corpus.read(corpus.size(), {});  // nothing, behind the last
  std::vector<int32_t> last(1);
  corpus.read(corpus.size() - 1, last);
  EXPECT_EQ(last[0], expected.back());
}

TEST(Corpus, TakesARangeOfTheSource) {
  const auto source = TextSource::from_text("text", "abcabcabd");
  const std::shared_ptr<const Tokenizer> tokenizer = fit_tokenizer(source, source.all(), {});
  for (int64_t begin = 0; begin < 9; ++begin)
    for (int64_t end = begin + 1; end <= 9; ++end) {
      const Corpus part(source, {begin, end}, tokenizer);
      EXPECT_EQ(tokenizer->decode(all_of(part)), std::string("abcabcabd").substr(begin, end - begin));
    }
}

TEST(SplitCorpus, LosesNothingAndKeepsTheOrder) {
  Random random(4);
  std::string text;
  for (int i = 0; i < 300; ++i) text += random.bernoulli(0.15) ? "\n" : random.bernoulli(0.3) ? "é" : "ab ";
  text += "\n";
  const auto source = TextSource::from_text("text", text);
  for (const char* kind : {"bytes", "chars", "words"})
    for (const double fraction : {0.05, 0.1, 0.5, 0.9}) {
      const auto [train, valid] = split_corpus(source, fraction, {.kind = kind});
      EXPECT_EQ(train.text_bytes() + valid.text_bytes(), std::ssize(text)) << kind << " " << fraction;
      EXPECT_NEAR(static_cast<double>(valid.text_bytes()), fraction * static_cast<double>(text.size()), 120);
      const std::string first = train.tokenizer().decode(all_of(train));
      if (std::string(kind) != "words") {
        EXPECT_EQ(first, text.substr(0, first.size())) << kind << " " << fraction;
      }
    }
}

}  // namespace
}  // namespace recur
