// A task's own metrics of any of its examples, such as the word error rate of a speaker's recordings; and what tasks
// make them of.
//
//   std::vector<TaskMeasure> MyTrained::measures(const KeptRows& examples) const {
//     return {ratio_of("wer", numbers_of(examples, "word_errors"), numbers_of(examples, "words"))};
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/kept_rows.h"

namespace recur {

struct TaskMeasure {
  std::string name;  // as evaluate() calls it
  // Of the examples with these numbers, each as often as it is named; nothing where they do not define it.
  std::function<std::optional<double>(std::span<const int64_t>)> of;
};

// A number of each example, NaN where it has none.
using ExampleNumbers = std::vector<double>;
// Those of a column; none where there is no such column.
ExampleNumbers numbers_of(const KeptRows& examples, std::string_view column);
// Number by number; 1 where a number is 0, else 0.
ExampleNumbers product(ExampleNumbers a, const ExampleNumbers& b);
ExampleNumbers are_zero(ExampleNumbers values);

// The sum of `parts` over that of `wholes`, of the examples that have both.
TaskMeasure ratio_of(std::string name, ExampleNumbers parts, ExampleNumbers wholes);
TaskMeasure mean_of(std::string name, ExampleNumbers values);
// The measure, after a function of its value.
TaskMeasure after(TaskMeasure measure, double (*function)(double));

// F1 of things counted by example, in the columns hits, false_alarms and misses.
TaskMeasure f1_of(std::string name, const KeptRows& examples);
// Of classes, in the columns `label` and `predicted`: accuracy and macro_f1.
std::vector<TaskMeasure> class_measures(const KeptRows& examples, std::string_view predicted);

}  // namespace recur
