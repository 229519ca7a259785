// The nearest neighbour: a series has the answer of the training series that is closest to it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// Series [T, F] of any lengths, F the same for all.
class NearestNeighbour {
 public:
  static constexpr int64_t kMostValues = 1 << 18;  // that are kept of the training series
  static constexpr double kMostWarping = 4e9;      // numbers that by_warping() may compare: a few seconds
  // Values are kept as whole multiples of this; those beyond 128 count as 128.
  static constexpr float kStep = 1.0f / 256;

  struct Series {
    std::vector<float> values;  // [T, F]
    float answer = 0;
  };
  explicit NearestNeighbour(int64_t features) : features_(features) {}
  // Keeps a series, rounded. Those that would exceed kMostValues are the caller's to leave out.
  void add(std::span<const float> values, float answer);

  int64_t size() const { return std::ssize(series_); }
  template <class Is>
  bool all_answers(const Is& is) const {
    return std::ranges::all_of(series_, is, &Series::answer);
  }
  int64_t features() const { return features_; }

  // By the squared distances of the steps, added up; the shorter one goes on with zeros. The first of several.
  float by_distance(std::span<const float> values) const;
  // By dynamic time warping with the same distance, where steps may be up to a tenth of the longer series apart, or as
  // far as the lengths differ (Sakoe and Chiba, 1978).
  float by_warping(std::span<const float> values) const;
  // Numbers compared by by_warping() of a series of `steps` steps, at most: steps times features.
  double warping_cost(int64_t steps) const;

  std::string to_text() const;
  static NearestNeighbour from_text(std::string_view text, int64_t features);  // throws Error: it is untrusted input

 private:
  template <class Distance>
  float nearest(std::span<const float> values, const Distance& distance) const;

  int64_t features_;
  std::vector<Series> series_;
};

}  // namespace recur
