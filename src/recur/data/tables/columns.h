// What the columns of a table of sequences are for.
//
// A column is named by its header, or by its number from 1 as "#3", which works with and without a header. What is left
// empty is guessed from names and contents; read_sequences() gives back what it took, so that a model can keep it
// (to_text) and read later data the same way. Ids may stand in several columns, "store,item", and so may times, of a
// day and its time of day or of a year, a month and so on: "date,clock", "year,month".
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
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
  bool dated = false;     // kWide: the columns of values are called by dates, which are the times
  bool complete = false;  // nothing is guessed: what is empty is not there. So read_sequences() gives them back
  std::string id{};       // which sequence a row belongs to; "": the whole file is one (long layout)
  std::string time{};     // a number or a date; "date,clock", "year,month": its parts
  std::vector<std::string> values{};  // channels: inputs of a classifier, targets of a forecast
  std::vector<std::string> past{};    // channels known up to now alone (covariates)
  std::vector<std::string> future{};  // channels known ahead of time: holidays, prices set in advance
  std::vector<std::string> labels{};  // of the sequence: a class name, a number; several columns for several labels
  std::vector<std::string> step_labels{};  // of every time step; at most one
  std::vector<std::string> statics{};      // covariates of the sequence
  std::string parameter{}, value{};        // of Layout::kObservations
  std::vector<std::string> ignored{};      // by choice, or since they are neither numbers nor declared

  // How cells are read, as found out; "": as the options say.
  std::string time_format{};           // of compact dates, "%Y%m%d"
  std::string decimal{}, thousands{};  // marks in numbers
  // What is taken off the values of a channel before they become f32, which would lose their digits: by its name.
  std::vector<std::pair<std::string, double>> offsets{};

  double offset(std::string_view channel) const;  // 0 where there is none

  bool operator==(const Columns&) const = default;

  std::string to_text() const;                      // JSON
  static Columns from_text(std::string_view text);  // throws Error when it is not what to_text() wrote
};

// The columns that an id or a time stands in: "store,item" is two where the table has no column of that name. `has`
// says which names there are.
template <class Has>
std::vector<std::string> joined_columns(std::string_view joined, const Has& has) {
  std::vector<std::string> parts;
  bool all = true;
  for (size_t at = 0; !joined.empty() && at <= joined.size();) {
    const size_t end = std::min(joined.find(',', at), joined.size());
    parts.emplace_back(joined.substr(at, end - at));
    all = all && has(parts.back());
    at = end + 1;
  }
  if (parts.size() < 2 || has(std::string(joined)) || !all) parts.assign(joined.empty() ? 0 : 1, std::string(joined));
  return parts;
}
constexpr char kIdJoint = '/';  // between the cells of an id in several columns

}  // namespace recur
