#include "recur/environments/environments.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/environments/card_games.h"
#include "recur/environments/cart_pole.h"
#include "recur/environments/command_environment.h"
#include "recur/environments/cue_grid.h"
#include "recur/environments/pendulum.h"
#include "recur/environments/t_maze.h"

namespace recur {
namespace {

constexpr std::string_view kCommand = "command";

// A name in its parts, for error messages too.
struct Named {
  std::string_view whole, variant;  // variant: behind the colon
};

int64_t length_of(const Named& name, int64_t usual, int64_t lowest, int64_t highest) {
  if (name.variant.empty()) return usual;
  int64_t value = 0;
  const char* end = name.variant.data() + name.variant.size();
  const auto [rest, error] = std::from_chars(name.variant.data(), end, value);
  if (error != std::errc() || rest != end || value < lowest || value > highest) {
    fail_usage("env: {}: expected an integer in [{}, {}] behind the colon, got '{}'", name.whole, lowest, highest,
               name.variant);
  }
  return value;
}

bool only_positions(const Named& name) {
  if (name.variant.empty()) return false;
  if (name.variant != "positions") {
    fail_usage("env: {}: expected 'positions' behind the colon, got '{}'", name.whole, name.variant);
  }
  return true;
}

// 0, 1 or 2.
size_t level_of(const Named& name) {
  constexpr std::string_view kLevels[] = {"easy", "medium", "hard"};
  if (name.variant.empty()) return 0;
  for (size_t i = 0; i < 3; ++i) {
    if (name.variant == kLevels[i]) return i;
  }
  fail_usage("env: {}: expected easy, medium or hard behind the colon, got '{}'", name.whole, name.variant);
}

std::unique_ptr<Environment> make_t_maze(const Named& name) {
  return std::make_unique<TMaze>(length_of(name, 70, 1, 1'000'000));
}

std::unique_ptr<Environment> make_cart_pole(const Named& name) {
  return std::make_unique<CartPole>(CartPoleOptions{.velocities = !only_positions(name)});
}

// POPGym's, in which the rewards of an episode add up to 1.
std::unique_ptr<Environment> make_position_cart_pole(const Named& name) {
  constexpr int64_t kSteps[] = {200, 400, 600};
  const int64_t steps = kSteps[level_of(name)];
  return std::make_unique<CartPole>(
      CartPoleOptions{.velocities = false, .most_steps = steps, .reward = 1 / static_cast<double>(steps)});
}

std::unique_ptr<Environment> make_pendulum(const Named& name) {
  return std::make_unique<Pendulum>(!only_positions(name));
}

std::unique_ptr<Environment> make_repeat_previous(const Named& name) {
  constexpr int64_t kBack[] = {4, 32, 64};
  const size_t level = level_of(name);
  return std::make_unique<RepeatPrevious>(static_cast<int64_t>(level) + 1, kBack[level]);
}

std::unique_ptr<Environment> make_repeat_first(const Named& name) {
  constexpr int64_t kDecks[] = {1, 8, 16};
  return std::make_unique<RepeatFirst>(kDecks[level_of(name)]);
}

std::unique_ptr<Environment> make_autoencode(const Named& name) {
  return std::make_unique<Autoencode>(static_cast<int64_t>(level_of(name)) + 1);
}

std::unique_ptr<Environment> make_cue_grid(const Named& name) {
  const int64_t size = length_of(name, 5, 3, 9999);
  if (size % 2 == 0) fail_usage("env: {}: expected an odd number of cells, got {}", name.whole, size);
  return std::make_unique<CueGrid>(size);
}

struct Entry {
  EnvironmentKind kind;
  std::unique_ptr<Environment> (*make)(const Named&);
};

const std::vector<Entry>& entries() {
  // clang-format off
  static const std::vector<Entry> list{
      {{"t-maze", "LENGTH", "a corridor whose first place shows which way to turn at its end (Bakker 2001)"}, make_t_maze},
      {{"cart-pole", "positions", "balance a pole, as Gymnasium's CartPole-v1; positions: without velocities"}, make_cart_pole},
      {{"position-only-cart-pole", "easy|medium|hard", "the same, without velocities, as POPGym scores it"}, make_position_cart_pole},
      {{"pendulum", "positions", "swing a pendulum up, as Gymnasium's Pendulum-v1; positions: without velocity"}, make_pendulum},
      {{"repeat-previous", "easy|medium|hard", "name the card some deals ago (POPGym)"}, make_repeat_previous},
      {{"repeat-first", "easy|medium|hard", "name the first card at every step (POPGym)"}, make_repeat_first},
      {{"autoencode", "easy|medium|hard", "watch cards, then name them backwards (POPGym)"}, make_autoencode},
      {{"cue-grid", "SIZE", "a room; a sign seen once says in which corner the goal lies"}, make_cue_grid},
  };
  // clang-format on
  return list;
}

}  // namespace

std::span<const EnvironmentKind> environment_kinds() {
  static const std::vector<EnvironmentKind> kinds = [] {
    std::vector<EnvironmentKind> all;
    for (const Entry& each : entries()) all.push_back(each.kind);
    all.push_back({std::string(kCommand), "PROGRAM ...", "another program, which exchanges JSON lines"});
    return all;
  }();
  return kinds;
}

bool is_command_environment(std::string_view name) { return name.starts_with("command:"); }

std::unique_ptr<Environment> make_environment(std::string_view name, const EnvironmentOptions& options) {
  const size_t colon = name.find(':');
  const std::string_view kind = name.substr(0, colon);
  const std::string_view variant = colon == std::string::npos ? std::string_view() : name.substr(colon + 1);
  if (kind == kCommand) {
    if (variant.find_first_not_of(' ') == std::string::npos) {
      fail_usage("env: expected a program behind 'command:', such as 'command:python3 my_env.py'");
    }
    return std::make_unique<CommandEnvironment>(std::string(variant), options);
  }
  std::vector<std::string_view> known;
  for (const EnvironmentKind& each : environment_kinds()) known.push_back(each.name);
  for (const Entry& each : entries()) {
    if (each.kind.name == kind) return each.make({name, variant});
  }
  fail_usage("env: unknown environment '{}'{}; there are {}", kind, did_you_mean(kind, known), fmt::join(known, ", "));
}

}  // namespace recur
