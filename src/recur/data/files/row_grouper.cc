#include "recur/data/files/row_grouper.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace recur::internal {

RowGrouper::RowGrouper(size_t row_bytes, std::string purpose)
    : row_bytes_(row_bytes),
      purpose_(std::move(purpose)),
      file_(std::make_unique<ScratchFile>(purpose_)),
      parts_(std::make_unique<ScratchFile>(purpose_)) {}

void RowGrouper::append(size_t group, std::span<const std::byte> rows) {
  constexpr size_t kMostAtOnce = std::numeric_limits<uint32_t>::max();
  const size_t count = rows.size() / row_bytes_;
  if (count > kMostAtOnce) {
    append(group, rows.first(kMostAtOnce * row_bytes_));
    return append(group, rows.subspan(kMostAtOnce * row_bytes_));
  }
  if (count == 0) return;
  if (runs_.empty() || group < last_group_) {
    const int64_t parts = parts_->size() / static_cast<int64_t>(sizeof(Part));
    runs_.push_back({.first_part = parts, .first_row = total_});
  }
  const Part part{static_cast<uint32_t>(group), static_cast<uint32_t>(count)};
  parts_->append(std::as_bytes(std::span(&part, 1)));
  file_->append(rows);
  if (group >= rows_of_.size()) rows_of_.resize(group + 1);
  rows_of_[group] += static_cast<int64_t>(count);
  total_ += static_cast<int64_t>(count);
  ++runs_.back().parts;
  last_group_ = group;
}

// One run being read.
class RowGrouper::Merge {
 public:
  Merge(const RowGrouper& from, const Run& run, size_t buffer_bytes)
      : from_(from), run_(run), row_(run.first_row), buffer_(buffer_bytes) {
    advance();
  }

  bool is_at(size_t group) const { return more_ && part_.group == group; }

  // The rows of the part at hand, to `out`.
  void take(ScratchFile& out) {
    for (uint64_t left = part_.rows; left > 0;) {
      if (begin_ == end_) refill();
      const uint64_t count = std::min<uint64_t>(left, (end_ - begin_) / from_.row_bytes_);
      out.append(std::span(buffer_).subspan(begin_, count * from_.row_bytes_));
      begin_ += count * from_.row_bytes_;
      left -= count;
    }
    advance();
  }

 private:
  void advance() {
    if (next_part_ == parts_.size()) read_parts();
    more_ = next_part_ < parts_.size();
    if (more_) part_ = parts_[next_part_++];
  }

  void read_parts() {
    constexpr int64_t kAtOnce = 1 << 12;
    parts_.resize(static_cast<size_t>(std::min(kAtOnce, run_.parts)));
    from_.parts_->read(run_.first_part * static_cast<int64_t>(sizeof(Part)), std::as_writable_bytes(std::span(parts_)));
    run_.first_part += std::ssize(parts_);
    run_.parts -= std::ssize(parts_);
    rows_known_ += rows_in(parts_);
    next_part_ = 0;
  }

  static int64_t rows_in(const std::vector<Part>& parts) {
    int64_t rows = 0;
    for (const Part& part : parts) rows += part.rows;
    return rows;
  }

  // Rows of the parts that are known, at most what the buffer holds.
  void refill() {
    const auto bytes = static_cast<int64_t>(from_.row_bytes_);
    const int64_t count = std::min(run_.first_row + rows_known_ - row_, std::ssize(buffer_) / bytes);
    from_.file_->read(row_ * bytes,
                      std::as_writable_bytes(std::span(buffer_)).first(static_cast<size_t>(count * bytes)));
    row_ += count;
    begin_ = 0;
    end_ = static_cast<size_t>(count * bytes);
  }

  const RowGrouper& from_;
  Run run_;                 // what is left of its parts
  int64_t row_;             // the next that is not in the buffer
  int64_t rows_known_ = 0;  // in the parts that were read
  std::vector<Part> parts_;
  size_t next_part_ = 0;
  Part part_;
  bool more_ = false;
  std::vector<std::byte> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what is left in the buffer
};

std::unique_ptr<ScratchFile> RowGrouper::finish() {
  file_->flush();
  if (runs_.size() < 2) return std::move(file_);
  parts_->flush();
  constexpr size_t kAllBuffers = size_t{32} << 20, kLeast = size_t{1} << 14, kMost = size_t{1} << 20;
  const size_t buffer = std::max(std::clamp(kAllBuffers / runs_.size(), kLeast, kMost), row_bytes_);
  std::vector<Merge> merges;
  for (const Run& run : runs_) merges.emplace_back(*this, run, buffer);
  auto merged = std::make_unique<ScratchFile>(purpose_);
  for (size_t group = 0; group < rows_of_.size(); ++group) {
    for (Merge& merge : merges) {
      while (merge.is_at(group)) merge.take(*merged);
    }
  }
  merged->flush();
  return merged;
}

}  // namespace recur::internal
