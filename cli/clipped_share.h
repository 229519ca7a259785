// How much of the sound that is written lies at full scale, where a wave file cuts it.
#pragma once

#include <cstdint>
#include <span>

namespace recur::cli {

class ClippedShare {
 public:
  void add(std::span<const float> samples);

  double share() const { return samples_ > 0 ? static_cast<double>(clipped_) / static_cast<double>(samples_) : 0; }
  void note() const;  // says it, if any is

 private:
  int64_t samples_ = 0, clipped_ = 0;
};

}  // namespace recur::cli
