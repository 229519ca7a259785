#include "recur/tasks/synthesize/handwriting/gaussian_window.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

constexpr int64_t kBatch = 2, kIn = 3, kParts = 2, kPlaces = 4, kWidth = 3;

struct Case {
  Random random{3};
  GaussianWindow window{{.in = kIn, .parts = kParts, .pace = 0.5}, random};
  Tensor h = Tensor::empty({kBatch, kIn}, DType::kF64), kappa = Tensor::empty({kBatch, kParts}, DType::kF64);
  Tensor read = Tensor::empty({kBatch, kPlaces, kWidth}, DType::kF64);
  Tensor within = Tensor::ones({kBatch, kPlaces}, DType::kF64);

  Case() {
    window.to(DType::kF64);
    for (Tensor* each : {&h, &kappa, &read}) {
      for (int64_t i = 0; i < each->numel(); ++i) each->data<double>()[i] = random.normal();
    }
    within.data<double>()[kPlaces - 1] = 0;
  }
};

// Equations 46 to 51, by hand.
TEST(GaussianWindow, IsTheSumOfGaussiansOverThePlaces) {
  const Case c;
  const GaussianWindow::Output out = c.window(c.h, c.kappa, c.read, c.within);
  const NamedTensors named = c.window.named_parameters();
  const double *weight = named.at(0).value.data<double>(), *bias = named.at(1).value.data<double>();
  for (int64_t b = 0; b < kBatch; ++b) {
    const auto moved = [&](int64_t row) {
      double sum = bias[row];
      for (int64_t i = 0; i < kIn; ++i)
        sum += weight[row * kIn + i] * c.h.values<double>()[static_cast<size_t>(b * kIn + i)];
      return std::exp(sum);
    };
    std::vector<double> phi(kPlaces, 0), seen(kWidth, 0);
    for (int64_t k = 0; k < kParts; ++k) {
      const double at = c.kappa.values<double>()[static_cast<size_t>(b * kParts + k)] + moved(2 * kParts + k);
      EXPECT_NEAR(out.kappa.values<double>()[static_cast<size_t>(b * kParts + k)], at, 1e-12);
      for (int64_t u = 0; u < kPlaces; ++u) {
        const double off = at - static_cast<double>(u);
        phi[static_cast<size_t>(u)] += moved(k) * std::exp(-moved(kParts + k) * off * off);
      }
    }
    if (b == 0) phi.back() = 0;  // behind the end of the first
    for (int64_t u = 0; u < kPlaces; ++u) {
      EXPECT_NEAR(out.weights.values<double>()[static_cast<size_t>(b * kPlaces + u)], phi[static_cast<size_t>(u)],
                  1e-12);
      for (int64_t e = 0; e < kWidth; ++e) {
        seen[static_cast<size_t>(e)] +=
            phi[static_cast<size_t>(u)] * c.read.values<double>()[static_cast<size_t>((b * kPlaces + u) * kWidth + e)];
      }
    }
    for (int64_t e = 0; e < kWidth; ++e) {
      EXPECT_NEAR(out.seen.values<double>()[static_cast<size_t>(b * kWidth + e)], seen[static_cast<size_t>(e)], 1e-12);
    }
  }
}

TEST(GaussianWindow, BeginsAtItsPace) {
  Random random(3);
  const GaussianWindow window({.in = 1, .parts = 8, .pace = 0.05}, random);
  const GaussianWindow::Output out =
      window(Tensor::zeros({1, 1}), Tensor::zeros({1, 8}), Tensor::zeros({1, 2, 1}), Tensor::ones({1, 2}));
  for (const float kappa : out.kappa.values<float>()) {
    EXPECT_GT(kappa, 0.05 * std::exp(-1));
    EXPECT_LT(kappa, 0.05 * std::exp(1));
  }
}

TEST(GaussianWindow, GradientsAreThoseOfFiniteDifferences) {
  const Case c;
  const auto run = [&](const Tensors& in) {
    const GaussianWindow::Output out = c.window(in[0], in[1], in[2], c.within);
    return Tensors{out.seen, out.weights, out.kappa};
  };
  Tensors inputs{c.h, c.kappa, c.read};
  for (const Tensor& each : c.window.parameters()) inputs.push_back(each);
  EXPECT_LT(gradient_error(run, inputs), 1e-7);
}

}  // namespace
}  // namespace recur::testing
