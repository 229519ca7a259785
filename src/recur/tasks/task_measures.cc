#include "recur/tasks/task_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "recur/tasks/metrics/classification.h"

namespace recur {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

ExampleNumbers numbers_of(const KeptRows& examples, std::string_view column) {
  const std::optional<size_t> at = examples.find(column);
  ExampleNumbers out;
  if (!at) return out;
  for (const auto& row : examples.rows()) out.push_back(number_of(row[*at]).value_or(kNone));
  return out;
}

TaskMeasure ratio_of(std::string name, ExampleNumbers parts, ExampleNumbers wholes) {
  return {std::move(name), [parts = std::move(parts), wholes = std::move(wholes)](std::span<const int64_t> which) {
            double part = 0, whole = 0;
            for (const int64_t i : which) {
              const double a = parts[static_cast<size_t>(i)], b = wholes[static_cast<size_t>(i)];
              if (std::isnan(a) || std::isnan(b)) continue;
              part += a;
              whole += b;
            }
            return whole > 0 ? std::optional(part / whole) : std::nullopt;
          }};
}

TaskMeasure mean_of(std::string name, ExampleNumbers values) {
  ExampleNumbers weights(values.size(), 1.0);
  return ratio_of(std::move(name), std::move(values), std::move(weights));
}

ExampleNumbers product(ExampleNumbers a, const ExampleNumbers& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] *= b[i];
  return a;
}

ExampleNumbers are_zero(ExampleNumbers values) {
  for (double& value : values) value = std::isnan(value) ? kNone : value == 0;
  return values;
}

TaskMeasure after(TaskMeasure measure, double (*function)(double)) {
  return {std::move(measure.name), [of = std::move(measure.of), function](std::span<const int64_t> which) {
            const std::optional<double> value = of(which);
            return value ? std::optional(function(*value)) : std::nullopt;
          }};
}

TaskMeasure f1_of(std::string name, const KeptRows& examples) {
  return {std::move(name),
          [hits = numbers_of(examples, "hits"), alarms = numbers_of(examples, "false_alarms"),
           misses = numbers_of(examples, "misses")](std::span<const int64_t> which) -> std::optional<double> {
            double twice = 0, errors = 0;
            for (const int64_t i : which) {
              const auto at = static_cast<size_t>(i);
              twice += 2 * hits[at];
              errors += alarms[at] + misses[at];
            }
            if (twice + errors == 0) return {};
            return twice / (twice + errors);
          }};
}

std::vector<TaskMeasure> class_measures(const KeptRows& examples, std::string_view predicted) {
  struct Pair {
    size_t actual, predicted;
  };
  std::map<std::string, size_t> numbers;
  std::vector<Pair> pairs;
  const size_t label = *examples.find("label"), prediction = *examples.find(predicted);
  const auto number = [&](const TableCell& cell) {
    return numbers.emplace(text_of(cell), numbers.size()).first->second;
  };
  for (const auto& row : examples.rows()) pairs.push_back({number(row[label]), number(row[prediction])});
  const size_t classes = numbers.size();
  ExampleNumbers right;
  for (const Pair& pair : pairs) right.push_back(pair.actual == pair.predicted ? 1 : 0);
  return {mean_of("accuracy", std::move(right)),
          {"macro_f1", [pairs = std::move(pairs), classes](std::span<const int64_t> which) -> std::optional<double> {
             if (which.empty()) return {};
             std::vector<BinaryCounts> counts(classes);
             for (const int64_t i : which) {
               const Pair& pair = pairs[static_cast<size_t>(i)];
               if (pair.actual == pair.predicted) {
                 ++counts[pair.actual].hits;
               } else {
                 ++counts[pair.actual].misses;
                 ++counts[pair.predicted].false_alarms;
               }
             }
             return macro_f1(counts);
           }}};
}

}  // namespace recur
