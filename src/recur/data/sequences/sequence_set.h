// Sequences of numbers in memory: what classify, diagnose, forecast and detect start from, whatever file they came in.
//
//   SequenceSet set = read_sequences({"train.csv"}, {.columns = {.labels = {"activity"}}});
//   for (const Sequence& s : set.sequences) use(s.values, s.labels[0]);      // values [T, C], NaN where missing
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/place.h"
#include "recur/data/tables/columns.h"
#include "recur/data/tables/date_time.h"

namespace recur {

enum class ChannelRole {
  kValue,   // input of a classifier, target of a forecast
  kPast,    // covariate, known up to now
  kFuture,  // covariate, known ahead of time
};

struct Channel {
  std::string name;  // of its column; "#1", "#2", ... where the file names none
  ChannelRole role = ChannelRole::kValue;
};

struct Sequence {
  std::string id;                    // "1", "2", ... where the file names none
  std::vector<double> times;         // [T], strictly increasing, or empty for TimeKind::kNone
  std::vector<float> values;         // [T, C] row-major; NaN: missing. Never infinite
  std::vector<std::string> labels;   // one for each of SequenceSet::labels, as written; "": missing
  std::vector<int32_t> step_labels;  // [T] index into SequenceSet::step_classes, -1: missing; or empty
  std::vector<std::string> statics;  // one for each of SequenceSet::statics, as written; "": missing
  Place place;                       // where it begins
};

struct SequenceSet {
  std::vector<Channel> channels;          // C of them: values first, then past, then future
  std::vector<std::string> labels;        // the names of the label columns
  std::vector<std::string> statics;       // the names of the static columns
  std::vector<std::string> step_classes;  // of the label of each step, in order of appearance
  TimeKind time_kind = TimeKind::kNone;
  TimeStep stated_step;                     // by the file itself; kNone when it says nothing
  int64_t stated_horizon = 0;               // how many last values a benchmark keeps for its test (.tsf); 0: not said
  std::vector<std::string> stated_classes;  // the classes a .ts file lists, which may be more than appear
  std::vector<Sequence> sequences;
  std::vector<std::string> files;
  Columns columns;                 // what each column was taken for
  std::vector<std::string> notes;  // choices made for the data, in words: "3 rows out of order were sorted"

  int64_t size() const { return static_cast<int64_t>(sequences.size()); }
  int64_t width() const { return static_cast<int64_t>(channels.size()); }            // C
  int64_t length(const Sequence& s) const;                                           // T
  std::span<const float> step(const Sequence& s, int64_t t) const;                   // [C]
  std::string where(const Sequence& s) const { return place_text(files, s.place); }  // "a.csv:12"

  // The static covariate or label as a number; NaN when missing. Throws Error naming the place when it is text.
  double label_number(const Sequence& s, size_t label) const;
  double static_number(const Sequence& s, size_t column) const;

  int64_t channels_of(ChannelRole role) const;

  // Takes over the sequences of another set. Throws Error when its channels, labels, static columns or times differ.
  void append(SequenceSet&& other);
};

}  // namespace recur
