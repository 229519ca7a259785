#include "recur/tasks/adapt/adapt_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/ops/reduce.h"

namespace recur {
namespace {

constexpr double kNormal95 = 1.96;

std::vector<double> values_of(const std::vector<std::vector<ProblemScore>>& scores, size_t step,
                              double ProblemScore::*which) {
  std::vector<double> out;
  out.reserve(scores.size());
  for (const auto& of_problem : scores) out.push_back(of_problem[std::min(step, of_problem.size() - 1)].*which);
  return out;
}

void write_rows(const std::vector<std::vector<ProblemScore>>& scores, const std::vector<std::string>& names,
                bool is_class, Sink& rows) {
  std::vector<std::string> columns{"problem", "name", "loss_before", "loss"};
  if (is_class) columns.emplace_back("accuracy");
  rows.columns(columns);
  for (size_t n = 0; n < scores.size(); ++n) {
    std::vector<TableCell> cells{static_cast<int64_t>(n) + 1, names[n], scores[n].front().loss, scores[n].back().loss};
    if (is_class) cells.emplace_back(scores[n].back().accuracy);
    rows.row(cells);
  }
}

}  // namespace

ProblemScore score_of(const AdaptModel& model, const Problem& problem, const Tensor& answers) {
  const autograd::NoGrad no_grad;
  const Tensor own = answers.dtype() == DType::kF32 ? answers : answers.clone(DType::kF32);
  check_finite(own.values<float>(), [&] { return fmt::format("problem {}", problem.name); });
  const ExampleTensors queries = tensors_of(model, problem.queries);
  const int64_t ways = model.shape().is_class() ? std::ssize(problem.classes) : 0;
  ProblemScore score{.loss = loss_of(answers, queries.targets, ways).item()};
  if (ways == 0) return score;
  const Tensor best = argmax(answers, 1);
  int64_t right = 0;
  for (int64_t q = 0; q < best.numel(); ++q) {
    right += best.values<int32_t>()[static_cast<size_t>(q)] == problem.queries.classes[static_cast<size_t>(q)] ? 1 : 0;
  }
  score.accuracy = static_cast<double>(right) / static_cast<double>(best.numel());
  return score;
}

MeanInterval mean_interval(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  MeanInterval out;
  for (const double each : values) out.mean += each / count;
  double squares = 0;
  for (const double each : values) squares += (each - out.mean) * (each - out.mean);
  if (count > 1) out.half = kNormal95 * std::sqrt(squares / (count - 1) / count);
  return out;
}

std::vector<std::vector<ProblemScore>> scores_of(const AdaptModel& model, const Problems& problems,
                                                 const Course& course, const Adapter& adapter) {
  std::vector<std::vector<ProblemScore>> scores;
  for (int64_t n = 0; n < course.problems; ++n) {
    check_stop();
    const Problem problem = problems.draw(course.drawing, {course.seed, course.stream, n});
    scores.emplace_back();
    for (const Tensor& each : adapter(problem)) scores.back().push_back(score_of(model, problem, each));
  }
  return scores;
}

Evaluation measure(const AdaptModel& model, const AdaptOptions& options, const Problems& problems, const Course& course,
                   const InnerSteps& how, Sink* rows) {
  std::vector<std::string> names;
  const auto scores = scores_of(model, problems, course, [&](const Problem& problem) {
    names.push_back(problem.name);
    return answers(model, options, problem, how);
  });
  const bool is_class = model.shape().is_class();
  if (rows != nullptr) write_rows(scores, names, is_class, *rows);
  const size_t last = scores.front().size() - 1;
  const auto at = [&](size_t step, double ProblemScore::*which) {
    return mean_interval(values_of(scores, step, which));
  };
  const auto main = is_class ? &ProblemScore::accuracy : &ProblemScore::loss;
  const std::string name = is_class ? "accuracy" : "loss";
  Evaluation out{.examples = course.problems, .metrics = {{"loss", at(last, &ProblemScore::loss).mean}}};
  if (is_class) out.metrics.push_back({"accuracy", at(last, main).mean});
  out.metrics.push_back({name + "_interval", at(last, main).half});
  if (last == 0) return out;
  out.metrics.push_back({name + "_before", at(0, main).mean});
  out.metrics.push_back({name + "_after_one", at(1, main).mean});
  Table table{.name = "by_steps", .columns = {"steps", name, "interval"}, .rows = {}};
  for (size_t k = 0; k <= last; ++k) {
    const MeanInterval own = at(k, main);
    table.rows.push_back({static_cast<int64_t>(k), own.mean, own.half});
  }
  out.tables.push_back(std::move(table));
  return out;
}

Criterion adapt_criterion(const AdaptShape& shape) {
  if (shape.is_class()) return {.metric = "accuracy", .higher_is_better = true};
  return {.metric = "loss", .higher_is_better = false};
}

}  // namespace recur
