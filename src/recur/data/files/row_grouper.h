// Rows that come in any order, brought together by what they belong to, on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/scratch_file.h"

namespace recur::internal {

// An external sort by group, for rows of a fixed number of bytes. While groups do not go back, rows are in order as
// they are written; where one does, a new run begins, and finish() merges the runs: each is read once, from front to
// back. So one pass over the rows is enough however they are interleaved, and memory does not grow with their number.
class RowGrouper {
 public:
  RowGrouper(size_t row_bytes, std::string purpose);

  // Whole rows of a group, numbered from 0 on, behind those it has.
  void append(size_t group, std::span<const std::byte> rows);

  int64_t rows(size_t group) const { return group < rows_of_.size() ? rows_of_[group] : 0; }
  int64_t rows() const { return total_; }

  // All rows, those of group 0 first. The last call.
  std::unique_ptr<ScratchFile> finish();

 private:
  struct Part {  // rows of one group that came together
    uint32_t group = 0, rows = 0;
  };
  struct Run {
    int64_t first_part = 0, parts = 0;
    int64_t first_row = 0;
  };
  class Merge;

  size_t row_bytes_;
  std::string purpose_;
  std::unique_ptr<ScratchFile> file_, parts_;
  std::vector<Run> runs_;
  std::vector<int64_t> rows_of_;  // each group
  int64_t total_ = 0;
  size_t last_group_ = 0;
};

}  // namespace recur::internal
