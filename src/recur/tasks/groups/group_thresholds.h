// Thresholds by group that give every group the same true and false positive rates (equalised odds), chosen after
// training. Hardt, Price and Srebro, "Equality of opportunity in supervised learning", 2016, section 3.2.
//
// A group's rule is one of two thresholds, drawn at random, and sometimes a decision that does not look at the score at
// all: in expectation these reach any point under the convex hull of the group's ROC curve. The rates that all groups
// are given are those, of all that every group can reach, with the fewest errors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/groups/grouping.h"

namespace recur {

// The decision is positive where the score is a threshold or more. Thresholds may be infinite: nothing is.
struct GroupRule {
  double first = 0.5, second = 0.5;  // the thresholds
  double chance_of_second = 0;       // else the first
  double chance_of_blind = 0;        // of a decision that does not look at the score
  double blind_positive = 0;         // the chance that such a one is positive

  // The chance of a positive decision.
  double chance(double score) const;
};

struct GroupThresholds {
  std::vector<std::string> columns;                        // whose values are the groups
  std::vector<std::string> bands;                          // of the columns that are numbers: "age=25,45"
  std::string positive;                                    // what is decided: a class, or a label of a diagnosis
  std::map<std::string, GroupRule, std::less<>> rules;     // by group
  double true_positive_rate = 0, false_positive_rate = 0;  // of every group, in expectation, where they were fitted

  // Throws Error for a group that had no part in the fitting.
  const GroupRule& of(std::string_view group) const;

  std::string to_text() const;
  static GroupThresholds from_text(std::string_view json);  // throws Error: it is untrusted input
};

// Of records with scores, the higher the surer, and whether they are positive; columns, bands and positive are the
// caller's to set. Records in no group are left out. Throws Error for fewer than two groups, and for one without
// positive or negative records, naming it.
GroupThresholds equalize_odds(std::span<const double> scores, const std::vector<bool>& positive,
                              const Grouping& grouping);

// A number in [0, 1) that follows from the name of a record alone, so that its decision is the same each time.
double chance_of_record(std::string_view name);

}  // namespace recur
