// What the columns of a table of sequences are for.
//
// A column is named by its header, or by its number from 1 as "#3", which works with and without a header. What is left
// empty is guessed from names and contents; read_sequences() gives back what it took, so that a model can keep it
// (to_text) and read later data the same way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace recur {

// How a table holds sequences.
enum class Layout {
  kAuto,
  kLong,          // a row a time step: id, time, one column a channel
  kWide,          // a row a sequence: id, label, static columns, then the values of one channel in time order
  kObservations,  // a row a measurement: id, time, which channel ("parameter"), its value
};
std::string_view layout_name(Layout layout);     // "long"
Layout layout_from_name(std::string_view name);  // throws UsageError

struct Columns {
  Layout layout = Layout::kAuto;
  bool complete = false;  // nothing is guessed: what is empty is not there. So read_sequences() gives them back
  std::string id{};       // which sequence a row belongs to; "": the whole file is one (long layout)
  std::string time{};     // a number or a date
  std::vector<std::string> values{};  // channels: inputs of a classifier, targets of a forecast
  std::vector<std::string> past{};    // channels known up to now alone (covariates)
  std::vector<std::string> future{};  // channels known ahead of time: holidays, prices set in advance
  std::vector<std::string> labels{};  // of the sequence: a class name, a number; several columns for several labels
  std::vector<std::string> step_labels{};  // of every time step; at most one
  std::vector<std::string> statics{};      // covariates of the sequence
  std::string parameter{}, value{};        // of Layout::kObservations
  std::vector<std::string> ignored{};      // by choice, or since they are neither numbers nor declared

  bool operator==(const Columns&) const = default;

  std::string to_text() const;                      // JSON
  static Columns from_text(std::string_view text);  // throws Error when it is not what to_text() wrote
};

}  // namespace recur
