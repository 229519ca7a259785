#include "recur/tasks/adapt/problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/random.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

// Each problem has a stream of random numbers of its own.
Random random_of(const Problems::At& at) {
  return Random(at.seed, (at.stream << 40) + static_cast<uint64_t>(at.number));
}

class Sinusoids : public Problems {
 public:
  Problem draw(const Drawing& drawing, const At& at) const override {
    constexpr double kLeast = 0.1, kMost = 5;
    Random random = random_of(at);
    const double amplitude = kLeast + (kMost - kLeast) * random.uniform64();
    const double phase = std::numbers::pi * random.uniform64();
    const auto draw = [&](int64_t count, Examples& to) {
      constexpr double kReach = 5;
      for (int64_t i = 0; i < count; ++i) {
        const double x = kReach * (2 * random.uniform64() - 1);
        to.examples.push_back({.values = {static_cast<float>(x)},
                               .steps = 1,
                               .target = {static_cast<float>(amplitude * std::sin(x - phase))},
                               .record = i});
      }
    };
    Problem problem{.name = fmt::format("{:.4f} sin(x - {:.4f})", amplitude, phase)};
    draw(drawing.shots, problem.shots);
    draw(drawing.queries, problem.queries);
    return problem;
  }
  int64_t categories() const override { return 0; }
};

// The first k of a random order of 0 .. n - 1.
std::vector<int32_t> some_of(int64_t n, int64_t k, Random& random) {
  std::vector<int32_t> all(static_cast<size_t>(n));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
  for (int64_t i = 0; i < k; ++i) {
    std::swap(all[static_cast<size_t>(i)], all[static_cast<size_t>(i) + random.below(static_cast<uint64_t>(n - i))]);
  }
  all.resize(static_cast<size_t>(k));
  return all;
}

class Categories : public Problems {
 public:
  Categories(AdaptData data, const CategoryOptions& options) : data_(std::move(data)), options_(options) {
    std::map<int64_t, std::vector<int32_t>> groups;
    for (size_t c = 0; c < data_.categories.size(); ++c) {
      for (int turn = 0; turn < turns(); ++turn) {
        groups[data_.categories[c].group].push_back(static_cast<int32_t>(c) * turns() + turn);
      }
    }
    for (auto& [group, members] : groups) groups_.push_back(std::move(members));
  }

  // The largest number of classes that a problem may have.
  int64_t most_ways() const {
    size_t most = 0;
    for (const auto& group : groups_) most = std::max(most, group.size());
    return static_cast<int64_t>(most);
  }
  // Drops the groups that have fewer classes than this.
  void need(int64_t ways) {
    std::erase_if(groups_, [&](const auto& group) { return std::ssize(group) < ways; });
  }

  int64_t categories() const override { return std::ssize(data_.categories) * turns(); }

  Problem draw(const Drawing& drawing, const At& at) const override {
    Random random = random_of(at);
    // A group as often as it has classes, so that each class is as frequent as any.
    const auto total = static_cast<uint64_t>(all_classes());
    auto pick = static_cast<int64_t>(random.below(total));
    size_t g = 0;
    while (pick >= std::ssize(groups_[g])) pick -= std::ssize(groups_[g++]);
    const std::vector<int32_t>& group = groups_[g];
    Problem problem;
    const int64_t ways = options_.classes ? drawing.ways : 1;
    for (const int32_t k : some_of(std::ssize(group), ways, random)) {
      add(problem, group[static_cast<size_t>(k)], drawing, random);
    }
    if (options_.classes) problem.name = fmt::format("{}", fmt::join(problem.classes, " "));
    return problem;
  }

 private:
  int32_t turns() const { return options_.rotate ? 4 : 1; }
  int64_t all_classes() const {
    int64_t total = 0;
    for (const auto& group : groups_) total += std::ssize(group);
    return total;
  }

  void add(Problem& problem, int32_t number, const Drawing& drawing, Random& random) const {
    const AdaptCategory& category = data_.categories[static_cast<size_t>(number / turns())];
    const int turn = number % turns();
    const int64_t wanted = drawing.shots + drawing.queries, has = std::ssize(category.examples);
    std::vector<int32_t> which;
    if (options_.ordered) {
      const auto begin = static_cast<int64_t>(random.below(static_cast<uint64_t>(has - wanted + 1)));
      for (int64_t i = begin; i < begin + wanted; ++i) which.push_back(static_cast<int32_t>(i));
    } else {
      which = some_of(has, wanted, random);
    }
    const auto of_problem = static_cast<int32_t>(problem.numbers.size());
    for (int64_t i = 0; i < wanted; ++i) {
      const int32_t at = category.examples[static_cast<size_t>(which[static_cast<size_t>(i)])];
      AdaptExample example = data_.examples[static_cast<size_t>(at)];
      if (turn > 0) example.values = turned(example.values, options_.channels, turn);
      Examples& to = i < drawing.shots ? problem.shots : problem.queries;
      to.examples.push_back(std::move(example));
      if (options_.classes) to.classes.push_back(of_problem);
    }
    problem.numbers.push_back(number);
    if (options_.classes) {
      problem.classes.push_back(turn == 0 ? category.name : fmt::format("{}+{}", category.name, 90 * turn));
    } else {
      problem.name = category.name;
    }
  }

  AdaptData data_;
  CategoryOptions options_;
  std::vector<std::vector<int32_t>> groups_;  // of classes that one problem may have
};

}  // namespace

std::unique_ptr<Problems> sinusoid_problems() { return std::make_unique<Sinusoids>(); }

std::string window_hint(const AdaptDataOptions& data) {
  if (data.target != "forecast") return {};
  return fmt::format("; an example is a window of {} steps, context {} and horizon {}", data.context + data.horizon,
                     data.context, data.horizon);
}

std::unique_ptr<Problems> category_problems(AdaptData data, const CategoryOptions& options, const Drawing& least,
                                            const std::string& what) {
  constexpr size_t kListed = 5;
  const int64_t wanted = least.shots + least.queries;
  std::vector<std::string> few;
  int64_t largest = 0;
  for (const AdaptCategory& each : data.categories) {
    largest = std::max(largest, std::ssize(each.examples));
    if (std::ssize(each.examples) < wanted) few.push_back(each.name);
  }
  std::erase_if(data.categories, [&](const AdaptCategory& each) { return std::ssize(each.examples) < wanted; });
  const char* one = options.classes ? "class" : "series";
  const char* many = options.classes ? "classes" : "series";
  if (data.categories.empty()) {
    fail("{}: no {} has the {} examples that a problem takes, {} shots and {} queries; the largest has {}{}", what, one,
         wanted, least.shots, least.queries, largest, options.hint);
  }
  if (!few.empty()) {
    log_warning("{}: {} fewer than the {} examples that a problem takes, {} shots and {} queries, and {} left out: {}",
                what, counted(std::ssize(few), fmt::format("{} has", one), fmt::format("{} have", many)), wanted,
                least.shots, least.queries, few.size() == 1 ? "is" : "are", listed(few, kListed));
  }
  auto problems = std::make_unique<Categories>(std::move(data), options);
  const int64_t ways = options.classes ? least.ways : 1;
  if (problems->most_ways() < ways) {
    fail("{}: expected at least {} classes with {} examples each, as a problem takes (ways), got {}{}", what, ways,
         wanted, problems->most_ways(), few.empty() ? "" : fmt::format(" and {} with fewer", few.size()));
  }
  problems->need(ways);
  return problems;
}

}  // namespace recur
