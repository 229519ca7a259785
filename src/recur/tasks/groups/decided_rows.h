// Predictions with the decision that the thresholds of the record's group make of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recur/tasks/groups/group_thresholds.h"
#include "recur/tasks/groups/grouping.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/trained.h"

namespace recur {

// Passes rows on with a further column "decision": 1 where what is decided is so, 0 where not, empty for a record in no
// group. The rows are those of the records with these names, a row each, in order.
class DecidedRows final : public Sink {
 public:
  // The groups stand in `table`, or, where that is "", in the data. Throws Error for a group without thresholds.
  DecidedRows(const GroupThresholds& thresholds, const DataFiles& data, const std::string& table,
              std::vector<std::string> names, Sink& out);

  void columns(const std::vector<std::string>& names) override;
  void row(std::span<const TableCell> cells) override;

 private:
  const GroupThresholds& thresholds_;
  std::vector<std::string> names_;
  Grouping grouping_;
  Sink& out_;
  size_t score_ = 0, next_ = 0;
};

}  // namespace recur
