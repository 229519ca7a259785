#include "recur/data/classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> classes_of(const std::vector<std::string>& labels) { return fit_classes(labels).words(); }

TEST(Classes, AreTheDistinctLabelsInOrder) {
  EXPECT_THAT(classes_of({"dog", "cat", "", "dog"}), ElementsAre("cat", "dog"));
  EXPECT_THAT(classes_of({"10", "9", "-1", "9"}), ElementsAre("-1", "9", "10"));
  EXPECT_THAT(classes_of({"10", "9", "x"}), ElementsAre("10", "9", "x"));
}

TEST(Classes, NameThePlaceOfAnUnknownLabel) {
  const Vocabulary classes = fit_classes(std::vector<std::string>{"walking", "sitting"});
  EXPECT_EQ(class_of(classes, "walking", "a.csv:3"), 1);
  EXPECT_ERROR(class_of(classes, "walkin", "a.csv:3"),
               "a.csv:3: the label 'walkin' was not seen in training; did you mean 'walking'?");
  EXPECT_ERROR(class_of(classes, "", "a.csv:3"), "a.csv:3: the label is missing");
}

TEST(Classes, QuoteNoWholeTextsInErrors) {
  const std::string text(3000, 'x');
  const Vocabulary classes = fit_classes(std::vector<std::string>{text, "y"});
  EXPECT_LT(testing::message_of([&] { class_of(classes, text + "z", "a.csv:3"); }).size(), 300u);
}

TEST(OpenClasses, NumberWhatTheModelLacksBehindWhatItKnows) {
  const Vocabulary classes = fit_classes(std::vector<std::string>{"a", "b"});
  OpenClasses open(classes);
  EXPECT_EQ(open.number("b", ""), 1);
  EXPECT_EQ(open.warning("1 token has a tag"), "");
  EXPECT_EQ(open.number("y", ""), 2);
  EXPECT_EQ(open.number("x", ""), 3);
  EXPECT_EQ(open.number("x", ""), 3);
  EXPECT_EQ(open.size(), 4);
  EXPECT_TRUE(open.is_known(1));
  EXPECT_FALSE(open.is_known(2));
  EXPECT_THAT(open.lacking(), ElementsAre("y", "x"));
  EXPECT_THAT(open.names().words(), ElementsAre("a", "b", "y", "x"));
  EXPECT_EQ(open.warning("4 tokens have tags"),
            "3 of 4 tokens have tags that the model does not know, and count as its errors: 'x' (2), 'y' (1)");
  EXPECT_ERROR(open.number("", "a.csv:3"), "a.csv:3: the label is missing");
}

TEST(LabelsText, ListsTheMostFrequentFirstAndNotAll) {
  LabelCounts many;
  for (int i = 10; i < 30; ++i) many[std::to_string(i)] = i;
  const std::string text = labels_text(many);
  EXPECT_TRUE(text.starts_with("'29' (29), '28' (28)")) << text;
  EXPECT_TRUE(text.ends_with(" and 8 more")) << text;
}

TEST(ValidationAlone, NamesLabelsThatTrainingLacks) {
  EXPECT_EQ(validation_alone_text({{"a", 3}}, {{"a", 1}, {"b", 2}, {"", 1}}, "label", "labels"),
            "1 label of the validation data is not in the training data, so the model cannot learn it: 'b' (2)");
  EXPECT_THAT(validation_alone_text({{"a", 3}}, {{"a", 1}}, "label", "labels"), IsEmpty());
}

}  // namespace
}  // namespace recur
