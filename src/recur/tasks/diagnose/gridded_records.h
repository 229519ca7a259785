// Records in equal time steps, made once for all that reads them: in memory or, where they are too many, on disk.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/quartiles.h"
#include "recur/data/row_store.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/diagnose/diagnose_options.h"

namespace recur {

class GriddedRecords {
 public:
  // Those of the set with the indices `which`, as in_steps() and check_room() have them. Throws Error for statics that
  // are no numbers.
  GriddedRecords(const SequenceSet& set, std::span<const int64_t> which, const GridOptions& options);

  int64_t size() const { return std::ssize(which_); }
  const std::vector<int64_t>& which() const { return which_; }
  int64_t steps(int64_t i) const { return first_[i + 1] - first_[i]; }  // T
  std::vector<int64_t> lengths() const;
  // [T, C] as measured, NaN where missing: in memory, or read into `room`.
  std::span<const float> values(int64_t i, std::vector<float>& room) const {
    return rows_.read(first_[i], first_[i + 1], room);
  }
  // The values of all records, one after the other.
  PartSource values() const;
  // [N, S] and those of one, NaN where missing.
  const std::vector<float>& statics() const { return statics_; }
  std::span<const float> statics(int64_t i) const { return std::span(statics_).subspan(i * width_, width_); }
  // Whether the data they come from are.
  bool in_memory() const { return in_memory_; }

 private:
  std::vector<int64_t> which_;
  std::vector<int64_t> first_{0};  // of each record its first row, and behind the last one their number
  RowStore<float> rows_;
  std::vector<float> statics_;
  int64_t width_;  // S
  bool in_memory_;
};

}  // namespace recur
