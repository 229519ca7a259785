#include "recur/tasks/classify/ridge.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/tasks/classify/log_sum.h"

namespace recur {
namespace {

using Matrix = Eigen::MatrixXd;
using Row = Eigen::RowVectorXd;

constexpr double kLeastDeviation = 1e-6;
constexpr int kLeastPower = -2, kMostPower = 4;  // of ten, of the penalty
constexpr int kLeastScale = -2, kMostScale = 6;  // of two, of the logits

// What is learnt from: centred, and each row times the root of its weight.
struct Problem {
  Matrix z, y;        // [N, F], [N, C]
  Row centre, scale;  // of the features: z = (x - centre) scale
  Row mean;           // of y
  Eigen::VectorXd root;
};

Problem problem_of(std::span<const float> features, std::span<const int32_t> classes, int64_t C,
                   std::span<const float> weights) {
  const auto N = std::ssize(classes), F = std::ssize(features) / N;
  using Given = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  Problem p{.z = Given(features.data(), N, F).cast<double>(),
            .y = Matrix::Constant(N, C, -1),
            .centre = {},
            .scale = {},
            .mean = {},
            .root = Eigen::VectorXd::Ones(N)};
  for (int64_t i = 0; i < N; ++i) {
    p.y(i, classes[static_cast<size_t>(i)]) = 1;
    if (!weights.empty()) p.root(i) = double{weights[static_cast<size_t>(i)]};
  }
  const Row share = p.root.transpose() / p.root.sum();
  p.centre = share * p.z;
  p.mean = share * p.y;
  p.z.rowwise() -= p.centre;
  p.y.rowwise() -= p.mean;
  p.scale = (share * p.z.cwiseAbs2()).cwiseSqrt();
  for (double& each : p.scale) each = each > kLeastDeviation ? 1 / each : 0;
  p.z.array().rowwise() *= p.scale.array();
  p.root = p.root.cwiseSqrt();
  p.z.array().colwise() *= p.root.array();
  p.y.array().colwise() *= p.root.array();
  return p;
}

// By one penalty: the dual weights, and what is predicted of each example by the others.
struct Solution {
  Matrix dual, left_out;  // [N, C]
  double error = std::numeric_limits<double>::infinity(), penalty = 0;
};

Solution solve(const Problem& p, const Matrix& gram, double penalty) {
  const auto N = gram.rows();
  Matrix regular = gram;
  regular.diagonal().array() += penalty;
  const Eigen::LLT<Matrix> factor(regular);
  if (factor.info() != Eigen::Success) return {};
  Matrix inverse = Matrix::Identity(N, N);
  factor.matrixL().solveInPlace(inverse);
  const Eigen::VectorXd diagonal = inverse.colwise().squaredNorm().transpose();
  Solution s{.dual = factor.solve(p.y), .left_out = p.y, .error = 0, .penalty = penalty};
  const double total = p.root.squaredNorm();
  for (Eigen::Index i = 0; i < N; ++i) {
    // 1 - leverage, that of the mean included.
    const double own = std::max(penalty * diagonal(i) - p.root(i) * p.root(i) / total, 1e-3 * penalty * diagonal(i));
    const Row residual = s.dual.row(i) * (penalty / own);
    s.error += residual.squaredNorm();
    s.left_out.row(i) = (p.y.row(i) - residual) / p.root(i) + p.mean;
  }
  return s;
}

// Cross-entropy. A share of each label goes to all classes, as if there had been one more example of each with another
// label (Platt, 1999): few examples that all are right are no reason to be sure.
double nats_of(const Matrix& scores, std::span<const int32_t> classes, double scale) {
  const double of_each = static_cast<double>(scores.rows()) / static_cast<double>(scores.cols());
  const double shared = 1 / (of_each + 2);
  std::vector<double> logits(static_cast<size_t>(scores.cols()));
  double nats = 0;
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    for (Eigen::Index c = 0; c < scores.cols(); ++c) logits[static_cast<size_t>(c)] = scale * scores(i, c);
    const double own = logits[static_cast<size_t>(classes[static_cast<size_t>(i)])];
    const double mean = std::accumulate(logits.begin(), logits.end(), 0.0) / static_cast<double>(logits.size());
    nats += log_sum(logits) - (1 - shared) * own - shared * mean;
  }
  return nats;
}

double scale_of(const Matrix& scores, std::span<const int32_t> classes) {
  double best = 1, least = std::numeric_limits<double>::infinity();
  for (int power = kLeastScale; power <= kMostScale; ++power) {
    const double scale = std::exp2(power), nats = nats_of(scores, classes, scale);
    if (nats < least) least = nats, best = scale;
  }
  return best;
}

}  // namespace

RidgeFit fit_ridge(std::span<const float> features, std::span<const int32_t> classes, int64_t count_of_classes,
                   std::span<const float> weights) {
  if (classes.size() < 2 || features.size() % classes.size() != 0) {
    fail("ridge: expected features of two examples or more, got {} of {}", features.size(), classes.size());
  }
  const Problem p = problem_of(features, classes, count_of_classes, weights);
  const Matrix gram = p.z * p.z.transpose();
  Solution best;
  for (int power = kLeastPower; power <= kMostPower; ++power) {
    check_stop();
    Solution each = solve(p, gram, std::pow(10.0, power));
    if (each.error < best.error) best = std::move(each);
  }
  if (!std::isfinite(best.error)) fail("ridge: the features have no finite solution");
  const double scale = scale_of(best.left_out, classes);
  const Matrix weight = (best.dual.transpose() * p.z).array().rowwise() * (p.scale * scale).array();
  const Eigen::VectorXd bias = scale * p.mean.transpose() - weight * p.centre.transpose();
  RidgeFit fit{.weight = {}, .bias = {}, .left_out = {}, .penalty = best.penalty};
  for (Eigen::Index c = 0; c < weight.rows(); ++c) {
    fit.bias.push_back(static_cast<float>(bias(c)));
    for (Eigen::Index f = 0; f < weight.cols(); ++f) fit.weight.push_back(static_cast<float>(weight(c, f)));
  }
  for (Eigen::Index i = 0; i < best.left_out.rows(); ++i) {
    for (Eigen::Index c = 0; c < weight.rows(); ++c) {
      fit.left_out.push_back(static_cast<float>(scale * best.left_out(i, c)));
    }
  }
  return fit;
}

}  // namespace recur
