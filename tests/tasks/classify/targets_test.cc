#include "recur/tasks/classify/targets.h"

#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using Labels = std::vector<std::string>;

TEST(Targets, AreClassesOfWordsAndOfWholeNumbers) {
  const Targets words = Targets::fit(Labels{"spam", "ham", "spam"}, "auto");
  EXPECT_FALSE(words.is_value());
  EXPECT_EQ(words.outputs(), 2);
  EXPECT_EQ(words.encode("ham", ""), 0);
  EXPECT_EQ(words.encode("spam", ""), 1);
  EXPECT_EQ(Targets::fit(Labels{"10", "9", "10"}, "auto").encode("9", ""), 0);
}

TEST(Targets, AreValuesWhereANumberHasAFraction) {
  const Targets targets = Targets::fit(Labels{"1.5", "2", "3.5", "1"}, "auto");
  EXPECT_TRUE(targets.is_value());
  EXPECT_EQ(targets.outputs(), 1);
  EXPECT_NEAR(targets.encode("2", ""), 0, 1e-6);  // the mean
  EXPECT_NEAR(targets.value_of(targets.encode("3.5", "")), 3.5, 1e-5);
  EXPECT_FALSE(Targets::fit(Labels{"1.5", "2"}, "class").is_value());
  EXPECT_TRUE(Targets::fit(Labels{"1", "2"}, "value").is_value());
}

TEST(Targets, KeepTheDigitsOfHighValues) {
  Labels labels;
  for (int i = 0; i < 20; ++i) labels.push_back(std::to_string(100000000 + i % 7) + ".5");
  const Targets targets = Targets::from_text(Targets::fit(labels, "auto").to_text());
  EXPECT_NEAR(targets.value_of(targets.encode("100000003.5", "")), 100000003.5, 1e-4);
}

TEST(Targets, ComeBackFromTheirText) {
  const Targets classes = Targets::from_text(Targets::fit(Labels{"b", "a", "é", "a"}, "auto").to_text());
  EXPECT_EQ(classes.classes().words(), (Labels{"a", "b", "é"}));
  const Targets values = Targets::fit(Labels{"0.1", "0.7"}, "auto"), again = Targets::from_text(values.to_text());
  EXPECT_EQ(values.scale(), again.scale());
}

TEST(Targets, RefuseLabelsThatCannotBeLearnt) {
  EXPECT_ERROR(Targets::fit(Labels{}, "auto"), "empty");
  EXPECT_ERROR(Targets::fit(Labels{"a", "a"}, "auto"), "all 2 training examples have the label 'a'");
  EXPECT_ERROR(Targets::fit(Labels{"a", "", "b"}, "auto"), "1 of 3 training examples have no label");
  EXPECT_ERROR(Targets::fit(Labels{"1", "x"}, "value"), "label 'x': expected a number");
}

TEST(Targets, HaveClassesForWhatValidationAloneHas) {
  const Targets targets = Targets::fit(Labels{"a", "c"}, "auto", Labels{"b", "a", ""});
  EXPECT_EQ(targets.classes().words(), (Labels{"a", "b", "c"}));
  EXPECT_FALSE(targets.is_value());
  EXPECT_ERROR(Targets::fit(Labels{"a", "a"}, "auto", Labels{"b"}), "have the label 'a'");
}

TEST(Targets, RefuseAsManyClassesAsExamples) {
  EXPECT_ERROR(Targets::fit(Labels{"one film", "two films", "three"}, "auto"),
               "each of 3 training examples has a label of its own");
  EXPECT_ERROR(Targets::fit(Labels{"1", "2", "3"}, "auto"), "target = value learns numbers");
  EXPECT_EQ(Targets::fit(Labels{"1", "2"}, "auto").outputs(), 2);
  EXPECT_EQ(Targets::fit(Labels{"1", "2", "2"}, "auto").outputs(), 2);
}

TEST(Targets, AskWhetherManyWholeNumbersAreClasses) {
  Labels ages, codes;
  for (int i = 0; i < 100; ++i) {
    ages.push_back(std::to_string(20 + i % 40));
    codes.push_back(std::to_string(1 + i % 40));
  }
  EXPECT_THROW(Targets::fit(ages, "auto"), UsageError);
  EXPECT_ERROR(Targets::fit(ages, "auto"), "They are 40 whole numbers from 20 to 59 of 100 examples");
  EXPECT_EQ(Targets::fit(ages, "class").outputs(), 40);
  EXPECT_TRUE(Targets::fit(ages, "value").is_value());
  EXPECT_EQ(Targets::fit(codes, "auto").outputs(), 40);
}

TEST(Targets, RefuseLabelsThatAreUnknown) {
  const Targets targets = Targets::fit(Labels{"a", "b"}, "auto");
  EXPECT_ERROR(targets.encode("c", "test.csv:7"), "test.csv:7");
  EXPECT_ERROR(Targets::fit(Labels{"0.5", "1"}, "auto").encode("x", "test.csv:7"), "test.csv:7: label 'x'");
}

TEST(Targets, RefuseTextThatTheyHaveNotWritten) {
  for (const char* text : {"", "[]", "{}", "1", "{\"classes\": 3}", "{\"classes\": []}", "{\"shift\": 0, \"scale\": 0}",
                           "{\"classes\": [\"a\", \"a\"]}"}) {
    EXPECT_THROW(Targets::from_text(text), Error) << text;
  }
}

TEST(Targets, AreTheClassesThatAreStated) {
  const Labels classes{"c", "a", "b"};
  const Targets targets = Targets::fit(Labels{"a", "a"}, "auto", {}, classes);  // one of them alone
  EXPECT_EQ(targets.outputs(), 3);
  EXPECT_EQ(targets.encode("b", ""), 1);
  EXPECT_FALSE(Targets::fit(Labels{"0.5"}, "auto", {}, Labels{"0.5", "1"}).is_value());
  EXPECT_ERROR(targets.encode("d", "train.csv:7"), "train.csv:7: the label 'd' was not seen in training");
  EXPECT_ERROR(Targets::fit(Labels{"a"}, "class", {}, Labels{"a", "a"}), "classes: expected two or more");
  EXPECT_ERROR(Targets::fit(Labels{"1"}, "value", {}, classes), "classes: expected none with target = value");
}

}  // namespace
}  // namespace recur
