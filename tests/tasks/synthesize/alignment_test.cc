#include "recur/tasks/synthesize/alignment.h"

#include <gtest/gtest.h>

#include <string>

#include "recur/tasks/synthesize/speech_text.h"
#include "recur/tasks/synthesize/voice.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

AttentionRows looking(const std::vector<int64_t>& at, int64_t symbols) {
  AttentionRows rows;
  for (const int64_t s : at) {
    rows.emplace_back(static_cast<size_t>(symbols), 0.1f);
    rows.back()[static_cast<size_t>(s)] = 0.6f;
  }
  return rows;
}

TEST(Alignment, IsDiagonalFromTheBeginningToTheEnd) {
  EXPECT_TRUE(is_diagonal(looking({0, 0, 1, 2, 2, 4, 7, 8, 9}, 10)));
  EXPECT_TRUE(is_diagonal(looking({1, 0, 1, 2, 3}, 5)));  // a step back
  EXPECT_TRUE(is_diagonal(looking({0}, 1)));
  EXPECT_FALSE(is_diagonal(looking({5, 5, 5, 6, 7, 8, 9}, 10)));  // begins in the middle
  EXPECT_FALSE(is_diagonal(looking({0, 1, 2, 3, 4}, 10)));        // ends there
  EXPECT_FALSE(is_diagonal(looking({0, 4, 8, 1, 5, 9}, 10)));     // goes far back
  EXPECT_FALSE(is_diagonal(looking({0, 0, 0, 9, 9, 9}, 10)));     // leaves out
  EXPECT_FALSE(is_diagonal({}));
  EXPECT_NEAR(focus(looking({0, 1}, 3)), 0.6, 1e-6);
}

TEST(Alignment, IsDrawn) {
  const std::vector<AlignmentPanel> panels{{"a <b>", {"x", "end"}, looking({0, 1, 1}, 2)}};
  const std::string svg = alignment_chart_svg(panels, 0.05);
  EXPECT_TRUE(svg.starts_with("<svg")) << svg.substr(0, 80);
  EXPECT_NE(svg.find("a &lt;b&gt;"), std::string::npos);
  EXPECT_NE(svg.find(">end<"), std::string::npos);
}

TEST(Pace, StretchesAndShortens) {
  const FrameRows frames{.values = {0, 10, 1, 20, 2, 30, 3, 40}, .width = 2};
  EXPECT_EQ(at_pace(frames, 2).values, (std::vector<float>{0, 10, 2, 30}));
  const FrameRows slow = at_pace(frames, 0.5);
  EXPECT_EQ(slow.steps(), 8);
  EXPECT_FLOAT_EQ(slow.values[2], 0.5f);
  EXPECT_EQ(at_pace(frames, 1).values, frames.values);
}

}  // namespace
}  // namespace recur
