// Environments that are other programs, and what goes wrong with them.
#include "recur/environments/command_environment.h"

#include <gtest/gtest.h>

#include <chrono>

#include "recur/environments/child_process.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using Numbers = std::vector<float>;

TEST(CommandWords, AreSplitWithoutAShell) {
  EXPECT_EQ(command_words("a  b\tc"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(command_words(R"(sh -c 'a "b" $c' "d \" e" f\ g "")"),
            (std::vector<std::string>{"sh", "-c", "a \"b\" $c", "d \" e", "f g", ""}));
  EXPECT_EQ(command_words(" "), std::vector<std::string>{});
  EXPECT_ERROR(command_words("a 'b"), "quote ' that is not closed");
}

TEST(ChildProcess, AnswersLineByLine) {
  ChildProcess cat({"cat"});
  const auto second = std::chrono::seconds(10);
  cat.send("one", second);
  cat.send("two", second);
  EXPECT_EQ(cat.receive(second), "one");
  EXPECT_EQ(cat.receive(second), "two");
}

TEST(ChildProcess, SaysHowAProgramEnded) {
  const auto time = std::chrono::seconds(10);
  EXPECT_ERROR(ChildProcess({"/no/such/program"}), "cannot run '/no/such/program'");
  ChildProcess ends({"sh", "-c", "exit 3"});
  EXPECT_ERROR(ends.receive(time), "ended with exit code 3");
  EXPECT_ERROR(ends.send("x", time), "has ended");
  ChildProcess killed({"sh", "-c", "kill -9 $$"});
  EXPECT_ERROR(killed.receive(time), "signal 9");
  ChildProcess silent({"sleep", "30"});
  EXPECT_ERROR(silent.receive(std::chrono::duration<double>(0.05)), "no answer within 0.05 s");
}

// One that does not listen is killed, a second later.
TEST(ChildProcess, NoneOutlivesItsObject) {
  const auto begun = std::chrono::steady_clock::now();
  { ChildProcess deaf({"sh", "-c", "trap '' TERM; sleep 30"}); }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

// A shell script that is an environment: counts its steps, and ends after `last`.
class CommandEnvironmentTest : public ::testing::Test {
 protected:
  std::unique_ptr<CommandEnvironment> make(const std::string& spaces, const std::string& answer,
                                           const std::string& at_reset = R"({"observation": [0, 0.5]})") {
    const auto path = scratch_.put("world.sh", "echo '" + spaces +
                                                   "'\nt=0\nwhile read -r line; do\n  case $line in\n    "
                                                   "*reset*) t=0; echo '" +
                                                   at_reset +
                                                   "' ;;\n    *step*) t=$((t + 1)); a=${line#*:}; a=${a%\\}}\n"
                                                   "      " +
                                                   answer + " ;;\n  esac\ndone\n");
    return std::make_unique<CommandEnvironment>("sh '" + path.string() + "'",
                                                EnvironmentOptions{.timeout = std::chrono::seconds(10)});
  }

  Scratch scratch_;
  const std::string spaces_ = R"({"observation": {"size": 2}, "action": {"n": 3}})";
  const std::string echo_ =
      R"(echo "{\"observation\": [$t, $a], \"reward\": 0.25, \"terminated\": $([ $t = 3 ] && echo true || echo false), \"success\": true}")";
};

TEST_F(CommandEnvironmentTest, Plays) {
  const auto world = make(spaces_, echo_), other = make(spaces_, echo_);
  EXPECT_EQ(world->spec(), (EnvironmentSpec{.features = 2, .actions = {.choices = 3}}));
  Numbers seen(2), seen_by_other(2);
  for (int episode = 0; episode < 2; ++episode) {
    world->reset(7, seen);
    other->reset(8, seen_by_other);
    EXPECT_EQ(seen, (Numbers{0, 0.5f}));
    for (int t = 1; t <= 3; ++t) {
      const Numbers action{static_cast<float>(t % 3)}, action_of_other{1};
      world->begin_step(action);
      other->begin_step(action_of_other);
      const Outcome got = world->step(action, seen);
      other->step(action_of_other, seen_by_other);
      EXPECT_EQ(seen, (Numbers{static_cast<float>(t), action[0]}));
      EXPECT_EQ(seen_by_other, (Numbers{static_cast<float>(t), 1}));
      EXPECT_EQ(got.reward, 0.25);
      EXPECT_EQ(got.terminated, t == 3);
      EXPECT_EQ(got.success.has_value(), t == 3);
    }
  }
}

TEST_F(CommandEnvironmentTest, SymbolsBecomeOneHotAndActionsMayBeNumbers) {
  const auto world =
      make(R"({"observation": {"n": 4}, "action": {"low": [[-2, null]], "high": [[2, 1]]}})",
           R"(echo "{\"observation\": 3, \"reward\": 1, \"done\": true, \"action\": $a}")", R"({"observation": [1]})");
  EXPECT_EQ(world->spec().features, 4);
  EXPECT_EQ(world->spec().actions.low[0], -2);
  EXPECT_EQ(world->spec().actions.low[1], -std::numeric_limits<double>::infinity());
  Numbers seen(4);
  world->reset(1, seen);
  EXPECT_EQ(seen, (Numbers{0, 1, 0, 0}));
  EXPECT_TRUE(world->step(Numbers{0.5f, -1}, seen).terminated);
  EXPECT_EQ(seen, (Numbers{0, 0, 0, 1}));
}

TEST_F(CommandEnvironmentTest, WhatIsWrongIsSaidWithCommandEpisodeAndStep) {
  const auto refused = [&](const std::string& answer, const std::string& why) {
    const auto world = make(spaces_, answer);
    Numbers seen(2);
    world->reset(1, seen);
    EXPECT_ERROR(world->step(Numbers{1}, seen), "world.sh'': episode 1, step 1: " + why);
  };
  refused("echo nonsense", "expected a JSON object, got: nonsense");
  refused("exit 5", "the program ended with exit code 5");
  refused(R"(echo '{"observation": [1], "reward": 1, "terminated": false}')", "observation: expected 2 numbers, got 1");
  refused(R"(echo '{"observation": [1, null], "reward": 1, "terminated": false}')", "observation: number 2 is nan");
  refused(R"(echo '{"observation": [1, 1e99], "reward": 1, "terminated": false}')", "observation: number 2 is 1e+99");
  refused(R"(echo '{"observation": [1, 2], "reward": null, "terminated": false}')",
          "reward: expected a number in [-1e+12, 1e+12], got nan");
  refused(R"(echo '{"observation": [1, 2], "reward": "x", "terminated": false}')", "expected a number");
  refused(R"(echo '{"observation": [1, 2], "terminated": false}')", "expected \"reward\"");
  refused(R"(echo '{"observation": [1, 2], "reward": 1}')", "expected \"terminated\"");
  refused(R"(echo '{"error": "lost"}')", "the program says: lost");
}

TEST_F(CommandEnvironmentTest, SpacesThatAreNoneAreRefused) {
  const auto refused = [&](const std::string& spaces, const std::string& why) {
    EXPECT_ERROR(make(spaces, ":"), "at its beginning: " + why);
  };
  refused("", "expected a JSON object");
  refused("{}", "expected \"observation\"");
  refused(R"({"observation": {"size": 0}, "action": {"n": 2}})", "observation: size: expected an integer in [1,");
  refused(R"({"observation": {"size": 1}, "action": {"n": 1e9}})", "action: n: expected an integer");
  refused(R"({"observation": {"size": 1}, "action": {"low": [1]}})", "expected \"high\"");
  refused(R"({"observation": {"size": 1}, "action": {"low": [1], "high": [1]}})",
          "action: expected limits with low < high");
  EXPECT_ERROR(CommandEnvironment("/no/such", {}), "environment 'command:/no/such': at its beginning: cannot run");
}

}  // namespace
}  // namespace recur
