#include "recur/tasks/classify/class_weights.h"

#include <cmath>
#include <cstddef>

namespace recur {

std::vector<float> class_weights(const std::vector<float>& classes, int64_t count, std::string_view kind) {
  if (kind == "none") return {};
  std::vector<double> frequency(static_cast<size_t>(count), 0), weight(frequency);
  for (const float c : classes) ++frequency[static_cast<size_t>(c)];
  double sum = 0;
  for (size_t c = 0; c < weight.size(); ++c) {
    weight[c] = frequency[c] == 0 ? 0 : std::pow(frequency[c], kind == "sqrt" ? -0.5 : -1.0);
    sum += weight[c] * frequency[c];
  }
  std::vector<float> result;
  result.reserve(weight.size());
  for (const double each : weight) {
    result.push_back(static_cast<float>(each * static_cast<double>(classes.size()) / sum));
  }
  return result;
}

std::vector<float> example_weights(const std::vector<float>& classes, int64_t count, std::string_view kind,
                                   std::vector<float> own) {
  const std::vector<float> of_class = class_weights(classes, count, kind);
  if (of_class.empty()) return own;
  if (own.empty()) own.assign(classes.size(), 1.0f);
  for (size_t i = 0; i < own.size(); ++i) own[i] *= of_class[static_cast<size_t>(classes[i])];
  return own;
}

}  // namespace recur
