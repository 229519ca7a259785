#include "recur/explain/gradients.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
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

// A part of the path, from one place on it to another, with what it adds.
struct Piece {
  double from = 0, to = 1;
  double score_from = 0, score_to = 0;
  std::vector<double> values;  // [T F]
  double error = 0;            // how far their sum is from the difference of the scores at its ends
};

// The path from the baseline to the record, cut where the gradient changes fastest.
class Path {
 public:
  Path(const Explainable& record, const Tensor& baseline, int64_t points)
      : record_(record), baseline_(baseline), rule_(gauss_legendre(points)) {}

  void begin(double baseline_score, double score) {
    pieces_.push_back(measured({.from = 0, .to = 1, .score_from = baseline_score, .score_to = score, .values = {}}));
  }
  // Halves the piece that is furthest off.
  void cut() {
    const auto worst = std::ranges::max_element(pieces_, {}, &Piece::error);
    const Piece whole = *worst;
    const double middle = (whole.from + whole.to) / 2, score = score_at(middle);
    *worst =
        measured({.from = whole.from, .to = middle, .score_from = whole.score_from, .score_to = score, .values = {}});
    pieces_.push_back(
        measured({.from = middle, .to = whole.to, .score_from = score, .score_to = whole.score_to, .values = {}}));
  }

  double error() const {
    double sum = 0;
    for (const Piece& piece : pieces_) sum += piece.error;
    return sum;
  }
  std::vector<double> values() const {
    std::vector<double> out(pieces_[0].values.size(), 0);
    for (const Piece& piece : pieces_) {
      for (size_t i = 0; i < out.size(); ++i) out[i] += piece.values[i];
    }
    return out;
  }
  int64_t points() const { return std::ssize(pieces_) * std::ssize(rule_.nodes); }
  bool is_whole() const { return pieces_.size() == 1; }
  int64_t evaluations() const { return evaluations_; }

 private:
  Piece measured(Piece piece) {
    const double length = piece.to - piece.from;
    std::vector<double> places, weights;
    for (size_t i = 0; i < rule_.nodes.size(); ++i) {
      places.push_back(piece.from + length * rule_.nodes[i]);
      weights.push_back(length * rule_.weights[i]);
    }
    PathGradients gradients(record_, baseline_);
    gradients.add(places, weights);
    evaluations_ += gradients.evaluations();
    piece.values = products(record_.read().x, baseline_, gradients.sums());
    const double sum = std::accumulate(piece.values.begin(), piece.values.end(), 0.0);
    piece.error = std::abs(sum - (piece.score_to - piece.score_from));
    return piece;
  }

  double score_at(double place) {
    PathGradients here(record_, baseline_);
    const double none = 0;
    here.add(std::span(&place, 1), std::span(&none, 1));
    ++evaluations_;
    return here.last_score();
  }

  const Explainable& record_;
  const Tensor& baseline_;
  Quadrature rule_;
  std::vector<Piece> pieces_;
  int64_t evaluations_ = 0;
};

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
  constexpr int64_t kMostPieces = 64;
  CoalitionScores scores(record, baseline, parts);
  Attribution out = scores.attribution();
  Path path(record, baseline, options.points);
  path.begin(out.baseline_score, out.score);
  const double allowed = options.tolerance * std::abs(out.score - out.baseline_score);
  while (path.error() > allowed && path.points() < kMostPieces * options.points) path.cut();
  out.values = parts.sums(path.values());
  out.residual = completeness_residual(out.values, out.score, out.baseline_score);
  out.evaluations = scores.evaluations() + path.evaluations();
  if (!path.is_whole())
    out.note = fmt::format("integrated gradients with {} points instead of {}", path.points(), options.points);
  if (path.error() > allowed && *out.residual > options.tolerance) {
    out.note +=
        fmt::format("; the values add up to the difference of scores with a relative error of {:.2g}", *out.residual);
  }
  return out;
}

}  // namespace recur
