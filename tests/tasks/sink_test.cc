#include "recur/tasks/sink.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Sink, RefusesWhatItHasNoPlaceFor) {
  Sink nothing;
  const std::vector<TableCell> cells{int64_t{1}};
  EXPECT_ERROR(nothing.columns({"a"}), "there is no place for rows here");
  EXPECT_ERROR(nothing.row(cells), "there is no place for rows here");
  EXPECT_ERROR(nothing.text("a"), "there is no place for text here");
  EXPECT_ERROR(nothing.picture({.name = "a.svg", .bytes = "<svg/>"}), "there is no place for pictures here");
  EXPECT_ERROR(nothing.sound({}), "there is no place for sound here");
}

TEST(Sink, TakesWhatItSays) {
  struct TextAlone : Sink {
    bool text(std::string_view piece) override { return piece != "enough"; }
  } sink;
  EXPECT_TRUE(sink.text("more"));
  EXPECT_FALSE(sink.text("enough"));
  EXPECT_ERROR(sink.columns({}), "no place for rows");
}

}  // namespace
}  // namespace recur
