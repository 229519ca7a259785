// The objectives of the learners: their gradients, and that what is fused is what is composed.
#include "recur/tasks/adapt/adapt_learners.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/autograd/node.h"
#include "recur/base/random.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"

namespace recur {
namespace {

struct Case {
  std::string name, network, learner, target = "class";
  bool picture = false;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

AdaptOptions options_of(const Case& c) {
  AdaptOptions options;
  options.data.target = c.target;
  options.model.network = c.network;
  options.model.mlp = {5, 4};
  options.model.filters = {3, 2};
  options.model.rnn.hidden = 3;
  options.learning.learner = c.learner;
  options.learning.inner_rate = 0.2;
  options.learning.inner_steps = 2;
  return options;
}

AdaptShape shape_of(const Case& c) {
  AdaptShape shape{.target = c.target, .features = 4, .steps = 4, .outputs = c.target == "class" ? 3 : 2};
  shape.picture = c.picture;
  return shape;
}

Problem problem_of(const AdaptShape& shape, uint64_t seed) {
  Random random(seed);
  Problem problem{.name = "one"};
  const auto fill = [&](Examples& to, int each) {
    for (int i = 0; i < 3 * each; ++i) {
      AdaptExample example{.steps = shape.steps};
      for (int64_t k = 0; k < shape.steps * shape.features; ++k) example.values.push_back(random.normal());
      if (shape.is_class()) {
        to.classes.push_back(i % 3);
      } else {
        example.target = {random.normal(), random.normal()};
      }
      to.examples.push_back(example);
    }
  };
  fill(problem.shots, 2);
  fill(problem.queries, 1);
  if (shape.is_class()) problem.classes = {"a", "b", "c"};
  problem.numbers = {2, 0, 1};
  return problem;
}

AdaptModel model_of(const Case& c, DType dtype = DType::kF64) {
  Random random(1);
  AdaptModel model(options_of(c), {.shape = shape_of(c), .categories = 4}, random);
  model.to(dtype);
  return model;
}

class Objectives : public ::testing::TestWithParam<Case> {};

// The slope of the objective in a random direction, by the gradient and by differences.
TEST_P(Objectives, HaveTheGradientOfFiniteDifferences) {
  const Case& c = GetParam();
  const AdaptModel model = model_of(c);
  const AdaptOptions options = options_of(c);
  const std::vector<Problem> problems{problem_of(model.shape(), 2), problem_of(model.shape(), 3)};
  const ReadingOrders orders{{3, 1, 2, 0, 4, 5, 8, 7, 6}, {8, 7, 6, 5, 4, 3, 2, 1, 0}};
  const auto objective = [&] { return learn(model, options, problems, orders, Mode::evaluation()).objective; };
  Tensors parameters = model.parameters();
  Random random(5);
  Tensors direction;
  for (const Tensor& each : parameters) {
    std::vector<double> values;
    for (int64_t k = 0; k < each.numel(); ++k) values.push_back(random.normal());
    direction.push_back(Tensor::from(values, each.shape()));
  }
  const Tensors gradients = grad({objective()}, parameters);
  double slope = 0;
  for (size_t i = 0; i < gradients.size(); ++i) {
    for (int64_t k = 0; k < gradients[i].numel(); ++k) {
      slope +=
          gradients[i].values<double>()[static_cast<size_t>(k)] * direction[i].values<double>()[static_cast<size_t>(k)];
    }
  }
  const auto moved = [&](double by) {
    for (size_t i = 0; i < parameters.size(); ++i) {
      double* to = parameters[i].data<double>();
      for (int64_t k = 0; k < parameters[i].numel(); ++k)
        to[k] += by * direction[i].values<double>()[static_cast<size_t>(k)];
    }
  };
  constexpr double kStep = 1e-5;
  moved(kStep);
  const double above = objective().item();
  moved(-2 * kStep);
  const double below = objective().item();
  moved(kStep);
  const double measured = (above - below) / (2 * kStep);
  if (c.learner == "fomaml") {
    EXPECT_GT(std::abs(slope - measured), 1e-4);  // what it leaves out is there
  } else {
    EXPECT_NEAR(slope, measured, 1e-6 * std::max(1.0, std::abs(measured)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Objectives,
    ::testing::Values(Case{"maml_mlp", "mlp", "maml"}, Case{"maml_values", "mlp", "maml", "value"},
                      Case{"maml_rnn", "rnn", "maml"}, Case{"maml_series_conv", "conv", "maml"},
                      Case{"maml_pictures", "conv", "maml", "class", true}, Case{"fomaml", "mlp", "fomaml"},
                      Case{"anil_rnn", "rnn", "anil"}, Case{"anil_pictures", "conv", "anil", "class", true},
                      Case{"prototypes", "conv", "prototypes", "class", true}, Case{"reader", "rnn", "reader"},
                      Case{"reader_values", "none", "reader", "value"}, Case{"pretrained", "mlp", "pretrained"}),
    [](const auto& info) { return info.param.name; });

TEST(Learners, OfReptileTheGradientIsTheWayBack) {
  const Case c{"reptile", "mlp", "reptile"};
  const AdaptModel model = model_of(c);
  const AdaptOptions options = options_of(c);
  const Problem problem = problem_of(model.shape(), 2);
  const Tensors gradients =
      grad({learn(model, options, std::vector{problem}, {}, Mode::evaluation()).objective}, model.parameters());
  Examples all = problem.shots;
  all.examples.insert(all.examples.end(), problem.queries.examples.begin(), problem.queries.examples.end());
  all.classes.insert(all.classes.end(), problem.queries.classes.begin(), problem.queries.classes.end());
  const Fit fit = fitted_to(model, options, all, 3, {.rate = 0.2, .steps = 2});
  EXPECT_EQ(fit.losses.size(), 3u);
  EXPECT_LT(fit.losses[2], fit.losses[0]);
  const Tensors parameters = model.parameters();
  for (size_t i = 0; i < gradients.size(); ++i) {
    for (size_t k = 0; k < static_cast<size_t>(gradients[i].numel()); ++k) {
      EXPECT_NEAR(gradients[i].values<double>()[k],
                  parameters[i].values<double>()[k] - fit.parameters[i].values<double>()[k], 1e-12);
    }
  }
}

// The normalisation of a batch as one op is that of its parts; and that of the shots serves an example alone.
TEST(Learners, NormsOfTheShotsServeTheQueries) {
  const autograd::NoGrad no_grad;
  for (const bool picture : {false, true}) {
    const AdaptModel model = model_of({"", "conv", "maml", "class", picture});
    const Problem problem = problem_of(model.shape(), 2);
    const AdaptBatch shots = model.batch(problem.shots.examples);
    Tensors kept;
    const Tensor composed = model.body()(shots, {.kept = &kept}, Mode::evaluation());
    const Tensor fused = model.body()(shots, {}, Mode::evaluation());
    for (size_t k = 0; k < static_cast<size_t>(fused.numel()); ++k) {
      EXPECT_NEAR(fused.values<double>()[k], composed.values<double>()[k], 1e-9);
    }
    std::vector<AdaptExample> all = problem.shots.examples;
    all.push_back(problem.queries.examples[0]);
    const Tensor together = model.body()(model.batch(all), {.rows = shots.size()}, Mode::evaluation());
    const Tensor alone =
        model.body()(model.batch({&problem.queries.examples[0], 1}), {.given = &kept}, Mode::evaluation());
    const size_t width = static_cast<size_t>(alone.numel()), row = all.size() - 1;
    for (size_t k = 0; k < width; ++k) {
      EXPECT_NEAR(alone.values<double>()[k], together.values<double>()[row * width + k], 1e-9);
    }
  }
}

// What is asked in a problem is what the fitted model answers.
TEST(Learners, AFittedModelAnswersAsInTheProblem) {
  for (const Case& c : {Case{"", "rnn", "maml"}, Case{"", "conv", "anil", "class", true}, Case{"", "conv", "fomaml"},
                        Case{"", "conv", "prototypes", "class", true}, Case{"", "rnn", "reader"},
                        Case{"", "none", "reader", "value"}}) {
    SCOPED_TRACE(c.network + " " + c.learner);
    const AdaptOptions options = options_of(c);
    const AdaptModel model = model_of(c, DType::kF32);
    const Problem problem = problem_of(model.shape(), 2);
    const InnerSteps how{.rate = 0.2, .steps = 2};
    const Tensor wanted = answers(model, options, problem, how).back();
    const int64_t ways = model.shape().is_class() ? 3 : 0;
    const Fit fit = fitted_to(model, options, problem.shots, ways, how);
    Random random(9);
    AdaptModel fitted(options,
                      {.shape = model.shape(),
                       .categories = 4,
                       .fitted = FittedSizes{.classes = ways, .shots = problem.shots.size()}},
                      random);
    Tensors parameters = fitted.parameters();
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i].copy_from(fit.parameters[i].detach());
    fitted.set_fitted(fit.parts);
    for (size_t q = 0; q < problem.queries.examples.size(); ++q) {
      const Tensor own = fitted_answers(fitted, options, {&problem.queries.examples[q], 1});
      const size_t width = static_cast<size_t>(own.numel());
      for (size_t k = 0; k < width; ++k) {
        EXPECT_NEAR(own.values<float>()[k], wanted.values<float>()[q * width + k], 1e-4);
      }
    }
  }
}

}  // namespace
}  // namespace recur
