// Kernel SHAP: see shapley.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/random.h"
#include "recur/explain/coalitions.h"
#include "recur/explain/intervals.h"
#include "recur/explain/shapley.h"

namespace recur {
namespace {

constexpr uint64_t kKernelStream = 0x6B65726E656C;

// A symmetric positive definite matrix [n, n] as L with L Lᵀ = A; what is nearly singular is made a little less so.
class Cholesky {
 public:
  explicit Cholesky(std::vector<double> a, size_t n) : l_(std::move(a)), n_(n) {
    constexpr double kLeast = 1e-12;
    for (size_t j = 0; j < n; ++j) {
      double pivot = at(j, j);
      for (size_t k = 0; k < j; ++k) pivot -= at(j, k) * at(j, k);
      at(j, j) = std::sqrt(std::max(pivot, kLeast));
      for (size_t i = j + 1; i < n; ++i) {
        double sum = at(i, j);
        for (size_t k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
        at(i, j) = sum / at(j, j);
      }
    }
  }

  std::vector<double> solve(std::vector<double> b) const {
    for (size_t i = 0; i < n_; ++i) {
      for (size_t k = 0; k < i; ++k) b[i] -= at(i, k) * b[k];
      b[i] /= at(i, i);
    }
    for (size_t i = n_; i-- > 0;) {
      for (size_t k = i + 1; k < n_; ++k) b[i] -= at(k, i) * b[k];
      b[i] /= at(i, i);
    }
    return b;
  }

 private:
  double& at(size_t i, size_t j) { return l_[i * n_ + j]; }
  double at(size_t i, size_t j) const { return l_[i * n_ + j]; }

  std::vector<double> l_;
  size_t n_;
};

// Coalitions with weights, of which 2 k and 2 k + 1 are complements of each other.
struct Draws {
  std::vector<Coalition> coalitions;
  std::vector<double> weights;
  bool complete = false;
};

Coalition complement(const Coalition& of) {
  Coalition out = of;
  for (uint8_t& each : out) each = each == 0 ? 1 : 0;
  return out;
}

// The kernel of a coalition of s of n parts, (n - 1) / (C(n, s) s (n - s)).
double kernel(int64_t n, int64_t s) {
  const auto log_choose = std::lgamma(static_cast<double>(n + 1)) - std::lgamma(static_cast<double>(s + 1)) -
                          std::lgamma(static_cast<double>(n - s + 1));
  return static_cast<double>(n - 1) / (static_cast<double>(s) * static_cast<double>(n - s)) * std::exp(-log_choose);
}

Draws all_coalitions(int64_t n) {
  Draws out;
  out.complete = true;
  for (uint32_t bits = 0; bits + 1 < uint32_t{1} << (n - 1); ++bits) {
    Coalition half(static_cast<size_t>(n), 0);
    half[0] = 1;  // one of each pair of complements
    int64_t size = 1;
    for (int64_t i = 1; i < n; ++i) {
      half[static_cast<size_t>(i)] = (bits >> (i - 1)) & 1;
      size += half[static_cast<size_t>(i)];
    }
    out.coalitions.push_back(half);
    out.coalitions.push_back(complement(half));
    out.weights.insert(out.weights.end(), 2, kernel(n, size));
  }
  return out;
}

Draws drawn_coalitions(int64_t n, const ShapleySampling& options) {
  std::vector<double> up_to;  // of sizes 1 .. n - 1, drawn in proportion to 1 / (s (n - s))
  double sum = 0;
  for (int64_t s = 1; s < n; ++s) up_to.push_back(sum += 1 / (static_cast<double>(s) * static_cast<double>(n - s)));
  Random random(options.seed, kKernelStream);
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  Draws out;
  for (int64_t k = 0; k < std::max<int64_t>(options.samples / 2, 2 * n); ++k) {
    const auto place = std::ranges::upper_bound(up_to, random.uniform64() * sum) - up_to.begin();
    const int64_t size = std::min<int64_t>(place, n - 2) + 1;
    random.shuffle(std::span(order));
    Coalition drawn(static_cast<size_t>(n), 0);
    for (int64_t i = 0; i < size; ++i) drawn[static_cast<size_t>(order[static_cast<size_t>(i)])] = 1;
    out.coalitions.push_back(drawn);
    out.coalitions.push_back(complement(drawn));
    out.weights.insert(out.weights.end(), 2, 1.0);
  }
  return out;
}

// Least squares of v(z) = z . phi under sum phi = total: the last part is what the others leave, so that the rows are
// z_i - z_last and the answers v - total z_last.
class Regression {
 public:
  Regression(const Draws& draws, const std::vector<double>& gains, double total)
      : draws_(draws), gains_(gains), total_(total), n_(draws.coalitions[0].size() - 1), factor_(normal(), n_) {
    std::vector<double> right(n_, 0);
    for (size_t k = 0; k < gains_.size(); ++k) {
      const std::vector<double> row = row_of(k);
      for (size_t i = 0; i < n_; ++i) right[i] += draws_.weights[k] * row[i] * answer(k);
    }
    values_ = factor_.solve(std::move(right));
    double rest = total_;
    for (const double each : values_) rest -= each;
    values_.push_back(rest);
  }

  const std::vector<double>& values() const { return values_; }

  // Standard errors, by the covariance of the estimate that pairs of complements give (a sandwich with clusters).
  std::vector<double> errors() const {
    std::vector<double> squares(n_ + 1, 0);
    for (size_t pair = 0; pair + 1 < gains_.size(); pair += 2) {
      std::vector<double> push(n_, 0);
      for (size_t k = pair; k < pair + 2; ++k) {
        const std::vector<double> row = row_of(k);
        const double off = draws_.weights[k] * (answer(k) - predicted(row));
        for (size_t i = 0; i < n_; ++i) push[i] += off * row[i];
      }
      const std::vector<double> moved = factor_.solve(std::move(push));
      double all = 0;
      for (size_t i = 0; i < n_; ++i) {
        squares[i] += moved[i] * moved[i];
        all += moved[i];
      }
      squares[n_] += all * all;
    }
    const auto pairs = static_cast<double>(gains_.size()) / 2, parts = static_cast<double>(n_);
    const double correction = pairs / std::max(pairs - parts, 1.0);
    for (double& each : squares) each = std::sqrt(each * correction);
    return squares;
  }

 private:
  std::vector<double> row_of(size_t k) const {
    const Coalition& z = draws_.coalitions[k];
    std::vector<double> row(n_);
    for (size_t i = 0; i < n_; ++i) row[i] = static_cast<double>(z[i]) - static_cast<double>(z[n_]);
    return row;
  }
  double answer(size_t k) const { return gains_[k] - total_ * static_cast<double>(draws_.coalitions[k][n_]); }
  double predicted(const std::vector<double>& row) const {
    return std::inner_product(row.begin(), row.end(), values_.begin(), 0.0);
  }
  std::vector<double> normal() const {
    std::vector<double> a(n_ * n_, 0);
    for (size_t k = 0; k < gains_.size(); ++k) {
      const std::vector<double> row = row_of(k);
      for (size_t i = 0; i < n_; ++i) {
        if (row[i] == 0) continue;
        for (size_t j = 0; j <= i; ++j) a[i * n_ + j] += draws_.weights[k] * row[i] * row[j];
      }
    }
    for (size_t i = 0; i < n_; ++i) {
      for (size_t j = i + 1; j < n_; ++j) a[i * n_ + j] = a[j * n_ + i];
    }
    return a;
  }

  const Draws& draws_;
  const std::vector<double>& gains_;
  double total_;
  size_t n_;  // unknowns: the parts but one
  Cholesky factor_;
  std::vector<double> values_;
};

bool enumerates(int64_t n, int64_t samples) {
  constexpr int64_t kMostBits = 24;
  return n <= kMostBits && (int64_t{1} << n) - 2 <= samples;
}

}  // namespace

Attribution shapley_by_kernel(const Explainable& record, const Tensor& baseline, const Parts& parts,
                              const ShapleySampling& options) {
  constexpr int64_t kMostParts = 2000;  // whose matrix is inverted
  const int64_t n = parts.size();
  if (n > kMostParts) {
    fail_usage(
        "kernel-shap takes at most {} parts; this record has {}: choose the method shapley, or make larger parts with "
        "--by or --window",
        kMostParts, n);
  }
  CoalitionScores scores(record, baseline, parts);
  Attribution out = scores.attribution();
  const double total = out.score - out.baseline_score;
  if (n < 2) {
    out.values.assign(static_cast<size_t>(n), total);
  } else {
    const bool all = enumerates(n, options.samples);
    const Draws draws = all ? all_coalitions(n) : drawn_coalitions(n, options);
    std::vector<double> gains = scores(draws.coalitions);
    for (double& each : gains) each -= out.baseline_score;
    const Regression regression(draws, gains, total);
    out.values = regression.values();
    if (!all) {
      const std::vector<double> errors = regression.errors();
      const auto pairs = std::ssize(gains) / 2;
      const double factor = t_factor(options.level, std::max<int64_t>(pairs - n + 1, 1));
      for (size_t i = 0; i < errors.size(); ++i) {
        out.low.push_back(out.values[i] - factor * errors[i]);
        out.high.push_back(out.values[i] + factor * errors[i]);
      }
      out.note = fmt::format("{} random coalitions of {} parts", gains.size(), n);
    }
  }
  out.residual = completeness_residual(out.values, out.score, out.baseline_score);
  out.evaluations = scores.evaluations();
  return out;
}

}  // namespace recur
