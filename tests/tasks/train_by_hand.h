// Training a task without a run, for tests of tasks.
#pragma once

#include "recur/optim/adam.h"
#include "recur/tasks/task.h"

namespace recur::testing {

// Steps of Adam; the loss of the last one.
inline double train_by_hand(Task& task, int steps, double rate = 0.01) {
  Adam adam(task.model().parameters(), {.rate = rate});
  double loss = 0;
  for (int i = 0; i < steps; ++i) {
    const TrainingStep made = task.step(false);
    made.objective.backward();
    adam.step();
    adam.zero_grad();
    loss = made.loss;
  }
  return loss;
}

// Rows of predictions, kept.
class KeptRows : public RowSink {
 public:
  void columns(const std::vector<std::string>& names) override { names_ = names; }
  void row(std::span<const TableCell> cells) override { rows_.emplace_back(cells.begin(), cells.end()); }

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::vector<TableCell>>& rows() const { return rows_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<TableCell>> rows_;
};

}  // namespace recur::testing
