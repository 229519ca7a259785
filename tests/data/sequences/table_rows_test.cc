#include "recur/data/sequences/table_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur::internal {
namespace {

using ::testing::ElementsAre;

OpenTable table_of(std::string text, const SequenceOptions& options) {
  return open_csv(DataFile::from_memory("a.csv", std::move(text)), options);
}

// The options outlive the rows, which refer to them.
struct Rows {
  Rows(std::string text, SequenceOptions how)
      : options(std::move(how)), rows(table_of(std::move(text), options), options) {}

  SequenceOptions options;
  TableRows rows;
};

SequenceOptions roles(const Columns& columns) {
  SequenceOptions options;
  options.columns = columns;
  options.header = "yes";
  return options;
}

TEST(RoleColumns, FindsColumnsByNameAndNumberAndLeavesOutWhatIsNotThere) {
  const SequenceOptions options = roles({.id = "who",
                                         .time = "#3",
                                         .labels = {"l2", "absent", "l1"},
                                         .step_labels = {"state"},
                                         .statics = {"age"},
                                         .parameter = "nothing"});
  const OpenTable table = table_of("l1,who,t,l2,state,age\n1,a,0,2,x,30\n", options);
  const RoleColumns found(table.head, options.columns);
  EXPECT_EQ(found.ids, std::vector<size_t>{1});
  EXPECT_EQ(found.time, 2u);
  EXPECT_THAT(found.labels, ElementsAre(3, 0));
  EXPECT_THAT(found.statics, ElementsAre(5));
  EXPECT_EQ(found.step_label, 4u);
  EXPECT_FALSE(found.parameter);
  EXPECT_FALSE(found.value);
}

TEST(ValueBudget, HoldsAsManyAsAllowedAndNoMore) {
  SequenceOptions options;
  options.max_values = 5;
  ValueBudget budget(options);
  budget.take("a.csv", 3);
  budget.take("a.csv", 0);
  EXPECT_NO_THROW(budget.take("a.csv", 2));
  EXPECT_ERROR(budget.take("b.csv", 1), "b.csv: more than 5 values");
}

TEST(TableRows, CountsRowsAndRefusesThoseOfAnotherWidth) {
  Rows table("t,x\n1,2\n3,4\n5\n", roles({.time = "t", .values = {"x"}}));
  EXPECT_TRUE(table.rows.next());
  EXPECT_EQ(table.rows.number(1), 2);
  EXPECT_TRUE(table.rows.next());
  EXPECT_EQ(table.rows.rows(), 2);
  EXPECT_ERROR(table.rows.next(), "a.csv:4: expected 2 columns, got 1");
  Rows wide("1,2\n3\n", [] {
    SequenceOptions options = roles({.layout = Layout::kWide});
    options.header = "no";
    return options;
  }());
  EXPECT_TRUE(wide.rows.next());
  EXPECT_TRUE(wide.rows.next());
  EXPECT_FALSE(wide.rows.next());
}

// The time of the first row of such a column.
double time_of(const std::string& cells, const std::string& format = "") {
  SequenceOptions options = roles({.time = "t", .values = {"x"}});
  options.time_format = format;
  Rows table("t,x\n" + cells, options);
  EXPECT_TRUE(table.rows.next());
  return table.rows.time();
}

TEST(TableRows, TimesAreNumbersClocksOrDatesByTheFirstThatIsThere) {
  EXPECT_EQ(time_of("2.5,1\n"), 2.5);
  EXPECT_EQ(time_of("02:30,1\n"), 2.5);
  EXPECT_EQ(time_of("30:00,1\n"), 30);
  EXPECT_EQ(time_of("1970-01-02,1\n"), 86400);
  EXPECT_EQ(time_of("02.01.1970,1\n", "%d.%m.%Y"), 86400);
  // With a format, what looks like a number is a date.
  EXPECT_EQ(time_of("19700102,1\n", "%Y%m%d"), 86400);
}

TEST(TableRows, NamesTheTimeThatIsOfAnotherKindThanTheFirst) {
  const auto second = [](const std::string& cells, const std::string& format = "") {
    SequenceOptions options = roles({.time = "t", .values = {"x"}});
    options.time_format = format;
    Rows table("t,x\n" + cells, options);
    EXPECT_TRUE(table.rows.next());
    table.rows.time();
    EXPECT_TRUE(table.rows.next());
    table.rows.time();
  };
  EXPECT_ERROR(second("1,1\n2020-01-01,1\n"), "a.csv:3: column 1 ('t'): expected a time as a number");
  EXPECT_ERROR(second("2020-01-01,1\n1,1\n"), "expected a date such as");
  EXPECT_ERROR(second("01:00,1\n1,1\n"), "expected a time HH:MM, got '1'");
  EXPECT_ERROR(second("01.02.2020,1\n2020-02-01,1\n", "%d.%m.%Y"), "expected a date like %d.%m.%Y, got '2020-02-01'");
  EXPECT_ERROR(second("1,1\nNA,1\n"), "the time is missing");
}

TEST(TableRows, WithoutAColumnOfIdsThereIsOneSequence) {
  Rows alone("t,x\n1,2\n", roles({.time = "t"}));
  EXPECT_TRUE(alone.rows.next());
  EXPECT_EQ(alone.rows.id(), "1");
  EXPECT_EQ(alone.rows.time_kind(), TimeKind::kNumber);
  Rows named("who,x\n  b ,2\n ,3\n", roles({.id = "who"}));
  EXPECT_TRUE(named.rows.next());
  EXPECT_EQ(named.rows.id(), "b");
  EXPECT_EQ(named.rows.time_kind(), TimeKind::kNone);
  EXPECT_TRUE(named.rows.next());
  EXPECT_ERROR(named.rows.id(), "a.csv:3: column 1 ('who'): the id is empty");
}

TEST(TableRows, ASequenceBeginsWithItsRowsLabelsAndStatics) {
  Rows table("id,x,label,age\na,1,2.0,NA\n", roles({.id = "id", .labels = {"label"}, .statics = {"age"}}));
  EXPECT_TRUE(table.rows.next());
  const Sequence s = table.rows.begin_sequence("a");
  EXPECT_EQ(s.id, "a");
  EXPECT_EQ(s.place.line, 2);
  EXPECT_THAT(s.labels, ElementsAre("2"));  // as programs write whole numbers
  EXPECT_THAT(s.statics, ElementsAre(""));
}

TEST(TableRows, NamesTheCellWhereASequenceContradictsItself) {
  Rows table("id,x,label,age\na,1,up,30\na,1,up,30\na,1,down,30\na,1,up,31\na,1,,30\n",
             roles({.id = "id", .labels = {"label"}, .statics = {"age"}}));
  EXPECT_TRUE(table.rows.next());
  const Sequence s = table.rows.begin_sequence("a");
  EXPECT_TRUE(table.rows.next());
  EXPECT_NO_THROW(table.rows.check_same(s));
  EXPECT_TRUE(table.rows.next());
  EXPECT_ERROR(table.rows.check_same(s),
               "a.csv:4: column 3 ('label'): the label of sequence 'a' was 'up' and is 'down' here");
  EXPECT_TRUE(table.rows.next());
  EXPECT_ERROR(table.rows.check_same(s), "the static covariate of sequence 'a' was '30' and is '31' here");
  EXPECT_TRUE(table.rows.next());
  EXPECT_ERROR(table.rows.check_same(s), "was 'up' and is '' here");
}

TEST(TableRows, AnEmptySetHasTheNamesAndNoSequences) {
  const Rows table("id,t,x,label,age\na,1,1,up,30\n",
                   roles({.id = "id", .time = "t", .labels = {"label", "absent"}, .statics = {"#5"}}));
  const SequenceSet set = table.rows.empty_set();
  EXPECT_EQ(set.size(), 0);
  EXPECT_THAT(set.files, ElementsAre("a.csv"));
  EXPECT_THAT(set.labels, ElementsAre("label"));
  EXPECT_THAT(set.statics, ElementsAre("age"));
  EXPECT_EQ(set.time_kind, TimeKind::kNumber);
  EXPECT_EQ(set.columns.id, "id");
}

}  // namespace
}  // namespace recur::internal
