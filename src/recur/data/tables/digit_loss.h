// Values that are too high for f32 to tell their steps apart: meters that stand at 100,000,000 and move by 1 a day.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace recur {

// Looks at the first values of a channel.
class DigitLoss {
 public:
  // The next value, NaN where missing, and the one before it of the same series, NaN where it is the first.
  void add(double value, double before) {
    if (std::isnan(value)) return;
    least_ = std::min(least_, value);
    greatest_ = std::max(greatest_, value);
    error_ = std::max(error_, std::abs(value - static_cast<double>(static_cast<float>(value))));
    if (std::isnan(before) || value == before) return;
    moves_ += std::abs(value - before);
    ++count_;
  }

  // Whether rounding to f32 is a good part of what the values move by, where they move.
  bool found() const {
    constexpr int64_t kFewest = 8;
    constexpr double kShare = 1.0 / 64;
    return count_ >= kFewest && error_ > kShare * moves_ / static_cast<double>(count_);
  }

  // What to take off them so that the digits stay; nothing where that does not help.
  std::optional<double> offset() const {
    constexpr double kGain = 16;
    const double middle = least_ + (greatest_ - least_) / 2, size = std::max(std::abs(least_), std::abs(greatest_));
    if (!found() || (greatest_ - least_) / 2 * kGain > size) return std::nullopt;
    constexpr double kLarge = 1000;
    return std::abs(middle) > kLarge ? std::round(middle) : middle;
  }

 private:
  double least_ = std::numeric_limits<double>::infinity(), greatest_ = -std::numeric_limits<double>::infinity();
  double error_ = 0, moves_ = 0;
  int64_t count_ = 0;
};

// What to say of it: what is taken off a channel, or that nothing helps.
std::string offset_note(const std::string& file, const std::string& channel, std::optional<double> offset);

}  // namespace recur
