#include "recur/data/strokes/writings.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

class WritingsTest : public ::testing::Test {
 protected:
  std::vector<Writing> read(const std::string& text) const {
    const DataFile file = scratch_.put("pen.jsonl", text);
    return read_writings(std::span(&file, 1));
  }

  Scratch scratch_;
};

TEST_F(WritingsTest, AreReadAsTheyStand) {
  const std::vector<Writing> moves = read(R"({"text": "ab", "strokes": [[5, 4, 0], [7, 4.5, 1], [6, 2, true]]})");
  ASSERT_EQ(moves.size(), 1u);
  EXPECT_EQ(moves[0].text, "ab");
  EXPECT_TRUE(moves[0].name.ends_with("pen.jsonl:1"));
  ASSERT_EQ(moves[0].moves.size(), 3u);
  EXPECT_EQ(moves[0].moves[1].x, 7);
  EXPECT_EQ(moves[0].moves[1].y, 4.5f);
  EXPECT_FALSE(moves[0].moves[0].lifts);
  EXPECT_TRUE(moves[0].moves[1].lifts && moves[0].moves[2].lifts);
}

// What prediction writes is read again.
TEST_F(WritingsTest, MayBeTheTextOfAnArray) {
  const PenMoves moves{{0.5f, -12.25f, false}, {1e-4f, 1234567.0f, true}};
  EXPECT_EQ(strokes_json(moves), "[[0.5,-12.25,0],[0.0001,1.23457e+06,1]]");
  EXPECT_EQ(strokes_json({{3, 4, false}, {1, 2, true}, {1, -1, true}}, true), "[[0,0,0],[1,2,1],[2,1,1]]");
  const std::vector<Writing> back = read("{\"text\": \"x\", \"strokes\": \"" + strokes_json(moves) + "\"}\n");
  ASSERT_EQ(back.at(0).moves.size(), 2u);
  EXPECT_EQ(back[0].moves[0].y, -12.25f);
  EXPECT_TRUE(back[0].moves[1].lifts);
}

TEST_F(WritingsTest, WithoutTextOrMovesAreLeftOut) {
  const std::string good = R"({"text": "a", "strokes": [[1, 2, 0], [1, 2, 1]]})";
  EXPECT_EQ(
      read(good + "\n{\"text\": \" \", \"strokes\": [[1, 2, 0], [1, 2, 1]]}\n{\"text\": \"b\", \"strokes\": []}\n")
          .size(),
      1u);
  EXPECT_ERROR(read("{\"text\": \"b\", \"strokes\": [[1, 2, 0]]}\n"),
               "pen.jsonl: no writing with a text and two points");
}

TEST_F(WritingsTest, NameTheLineAndPointOfWhatIsWrong) {
  const auto strokes = [&](const std::string& text) {
    return read("{\"text\": \"a\", \"strokes\": [[0, 0, 0], [1, 1, 0]]}\n{\"text\": \"a\", \"strokes\": " + text +
                "}\n");
  };
  EXPECT_ERROR(strokes("3"), "pen.jsonl:2: strokes: expected an array of [x, y, lifts]");
  EXPECT_ERROR(strokes("\"[[1\""), "expected an array");
  EXPECT_ERROR(strokes("[[1, 2]]"), "strokes[0]: expected [x, y, lifts], got [1,2]");
  EXPECT_ERROR(strokes("[[1, 2, 0], [1, \"2\", 0]]"), "strokes[1]: expected numbers up to 1000000000, got \"2\"");
  EXPECT_ERROR(strokes("[[1e30, 2, 0]]"), "expected numbers up to");
  EXPECT_ERROR(strokes("[[NaN, 2, 0]]"), "expected numbers up to 1000000000, got null");
  EXPECT_ERROR(strokes("[[1, 2, 2]]"), "expected 1 where the pen is lifted");
  EXPECT_ERROR(read("{\"text\": \"a\"}\n"), "expected the key \"strokes\"");
}

TEST_F(WritingsTest, AreKnownByTheirKey) {
  const DataFile pen = scratch_.put("a.jsonl", "{\"text\": \"a\", \"strokes\": [[1, 2, 0]]}\n");
  const DataFile list = scratch_.put("b.jsonl", "{\"audio\": \"a.wav\", \"text\": \"a\"}\n");
  const std::vector<DataFile> both{pen, list};
  EXPECT_TRUE(hold_writings(std::span(&pen, 1)));
  EXPECT_FALSE(hold_writings(std::span(&list, 1)));
  const DataFile piped = DataFile::from_memory("standard input", "{\"text\": \"a\", \"strokes\": [[1, 2, 0]]}\n");
  EXPECT_TRUE(hold_writings(std::span(&piped, 1)));
  EXPECT_ERROR(hold_writings(both), "expected sounds or strokes, got both: 1 of 2 files hold strokes: ");
  EXPECT_ERROR(hold_writings(both), "b.jsonl does not");
}

TEST_F(WritingsTest, AreNotTakenFromEmptyFilesAndFolders) {
  const DataFile empty = scratch_.put("none.jsonl", "\n");
  EXPECT_ERROR(hold_writings(std::span(&empty, 1)), "none.jsonl: the file is empty; expected JSON lines of strokes");
  scratch_.put("sounds/a.wav", "RIFF");
  scratch_.put("sounds/list.json", "{\"audio\": \"a.wav\"}");
  const DataFile sounds = scratch_ / "sounds";
  EXPECT_FALSE(hold_writings(std::span(&sounds, 1)));
  scratch_.put("sounds/pen.jsonl", "{\"text\": \"a\", \"strokes\": [[1, 2, 0]]}\n");
  EXPECT_ERROR(hold_writings(std::span(&sounds, 1)), "got a folder that holds strokes: ");
  EXPECT_ERROR(hold_writings(std::span(&sounds, 1)), "pen.jsonl");
}

}  // namespace
}  // namespace recur
