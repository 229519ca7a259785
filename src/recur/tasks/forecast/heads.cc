#include "recur/tasks/forecast/heads.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/quantile.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_gamma.h"
#include "recur/ops/losses.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "recur/tasks/forecast/draws.h"

namespace recur {
namespace {

constexpr float kLeastSpread = 1e-4f;  // of a distribution, at the network's scale

double softplus_of(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

// The number below which a standard normal one is with probability p, by bisection of the distribution function.
double normal_quantile(double p) {
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::numbers::sqrt2) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

// Column k of raw [N, W]: [N].
Tensor column(const Tensor& raw, int64_t k) { return reshape(slice(raw, {1, k}, 1), {raw.size(0)}); }

[[noreturn]] void fail_quantile(const char* head) {
  fail_usage("target: with head = {} only the mean can be explained, not quantiles", head);
}

class PointHead : public Head {
 public:
  explicit PointHead(bool squared) : squared_(squared) {}

  int64_t width() const override { return 1; }
  Tensor loss(const Tensor& raw, const Tensor& target, const Tensor&) const override {
    const Tensor y = column(raw, 0);
    return squared_ ? mse(y, target, Reduction::kNone) : mae(y, target, Reduction::kNone);
  }
  int64_t spread_size(int64_t) const override { return 1; }
  Tensor value(const Tensor& raw, std::optional<double> level) const override {
    if (level) fail_quantile(squared_ ? "mse" : "mae");
    return column(raw, 0);
  }
  float sample(std::span<const float> raw, float, Random&) const override { return raw[0]; }

 private:
  bool squared_;
};

// Quantiles k / (Q + 1). The loss is twice the pinball loss, which at the median is the absolute error.
class QuantileHead : public Head {
 public:
  explicit QuantileHead(int64_t count) : count_(count) {}

  int64_t width() const override { return count_; }
  int64_t locations() const override { return count_; }

  Tensor loss(const Tensor& raw, const Tensor& target, const Tensor&) const override {
    std::vector<float> levels;
    for (int64_t k = 1; k <= count_; ++k) levels.push_back(static_cast<float>(k) / static_cast<float>(count_ + 1));
    const Tensor p = cast_like(Tensor::from(levels, {1, count_}), raw);
    const Tensor error = reshape(target, {target.numel(), 1}) - raw;  // [N, Q]
    return mean(2.0 * maximum(p * error, (p - 1.0) * error), 1);
  }

  int64_t spread_size(int64_t) const override { return count_; }
  Tensor value(const Tensor& raw, std::optional<double> level) const override {
    if (!level) return mean(raw, 1);
    const double place = *level * static_cast<double>(count_ + 1) - 1;
    const auto k = static_cast<int64_t>(std::lround(place));
    if (k < 0 || k >= count_ || std::abs(place - static_cast<double>(k)) > 1e-6) {
      fail_usage("target: the model has quantiles k / {}, k from 1 to {}; q{} is not one of them", count_ + 1, count_,
                 *level);
    }
    return column(raw, k);
  }
  void spread(std::span<const float> raw, float, Random&, std::span<float> out) const override {
    std::ranges::copy(raw, out.begin());
    sort_numbers(out);  // quantiles that cross are put in order (Chernozhukov et al. 2010)
  }
  float sample(std::span<const float> raw, float, Random& random) const override {
    std::vector<float> sorted(raw.begin(), raw.end());
    sort_numbers(sorted);
    const double at =
        std::clamp(random.uniform64() * static_cast<double>(count_ + 1) - 1, 0.0, static_cast<double>(count_ - 1));
    const auto below = static_cast<size_t>(at), above = std::min(below + 1, sorted.size() - 1);
    const auto share = static_cast<float>(at - static_cast<double>(below));
    return (1 - share) * sorted[below] + share * sorted[above];
  }

 private:
  static Tensor cast_like(const Tensor& x, const Tensor& like) { return x.clone(like.dtype()); }

  int64_t count_;
};

// Mean, deviation.
class NormalHead : public Head {
 public:
  int64_t width() const override { return 2; }
  Tensor loss(const Tensor& raw, const Tensor& target, const Tensor&) const override {
    const Tensor deviation = softplus(column(raw, 1)) + kLeastSpread;
    const Tensor z = (target - column(raw, 0)) / deviation;
    return 0.5 * square(z) + log(deviation) + 0.5 * std::log(2 * std::numbers::pi);
  }
  Tensor value(const Tensor& raw, std::optional<double> level) const override {
    if (!level) return column(raw, 0);
    return column(raw, 0) + (softplus(column(raw, 1)) + kLeastSpread) * normal_quantile(*level);
  }
  float sample(std::span<const float> raw, float, Random& random) const override {
    return raw[0] + (static_cast<float>(softplus_of(raw[1])) + kLeastSpread) * random.normal();
  }
};

// Mean, scale, degrees of freedom above 2.
class StudentHead : public Head {
 public:
  int64_t width() const override { return 3; }
  Tensor loss(const Tensor& raw, const Tensor& target, const Tensor&) const override {
    const Tensor scale = softplus(column(raw, 1)) + kLeastSpread, freedom = softplus(column(raw, 2)) + 2.0;
    const Tensor z = (target - column(raw, 0)) / scale, half = 0.5 * (freedom + 1.0);
    const Tensor constant = log_gamma(0.5 * freedom) - log_gamma(half) + 0.5 * log(freedom * std::numbers::pi);
    return constant + log(scale) + half * log(square(z) / freedom + 1.0);
  }
  Tensor value(const Tensor& raw, std::optional<double> level) const override {
    if (level) fail_quantile("student");
    return column(raw, 0);
  }
  float sample(std::span<const float> raw, float, Random& random) const override {
    const double scale = softplus_of(raw[1]) + kLeastSpread, freedom = softplus_of(raw[2]) + 2;
    const double chi2 = 2 * draw_gamma(freedom / 2, random);
    return raw[0] + static_cast<float>(scale * random.normal() / std::sqrt(chi2 / freedom));
  }
};

// Counts: mean m, and shape r of the gamma distribution of rates, variance m + m^2 / r. As Salinas et al. (2017) the
// mean is scaled by the window's scale and the shape by its root.
class NegativeBinomialHead : public Head {
 public:
  int64_t width() const override { return 2; }
  Tensor loss(const Tensor& raw, const Tensor& target, const Tensor& scale) const override {
    const Tensor y = maximum(target * scale, Tensor::scalar(0, raw.dtype()));
    const Tensor m = (softplus(column(raw, 0)) + kLeastSpread) * scale;
    const Tensor r = sqrt(scale) / (softplus(column(raw, 1)) + kLeastSpread);
    const Tensor choices = log_gamma(y + 1.0) + log_gamma(r) - log_gamma(y + r);
    return choices + r * log(m / r + 1.0) + y * log(r / m + 1.0);
  }
  Tensor value(const Tensor& raw, std::optional<double> level) const override {
    if (level) fail_quantile("negative_binomial");
    return softplus(column(raw, 0)) + kLeastSpread;
  }
  float sample(std::span<const float> raw, float scale, Random& random) const override {
    const double m = (softplus_of(raw[0]) + kLeastSpread) * scale;
    const double r = std::sqrt(scale) / (softplus_of(raw[1]) + kLeastSpread);
    return static_cast<float>(draw_poisson(draw_gamma(r, random) * m / r, random)) / scale;
  }
};

}  // namespace

void Head::spread(std::span<const float> raw, float scale, Random& random, std::span<float> out) const {
  for (float& value : out) value = sample(raw, scale, random);
}

std::unique_ptr<Head> make_head(const std::string& name, int64_t quantiles) {
  if (name == "mae" || name == "mse") return std::make_unique<PointHead>(name == "mse");
  if (name == "quantiles") return std::make_unique<QuantileHead>(quantiles);
  if (name == "normal") return std::make_unique<NormalHead>();
  if (name == "student") return std::make_unique<StudentHead>();
  if (name == "negative_binomial") return std::make_unique<NegativeBinomialHead>();
  fail_usage("unknown head '{}'", name);
}

}  // namespace recur
