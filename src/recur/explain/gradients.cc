#include "recur/explain/gradients.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/explain/coalitions.h"
#include "recur/explain/gauss_legendre.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

// Sums over variants b of weight[b] times the gradient of the score at x[b] = baseline + place[b] (x - baseline).
class PathGradients {
 public:
  PathGradients(const Explainable& record, const Tensor& baseline)
      : record_(record),
        own_(record.read().x),
        baseline_(baseline),
        sums_(static_cast<size_t>(own_.numel()), 0),
        batch_(variants_at_once(record.read())) {}

  void add(std::span<const double> places, std::span<const double> weights) {
    const auto most = static_cast<size_t>(batch_);
    for (size_t begin = 0; begin < places.size(); begin += most) {
      check_stop();
      const size_t count = std::min(most, places.size() - begin);
      run(places.subspan(begin, count), weights.subspan(begin, count));
    }
  }

  const std::vector<double>& sums() const { return sums_; }  // [T F]
  double last_score() const { return last_score_; }          // of the last place
  int64_t evaluations() const { return evaluations_; }

 private:
  void run(std::span<const double> places, std::span<const double> weights) {
    const int64_t steps = own_.size(0), features = own_.size(1), batch = std::ssize(places);
    Tensor x = Tensor::empty({steps, batch, features}, own_.dtype());
    dispatch_float("explain", x.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T *own = std::as_const(own_).data<T>(), *other = std::as_const(baseline_).data<T>();
      T* to = x.data<T>();
      for (int64_t t = 0; t < steps; ++t) {
        for (const double place : places) {
          for (int64_t at = t * features; at < (t + 1) * features; ++at) {
            *to++ = static_cast<T>(double{other[at]} + place * (double{own[at]} - double{other[at]}));
          }
        }
      }
    });
    x.set_requires_grad();
    const Tensor scores = record_.score(x);
    const Tensor gradient = grad(sum(scores), x).clone(DType::kF64);
    const Tensor plain = scores.clone(DType::kF64);
    for (const double score : plain.values<double>()) last_score_ = finite_score(score, record_.read());
    const double* from = std::as_const(gradient).data<double>();
    for (int64_t t = 0; t < steps; ++t) {
      for (const double weight : weights) {
        for (int64_t at = t * features; at < (t + 1) * features; ++at) {
          sums_[static_cast<size_t>(at)] += weight * *from++;
        }
      }
    }
    evaluations_ += batch;
  }

  const Explainable& record_;
  Tensor own_, baseline_;
  std::vector<double> sums_;
  int64_t batch_;
  double last_score_ = 0;
  int64_t evaluations_ = 0;
};

// (x - baseline) times the gradients.
std::vector<double> products(const Tensor& x, const Tensor& baseline, const std::vector<double>& gradients) {
  const Tensor own = x.clone(DType::kF64), other = baseline.clone(DType::kF64);
  const auto a = own.values<double>(), b = other.values<double>();
  std::vector<double> out(gradients.size());
  for (size_t i = 0; i < out.size(); ++i) out[i] = (a[i] - b[i]) * gradients[i];
  return out;
}

// The rule on each of `pieces` equal pieces of [0, 1].
Quadrature in_pieces(const Quadrature& rule, int64_t pieces) {
  Quadrature out;
  const auto count = static_cast<double>(pieces);
  for (int64_t k = 0; k < pieces; ++k) {
    for (size_t i = 0; i < rule.nodes.size(); ++i) {
      out.nodes.push_back((static_cast<double>(k) + rule.nodes[i]) / count);
      out.weights.push_back(rule.weights[i] / count);
    }
  }
  return out;
}

}  // namespace

Attribution gradient_times_input(const Explainable& record, const Parts& parts) {
  const Tensor zeros = Tensor::zeros(record.read().x.shape(), record.read().x.dtype());
  PathGradients gradients(record, zeros);
  const double here = 1;
  gradients.add(std::span(&here, 1), std::span(&here, 1));
  CoalitionScores scores(record, zeros, parts);
  return {.parts = parts.all(),
          .values = parts.sums(products(record.read().x, zeros, gradients.sums())),
          .low = {},
          .high = {},
          .score = gradients.last_score(),
          .baseline_score = scores.none(),
          .evaluations = 2};
}

Attribution integrated_gradients(const Explainable& record, const Tensor& baseline, const Parts& parts,
                                 const IntegratedGradientsOptions& options) {
  if (options.points < 1) fail_usage("points: expected at least 1, got {}", options.points);
  constexpr int64_t kMostPieces = 16;
  CoalitionScores scores(record, baseline, parts);
  Attribution out{.parts = parts.all(),
                  .values = {},
                  .low = {},
                  .high = {},
                  .score = scores.all(),
                  .baseline_score = scores.none()};
  const Quadrature rule = gauss_legendre(options.points);
  int64_t pieces = 1;
  for (;; pieces *= 2) {
    const Quadrature cut = in_pieces(rule, pieces);
    PathGradients gradients(record, baseline);
    gradients.add(cut.nodes, cut.weights);
    out.values = parts.sums(products(record.read().x, baseline, gradients.sums()));
    out.residual = completeness_residual(out.values, out.score, out.baseline_score);
    out.evaluations += gradients.evaluations();
    if (!(*out.residual > options.tolerance) || pieces == kMostPieces) break;
  }
  out.evaluations += scores.evaluations();
  if (pieces > 1) out.note = fmt::format("{} points instead of {}", pieces * options.points, options.points);
  if (*out.residual > options.tolerance) {
    out.note +=
        fmt::format("; the values add up to the difference of scores with a relative error of {:.2g}", *out.residual);
  }
  return out;
}

}  // namespace recur
