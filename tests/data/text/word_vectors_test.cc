#include "recur/data/text/word_vectors.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

std::optional<int32_t> id_of(std::string_view word) {
  if (word == "cat") return 0;
  if (word == "dog") return 2;
  return std::nullopt;
}

class WordVectors : public ::testing::Test {
 protected:
  std::filesystem::path put(const std::string& text) const { return scratch_.put("v.vec", text); }
  std::vector<float> values() const {
    const auto all = table_.values<float>();
    return {all.begin(), all.end()};
  }

  Scratch scratch_;
  Tensor table_ = Tensor::full({3, 2}, 9);
};

TEST_F(WordVectors, FillRowsOfKnownWordsAlone) {
  EXPECT_EQ(read_word_vectors(put("cat 1 -2.5\nbird 3 4\ndog 1e-1 5\n"), id_of, table_).found, 2);
  EXPECT_EQ(values(), (std::vector<float>{1, -2.5f, 9, 9, 0.1f, 5}));
}

TEST_F(WordVectors, TakeTheHeaderAndTrailingSpacesOfFastText) {
  EXPECT_EQ(read_word_vectors(put("2 2\ncat 1 2 \ndog 3 4 \n"), id_of, table_).found, 2);
  EXPECT_EQ(values(), (std::vector<float>{1, 2, 9, 9, 3, 4}));
}

TEST_F(WordVectors, KeepTheFirstOfTwo) {
  EXPECT_EQ(read_word_vectors(put("cat 1 2\ncat 3 4\n"), id_of, table_).found, 1);
  EXPECT_EQ(values()[0], 1);
}

TEST_F(WordVectors, TakeTheLastCellsForNumbersWhereAWordHoldsSpaces) {
  std::vector<std::string> asked;
  const auto id = [&](std::string_view word) {
    asked.emplace_back(word);
    return id_of(word);
  };
  const auto path = put("cat 1 2\n. . . 3 4\nat name@domain.com 5 6\ndog 7 8\n");
  EXPECT_EQ(read_word_vectors(path, id, table_).found, 2);
  EXPECT_EQ(asked, (std::vector<std::string>{"cat", ". . .", "at name@domain.com", "dog"}));
  EXPECT_EQ(values(), (std::vector<float>{1, 2, 9, 9, 7, 8}));
}

TEST_F(WordVectors, PassOverWordsThatAreNotUtf8) {
  const auto path = put("cat 1 2\ncaf\xE9 3 4\n\xC3 5 6\ndog 7 8\n");
  const WordVectorsRead read = read_word_vectors(path, id_of, table_);
  EXPECT_EQ(read.found, 2);
  EXPECT_EQ(read.not_utf8, 2);
  EXPECT_EQ(read.note("v.vec"), "v.vec: 2 words are not UTF-8 and are skipped, the first in line 2");
  EXPECT_EQ(read_word_vectors(put("cat 1 2\n"), id_of, table_).note("v.vec"), "");
}

TEST_F(WordVectors, NameFileAndLineOfWhatIsWrong) {
  EXPECT_ERROR(read_word_vectors(put("cat 1 2\ndog 1 2 3\n"), id_of, table_), "v.vec:2: expected a word and 2 numbers");
  EXPECT_ERROR(read_word_vectors(put("cat 1 x\n"), id_of, table_), "v.vec:1: column 3: expected a number");
  EXPECT_ERROR(read_word_vectors(put("cat 1 inf\n"), id_of, table_), "expected a number");
  EXPECT_ERROR(read_word_vectors(put("cat 1\n"), id_of, table_), "got 2 columns");
  EXPECT_ERROR(read_word_vectors(scratch_ / "none.vec", id_of, table_), "none.vec");
}

}  // namespace
}  // namespace recur
