// The series of a forecast side by side, as the network takes them: every target channel of every sequence is a series
// of its own, for one model to learn from all.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur {

// What the target channels of one sequence share. R rows, of which the last may tell of the future: covariates without
// a target. Of a panel that was cut out of one on disk, covariates begin with row `begin`, and there are no times.
struct PanelGroup {
  std::string id;
  int64_t rows = 0;            // R
  int64_t known = 0;           // T: rows up to the last that has a target
  double last_time = 0;        // of the last row, where there are times
  std::vector<double> times;   // [R], or empty
  int64_t begin = 0;           // the first row of `past` and `ahead`
  std::vector<float> past;     // [R, P] scaled covariates, 0 where missing
  std::vector<float> ahead;    // [R + H, A] calendar and covariates known ahead, scaled
  std::vector<float> statics;  // [S]
};

struct PanelSeries {
  int64_t group = 0;
  int64_t channel = 0;          // among the targets
  int64_t steps = 0;            // T
  int64_t first = 0;            // the first known step, T without one
  int64_t begin = 0;            // the step of values[0]: behind the first where they were cut out
  std::vector<float> values;    // [T] as read, less the offset, NaN where missing
  double offset = 0;            // of its channel
  int32_t identity = 0;         // its row in the table of learnt vectors; 0: not known in training
  std::optional<Affine> scale;  // mean and deviation of its training part, where the model keeps them
  std::string where;            // "a.csv:12"

  // NaN where missing, and for a step that is not here.
  float value(int64_t t) const {
    const int64_t at = t - begin;
    return at >= 0 && at < std::ssize(values) ? values[static_cast<size_t>(at)]
                                              : std::numeric_limits<float>::quiet_NaN();
  }
};

struct Panel {
  std::vector<PanelGroup> groups;
  std::vector<PanelSeries> series;
  std::vector<std::string> channels;  // the names of the targets
  int64_t horizon = 0;                // H
  bool one_sequence = false;          // so that series go by their channels alone
  bool keeps_scales = false;          // PanelSeries::scale is of series that training knew
  int64_t past_features = 0;          // P
  int64_t ahead_features = 0;         // A
  int64_t static_features = 0;        // S
  bool needs_future = false;          // A has columns of the file, so that a forecast needs rows ahead of it
  TimeKind time_kind = TimeKind::kNone;
  TimeZone time_zone;
  TimeStep step;

  const PanelGroup& group_of(const PanelSeries& s) const { return groups[static_cast<size_t>(s.group)]; }
  // "H1", or "H1 load" where there are several targets.
  std::string name(const PanelSeries& s) const;
  // The same facts.
  Panel without_series() const;
};

// Rows of a sequence up to the last that has a target; 0 when none has.
int64_t known_rows(const SequenceSet& set, const Sequence& sequence);

// Puts in rows of missing values where the times skip steps, so that a row is a step. Sequences whose times are not on
// a grid stay as they are, which a note in the set says.
void fill_time_gaps(SequenceSet& set);

// The sequences of `more` appended to those of `history` with the same id. Throws Error when channels or statics
// differ, or times go back.
SequenceSet join_history(SequenceSet history, SequenceSet more);

}  // namespace recur
