// What a model, or anybody else, decided about records, with the truth and the groups that they belong to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace recur {

struct Decision {
  std::optional<bool> chosen = {};   // whether the positive decision was made: selected, warned of, predicted
  std::optional<bool> actual = {};   // the truth, where it is known
  std::optional<double> score = {};  // the higher, the surer of the positive decision
  std::optional<double> loss = {};   // of the model on this record
};

// A way to part the records: by one column, or by several at once.
struct Grouping {
  std::string name;                 // "sex", "sex & race"
  std::vector<std::string> groups;  // their names, in natural order; of intersections "Female & Black"
  std::vector<int32_t> group_of;    // of each record, -1: it has none, since a cell is empty
};

struct Decisions {
  std::vector<Decision> records;
  std::vector<Grouping> groupings;
  bool probabilities = false;  // scores are probabilities of the positive answer, in [0, 1]

  int64_t size() const { return static_cast<int64_t>(records.size()); }
};

// The grouping by a column of cells, "" where there is none.
Grouping group_by(std::string name, std::span<const std::string> cells);
// The groups that a record belongs to in all of these at once; those that no record is in are left out.
Grouping intersection(std::span<const Grouping> groupings);

}  // namespace recur
