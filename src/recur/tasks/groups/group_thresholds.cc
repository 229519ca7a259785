#include "recur/tasks/groups/group_thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

struct RocPoint {
  double false_positive_rate = 0, true_positive_rate = 0;
  double threshold = kNever;  // scores from it on are positive
};

// The convex hull of the ROC curve from (0, 0) to (1, 1).
std::vector<RocPoint> roc_hull(std::vector<std::pair<double, bool>> records) {
  std::ranges::sort(records, [](const auto& a, const auto& b) { return a.first > b.first; });
  const auto positives = static_cast<double>(std::ranges::count(records, true, &std::pair<double, bool>::second));
  const double negatives = static_cast<double>(records.size()) - positives;
  std::vector<RocPoint> hull{{}};
  const auto add = [&](const RocPoint& next) {
    // A point on or below the line from the one before it to the next is no corner.
    while (hull.size() > 1) {
      const RocPoint &a = hull[hull.size() - 2], &b = hull.back();
      const double cross =
          (b.false_positive_rate - a.false_positive_rate) * (next.true_positive_rate - a.true_positive_rate) -
          (b.true_positive_rate - a.true_positive_rate) * (next.false_positive_rate - a.false_positive_rate);
      if (cross < 0) break;
      hull.pop_back();
    }
    hull.push_back(next);
  };
  double found = 0, wrong = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    ++(records[i].second ? found : wrong);
    if (i + 1 < records.size() && records[i + 1].first == records[i].first) continue;
    add({wrong / negatives, found / positives, records[i].first});
  }
  return hull;
}

// The corners on both sides of a false positive rate, and how far it lies from the first to the second.
struct Between {
  RocPoint first, second;
  double share = 0;

  double true_positive_rate() const {
    return first.true_positive_rate + share * (second.true_positive_rate - first.true_positive_rate);
  }
};
Between on_hull(std::span<const RocPoint> hull, double false_positive_rate) {
  // Of corners one above the other the highest.
  size_t at = 0;
  while (at + 1 < hull.size() && hull[at + 1].false_positive_rate <= false_positive_rate) ++at;
  if (at + 1 == hull.size()) return {hull[at], hull[at], 0};
  const double from = hull[at].false_positive_rate, to = hull[at + 1].false_positive_rate;
  return {hull[at], hull[at + 1], (false_positive_rate - from) / (to - from)};
}

// The false positive rates at which the lowest of the hulls may have a corner: those of their corners, and where two
// of them cross.
std::vector<double> candidates(const std::vector<std::vector<RocPoint>>& hulls) {
  std::vector<double> rates;
  for (const auto& hull : hulls)
    for (const RocPoint& point : hull) rates.push_back(point.false_positive_rate);
  std::ranges::sort(rates);
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  std::vector<double> crossings;
  for (size_t k = 0; k + 1 < rates.size(); ++k) {
    for (size_t a = 0; a < hulls.size(); ++a) {
      for (size_t b = a + 1; b < hulls.size(); ++b) {
        const auto gap = [&](double rate) {
          return on_hull(hulls[a], rate).true_positive_rate() - on_hull(hulls[b], rate).true_positive_rate();
        };
        const double left = gap(rates[k]), right = gap(rates[k + 1]);
        if (left * right < 0) crossings.push_back(rates[k] + (rates[k + 1] - rates[k]) * left / (left - right));
      }
    }
  }
  rates.insert(rates.end(), crossings.begin(), crossings.end());
  return rates;
}

// The rule that gives a group these rates, of which the second is at most that of its hull.
GroupRule rule_for(std::span<const RocPoint> hull, double false_positive_rate, double true_positive_rate) {
  const Between at = on_hull(hull, false_positive_rate);
  GroupRule rule{.first = at.first.threshold, .second = at.second.threshold, .chance_of_second = at.share};
  // Blind decisions, positive as often as the false positive rate, leave that as it is and lower the other.
  const double reached = at.true_positive_rate(), above = reached - false_positive_rate;
  if (above > 0) rule.chance_of_blind = std::clamp((reached - true_positive_rate) / above, 0.0, 1.0);
  rule.blind_positive = false_positive_rate;
  return rule;
}

double probability_at(const Json& json, const char* name) {
  const double value = json.at(name).get<double>();
  if (!(value >= 0 && value <= 1)) fail("{}: expected a probability, got {}", name, value);
  return value;
}

// JSON has no infinity: null.
Json threshold_json(double threshold) { return std::isinf(threshold) ? Json() : Json(threshold); }
double threshold_at(const Json& json, const char* name) {
  const Json& value = json.at(name);
  return value.is_null() ? kNever : value.get<double>();
}

}  // namespace

double GroupRule::chance(double score) const {
  const double seen = (score >= first ? 1 - chance_of_second : 0) + (score >= second ? chance_of_second : 0);
  return chance_of_blind * blind_positive + (1 - chance_of_blind) * seen;
}

const GroupRule& GroupThresholds::of(std::string_view group) const {
  const auto at = rules.find(group);
  if (at == rules.end()) {
    fail("{}: the model has no threshold for the group '{}'", fmt::join(columns, " & "), group);
  }
  return at->second;
}

GroupThresholds equalize_odds(std::span<const double> scores, const std::vector<bool>& positive,
                              const Grouping& grouping) {
  if (grouping.groups.size() < 2) {
    fail("thresholds by group: expected two groups of {} or more, got {}", grouping.name, grouping.groups.size());
  }
  std::vector<std::vector<std::pair<double, bool>>> records(grouping.groups.size());
  double positives = 0, negatives = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (grouping.group_of[i] < 0) continue;
    records[static_cast<size_t>(grouping.group_of[i])].emplace_back(scores[i], positive[i]);
    ++(positive[i] ? positives : negatives);
  }
  std::vector<std::vector<RocPoint>> hulls;
  for (size_t g = 0; g < records.size(); ++g) {
    const auto found = std::ranges::count(records[g], true, &std::pair<double, bool>::second);
    if (found == 0 || found == std::ssize(records[g])) {
      fail("thresholds by group: expected positive and negative records of the group '{}', got {} and {}",
           grouping.groups[g], found, std::ssize(records[g]) - found);
    }
    hulls.push_back(roc_hull(std::move(records[g])));
  }
  // Errors are linear between candidates, so that the fewest are at one of them.
  double fewest = std::numeric_limits<double>::infinity();
  GroupThresholds out;
  for (const double rate : candidates(hulls)) {
    double lowest = 1;
    for (const auto& hull : hulls) lowest = std::min(lowest, on_hull(hull, rate).true_positive_rate());
    const double errors = negatives * rate + positives * (1 - lowest);
    if (errors >= fewest) continue;
    fewest = errors;
    out.false_positive_rate = rate;
    out.true_positive_rate = lowest;
  }
  for (size_t g = 0; g < hulls.size(); ++g) {
    out.rules[grouping.groups[g]] = rule_for(hulls[g], out.false_positive_rate, out.true_positive_rate);
  }
  return out;
}

double chance_of_record(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 32;  // the upper bits of short names differ little
  hash *= 0x9e3779b97f4a7c15;
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

std::string GroupThresholds::to_text() const {
  Json list = Json::array();
  for (const auto& [group, rule] : rules) {
    list.push_back({{"group", group},
                    {"first", threshold_json(rule.first)},
                    {"second", threshold_json(rule.second)},
                    {"chance_of_second", rule.chance_of_second},
                    {"chance_of_blind", rule.chance_of_blind},
                    {"blind_positive", rule.blind_positive}});
  }
  return Json{{"columns", columns},
              {"bands", bands},
              {"positive", positive},
              {"true_positive_rate", true_positive_rate},
              {"false_positive_rate", false_positive_rate},
              {"rules", list}}
      .dump();
}

GroupThresholds GroupThresholds::from_text(std::string_view text) {
  const auto json = parse_json(text, 3);
  if (!json) fail("expected a JSON object");
  GroupThresholds out{.columns = json->at("columns").get<std::vector<std::string>>(),
                      .bands = json->at("bands").get<std::vector<std::string>>(),
                      .positive = json->at("positive").get<std::string>(),
                      .rules = {},
                      .true_positive_rate = probability_at(*json, "true_positive_rate"),
                      .false_positive_rate = probability_at(*json, "false_positive_rate")};
  for (const Json& rule : json->at("rules")) {
    out.rules[rule.at("group").get<std::string>()] = {.first = threshold_at(rule, "first"),
                                                      .second = threshold_at(rule, "second"),
                                                      .chance_of_second = probability_at(rule, "chance_of_second"),
                                                      .chance_of_blind = probability_at(rule, "chance_of_blind"),
                                                      .blind_positive = probability_at(rule, "blind_positive")};
  }
  return out;
}

}  // namespace recur
