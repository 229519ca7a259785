#include "recur/tasks/forecast/target_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string note_of(const std::string& text) {
  const Panel panel = panel_of(sequences_of("a.csv", text), data_options(1, 2));
  return narrow_targets_note(panel);
}

TEST(NarrowTargets, AreNamedBesideOthers) {
  const std::string note = note_of("sales,flag,price\n3,0,2.5\n7,1,2.5\n,1,\n5,0,2.5\n");
  EXPECT_THAT(note, HasSubstr("of the 3 targets, 'flag' has two values, 'price' never changes"));
}

TEST(NarrowTargets, OfOneKindAloneAreWhatIsAskedFor) {
  EXPECT_EQ(note_of("a,b\n0,1\n1,0\n1,1\n"), "");
  EXPECT_EQ(note_of("a\n0\n1\n1\n"), "");
  EXPECT_EQ(note_of("a,b\n0,1\n1,2\n2,3\n"), "");
}

}  // namespace
}  // namespace recur
