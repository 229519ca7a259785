#include "recur/tasks/metrics/events.h"

#include <algorithm>
#include <functional>

namespace recur {

std::vector<Event> events_of(std::span<const int32_t> labels, int32_t background, int64_t least) {
  std::vector<Event> events;
  for (size_t begin = 0; begin < labels.size();) {
    size_t end = begin + 1;
    while (end < labels.size() && labels[end] == labels[begin]) ++end;
    const Event event{
        .first = static_cast<int64_t>(begin), .last = static_cast<int64_t>(end) - 1, .label = labels[begin]};
    if (event.label >= 0 && event.label != background && event.frames() >= least) events.push_back(event);
    begin = end;
  }
  return events;
}

double overlap(const Event& a, const Event& b) {
  const int64_t both = std::min(a.last, b.last) - std::max(a.first, b.first) + 1;
  if (both <= 0) return 0;
  return static_cast<double>(both) / static_cast<double>(a.frames() + b.frames() - both);
}

void count_events(std::span<const Event> found, std::span<const Event> actual, std::vector<BinaryCounts>& by_class,
                  double least) {
  struct Pair {
    double overlap;
    size_t found, actual;
  };
  std::vector<Pair> pairs;
  size_t near = 0;  // both are in order of time
  for (size_t i = 0; i < found.size(); ++i) {
    while (near < actual.size() && actual[near].last < found[i].first) ++near;
    for (size_t k = near; k < actual.size() && actual[k].first <= found[i].last; ++k) {
      const double share = overlap(found[i], actual[k]);
      if (found[i].label == actual[k].label && share >= least) pairs.push_back({share, i, k});
    }
  }
  std::ranges::stable_sort(pairs, std::greater<>(), &Pair::overlap);
  std::vector<bool> hit(found.size(), false), met(actual.size(), false);
  for (const Pair& pair : pairs) {
    if (hit[pair.found] || met[pair.actual]) continue;
    hit[pair.found] = met[pair.actual] = true;
    ++by_class[static_cast<size_t>(found[pair.found].label)].hits;
  }
  for (size_t i = 0; i < found.size(); ++i) {
    if (!hit[i]) ++by_class[static_cast<size_t>(found[i].label)].false_alarms;
  }
  for (size_t k = 0; k < actual.size(); ++k) {
    if (!met[k]) ++by_class[static_cast<size_t>(actual[k].label)].misses;
  }
}

}  // namespace recur
