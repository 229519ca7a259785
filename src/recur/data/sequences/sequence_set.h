// Sequences of numbers: what classify, diagnose, forecast and detect start from, whatever file they came in.
//
//   SequenceSet set = read_sequences({"train.csv"}, {.columns = {.labels = {"activity"}}});
//   for (const Sequence& s : set.sequences) {
//     const Loaded<Sequence> loaded = set.load(s);
//     use(loaded->values, s.labels[0]);  // values [T, C], NaN where missing
//   }
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/loaded.h"
#include "recur/data/files/place.h"
#include "recur/data/sequences/step_store.h"
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
  double offset = 0;  // what was taken off its values, whose last digits f32 would lose
};

// Where the steps of a sequence are, if they are on disk.
struct StoredSteps {
  int32_t store = -1;  // index into SequenceSet::stores; -1: they are in the sequence itself
  int64_t first = 0;   // row of it
  int64_t steps = 0;   // T
};

// Of a set that does not fit into memory, times, values and step labels are empty: SequenceSet::load() gives a copy
// that has them. All else is here.
struct Sequence {
  std::string id;                    // "1", "2", ... where the file names none
  std::vector<double> times;         // [T], strictly increasing, or empty for TimeKind::kNone
  std::vector<float> values;         // [T, C] row-major, less Channel::offset; NaN: missing. Never infinite
  std::vector<std::string> labels;   // one for each of SequenceSet::labels, as written; "": missing
  std::vector<int32_t> step_labels;  // [T] index into SequenceSet::step_classes, -1: missing; or empty
  std::vector<std::string> statics;  // one for each of SequenceSet::statics, as written; "": missing
  Place place;                       // where it begins
  int64_t side_line = 0;             // of its row in SequenceSet::side_table; 0: it has none
  StoredSteps stored{};
};

struct SequenceSet {
  std::vector<Channel> channels;          // C of them: values first, then past, then future
  std::vector<std::string> labels;        // the names of the label columns
  std::vector<std::string> statics;       // the names of the static columns
  std::vector<std::string> step_classes;  // of the label of each step, in order of appearance
  TimeKind time_kind = TimeKind::kNone;
  TimeZone time_zone;                       // of dates: that of the first; times are in UTC
  bool stated_values = false;               // the file says that its labels are values, no classes
  TimeStep stated_step;                     // by the file itself; kNone when it says nothing
  int64_t stated_horizon = 0;               // how many last values a benchmark keeps for its test (.tsf); 0: not said
  std::vector<std::string> stated_classes;  // the classes a .ts file lists, which may be more than appear
  std::vector<Sequence> sequences;
  std::vector<std::string> files;
  std::string side_table;          // the file of labels that stand apart; "": there is none
  size_t side_labels = 0;          // how many of the labels it has: the last ones
  Columns columns;                 // what each column was taken for
  std::vector<std::string> notes;  // choices made for the data, in words: "3 rows out of order were sorted"
  std::vector<std::shared_ptr<internal::StepStore>>
      stores{};  // of the steps that are on disk; copies of a set share them

  int64_t size() const { return static_cast<int64_t>(sequences.size()); }
  int64_t width() const { return static_cast<int64_t>(channels.size()); }            // C
  int64_t length(const Sequence& s) const;                                           // T
  std::span<const float> step(const Sequence& s, int64_t t) const;                   // [C], of one in memory
  std::string where(const Sequence& s) const { return place_text(files, s.place); }  // "a.csv:12"

  // Where a label stands: "labels.csv:5" of one that stands apart.
  std::string where_label(const Sequence& s, size_t label) const;

  // The static covariate or label as a number; NaN when missing. Throws Error naming the place when it is text.
  double label_number(const Sequence& s, size_t label) const;
  double static_number(const Sequence& s, size_t column) const;

  int64_t channels_of(ChannelRole role) const;

  // Whether every sequence has its values: load() then costs nothing.
  bool in_memory() const { return stores.empty(); }

  // The sequence with its times, values and step labels: itself, or a copy read from disk. Any number of threads may
  // load. `s` may be one of this set or a copy of one; a part of it where `stored` was narrowed.
  Loaded<Sequence> load(const Sequence& s) const;
  Loaded<Sequence> load(Sequence&& s) const = delete;  // it would not live as long as the handle
  Loaded<Sequence> load(int64_t i) const { return load(sequences[static_cast<size_t>(i)]); }
  // A copy of the steps [begin, end), for sequences that may be too long to be loaded as a whole.
  Sequence load(const Sequence& s, int64_t begin, int64_t end) const;

  // Takes over the sequences of another set. Throws Error when its channels, labels, static columns or times differ.
  // Where one of the two is on disk, both are.
  void append(SequenceSet&& other);

  // Moves times, values and step labels of every sequence to disk.
  void move_to_disk();

 private:
  void merge_stores(SequenceSet& other, const std::vector<int32_t>& step_class);
};

// Bytes that the times, values and step labels of a sequence take.
int64_t bytes_in_memory(const Sequence& s);
int64_t bytes_in_memory(const SequenceSet& set);

// Calls visit(part, first) for all sequences of the set in their order: with each sequence as it is and 0, or, when it
// is on disk, with one run of its steps after the other and the first step of the run. Memory stays bounded.
template <class Visit>
void for_each_part(const SequenceSet& set, const Sequence& s, const Visit& visit) {
  if (s.stored.store < 0) return visit(s, int64_t{0});
  constexpr int64_t kPartValues = 1 << 20;
  const int64_t most = std::max<int64_t>(kPartValues / std::max<int64_t>(set.width(), 1), 1);
  for (int64_t t = 0; t < s.stored.steps; t += most) visit(set.load(s, t, std::min(t + most, s.stored.steps)), t);
}
template <class Visit>
void for_each_part(const SequenceSet& set, const Visit& visit) {
  for (const Sequence& s : set.sequences) for_each_part(set, s, visit);
}

}  // namespace recur
