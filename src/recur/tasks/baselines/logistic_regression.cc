#include "recur/tasks/baselines/logistic_regression.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

constexpr int kMostSteps = 50;
constexpr double kClose = 1e-9;  // the largest change of a weight in the last step

// Solves A x = b in place, A [n, n] symmetric and positive definite, its lower half: Cholesky.
void solve(std::vector<double>& a, std::vector<double>& b) {
  const size_t n = b.size();
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(std::max(sum, 1e-300)) : sum / a[j * n + j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
}

// The examples with a known answer, with a 1 behind each for the constant.
struct Known {
  std::vector<double> x, answers;
  size_t width = 0;

  std::span<const double> row(size_t i) const { return std::span(x).subspan(i * width, width); }
};

Known known_of(std::span<const float> x, std::span<const float> answers, int64_t features) {
  Known known{.x = {}, .answers = {}, .width = static_cast<size_t>(features) + 1};
  for (size_t i = 0; i < answers.size(); ++i) {
    if (std::isnan(answers[i])) continue;
    const auto row = x.subspan(i * static_cast<size_t>(features), static_cast<size_t>(features));
    known.x.insert(known.x.end(), row.begin(), row.end());
    known.x.push_back(1);
    known.answers.push_back(answers[i]);
  }
  return known;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double objective(const Known& known, std::span<const double> w, double c) {
  double sum = 0;
  for (size_t j = 0; j + 1 < w.size(); ++j) sum += w[j] * w[j] / (2 * c);
  for (size_t i = 0; i < known.answers.size(); ++i) {
    const double z = dot(known.row(i), w);
    sum += std::max(z, 0.0) - z * known.answers[i] + std::log1p(std::exp(-std::abs(z)));
  }
  return sum;
}

// A step of Newton's method from w.
std::vector<double> newton_step(const Known& known, std::span<const double> w, double c) {
  const size_t n = w.size();
  std::vector<double> gradient(n, 0), hessian(n * n, 0);
  for (size_t j = 0; j + 1 < n; ++j) {
    gradient[j] = -w[j] / c;
    hessian[j * n + j] = 1 / c;
  }
  for (size_t i = 0; i < known.answers.size(); ++i) {
    const auto x = known.row(i);
    const double p = 1 / (1 + std::exp(-dot(x, w))), curve = p * (1 - p);
    for (size_t j = 0; j < n; ++j) {
      gradient[j] += (known.answers[i] - p) * x[j];
      const double scaled = curve * x[j];
      for (size_t k = 0; k <= j; ++k) hessian[j * n + k] += scaled * x[k];
    }
  }
  hessian[n * n - 1] += 1e-9;  // the constant has no penalty
  solve(hessian, gradient);
  return gradient;
}

}  // namespace

std::vector<double> fit_logistic(std::span<const float> x, std::span<const float> answers, int64_t features, double c) {
  const Known known = known_of(x, answers, features);
  std::vector<double> w(known.width, 0), next(w);
  double now = objective(known, w, c);
  for (int step = 0; step < kMostSteps; ++step) {
    const std::vector<double> direction = newton_step(known, w, c);
    double largest = 0, share = 1, reached = now;
    for (const double each : direction) largest = std::max(largest, std::abs(each));
    for (; share > 1e-6; share /= 2) {  // a whole step may go too far
      for (size_t j = 0; j < w.size(); ++j) next[j] = w[j] + share * direction[j];
      reached = objective(known, next, c);
      if (reached <= now) break;
    }
    if (!(reached <= now)) break;
    w.swap(next);
    now = reached;
    if (share * largest < kClose) break;
  }
  return w;
}

double logit(std::span<const double> weights, std::span<const float> x) {
  double sum = weights.back();
  for (size_t j = 0; j < x.size(); ++j) sum += weights[j] * double{x[j]};
  return sum;
}

}  // namespace recur
