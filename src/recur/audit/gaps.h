// How far groups are from being treated alike: measures of group fairness from the rates of the groups.
//
// The same words mean different figures in the two libraries that most people use, so each measure says whose it is.
// Fairlearn (Bird et al., 2020) compares the highest with the lowest group; AIF360 (Bellamy et al., 2018) the records
// of all other groups together with those of one that is privileged.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/audit/group_rates.h"

namespace recur {

struct Gap {
  std::string_view name;        // "demographic_parity_difference"
  std::string_view definition;  // "fairlearn", "aif360", "recur"
  std::optional<double> value;  // undefined: of fewer than two groups is the rate known, or a ratio has no denominator
};

// The one gap of records without decisions.
inline constexpr std::string_view kLossGap = "loss_difference";

// Between the groups with a rate; those without are left out.
//   demographic parity   the positive decision is equally frequent: difference max - min and ratio min / max of
//                        selection rates
//   equalised odds       it is equally frequent for records of one truth (Hardt, Price and Srebro 2016): the larger of
//                        the differences, the smaller of the ratios, of true and of false positive rates
//   equal opportunity    true positive rates alone
//   predictive parity    what is selected is equally often positive: difference of precisions (Chouldechova 2017)
//   accuracy, AUC, loss   their differences
//   calibration within groups   the largest calibration error
std::vector<Gap> gaps_between(std::span<const GroupRates> groups);

// Of all others together less the privileged group: statistical parity difference, disparate impact (the ratio), equal
// opportunity difference, average odds difference (mean of the differences of false and true positive rates).
std::vector<Gap> gaps_to_privileged(const GroupRates& others, const GroupRates& privileged);

}  // namespace recur
