#include "recur/ops/transducer_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/label_columns.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

// The sum over all paths from (0, 0), of one sequence alone: logits [T (U + 1), V] in f64.
double all_paths(const Tensor& logits, int64_t steps, const std::vector<int32_t>& labels, int32_t blank) {
  const Tensor p = softmax(logits, 1);
  const int64_t V = logits.size(1), width = std::ssize(labels) + 1;
  const std::function<double(int64_t, int64_t)> from = [&](int64_t t, int64_t u) {
    const double* row = p.values<double>().data() + (t * width + u) * V;
    double sum = 0;
    if (t + 1 < steps) {
      sum += row[blank] * from(t + 1, u);
    } else if (u + 1 == width) {
      sum += row[blank];
    }
    if (u + 1 < width) sum += row[labels[static_cast<size_t>(u)]] * from(t, u + 1);
    return sum;
  };
  return -std::log(from(0, 0));
}

Tensor lengths_of(const std::vector<int64_t>& steps) { return Tensor::from(steps, {std::ssize(steps)}); }

TEST(TransducerLoss, IsTheSumOverAllPaths) {
  const std::vector<std::vector<int32_t>> labels{{1, 2}, {3, 3, 3}, {}, {2, 1, 2, 2}, {1}};
  const std::vector<int64_t> steps{4, 3, 3, 1, 5};
  std::vector<int64_t> counts;
  for (const auto& each : labels) counts.push_back(std::ssize(each));
  for (const int32_t blank : {0, 4}) {
    const Tensor logits = normal({transducer_rows(steps, counts), 5}, 3 + static_cast<uint64_t>(blank));
    const Tensor loss = transducer_loss(logits, label_columns(labels), lengths_of(steps), blank);
    const Tensor twin = transducer_loss_twin(logits, label_columns(labels), lengths_of(steps), blank);
    int64_t first = 0;
    for (size_t b = 0; b < labels.size(); ++b) {
      const int64_t rows = steps[b] * (counts[b] + 1);
      const double want = all_paths(recur::rows(logits, first, first + rows), steps[b], labels[b], blank);
      EXPECT_NEAR(loss.values<double>()[b], want, 1e-12) << b;
      EXPECT_NEAR(twin.values<double>()[b], want, 1e-12) << b;
      first += rows;
    }
  }
}

// With the same distribution at every point, a text of U labels has (T - 1 + U over U) paths.
TEST(TransducerLoss, CountsPaths) {
  const int64_t T = 6;
  for (const int64_t U : {0, 1, 3}) {
    const Tensor loss =
        transducer_loss(Tensor::zeros({T * (U + 1), 4}, DType::kF64),
                        label_columns({std::vector<int32_t>(static_cast<size_t>(U), 2)}), lengths_of({T}));
    const double paths = std::tgamma(T + U) / (std::tgamma(T) * std::tgamma(U + 1));
    EXPECT_NEAR(loss.item(), static_cast<double>(T + U) * std::log(4.0) - std::log(paths), 1e-12) << U;
  }
}

// Of gradients too: f64 against PyTorch's autograd of the recursion, f32 near it.
TEST(TransducerLoss, IsTheRecursionOfThePaper) {
  const Golden golden("ops_transducer_loss");
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    const Tensor x = golden["input.x"].clone(dtype).set_requires_grad();
    const Tensor labels = golden["input.target"].clone(DType::kI32);
    const Tensor loss = transducer_loss(x, labels, golden["input.steps"], golden.integer("blank"));
    const double tolerance = dtype == DType::kF64 ? 1e-12 : 1e-5;
    EXPECT_LT(relative_error(loss, golden["output.y"]), tolerance);
    const Tensor g = grad(sum(loss * golden["weight.y"].clone(dtype)), x);
    EXPECT_LT(relative_error(g, golden["grad.x"]), tolerance);
  }
}

TEST(TransducerLoss, AnyNumberOfThreadsGivesTheSameBits) {
  std::vector<std::vector<int32_t>> labels;
  std::vector<int64_t> steps, counts;
  for (int64_t b = 0; b < 7; ++b) {
    labels.emplace_back();
    for (int64_t s = 0; s < 2 * b; ++s) labels.back().push_back(static_cast<int32_t>(1 + (s * 7 + b) % 20));
    steps.push_back(30 - b);
    counts.push_back(2 * b);
  }
  const auto run = [&](int count) {
    set_threads(count);
    const Tensor x = normal({transducer_rows(steps, counts), 21}, 8, DType::kF32).set_requires_grad();
    const Tensor loss = transducer_loss(x, label_columns(labels), lengths_of(steps));
    const Tensor g = grad(sum(loss), x);
    set_threads(1);
    return std::pair{loss, g};
  };
  const auto one = run(1), three = run(3);
  EXPECT_TRUE(std::ranges::equal(one.first.values<float>(), three.first.values<float>()));
  EXPECT_TRUE(std::ranges::equal(one.second.values<float>(), three.second.values<float>()));
}

// Where the right labels are next to impossible, numbers stay numbers, and the gradient of each row still sums to 0.
TEST(TransducerLoss, LongAndUnlikelySequencesStayFinite) {
  const int64_t T = 200, U = 60;
  Tensor x = Tensor::zeros({T * (U + 1), 3});
  for (int64_t k = 0; k < x.size(0); ++k) x.data<float>()[k * 3] = 60;
  x.set_requires_grad();
  const Tensor loss =
      transducer_loss(x, label_columns({std::vector<int32_t>(static_cast<size_t>(U), 2)}), lengths_of({T}));
  EXPECT_GT(loss.item(), 3000);
  EXPECT_TRUE(std::isfinite(loss.item()));
  const Tensor slope = grad(sum(loss), x);
  double total = 0;
  for (const float each : slope.values<float>()) {
    ASSERT_TRUE(std::isfinite(each));
    total += std::abs(each);
  }
  EXPECT_GT(total, 50);
}

TEST(TransducerLoss, WhatDoesNotFitIsAnErrorThatSaysWhy) {
  const Tensor x = normal({6, 4}), steps = lengths_of({3});
  EXPECT_NO_THROW(transducer_loss(x, label_columns({{1}}), steps));
  EXPECT_ERROR(transducer_loss(x, label_columns({{1, 2}}), steps),
               "logits: expected 9 rows, T (U + 1) of each sequence, got 6");
  EXPECT_ERROR(transducer_loss(x, label_columns({{0}}), steps),
               "label 0 of sequence 0: expected 0 .. 3 but the blank, 0, got 0");
  EXPECT_ERROR(transducer_loss(x, label_columns({{4}}), steps), "got 4");
  EXPECT_ERROR(transducer_loss(x, label_columns({{1}, {1}}), steps), "labels: expected i32 [U, 1]");
  EXPECT_ERROR(transducer_loss(x, label_columns({{1}}), lengths_of({7})), "expected 0 .. 6, got 7");
  EXPECT_ERROR(transducer_loss(x, label_columns({{1}}), lengths_of({0})), "1 labels need a step at least, got 0");
  EXPECT_ERROR(transducer_loss(x, label_columns({{1}}), steps, 7), "blank: expected 0 .. 3, got 7");
  EXPECT_ERROR(transducer_loss(normal({6, 2, 2}), label_columns({{1}}), steps), "expected [N, V]");
}

}  // namespace
}  // namespace recur::testing
