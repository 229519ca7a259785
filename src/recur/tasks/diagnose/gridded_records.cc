#include "recur/tasks/diagnose/gridded_records.h"

#include "recur/data/files/byte_limits.h"
#include "recur/tasks/diagnose/time_steps.h"

namespace recur {

GriddedRecords::GriddedRecords(const SequenceSet& set, std::span<const int64_t> which, const GridOptions& options)
    : which_(which.begin(), which.end()),
      rows_({.width = set.width(),
             .purpose = "records: cannot keep the values",
             .memory_bytes = set.in_memory() ? usual_memory_bytes() : 1}),
      width_(std::ssize(set.statics)),
      in_memory_(set.in_memory()) {
  check_room(set, which, options);
  for (const int64_t i : which_) {
    const Sequence& record = set.sequences[static_cast<size_t>(i)];
    rows_.append(in_steps(set, record, options));
    first_.push_back(rows_.rows());
    for (size_t s = 0; s < set.statics.size(); ++s) {
      statics_.push_back(static_cast<float>(set.static_number(record, s)));
    }
  }
}

std::vector<int64_t> GriddedRecords::lengths() const {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < size(); ++i) lengths.push_back(steps(i));
  return lengths;
}

PartSource GriddedRecords::values() const {
  return [this](const PartVisitor& visit) {
    std::vector<float> room;
    for (int64_t i = 0; i < size(); ++i) visit(values(i, room));
  };
}

}  // namespace recur
