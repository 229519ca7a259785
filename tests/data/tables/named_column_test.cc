#include "recur/data/tables/named_column.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

const std::vector<std::string> kHead{"path", " text ", "speaker"};

TEST(NamedColumn, IsFoundByNameOrNumber) {
  const ListHead head{.file = "a.csv", .cells = kHead, .header = true};
  EXPECT_EQ(named_column(head, "text_column", "text"), 1u);
  EXPECT_EQ(named_column(head, "text_column", "#3"), 2u);
}

TEST(NamedColumn, HasNoNameWithoutAHeader) {
  const ListHead head{.file = "a.csv", .cells = kHead};
  EXPECT_EQ(find_named_column(head, "text_column", "text"), std::nullopt);
  EXPECT_EQ(find_named_column(head, "text_column", "#1"), 0u);
}

TEST(NamedColumn, SaysWhichColumnsThereAre) {
  const ListHead head{.file = "a.csv", .cells = kHead, .header = true};
  EXPECT_ERROR(named_column(head, "text_column", "words"), "a.csv: text_column: there is no column 'words'; columns:");
  for (const char* number : {"#0", "#4", "#1.5", "#", "#x"}) {
    EXPECT_ERROR(named_column(head, "text_column", number), "text_column: expected #1 .. #3, got");
  }
}

}  // namespace
}  // namespace recur
