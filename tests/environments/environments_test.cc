// The environments that are built in: their rules, and Gymnasium's and POPGym's episodes
// (tests/golden/make_environments_golden.py).
#include "recur/environments/environments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "recur/base/json.h"
#include "recur/base/random.h"
#include "recur/environments/card_games.h"
#include "recur/environments/cart_pole.h"
#include "recur/environments/cue_grid.h"
#include "recur/environments/pendulum.h"
#include "recur/environments/t_maze.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using Numbers = std::vector<float>;

Numbers room_for(const Environment& world) { return Numbers(static_cast<size_t>(world.spec().features)); }

Outcome act(Environment& world, float action, Numbers& seen) { return world.step({&action, 1}, seen); }

// Begins the episode that a line of the golden file tells of.
std::unique_ptr<Environment> begin(const std::string& name, const std::vector<double>& start, Numbers& seen) {
  auto world = make_environment(name);
  seen = room_for(*world);
  if (auto* cart = dynamic_cast<CartPole*>(world.get())) cart->begin({start[0], start[1], start[2], start[3]}, seen);
  if (auto* pendulum = dynamic_cast<Pendulum*>(world.get())) pendulum->begin(start[0], start[1], seen);
  if (auto* game = dynamic_cast<CardGame*>(world.get())) game->begin(Deck(start.begin(), start.end()), seen);
  return world;
}

// Symbols as one-hot numbers.
Numbers golden_observation(const std::vector<double>& values, const std::string& name) {
  const bool cards = name.starts_with("repeat"), mode = name.starts_with("auto");
  if (!cards && !mode) return {values.begin(), values.end()};
  Numbers out(mode ? 6 : 4, 0.0f);
  if (mode) out[static_cast<size_t>(values[0])] = 1;
  out[(mode ? 2 : 0) + static_cast<size_t>(values.back())] = 1;
  return out;
}

TEST(Environments, PlayAsGymnasiumAndPopgymDo) {
  std::ifstream file(std::string(RECUR_TEST_DATA) + "/golden/environments.jsonl");
  int episodes = 0;
  for (std::string line; std::getline(file, line); ++episodes) {
    const Json episode = *parse_json(line, 8);
    const auto name = episode.at("environment").get<std::string>();
    const auto actions = episode.at("actions").get<std::vector<double>>();
    const auto rewards = episode.at("rewards").get<std::vector<double>>();
    Numbers seen;
    const auto world = begin(name, episode.at("start").get<std::vector<double>>(), seen);
    double highest = 0;
    const auto compare = [&](size_t t) {
      const Numbers want = golden_observation(episode.at("observations").at(t).get<std::vector<double>>(), name);
      ASSERT_EQ(want.size(), seen.size()) << name;
      for (size_t i = 0; i < want.size(); ++i) {
        highest = std::max(highest, std::abs(static_cast<double>(want[i]) - static_cast<double>(seen[i])));
      }
    };
    compare(0);
    Outcome got;
    for (size_t t = 0; t < actions.size(); ++t) {
      ASSERT_FALSE(got.ends()) << name << " step " << t;
      got = act(*world, static_cast<float>(actions[t]), seen);
      ASSERT_NEAR(got.reward, rewards[t], 1e-9) << name << " step " << t + 1;
      compare(t + 1);
    }
    EXPECT_LT(highest, 1e-4) << name;  // a pole multiplies what was rounded, over hundreds of steps
    EXPECT_EQ(got.terminated, episode.at("end").at(0).get<bool>()) << name;
    EXPECT_EQ(got.truncated, episode.at("end").at(1).get<bool>()) << name;
  }
  EXPECT_EQ(episodes, 13);
}

std::vector<std::string> all_names() {
  return {"t-maze:5",           "cart-pole",       "cart-pole:positions",  "position-only-cart-pole:hard", "pendulum",
          "pendulum:positions", "repeat-previous", "repeat-previous:hard", "repeat-first:medium",          "autoencode",
          "cue-grid:7"};
}

// An episode of random actions within the space, as numbers.
Numbers episode_of(Environment& world, uint64_t seed, uint64_t actions) {
  Numbers seen = room_for(world), all;
  world.reset(seed, seen);
  all = seen;
  Random random(actions);
  const ActionSpace& space = world.spec().actions;
  for (Outcome got; !got.ends();) {
    const float action =
        space.is_discrete() ? static_cast<float>(random.below(static_cast<uint64_t>(space.choices))) : random.uniform();
    got = act(world, action, seen);
    all.insert(all.end(), seen.begin(), seen.end());
    all.push_back(static_cast<float>(got.reward));
    for (const float each : seen) EXPECT_TRUE(std::isfinite(each));
    EXPECT_LT(all.size(), 1u << 20);
  }
  return all;
}

TEST(Environments, AnEpisodeFollowsFromItsSeedAndTheActionsAlone) {
  for (const std::string& name : all_names()) {
    const auto one = make_environment(name), other = make_environment(name);
    const Numbers first = episode_of(*one, 3, 7);
    EXPECT_NE(episode_of(*one, 4, 8), first) << name;
    EXPECT_EQ(episode_of(*one, 3, 7), first) << name;
    EXPECT_EQ(episode_of(*other, 3, 7), first) << name;
    EXPECT_EQ(one->spec(), other->spec());
  }
}

TEST(TMaze, HasItsSignAtTheBeginningAlone) {
  TMaze maze(3);
  int north = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Numbers seen(3);
    maze.reset(seed, seen);
    EXPECT_EQ(seen, maze.goal_is_north() ? (Numbers{0, 1, 1}) : (Numbers{1, 1, 0}));
    north += maze.goal_is_north();
    EXPECT_EQ(act(maze, 0, seen).reward, -0.1);  // a wall
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(act(maze, 1, seen).reward, 0);
      EXPECT_EQ(seen, (Numbers{1, 0, 1}));
    }
    act(maze, 1, seen);
    EXPECT_EQ(seen, (Numbers{0, 1, 0}));
    EXPECT_EQ(act(maze, 1, seen).reward, -0.1);
    const bool turns_north = seed % 2 == 0;
    const Outcome end = act(maze, turns_north ? 0 : 2, seen);
    EXPECT_TRUE(end.terminated);
    EXPECT_EQ(*end.success, turns_north == maze.goal_is_north());
    EXPECT_EQ(end.reward, *end.success ? 4 : -0.1);
  }
  EXPECT_GT(north, 10);
  EXPECT_LT(north, 30);
}

TEST(TMaze, IsCutOffInTheEnd) {
  TMaze maze(2);
  Numbers seen(3);
  maze.reset(1, seen);
  Outcome got;
  int64_t steps = 0;
  for (; !got.ends(); ++steps) got = act(maze, 3, seen);
  EXPECT_EQ(steps, maze.most_steps());
  EXPECT_TRUE(got.truncated);
  EXPECT_FALSE(*got.success);
}

TEST(CueGrid, ItsSignIsSeenOnceAndNamesTheCorner) {
  CueGrid room(5);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Numbers seen(8);
    room.reset(seed, seen);
    EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), 0.0f), 1);
    const int64_t goal = room.goal();
    EXPECT_EQ(seen[static_cast<size_t>(4 + goal)], 1);
    const float upright = goal == 0 || goal == 3 ? 0 : 2, aside = goal < 2 ? 1 : 3;
    Outcome got;
    for (const float action : {upright, upright, aside}) {
      EXPECT_FALSE(got.ends());
      got = act(room, action, seen);
      EXPECT_EQ(std::accumulate(seen.begin() + 4, seen.end(), 0.0f), 0);
    }
    got = act(room, aside, seen);
    EXPECT_TRUE(got.terminated);
    EXPECT_TRUE(*got.success);
    EXPECT_DOUBLE_EQ(got.reward, 0.99);
  }
}

TEST(Environments, UnknownNamesAndVariantsAreRefused) {
  EXPECT_ERROR(make_environment("cart-pol"), "did you mean 'cart-pole'");
  EXPECT_ERROR(make_environment("t-maze:0"), "expected an integer in [1, 1000000] behind the colon, got '0'");
  EXPECT_ERROR(make_environment("t-maze:7x"), "got '7x'");
  EXPECT_ERROR(make_environment("pendulum:easy"), "expected 'positions'");
  EXPECT_ERROR(make_environment("autoencode:9"), "expected easy, medium or hard");
  EXPECT_ERROR(make_environment("cue-grid:4"), "odd number of cells");
  EXPECT_ERROR(make_environment("command: "), "expected a program");
  EXPECT_EQ(environment_kinds().size(), 9u);
  EXPECT_TRUE(is_command_environment("command:x"));
  EXPECT_FALSE(is_command_environment("t-maze"));
}

}  // namespace
}  // namespace recur
