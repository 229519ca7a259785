#include "recur/data/strokes/coordinates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/logged.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Writing writing(PenMoves rows) { return {.text = "on", .moves = std::move(rows), .name = "pen.jsonl:1"}; }

// Two letters: a loop and a hook.
PenMoves moves() {
  return {{0, 0, false},   {1, -1.5f, false}, {-1, -1.5f, false}, {-1, 1.5f, false},
          {1, 1.5f, true}, {3, -3, false},    {1, 0.5f, false},   {0, 2.5f, true}};
}

// The places that these lead to, from (x, y) on.
PenMoves points(float x, float y) {
  PenMoves out = moves();
  for (PenMove& each : out) {
    each.x = x += each.x;
    each.y = y += each.y;
  }
  return out;
}

TEST(Coordinates, AreGuessedFromTheNumbers) {
  const std::vector<Writing> to_and_fro{writing(moves())};
  EXPECT_EQ(guess_coordinates(to_and_fro), Coordinates::kMoves);
  EXPECT_EQ(guess_coordinates(std::vector{writing(points(0, 0))}), Coordinates::kPoints);
  EXPECT_EQ(guess_coordinates(std::vector{writing(points(120, 45))}), Coordinates::kPoints);
  // The median decides, not one that is odd; the first move may lead from the corner of a page.
  std::vector<Writing> odd{writing(moves()), writing(points(0, 0)), writing(moves())};
  odd[0].moves[0].x = 500;
  EXPECT_EQ(guess_coordinates(odd), Coordinates::kMoves);
}

TEST(Coordinates, AreUnclearWhereBothAreLikely) {
  // Around 0 in their middle, taken often: points of a circle, or moves along one.
  PenMoves circle;
  for (int i = 0; i < 100; ++i) {
    const float at = 0.0628f * static_cast<float>(i);
    circle.push_back({std::cos(at), std::sin(at), false});
  }
  EXPECT_EQ(guess_coordinates(std::vector{writing(circle)}), std::nullopt);
  EXPECT_EQ(guess_coordinates(std::vector{writing({{0, 0, false}, {0, 3, false}, {1, 3, true}})}), std::nullopt);
  // Where nothing moves there is nothing to ask.
  EXPECT_EQ(guess_coordinates(std::vector{writing({{0, 0, false}, {0, 0, true}})}), Coordinates::kMoves);
}

TEST(Coordinates, BecomeMoves) {
  const Logged logged;
  const std::vector<Writing> made = moves_of({writing(points(7, -2))}, Coordinates::kPoints);
  for (size_t i = 0; i < moves().size(); ++i) {
    EXPECT_EQ(made[0].moves[i].x, moves()[i].x);
    EXPECT_EQ(made[0].moves[i].y, moves()[i].y);
    EXPECT_EQ(made[0].moves[i].lifts, moves()[i].lifts);
  }
  EXPECT_EQ(moves_of({writing(moves())}, Coordinates::kMoves)[0].moves[1].y, -1.5f);
  EXPECT_THAT(logged.warnings, IsEmpty());
}

TEST(Coordinates, ThatLookLikeTheOtherKindAreSaid) {
  const Logged logged;
  moves_of({writing(points(0, 0))}, Coordinates::kMoves);
  moves_of({writing(moves())}, Coordinates::kPoints);
  EXPECT_THAT(
      logged.warnings,
      ElementsAre("pen.jsonl:1: the numbers of the strokes look like points, but are read as moves from point to "
                  "point",
                  HasSubstr("look like moves from point to point, but are read as points")));
}

TEST(Coordinates, OfOneFarMoveAreSaid) {
  std::vector<Writing> all{writing(moves()), writing(moves())};
  all[1].name = "pen.jsonl:2";
  all[1].moves[3].y = 1500;
  const Logged logged;
  moves_of(all, Coordinates::kMoves);
  EXPECT_THAT(logged.warnings, IsEmpty());  // less than 1000 times the median, 1.8
  all[1].moves[3].y = 1e9f;
  moves_of(all, Coordinates::kMoves);
  EXPECT_THAT(logged.warnings,
              ElementsAre(HasSubstr("pen.jsonl:2: strokes[3]: a move of length 1e+09, where the median "
                                    "of all moves is 1.80278")));
}

}  // namespace
}  // namespace recur
