// Training a task without a run, for tests of tasks.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recur/optim/adam.h"
#include "recur/tasks/task.h"

namespace recur::testing {

// Steps of Adam; the loss of the last one.
inline double train_by_hand(Training& training, int steps, double rate = 0.01) {
  Adam adam(training.module().parameters(), {.rate = rate});
  double loss = 0;
  for (int i = 0; i < steps; ++i) {
    const TrainingStep made = training.step();
    made.objective.backward();
    adam.step();
    adam.zero_grad();
    loss = made.loss;
  }
  return loss;
}

// A task with its training under way.
template <class T>
struct Taught {
  std::unique_ptr<T> task;
  std::unique_ptr<Training> training;

  const Trained& trained() const { return training->trained(); }
  const auto& options() const { return task->options; }  // those left open are chosen
};

// Begins to train, and takes so many steps.
template <class T>
Taught<T> teach(std::unique_ptr<T> task, const TrainingData& data, int steps = 0, uint64_t seed = 1) {
  auto training = task->train(data, {.seed = seed});
  train_by_hand(*training, steps);
  return {std::move(task), std::move(training)};
}

// The same model used with other options.
inline std::unique_ptr<Trained> with_use(const Trained& trained, const std::vector<std::string>& overrides) {
  auto other = trained.clone();
  Config config;
  other->declare_use(config);
  for (const std::string& each : overrides) config.apply_override(each);
  return other;
}

// What is given out, kept.
class Kept : public Sink {
 public:
  void columns(const std::vector<std::string>& names) override { names_ = names; }
  void row(std::span<const TableCell> cells) override { rows_.emplace_back(cells.begin(), cells.end()); }
  bool text(std::string_view piece) override {
    text_ += piece;
    return true;
  }

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::vector<TableCell>>& rows() const { return rows_; }
  const std::string& written() const { return text_; }
  // The numbers of a column, by its name.
  std::vector<double> numbers(std::string_view name) const {
    const auto at = static_cast<size_t>(std::ranges::find(names_, name) - names_.begin());
    std::vector<double> out;
    for (const auto& row : rows_) {
      const auto* whole = std::get_if<int64_t>(&row.at(at));
      out.push_back(whole != nullptr ? static_cast<double>(*whole) : std::get<double>(row.at(at)));
    }
    return out;
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<TableCell>> rows_;
  std::string text_;
};

// Has enough after so many pieces of text.
struct Enough : Sink {
  explicit Enough(int most) : most(most) {}
  bool text(std::string_view) override { return ++pieces < most; }

  int most, pieces = 0;
};

}  // namespace recur::testing
