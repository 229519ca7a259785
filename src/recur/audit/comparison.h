// The groups of one grouping beside each other: the figures of each, and the gaps between them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/audit/decisions.h"
#include "recur/audit/gaps.h"
#include "recur/audit/group_rates.h"

namespace recur {

struct Figure {
  static constexpr int64_t kGap = -1;  // the column of what is no group's

  int64_t column = kGap;  // the number of the group, or of all records behind the last one
  std::string group, measure, definition;
  std::optional<double> value;
  int64_t records = 0;
};

// Whether there is a decision about any record.
bool decides(const std::vector<Decision>& records);

class Comparison {
 public:
  // Decisions and grouping must outlive it. `privileged` is the number of a group that others are compared with.
  Comparison(const Decisions& decisions, const Grouping& grouping, std::optional<int32_t> privileged)
      : decisions_(decisions), grouping_(grouping), privileged_(privileged), decides_(decides(decisions.records)) {}

  // Of the records with these numbers, each as often as it is named: of each group, of all, and of the gaps between
  // groups.
  std::vector<Figure> figures(std::span<const int64_t> which) const;

  const Grouping& grouping() const { return grouping_; }

 private:
  void add_rates(std::vector<Figure>& out, int64_t column, const std::string& group, const GroupRates& rates) const;
  void add_measures(std::vector<Figure>& out, std::span<const int64_t> members) const;
  void add_gaps(std::vector<Figure>& out, const std::vector<Gap>& gaps) const;
  void add_measure_gaps(std::vector<Figure>& out) const;

  const Decisions& decisions_;
  const Grouping& grouping_;
  std::optional<int32_t> privileged_;
  bool decides_;
};

}  // namespace recur
