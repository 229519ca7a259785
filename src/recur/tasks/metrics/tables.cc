#include "recur/tasks/metrics/tables.h"

namespace recur {

Table class_table(std::string name, const std::vector<BinaryCounts>& counts, const Vocabulary& classes) {
  Table table{.name = std::move(name), .columns = {"class", "examples", "precision", "recall", "f1"}, .rows = {}};
  for (size_t c = 0; c < counts.size(); ++c) {
    const BinaryCounts& count = counts[c];
    table.rows.push_back({classes.word(static_cast<int32_t>(c)), count.hits + count.misses, count.precision(),
                          count.recall(), count.f1()});
  }
  return table;
}

Table confusion_table(const ConfusionMatrix& matrix, const Vocabulary& classes) {
  Table table{.name = "confusion", .columns = {"actual"}, .rows = {}};
  table.columns.insert(table.columns.end(), classes.words().begin(), classes.words().end());
  for (int64_t actual = 0; actual < matrix.classes(); ++actual) {
    auto& row = table.rows.emplace_back(1, classes.word(static_cast<int32_t>(actual)));
    for (int64_t predicted = 0; predicted < matrix.classes(); ++predicted) {
      row.emplace_back(matrix.at(actual, predicted));
    }
  }
  return table;
}

}  // namespace recur
