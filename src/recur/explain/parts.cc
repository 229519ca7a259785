#include "recur/explain/parts.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

// Where each number belongs, before parts are counted.
class Places {
 public:
  Places(const ReadRecord& read, const PartsOptions& options) : read_(read), options_(options) {
    if (options.by != "cell" && options.by != "step" && options.by != "channel") {
      fail_usage("by: expected cell, step or channel, got '{}'", options.by);
    }
    if (options.window < 1) fail_usage("window: expected at least 1 step, got {}", options.window);
  }

  Part of(int64_t step, int64_t feature) const {
    const int64_t channel = read_.channel_of[static_cast<size_t>(feature)];
    const bool is_static = !read_.is_static.empty() && read_.is_static[static_cast<size_t>(channel)] != 0;
    if (is_static || options_.by == "channel") return {.step = -1, .steps = read_.steps(), .channel = channel};
    const int64_t at = measured_at(step, channel), first = at / options_.window * options_.window;
    const int64_t steps = std::min(options_.window, read_.steps() - first);
    return {.step = first, .steps = steps, .channel = options_.by == "step" ? -1 : channel};
  }

 private:
  int64_t measured_at(int64_t step, int64_t channel) const {
    if (read_.measured_at.empty()) return step;
    return read_.measured_at[static_cast<size_t>(step) * read_.channels.size() + static_cast<size_t>(channel)];
  }

  const ReadRecord& read_;
  const PartsOptions& options_;
};

}  // namespace

Parts::Parts(const ReadRecord& read, const Tensor& baseline, const PartsOptions& options) {
  const Places places(read, options);
  const Tensor x = read.x.clone(DType::kF64), base = baseline.clone(DType::kF64);
  const auto own = x.values<double>(), other = base.values<double>();
  const int64_t features = read.features();
  // In order of steps, then channels; those of all steps come last.
  std::map<std::tuple<bool, int64_t, int64_t>, std::pair<Part, std::vector<size_t>>> found;
  for (size_t at = 0; at < own.size(); ++at) {
    if (own[at] == other[at]) continue;
    const auto number = static_cast<int64_t>(at);
    const Part part = places.of(number / features, number % features);
    auto& entry = found[{part.step < 0, part.step, part.channel}];
    entry.first = part;
    entry.second.push_back(at);
  }
  of_number_.assign(own.size(), -1);
  for (const auto& [place, entry] : found) {
    for (const size_t at : entry.second) of_number_[at] = static_cast<int32_t>(parts_.size());
    parts_.push_back(entry.first);
  }
}

std::vector<double> Parts::sums(std::span<const double> numbers) const {
  std::vector<double> out(parts_.size(), 0);
  for (size_t at = 0; at < numbers.size(); ++at) {
    if (of_number_[at] >= 0) out[static_cast<size_t>(of_number_[at])] += numbers[at];
  }
  return out;
}

}  // namespace recur
