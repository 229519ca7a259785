#include "recur/data/tables/columns.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Columns, ComeBackFromTheirText) {
  const Columns columns{.layout = Layout::kLong,
                        .complete = true,
                        .id = "series \"a\"",
                        .time = "date",
                        .values = {"x", "y\n"},
                        .past = {"p"},
                        .future = {"holiday"},
                        .labels = {"class"},
                        .step_labels = {"state"},
                        .statics = {"store"},
                        .parameter = "parameter",
                        .value = "value",
                        .ignored = {"#7"},
                        .time_format = "%Y%m%d",
                        .decimal = ",",
                        .thousands = ".",
                        .offsets = {{"x", 1e8}, {"p", -0.1}}};
  EXPECT_EQ(Columns::from_text(columns.to_text()), columns);
  EXPECT_EQ(Columns::from_text(Columns().to_text()), Columns());
}

TEST(Columns, RefuseDamagedTexts) {
  for (const char* text :
       {"", "{", "[]", "{}", "{\"layout\": 3}", "{\"layout\": \"tall\"}", "{\"layout\": \"long\"}"}) {
    EXPECT_ERROR(Columns::from_text(text), "columns: damaged description");
  }
  std::string wrong_type = Columns().to_text();
  wrong_type.replace(wrong_type.find("[]"), 2, "[1]");
  EXPECT_ERROR(Columns::from_text(wrong_type), "columns: damaged description");
}

TEST(Columns, WriteWhatWasFoundOutOnlyWhereSomethingWas) {
  const std::string text = Columns().to_text();
  for (const char* key : {"time_format", "decimal", "thousands", "offsets"})
    EXPECT_EQ(text.find(key), text.npos) << key;
  const Columns columns{.offsets = {{"x", 5}}};
  EXPECT_EQ(columns.offset("x"), 5);
  EXPECT_EQ(columns.offset("y"), 0);
}

TEST(Columns, TakeApartIdsOfSeveralColumns) {
  const auto has = [](const std::string& name) { return name == "a" || name == "b" || name == "c,d"; };
  EXPECT_EQ(joined_columns("a,b", has), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(joined_columns("c,d", has), std::vector<std::string>{"c,d"});
  EXPECT_EQ(joined_columns("a,x", has), std::vector<std::string>{"a,x"});
  EXPECT_TRUE(joined_columns("", has).empty());
}

TEST(Columns, NameLayouts) {
  for (const Layout layout : {Layout::kAuto, Layout::kLong, Layout::kWide, Layout::kObservations}) {
    EXPECT_EQ(layout_from_name(layout_name(layout)), layout);
  }
  EXPECT_ERROR(layout_from_name("tall"), "unknown layout 'tall'");
}

}  // namespace
}  // namespace recur
