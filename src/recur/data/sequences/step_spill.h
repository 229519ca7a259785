// Keeps a set within its memory while it is read. For the readers' sources alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "recur/data/files/row_grouper.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur::internal {

// Bytes of values that a set may hold in memory.
int64_t memory_bytes(const SequenceOptions& options);

// Readers add steps to the sequences of the set, in whatever order, and tell it here. When their vectors are about to
// take more than the memory, the steps of all sequences go to disk and the vectors begin anew; finish() brings the
// steps of each sequence together.
class StepSpill {
 public:
  StepSpill(SequenceSet& set, const SequenceOptions& options);

  // Steps were added to a sequence of the set, or a sequence with steps was.
  void added(const Sequence& s) {
    const auto index = static_cast<size_t>(&s - set_.sequences.data());
    if (index >= charged_.size()) charged_.resize(index + 1);
    const int64_t bytes = allocated_by(s);
    allocated_ += bytes - charged_[index];
    charged_[index] = bytes;
    // A full vector moves to one of twice the size before it lets the old one go.
    const bool full = s.values.size() == s.values.capacity();
    if (allocated_ + (full ? 2 * bytes : 0) > memory_bytes_) spill();
  }

  // All steps are there. The set is in memory when they fit, and else on disk.
  void finish();

 private:
  static int64_t allocated_by(const Sequence& s) {
    constexpr size_t kOverhead = 48;  // of three small blocks
    return static_cast<int64_t>(s.values.capacity() * sizeof(float) + s.times.capacity() * sizeof(double) +
                                s.step_labels.capacity() * sizeof(int32_t) + kOverhead);
  }
  void spill();
  void load_all();

  SequenceSet& set_;
  const int64_t memory_bytes_;
  int64_t allocated_ = 0;
  std::vector<int64_t> charged_;  // of allocated_, to each sequence
  StepLayout layout_;
  std::optional<RowGrouper> grouper_;  // once something is on disk
};

}  // namespace recur::internal
