// The parts of a record that a score is attributed to: its cells, steps, channels, or windows of steps.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "recur/tasks/explainable.h"

namespace recur {

// A place in a record; -1: all steps, or all channels.
struct Part {
  int64_t step = -1;  // of several steps the first
  int64_t steps = 1;
  int64_t channel = -1;

  bool operator==(const Part&) const = default;
};

struct PartsOptions {
  // "cell": each channel at each step; "step": all channels of a step; "channel": all steps of a channel. A static
  // channel is one part in each of them.
  std::string_view by = "cell";
  int64_t window = 1;  // steps that make one part of "cell" and "step"
};

// Every number of x that differs from the baseline belongs to one part; parts without such a number are left out, since
// nothing can be attributed to them.
class Parts {
 public:
  // baseline [T, F]. Throws UsageError for options that make no sense.
  Parts(const ReadRecord& read, const Tensor& baseline, const PartsOptions& options);

  int64_t size() const { return std::ssize(parts_); }
  const Part& operator[](int64_t i) const { return parts_[static_cast<size_t>(i)]; }
  const std::vector<Part>& all() const { return parts_; }
  // [T F] the part of each number of x, or -1.
  std::span<const int32_t> of_number() const { return of_number_; }
  // Sums of numbers [T F] by part.
  std::vector<double> sums(std::span<const double> numbers) const;

 private:
  std::vector<Part> parts_;
  std::vector<int32_t> of_number_;
};

}  // namespace recur
