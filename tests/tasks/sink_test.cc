#include "recur/tasks/sink.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Sink, RefusesWhatItHasNoPlaceFor) {
  Sink nothing;
  const std::vector<TableCell> cells{int64_t{1}};
  EXPECT_ERROR(nothing.columns({"a"}), "this output does not accept rows");
  EXPECT_ERROR(nothing.row(cells), "this output does not accept rows");
  EXPECT_ERROR(nothing.text("a"), "this output does not accept text");
  EXPECT_ERROR(nothing.picture({.name = "a.svg", .bytes = "<svg/>"}), "this output does not accept pictures");
  EXPECT_ERROR(nothing.sound({}), "this output does not accept sound");
}

TEST(Sink, TakesWhatItSays) {
  struct TextAlone : Sink {
    bool text(std::string_view piece) override { return piece != "enough"; }
  } sink;
  EXPECT_TRUE(sink.text("more"));
  EXPECT_FALSE(sink.text("enough"));
  EXPECT_ERROR(sink.columns({}), "does not accept rows");
}

}  // namespace
}  // namespace recur
