#include "recur/tasks/act/running_moments.h"

#include <cmath>

#include "recur/base/error.h"

namespace recur {

void RunningMoments::add(std::span<const float> rows) {
  const size_t channels = mean_.size(), count = rows.size() / channels;
  if (count == 0) return;
  const auto added = static_cast<double>(count), total = count_ + added;
  for (size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (size_t i = c; i < rows.size(); i += channels) sum += static_cast<double>(rows[i]);
    const double mean = sum / added;
    for (size_t i = c; i < rows.size(); i += channels) {
      const double off = static_cast<double>(rows[i]) - mean;
      squares += off * off;
    }
    const double apart = mean - mean_[c];
    mean_[c] += apart * added / total;
    squares_[c] += squares + apart * apart * count_ * added / total;
  }
  count_ = total;
}

std::vector<double> RunningMoments::deviation() const {
  constexpr double kLeast = 1e-8;
  std::vector<double> out;
  for (const double each : squares_) {
    const double deviation = count_ > 0 ? std::sqrt(each / count_) : 0;
    out.push_back(deviation > kLeast ? deviation : 1);
  }
  return out;
}

void RunningMoments::save(StateWriter& state, const std::string& name) const {
  state.real(name + ".count", count_);
  state.reals(name + ".mean", mean_);
  state.reals(name + ".squares", squares_);
}

void RunningMoments::load(const StateReader& state, const std::string& name) {
  const std::vector<double> mean = state.reals(name + ".mean"), squares = state.reals(name + ".squares");
  if (mean.size() != mean_.size() || squares.size() != mean_.size())
    fail("{}: expected {} channels, got {} and {}", name, mean_.size(), mean.size(), squares.size());
  count_ = state.real(name + ".count");
  mean_ = mean;
  squares_ = squares;
}

}  // namespace recur
