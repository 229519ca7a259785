#include "recur/tasks/adapt/adapt_baselines.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/random.h"
#include "recur/base/stop.h"
#include "recur/ops/binary.h"
#include "recur/ops/one_hot.h"
#include "recur/optim/adam.h"

namespace recur {
namespace {

constexpr int kScratchSteps = 100;
constexpr double kScratchRate = 0.01, kCertain = 20;  // logit of a method that says one class and no more

double distance(const AdaptExample& a, const AdaptExample& b) {
  const auto& [shorter, longer] = a.values.size() < b.values.size() ? std::pair(&a, &b) : std::pair(&b, &a);
  double sum = 0;
  for (size_t i = 0; i < longer->values.size(); ++i) {
    const double d = longer->values[i] - (i < shorter->values.size() ? shorter->values[i] : 0.0f);
    sum += d * d;
  }
  return sum;
}

// What the nearest shot has.
Tensor nearest_answers(const AdaptShape& shape, const Problem& problem) {
  std::vector<int32_t> classes;
  std::vector<float> targets;
  for (const AdaptExample& query : problem.queries.examples) {
    size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t s = 0; s < problem.shots.examples.size(); ++s) {
      const double own = distance(query, problem.shots.examples[s]);
      if (own < least) nearest = s, least = own;
    }
    if (shape.is_class()) {
      classes.push_back(problem.shots.classes[nearest]);
    } else {
      const auto& target = problem.shots.examples[nearest].target;
      targets.insert(targets.end(), target.begin(), target.end());
    }
  }
  const int64_t count = problem.queries.size();
  if (!shape.is_class()) return Tensor::from(targets, {count, shape.outputs});
  return one_hot(Tensor::from(classes, {count}), std::ssize(problem.classes)) * kCertain;
}

Tensor mean_answers(const AdaptShape& shape, const Problem& problem) {
  std::vector<double> mean(static_cast<size_t>(shape.outputs));
  for (const AdaptExample& shot : problem.shots.examples) {
    for (size_t o = 0; o < mean.size(); ++o) mean[o] += shot.target[o] / static_cast<double>(problem.shots.size());
  }
  std::vector<float> all;
  for (int64_t q = 0; q < problem.queries.size(); ++q) all.insert(all.end(), mean.begin(), mean.end());
  return Tensor::from(all, {problem.queries.size(), shape.outputs});
}

// A new network of the same body with a head, trained on the shots alone.
Tensor scratch_answers(const AdaptModel& like, const AdaptOptions& options, const Problem& problem, uint64_t seed) {
  AdaptOptions own = options;
  own.learning.learner = "maml";
  Random random(seed);
  AdaptModel model(own, {.shape = like.shape()}, random);
  const ExampleTensors shots = tensors_of(model, problem.shots);
  const int64_t ways = like.shape().is_class() ? std::ssize(problem.classes) : 0;
  {
    const autograd::RecordScope recording(true);
    Adam adam(model.parameters(), {.rate = kScratchRate});
    for (int step = 0; step < kScratchSteps; ++step) {
      check_stop();
      loss_of(model.head()(model.body()(shots.batch, {}, Mode::evaluation())), shots.targets, ways).backward();
      adam.step();
      adam.zero_grad();
    }
  }
  return answers(model, own, problem, {.steps = 0}).front();
}

BaselineResult result(std::string name, const std::vector<std::vector<ProblemScore>>& scores, size_t step,
                      bool is_class) {
  std::vector<double> losses, accuracies;
  for (const auto& each : scores) {
    losses.push_back(each[step].loss);
    accuracies.push_back(each[step].accuracy);
  }
  const MeanInterval loss = mean_interval(losses), accuracy = mean_interval(accuracies);
  if (!is_class) return {std::move(name), {{"loss", loss.mean}, {"loss_interval", loss.half}}};
  return {std::move(name), {{"loss", loss.mean}, {"accuracy", accuracy.mean}, {"accuracy_interval", accuracy.half}}};
}

// The number of steps after which the mean is best.
size_t best_step(const std::vector<std::vector<ProblemScore>>& scores, bool is_class) {
  size_t best = 0;
  double best_value = -std::numeric_limits<double>::infinity();
  for (size_t k = 0; k < scores.front().size(); ++k) {
    double value = 0;
    for (const auto& each : scores) value += is_class ? each[k].accuracy : -each[k].loss;
    if (value > best_value) best = k, best_value = value;
  }
  return best;
}

}  // namespace

BaselineResults adapt_baselines(const AdaptModel& model, const AdaptOptions& options, const Problems& problems,
                                const Course& course, int64_t scratch, const Pretrained& pretrained) {
  const autograd::NoGrad no_grad;
  const AdaptShape& shape = model.shape();
  const bool is_class = shape.is_class();
  BaselineResults results{.by = adapt_criterion(shape), .methods = {}};
  const auto add = [&](const std::string& name, const Course& of, const Adapter& adapter) {
    results.methods.push_back(result(name, scores_of(model, problems, of, adapter), 0, is_class));
  };
  if (!shape.text) {
    add("nearest neighbour", course, [&](const Problem& p) { return std::vector{nearest_answers(shape, p)}; });
  }
  if (!is_class) add("mean of shots", course, [&](const Problem& p) { return std::vector{mean_answers(shape, p)}; });
  if (scratch > 0) {
    Course few = course;
    few.problems = std::min(scratch, course.problems);
    uint64_t seed = course.seed;
    add(few.problems < course.problems ? fmt::format("from scratch ({} problems)", few.problems) : "from scratch", few,
        [&](const Problem& p) { return std::vector{scratch_answers(model, options, p, seed++)}; });
  }
  if (pretrained.model == nullptr) return results;
  const int64_t steps = std::max<int64_t>(options.use.steps, 1);
  const auto scores = scores_of(*pretrained.model, problems, course, [&](const Problem& p) {
    return answers(*pretrained.model, *pretrained.options, p, {.rate = pretrained.rate, .steps = steps});
  });
  const size_t best = best_step(scores, is_class);
  results.methods.push_back(result("pretrained, 1 step", scores, 1, is_class));
  results.methods.push_back(result(fmt::format("pretrained, {} steps (best)", best), scores, best, is_class));
  return results;
}

}  // namespace recur
