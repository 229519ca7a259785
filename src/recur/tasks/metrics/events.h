// Events of a stream: runs of frames of one class, and how well those found match those there are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/tasks/metrics/classification.h"

namespace recur {

struct Event {
  int64_t first = 0, last = 0;  // frames, both included
  int32_t label = 0;

  int64_t frames() const { return last - first + 1; }
  bool operator==(const Event&) const = default;
};

// The runs of equal labels [T] other than `background` and -1, of at least `least` frames.
std::vector<Event> events_of(std::span<const int32_t> labels, int32_t background, int64_t least = 1);

// Frames that both have, divided by those that one of them has.
double overlap(const Event& a, const Event& b);

// Hits, false alarms and misses by class. An event that was found matches one of its class with an overlap of at least
// `least`; of several pairs those of the largest overlaps count, each event once.
void count_events(std::span<const Event> found, std::span<const Event> actual, std::vector<BinaryCounts>& by_class,
                  double least = 0.5);

}  // namespace recur
