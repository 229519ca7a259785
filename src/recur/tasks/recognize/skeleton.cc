#include "recur/tasks/recognize/skeleton.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

bool is_nan(std::span<const float> joint) {
  return std::ranges::any_of(joint, [](float value) { return !std::isfinite(value); });
}
bool is_zero(std::span<const float> joint) {
  return std::ranges::all_of(joint, [](float value) { return value == 0; });
}

// The mean of the joints of a frame, or one of them: [D].
std::vector<float> root_of(std::span<const float> frame, const ClipShape& shape, int64_t root) {
  const auto D = static_cast<size_t>(shape.dimensions);
  if (root > 0) {
    const auto joint = frame.subspan(static_cast<size_t>(root - 1) * D, D);
    return {joint.begin(), joint.end()};
  }
  std::vector<float> mean(D, 0.0f);
  for (size_t i = 0; i < frame.size(); ++i) mean[i % D] += frame[i];
  for (float& value : mean) value /= static_cast<float>(shape.joints);
  return mean;
}

float distance(const float* a, const float* b, int64_t dimensions) {
  double sum = 0;
  for (int64_t d = 0; d < dimensions; ++d) sum += static_cast<double>(a[d] - b[d]) * static_cast<double>(a[d] - b[d]);
  return static_cast<float>(std::sqrt(sum));
}

// Numbers between dashes, from 1, as places from 0.
std::vector<int64_t> numbers_of(std::string_view text, int64_t joints, const char* option) {
  std::vector<int64_t> out;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('-', at), text.size());
    const auto number = parse_number(text.substr(at, end - at));
    if (!number || *number != std::floor(*number) || *number < 1 || *number > static_cast<double>(joints)) {
      fail_usage("{}: expected joints 1 to {} between dashes, got {}", option, joints, quoted_cell(text));
    }
    out.push_back(static_cast<int64_t>(*number) - 1);
    at = end + 1;
  }
  return out;
}

}  // namespace

int64_t fill_joints(std::span<float> values, const ClipShape& shape, bool zero_is_missing) {
  const int64_t J = shape.joints, D = shape.dimensions, steps = std::ssize(values) / (J * D);
  int64_t filled = 0;
  std::vector<int64_t> never;
  const auto joint = [&](int64_t t, int64_t j) {
    return values.subspan(static_cast<size_t>((t * J + j) * D), static_cast<size_t>(D));
  };
  for (int64_t j = 0; j < J; ++j) {
    bool moves = false;
    for (int64_t t = 0; t < steps && !moves; ++t) moves = !is_nan(joint(t, j)) && !is_zero(joint(t, j));
    const auto is_missing = [&](int64_t t) {
      return is_nan(joint(t, j)) || (zero_is_missing && moves && is_zero(joint(t, j)));
    };
    int64_t first = 0;
    while (first < steps && is_missing(first)) ++first;
    if (first == steps) {
      if (steps > 0) never.push_back(j);
      continue;
    }
    for (int64_t t = 0; t < first; ++t) std::ranges::copy(joint(first, j), joint(t, j).begin());
    filled += first;
    for (int64_t t = first + 1; t < steps; ++t) {
      if (!is_missing(t)) continue;
      std::ranges::copy(joint(t - 1, j), joint(t, j).begin());
      ++filled;
    }
  }
  for (int64_t t = 0; t < steps && !never.empty(); ++t) {
    std::vector<float> mean(static_cast<size_t>(D), 0.0f);
    for (int64_t j = 0; j < J; ++j) {
      if (std::ranges::count(never, j) > 0) continue;
      for (int64_t d = 0; d < D; ++d) mean[static_cast<size_t>(d)] += joint(t, j)[static_cast<size_t>(d)];
    }
    const auto seen = static_cast<float>(std::max<int64_t>(J - std::ssize(never), 1));
    for (float& value : mean) value /= seen;
    for (const int64_t j : never) std::ranges::copy(mean, joint(t, j).begin());
    filled += std::ssize(never);
  }
  return filled;
}

int64_t joint_features(const ClipShape& shape, const RecognizeDataOptions& options) {
  return shape.dimensions * ((options.has("positions") ? 1 : 0) + (options.has("velocity") ? 1 : 0));
}

int64_t skeleton_features(const ClipShape& shape, const RecognizeDataOptions& options) {
  const int64_t pairs = options.has("distances") ? shape.joints * (shape.joints - 1) / 2 : 0;
  return shape.joints * joint_features(shape, options) + pairs;
}

int feature_group(int64_t feature, const ClipShape& shape, const RecognizeDataOptions& options) {
  const int64_t of_joint = joint_features(shape, options);
  if (feature >= shape.joints * of_joint) return 2;
  return options.has("positions") && feature % of_joint < shape.dimensions ? 0 : 1;
}

void SkeletonReader::next(std::span<const float> frame, std::span<float> out) {
  const int64_t J = shape_.joints, D = shape_.dimensions;
  if (options_.center == "frame" || (options_.center == "clip" && origin_.empty())) {
    origin_ = root_of(frame, shape_, options_.root);
  }
  if (origin_.empty()) origin_.assign(static_cast<size_t>(D), 0.0f);
  if (before_.empty()) before_.assign(frame.begin(), frame.end());
  const bool positions = options_.has("positions"), velocity = options_.has("velocity");
  float* to = out.data();
  for (int64_t j = 0; j < J; ++j) {
    const float* joint = frame.data() + j * D;
    for (int64_t d = 0; d < D && positions; ++d) *to++ = (joint[d] - origin_[static_cast<size_t>(d)]) / size_;
    for (int64_t d = 0; d < D && velocity; ++d) *to++ = (joint[d] - before_[static_cast<size_t>(j * D + d)]) / size_;
  }
  if (options_.has("distances")) {
    for (int64_t a = 0; a < J; ++a) {
      for (int64_t b = a + 1; b < J; ++b) *to++ = distance(frame.data() + a * D, frame.data() + b * D, D) / size_;
    }
  }
  before_.assign(frame.begin(), frame.end());
}

float body_size(std::span<const float> values, const ClipShape& shape, int64_t root) {
  const auto numbers = static_cast<size_t>(shape.numbers());
  double sum = 0;
  int64_t count = 0;
  for (size_t at = 0; at + numbers <= values.size(); at += numbers) {
    const auto frame = values.subspan(at, numbers);
    const std::vector<float> from = root_of(frame, shape, root);
    for (int64_t j = 0; j < shape.joints; ++j) {
      sum += distance(frame.data() + j * shape.dimensions, from.data(), shape.dimensions);
      ++count;
    }
  }
  const double mean = count > 0 ? sum / static_cast<double>(count) : 0;
  return mean > 1e-12 ? static_cast<float>(mean) : 1.0f;
}

std::vector<std::pair<int64_t, int64_t>> joint_pairs(const std::vector<std::string>& pairs, int64_t joints) {
  std::vector<std::pair<int64_t, int64_t>> out;
  for (const std::string& pair : pairs) {
    const std::vector<int64_t> both = numbers_of(pair, joints, "mirror_joints");
    if (both.size() != 2) fail_usage("mirror_joints: expected two joints, as 5-6, got {}", quoted_cell(pair));
    out.emplace_back(both[0], both[1]);
  }
  return out;
}

std::vector<std::vector<int64_t>> body_parts(const std::vector<std::string>& parts, int64_t joints) {
  // Trunk, arms and legs, as the documents of the sensor and of the data set number their joints.
  static const std::vector<std::string> kKinect{"20-3-4-7", "1-8-10-12", "2-9-11-13", "5-14-16-18", "6-15-17-19"};
  static const std::vector<std::string> kJhmdb{"1-2-3", "4-8-12", "5-9-13", "6-10-14", "7-11-15"};
  const std::vector<std::string>& texts = !parts.empty() ? parts : joints == 20 ? kKinect : kJhmdb;
  if (parts.empty() && joints != 20 && joints != 15) {
    fail_usage("parts: a skeleton of {} joints has no usual parts; name the joints of each: parts = 1-2-3,4-5-6",
               joints);
  }
  std::vector<std::vector<int64_t>> out;
  std::vector<int> seen(static_cast<size_t>(joints), 0);
  for (const std::string& text : texts) {
    out.push_back(numbers_of(text, joints, "parts"));
    for (const int64_t joint : out.back()) ++seen[static_cast<size_t>(joint)];
  }
  for (size_t j = 0; j < seen.size(); ++j) {
    if (seen[j] != 1) fail_usage("parts: expected each joint in one part, joint {} is in {}", j + 1, seen[j]);
  }
  return out;
}

}  // namespace recur
