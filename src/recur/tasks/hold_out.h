// Holding out a part of the training data for validation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace recur {

struct HoldOut {
  std::vector<int64_t> train, valid;  // the indices of the examples, in order
};

// 0 .. size - 1: all of them.
std::vector<int64_t> all_of(int64_t size);

// Examples with these labels, drawn so that each part has its share of every label that repeats. Throws Error if one of
// the parts would be empty.
HoldOut hold_out(std::span<const std::string> labels, double fraction, uint64_t seed);

// `count` such parts, each without one of the others' held-out examples as long as fraction times count is at most 1:
// the k-th is valid of hold_out() moved on by k fractions.
std::vector<HoldOut> folds(std::span<const std::string> labels, double fraction, int64_t count, uint64_t seed);

}  // namespace recur
