#include "recur/tasks/transcribe/feature_statistics.h"

#include <cmath>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

std::vector<double> numbers_of(const Json& json, const char* key, int64_t width) {
  auto numbers = json.at(key).get<std::vector<double>>();
  if (std::ssize(numbers) != width) fail("{}: expected {} numbers, got {}", key, width, numbers.size());
  for (const double each : numbers) {
    if (!std::isfinite(each)) fail("{}: expected finite numbers", key);
  }
  return numbers;
}

}  // namespace

std::string moments_text(const FeatureMoments& moments) {
  return Json{{"steps", moments.steps}, {"sums", moments.sums}, {"squares", moments.squares}}.dump();
}

FeatureMoments read_moments(std::string_view text, int64_t width) {
  const auto json = parse_json(text, 3);
  if (!json) fail("expected a JSON object");
  try {
    FeatureMoments out{.steps = json->at("steps").get<int64_t>(),
                       .sums = numbers_of(*json, "sums", width),
                       .squares = numbers_of(*json, "squares", width)};
    if (out.steps < 1) fail("steps: expected at least 1, got {}", out.steps);
    return out;
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
}

}  // namespace recur
