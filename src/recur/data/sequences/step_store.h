// The steps of sequences on disk.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "recur/data/files/scratch_file.h"

namespace recur {

struct Sequence;

namespace internal {

constexpr const char* kStepPurpose = "sequences: cannot keep the values";  // of scratch files, in messages

// A step is a row of bytes: its time (f64) where sequences have times, its values (C of f32), and its label (i32) where
// they have labels of steps. A mark stands for them in a sequence that has none, among others that do.
struct StepLayout {
  size_t channels = 0;  // C
  bool times = false, labels = false;

  size_t row_bytes() const {
    return channels * sizeof(float) + (times ? sizeof(double) : 0) + (labels ? sizeof(int32_t) : 0);
  }
  bool holds(const StepLayout& other) const {
    return channels == other.channels && times >= other.times && labels >= other.labels;
  }

  // Calls visit(rows) with the steps of a sequence that is in memory, some at a time.
  template <class Visit>
  void pack(const Sequence& s, const Visit& visit) const {
    constexpr size_t kPieceBytes = 1 << 16;
    const size_t steps = steps_of(s), piece = std::max<size_t>(kPieceBytes / std::max<size_t>(row_bytes(), 1), 1);
    std::vector<std::byte> rows(std::min(piece, steps) * row_bytes());
    for (size_t t = 0; t < steps; t += piece) visit(pack(s, t, std::min(t + piece, steps), rows));
  }

 private:
  size_t steps_of(const Sequence& s) const;
  std::span<const std::byte> pack(const Sequence& s, size_t begin, size_t end, std::span<std::byte> rows) const;
};

// Any number of threads may read what was appended before flush().
class StepStore {
 public:
  explicit StepStore(const StepLayout& layout);
  StepStore(const StepLayout& layout, std::unique_ptr<ScratchFile> rows);

  const StepLayout& layout() const { return layout_; }

  int64_t append(const Sequence& s);  // its first row
  void flush() { rows_->flush(); }
  // Replaces times, values and step labels.
  void read(int64_t first, int64_t steps, Sequence& out) const;

  // What labels of steps are to be called from now on: label i is new_labels[i].
  void relabel(std::span<const int32_t> new_labels);
  bool relabelled() const { return !new_labels_.empty(); }

 private:
  void unpack(std::span<const std::byte> rows, size_t first, Sequence& out) const;

  StepLayout layout_;
  std::unique_ptr<ScratchFile> rows_;
  std::vector<int32_t> new_labels_;
};

// Gives the memory of its times, values and step labels back.
void free_steps(Sequence& s);

}  // namespace internal
}  // namespace recur
