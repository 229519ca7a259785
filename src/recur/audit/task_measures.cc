#include "recur/audit/task_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "recur/data/files/plain_text.h"
#include "recur/tasks/metrics/bleu.h"
#include "recur/tasks/metrics/chrf.h"
#include "recur/tasks/metrics/classification.h"

namespace recur {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// A number of each example, NaN where it has none.
using Numbers = std::vector<double>;

Numbers numbers_of(const KeptRows& examples, std::string_view column) {
  const std::optional<size_t> at = examples.find(column);
  Numbers out;
  if (!at) return out;
  for (const auto& row : examples.rows()) out.push_back(number_of(row[*at]).value_or(kNone));
  return out;
}

Numbers ones(size_t count) { return Numbers(count, 1.0); }

// The sum of `parts` over that of `wholes`, of the examples that have both.
TaskMeasure ratio_of(std::string name, Numbers parts, Numbers wholes) {
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

TaskMeasure mean_of(std::string name, Numbers values) {
  Numbers weights = ones(values.size());
  return ratio_of(std::move(name), std::move(values), std::move(weights));
}

Numbers product(Numbers a, const Numbers& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] *= b[i];
  return a;
}

Numbers are_zero(Numbers values) {
  for (double& value : values) value = std::isnan(value) ? kNone : value == 0;
  return values;
}

// The measure, after a function of its value.
TaskMeasure after(TaskMeasure measure, double (*function)(double)) {
  return {std::move(measure.name), [of = std::move(measure.of), function](std::span<const int64_t> which) {
            const std::optional<double> value = of(which);
            return value ? std::optional(function(*value)) : std::nullopt;
          }};
}

// F1 of things counted by example.
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

// Of labels and predictions: the share that is right, and the mean F1 of the classes.
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
  Numbers right;
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

bool has_numbers(const KeptRows& examples, std::string_view column) {
  const size_t at = *examples.find(column);
  return std::ranges::all_of(examples.rows(), [&](const auto& row) { return number_of(row[at]).has_value(); });
}

std::vector<TaskMeasure> value_measures(const KeptRows& examples) {
  Numbers errors = numbers_of(examples, "predicted");
  const size_t label = *examples.find("label");
  for (size_t i = 0; i < errors.size(); ++i) {
    const std::optional<double> actual = parse_number(text_of(examples.rows()[i][label]));
    errors[i] = actual ? std::abs(errors[i] - *actual) : kNone;
  }
  Numbers squares = product(errors, errors);
  return {after(mean_of("rmse", std::move(squares)), std::sqrt), mean_of("mae", std::move(errors))};
}

// A metric of a corpus of texts, from what is counted in each.
template <class Meter>
TaskMeasure corpus_measure(std::string name, const KeptRows& examples) {
  const size_t right = *examples.find("target"), said = *examples.find("prediction");
  std::vector<Meter> meters(examples.rows().size());
  for (size_t i = 0; i < meters.size(); ++i) {
    meters[i].add(text_of(examples.rows()[i][said]), text_of(examples.rows()[i][right]));
  }
  return {std::move(name), [meters = std::move(meters)](std::span<const int64_t> which) -> std::optional<double> {
            Meter sum;
            for (const int64_t i : which) sum.add(meters[static_cast<size_t>(i)]);
            return sum.is_defined() ? std::optional(sum.score()) : std::nullopt;
          }};
}

std::vector<TaskMeasure> translate_measures(const KeptRows& examples) {
  Numbers errors = numbers_of(examples, "token_errors");
  std::vector<TaskMeasure> out{corpus_measure<BleuMeter>("bleu", examples), corpus_measure<ChrfMeter>("chrf", examples),
                               mean_of("exact_match", are_zero(errors))};
  out.push_back(ratio_of("token_error_rate", std::move(errors), numbers_of(examples, "target_tokens")));
  return out;
}

std::vector<TaskMeasure> transcribe_measures(const KeptRows& examples) {
  Numbers letters = numbers_of(examples, "character_errors");
  std::vector<TaskMeasure> out{ratio_of("wer", numbers_of(examples, "word_errors"), numbers_of(examples, "words")),
                               ratio_of("cer", letters, numbers_of(examples, "characters"))};
  out.push_back(mean_of("exact_match", are_zero(std::move(letters))));
  return out;
}

std::vector<TaskMeasure> tag_measures(const KeptRows& examples) {
  std::vector<TaskMeasure> out{ratio_of("accuracy", numbers_of(examples, "correct"), numbers_of(examples, "tokens"))};
  if (examples.find("hits")) out.push_back(f1_of("span_f1", examples));
  return out;
}

TaskMeasure perplexity(const KeptRows& examples) {
  Numbers symbols = numbers_of(examples, "symbols");
  Numbers nats = product(numbers_of(examples, "loss"), symbols);
  return after(ratio_of("perplexity", std::move(nats), std::move(symbols)), std::exp);
}

}  // namespace

std::vector<TaskMeasure> task_measures(const std::string& task, const KeptRows& examples) {
  if (task == "lm") return {perplexity(examples)};
  if (task == "classify") {
    return has_numbers(examples, "predicted") ? value_measures(examples) : class_measures(examples, "predicted");
  }
  if (task == "tag") return tag_measures(examples);
  if (task == "translate") return translate_measures(examples);
  if (task == "transcribe") return transcribe_measures(examples);
  if (task == "forecast") {
    return {mean_of("smape", numbers_of(examples, "smape")), mean_of("mase", numbers_of(examples, "mase"))};
  }
  if (task == "caption") return {mean_of("cider", numbers_of(examples, "cider"))};
  if (task == "denoise") {
    return {mean_of("psnr", numbers_of(examples, "psnr")), mean_of("ssim", numbers_of(examples, "ssim"))};
  }
  if (task == "synthesize") {
    Numbers frames = numbers_of(examples, "frames");
    Numbers sums = product(numbers_of(examples, "mel_distance"), frames);
    return {ratio_of("mel_distance", std::move(sums), std::move(frames))};
  }
  if (task == "recognize") {
    if (examples.find("hits")) return {f1_of("event_f1", examples)};
    return class_measures(examples, "prediction");
  }
  return {};
}

}  // namespace recur
