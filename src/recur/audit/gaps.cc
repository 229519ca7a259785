#include "recur/audit/gaps.h"

#include <algorithm>

namespace recur {
namespace {

using Rate = GroupRates::Rate;
using Kind = Rate GroupRates::*;

// The least and the most of a rate; nothing where fewer than two groups have it.
struct Extremes {
  double least, most;

  Rate ratio() const {
    if (most == 0) return {};
    return least / most;
  }
};
std::optional<Extremes> extremes(std::span<const GroupRates> groups, Kind kind) {
  std::vector<double> values;
  for (const GroupRates& group : groups)
    if (group.*kind) values.push_back(*(group.*kind));
  if (values.size() < 2) return {};
  const auto [least, most] = std::ranges::minmax_element(values);
  return Extremes{*least, *most};
}

Rate difference(std::span<const GroupRates> groups, Kind kind) {
  const auto found = extremes(groups, kind);
  if (!found) return {};
  return found->most - found->least;
}

Rate ratio(std::span<const GroupRates> groups, Kind kind) {
  const auto found = extremes(groups, kind);
  if (!found) return {};
  return found->ratio();
}

// What `choose` makes of both; nothing where one is undefined.
template <class Choose>
Rate both(const Rate& a, const Rate& b, Choose&& choose) {
  if (!a || !b) return {};
  return choose(*a, *b);
}

Rate highest(std::span<const GroupRates> groups, Kind kind) {
  Rate out;
  for (const GroupRates& group : groups)
    if (group.*kind) out = std::max(out.value_or(0), *(group.*kind));
  return out;
}

}  // namespace

std::vector<Gap> gaps_between(std::span<const GroupRates> groups) {
  constexpr std::string_view kFairlearn = "fairlearn", kOwn = "recur";
  constexpr auto kLarger = [](double a, double b) { return std::max(a, b); };
  constexpr auto kSmaller = [](double a, double b) { return std::min(a, b); };
  constexpr Kind kHits = &GroupRates::true_positive_rate, kAlarms = &GroupRates::false_positive_rate;
  return {
      {"demographic_parity_difference", kFairlearn, difference(groups, &GroupRates::selection_rate)},
      {"demographic_parity_ratio", kFairlearn, ratio(groups, &GroupRates::selection_rate)},
      {"equalized_odds_difference", kFairlearn, both(difference(groups, kHits), difference(groups, kAlarms), kLarger)},
      {"equalized_odds_ratio", kFairlearn, both(ratio(groups, kHits), ratio(groups, kAlarms), kSmaller)},
      {"equal_opportunity_difference", kFairlearn, difference(groups, kHits)},
      {"equal_opportunity_ratio", kFairlearn, ratio(groups, kHits)},
      {"predictive_parity_difference", kOwn, difference(groups, &GroupRates::precision)},
      {"accuracy_difference", kOwn, difference(groups, &GroupRates::accuracy)},
      {"auc_difference", kOwn, difference(groups, &GroupRates::auc)},
      {"largest_calibration_error", kOwn, highest(groups, &GroupRates::calibration_error)},
      {kLossGap, kOwn, difference(groups, &GroupRates::loss)},
  };
}

std::vector<Gap> gaps_to_privileged(const GroupRates& others, const GroupRates& privileged) {
  constexpr std::string_view kAif360 = "aif360";
  constexpr auto kLess = [](double a, double b) { return a - b; };
  const Rate hits = both(others.true_positive_rate, privileged.true_positive_rate, kLess);
  const Rate alarms = both(others.false_positive_rate, privileged.false_positive_rate, kLess);
  const bool has_ratio = privileged.selection_rate.value_or(0) > 0;
  return {
      {"statistical_parity_difference", kAif360, both(others.selection_rate, privileged.selection_rate, kLess)},
      {"disparate_impact", kAif360,
       has_ratio ? both(others.selection_rate, privileged.selection_rate, [](double a, double b) { return a / b; })
                 : Rate()},
      {"equal_opportunity_difference", kAif360, hits},
      {"average_odds_difference", kAif360, both(alarms, hits, [](double a, double b) { return (a + b) / 2; })},
  };
}

}  // namespace recur
