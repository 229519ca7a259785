#include "recur/data/classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::ElementsAre;

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

}  // namespace
}  // namespace recur
