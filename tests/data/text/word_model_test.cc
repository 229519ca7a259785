#include "recur/data/text/word_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

DataFile text_file(std::string text) { return DataFile::from_memory("a.lm", std::move(text)); }

// A bigram model of two words, with all that Katz's back-off needs.
const char* const kArpa =
    "written by hand\n\n\\data\\\nngram 1=5\nngram 2=3\n\n\\1-grams:\n-99\t<s>\t-0.3\n-1.0\t</s>\n-0.5\tone\t-0.2\n"
    "-0.6\ttwo\n-2\t<unk>\n\n\\2-grams:\n-0.1\t<s> one\n-0.25\tone two\n-0.4 two </s>\n\n\\end\\\n";

TEST(ReadArpa, BacksOffToShorterHistories) {
  const auto model = read_arpa(text_file(kArpa));
  const auto at = [&](std::vector<std::string> history, const char* word) {
    std::vector<int32_t> ids;
    for (const std::string& each : history) ids.push_back(each == "<s>" ? model->begin() : *model->word(each));
    const double ln = std::string(word) == "</s>" ? model->log_probability_of_end(ids)
                                                  : model->log_probability(ids, model->word(word));
    return ln / std::log(10.0);
  };
  EXPECT_EQ(model->order(), 2);
  EXPECT_NEAR(at({"<s>"}, "one"), -0.1, 1e-6);
  EXPECT_NEAR(at({"<s>"}, "two"), -0.3 - 0.6, 1e-6);
  EXPECT_NEAR(at({"one"}, "two"), -0.25, 1e-6);
  EXPECT_NEAR(at({"two", "one"}, "one"), -0.2 - 0.5, 1e-6);
  EXPECT_NEAR(at({"two"}, "two"), -0.6, 1e-6);
  EXPECT_NEAR(at({"two"}, "</s>"), -0.4, 1e-6);
  EXPECT_NEAR(at({}, "one"), -0.5, 1e-6);
  EXPECT_NEAR(at({"one"}, "three"), -0.2 - 2, 1e-6);  // the unknown word
  EXPECT_FALSE(model->word("three"));
}

TEST(ReadArpa, WhatIsNoneIsAnErrorWithItsLine) {
  EXPECT_ERROR(read_arpa(text_file("hello\n")), "a.lm: ends before");
  EXPECT_ERROR(read_arpa(text_file("\\data\\\nngram 2=3\n")), "a.lm:2: expected \"ngram 1=COUNT\"");
  EXPECT_ERROR(read_arpa(text_file("\\data\\\nngram 1=1e99\n")), "a.lm:2");
  EXPECT_ERROR(read_arpa(text_file("\\data\\\nngram 1=1\n\\2-grams:\n")), "a.lm:3: expected \"\\1-grams:\"");
  EXPECT_ERROR(read_arpa(text_file("\\data\\\nngram 1=1\n\\1-grams:\nx <s>\n")), "a.lm:4: expected the logarithms");
  EXPECT_ERROR(read_arpa(text_file("\\data\\\nngram 1=1\n\\1-grams:\n-1\n")), "a.lm:4: expected a number, 1 words");
  EXPECT_ERROR(read_arpa(text_file("\\data\\\nngram 1=1\n\\1-grams:\n-1 <s>\n\\end\\\n")), "there is no </s>");
  EXPECT_ERROR(
      read_arpa(text_file("\\data\\\nngram 1=1\nngram 2=1\n\\1-grams:\n-1 <s>\n\\2-grams:\n-1 <s> x\n\\end\\\n")),
      "a.lm:7: 'x' is not a word of the 1-grams");
  // Cut off or changed anywhere, it is an error or a model.
  const std::string whole = kArpa;
  Random random(1);
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    std::string text = whole;
    text[random.below(text.size())] = static_cast<char>(random.below(128));
    for (const std::string& each : {whole.substr(0, cut), text}) {
      try {
        const auto model = read_arpa(text_file(each));
        EXPECT_TRUE(std::isfinite(model->log_probability({}, model->word("one"))));
      } catch (const Error&) {
      }
    }
  }
}

TEST(CountWords, ProbabilitiesAreThoseOfTheText) {
  Random random(1);
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += random.below(3) == 0 ? "two " : "one ";
    text += random.below(4) == 0 ? "three one\n\n" : "two\n";
  }
  const auto model = count_words(text_file(text), 2);
  const std::vector<int32_t> start{model->begin()};
  double sum = std::exp(model->log_probability_of_end(start)) + std::exp(model->log_probability(start, std::nullopt));
  for (const char* word : {"one", "two", "three"}) sum += std::exp(model->log_probability(start, model->word(word)));
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_GT(model->log_probability(start, model->word("one")), model->log_probability(start, model->word("two")));
  const std::vector<int32_t> one{*model->word("one")};
  EXPECT_GT(model->log_probability(one, model->word("two")), model->log_probability(one, model->word("three")));
  EXPECT_FALSE(model->word("four"));
  EXPECT_ERROR(count_words(text_file("\n \n")), "a.lm: there are no words in it");
}

TEST(ReadWordModel, KnowsTheFormat) {
  EXPECT_EQ(read_word_model(text_file(kArpa))->order(), 2);
  EXPECT_EQ(read_word_model(text_file("one two\n"), 4)->order(), 4);
}

TEST(ReadWordModel, TellsTheWordsItKnows) {
  EXPECT_EQ(read_word_model(text_file(kArpa))->words(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(read_word_model(text_file("b a\na c\n"))->words(), (std::vector<std::string>{"b", "a", "c"}));
}

}  // namespace
}  // namespace recur
