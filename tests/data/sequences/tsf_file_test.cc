#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::FloatEq;
using testing::IsNan;

std::string tsf(const std::string& frequency, const std::string& data) {
  return "# comment \xE9\n@relation Test\n@attribute series_name string\n@attribute start_timestamp date\n"
         "@attribute region string\n@frequency " +
         frequency + "\n@horizon 8\n@missing true\n@data\n" + data;
}

TEST(TsfFile, ReadsSeriesWithTheirAttributes) {
  const SequenceSet set =
      sequences_of("a.tsf", tsf("monthly", "T1:1990-01-31 00-00-00:north:1,?,3\nT2:1991-01-01 00-00-00:?:4\n"));
  EXPECT_THAT(ids(set), ElementsAre("T1", "T2"));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(FloatEq(1), IsNan(), FloatEq(3)));
  EXPECT_EQ(date_text(set.sequences[0].times[1]), "1990-02-28");
  EXPECT_THAT(set.statics, ElementsAre("region"));
  EXPECT_THAT(set.sequences[1].statics, ElementsAre(""));
  EXPECT_EQ(set.stated_horizon, 8);
  EXPECT_EQ(time_step_text(set.stated_step), "monthly");
}

TEST(TsfFile, NotesFrequenciesItDoesNotKnow) {
  const SequenceSet set = sequences_of("a.tsf", tsf("fortnightly", "T1:1990-01-01:x:1\n"));
  EXPECT_EQ(set.time_kind, TimeKind::kNone);
  EXPECT_THAT(set.notes, ElementsAre("a.tsf: the frequency 'fortnightly' is not known; series have no times"));
}

TEST(TsfFile, NamesWhatIsWrong) {
  EXPECT_ERROR(sequences_of("a.tsf", tsf("daily", "T1:1990-01-01:1,2\n")),
               "a.tsf:10: expected 3 attributes and the values between ':', got 3 parts");
  EXPECT_ERROR(sequences_of("a.tsf", tsf("daily", "T1:soon:x:1,2\n")),
               "expected a start such as 1996-03-18 00-00-00, got 'soon'");
  EXPECT_ERROR(sequences_of("a.tsf", tsf("daily", "T1:1990-01-01:x:1,b\n")),
               "a.tsf:10: value 2: expected a number, got 'b'");
  EXPECT_ERROR(sequences_of("a.tsf", tsf("daily", "T1:1990-01-01:x:\n")), "series 'T1' has no values");
  EXPECT_ERROR(sequences_of("a.tsf", tsf("yearly", "T1:9990-01-01:x:1,2,3,4,5,6,7,8,9,10,11\n")),
               "beyond the year 9999");
  EXPECT_ERROR(sequences_of("a.tsf", "@attribute x\n@data\n"), "@attribute x: expected a name and a type");
}

}  // namespace
}  // namespace recur
