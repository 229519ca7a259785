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
                        .ignored = {"#7"}};
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

TEST(Columns, NameLayouts) {
  for (const Layout layout : {Layout::kAuto, Layout::kLong, Layout::kWide, Layout::kObservations}) {
    EXPECT_EQ(layout_from_name(layout_name(layout)), layout);
  }
  EXPECT_ERROR(layout_from_name("tall"), "unknown layout 'tall'");
}

}  // namespace
}  // namespace recur
