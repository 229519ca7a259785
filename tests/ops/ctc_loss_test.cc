#include "recur/ops/ctc_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/label_columns.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

// What a path says.
std::vector<int32_t> collapsed(const std::vector<int32_t>& path, int32_t blank) {
  std::vector<int32_t> out;
  for (size_t t = 0; t < path.size(); ++t) {
    if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) out.push_back(path[t]);
  }
  return out;
}

// The sum over all V^T paths of one sequence.
double by_enumeration(const Tensor& logits, int64_t b, int64_t steps, const std::vector<int32_t>& labels,
                      int32_t blank) {
  const Tensor probabilities = softmax(logits, 2);
  const int64_t B = logits.size(1), V = logits.size(2);
  std::vector<int32_t> path(static_cast<size_t>(steps), 0);
  double sum = 0;
  for (;;) {
    if (collapsed(path, blank) == labels) {
      double product = 1;
      for (int64_t t = 0; t < steps; ++t) product *= probabilities.values<double>()[(t * B + b) * V + path[t]];
      sum += product;
    }
    size_t t = 0;
    while (t < path.size() && ++path[t] == V) path[t++] = 0;
    if (t == path.size()) return -std::log(sum);
  }
}

TEST(CtcLoss, IsTheSumOverAllPaths) {
  const std::vector<std::vector<int32_t>> labels{{1, 2}, {3, 3}, {}, {2, 1, 2}, {1}, {3, 1, 1}};
  const std::vector<int64_t> lengths{5, 4, 3, 5, 1, 4};
  for (const int32_t blank : {0, 4}) {
    const Tensor logits = normal({5, 6, 5}, 3 + static_cast<uint64_t>(blank));
    const Tensor length = Tensor::from(lengths, {6});
    const Tensor loss = ctc_loss(logits, label_columns(labels), length, blank);
    const Tensor twin = ctc_loss_twin(logits, label_columns(labels), length, blank);
    for (int64_t b = 0; b < 6; ++b) {
      const double want = by_enumeration(logits, b, lengths[b], labels[b], blank);
      EXPECT_NEAR(loss.values<double>()[b], want, 1e-12) << b;
      EXPECT_NEAR(twin.values<double>()[b], want, 1e-12) << b;
    }
  }
}

TEST(CtcLoss, ProbabilitiesOfAllLabellingsSumToOne) {
  const Tensor logits = normal({3, 1, 3}, 5);
  double sum = 0;
  const std::vector<std::vector<int32_t>> all{{}, {1}, {2}, {1, 1}, {1, 2}, {2, 1}, {2, 2}, {1, 2, 1}, {2, 1, 2}};
  for (const auto& labels : all) {
    const Tensor own = labels.empty() ? Tensor::full({1, 1}, -1, DType::kI32) : label_columns({labels});
    sum += std::exp(-ctc_loss(logits, own).values<double>()[0]);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

// Of gradients too: f64 against PyTorch's, f32 near it.
TEST(CtcLoss, IsPyTorchs) {
  const Golden golden("ops_ctc_loss");
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    const Tensor x = golden["input.x"].clone(dtype).set_requires_grad();
    const Tensor labels = golden["input.target"].clone(DType::kI32), lengths = golden["input.lengths"];
    const Tensor loss = ctc_loss(x, labels, lengths, golden.integer("blank"));
    const double tolerance = dtype == DType::kF64 ? 1e-12 : 1e-5;
    EXPECT_LT(relative_error(loss, golden["output.y"]), tolerance);
    const Tensor g = grad(sum(loss * golden["weight.y"].clone(dtype)), x);
    EXPECT_LT(relative_error(g, golden["grad.x"]), tolerance);
  }
}

TEST(CtcLoss, AnyNumberOfThreadsGivesTheSameBits) {
  std::vector<std::vector<int32_t>> labels;
  std::vector<int64_t> lengths;
  for (int64_t b = 0; b < 9; ++b) {
    labels.emplace_back();
    for (int64_t s = 0; s < 3 * b; ++s) labels.back().push_back(static_cast<int32_t>(1 + (s * 7 + b) % 20));
    lengths.push_back(80 - b);
  }
  const auto run = [&](int count) {
    set_threads(count);
    const Tensor x = normal({80, 9, 21}, 8, DType::kF32).set_requires_grad();
    const Tensor loss = ctc_loss(x, label_columns(labels), Tensor::from(lengths, {9}));
    const Tensor g = grad(sum(loss), x);
    set_threads(1);
    return std::pair{loss, g};
  };
  const auto one = run(1), three = run(3);
  EXPECT_TRUE(std::ranges::equal(one.first.values<float>(), three.first.values<float>()));
  EXPECT_TRUE(std::ranges::equal(one.second.values<float>(), three.second.values<float>()));
}

// Where the right labels are next to impossible, numbers stay numbers.
TEST(CtcLoss, LongAndUnlikelySequencesStayFinite) {
  const int64_t T = 400;
  Tensor x = Tensor::zeros({T, 1, 3});
  for (int64_t t = 0; t < T; ++t) x.data<float>()[t * 3] = 60;
  x.set_requires_grad();
  const Tensor loss = ctc_loss(x, label_columns({std::vector<int32_t>(200, 2)}));
  EXPECT_GT(loss.item(), 10000);
  EXPECT_TRUE(std::isfinite(loss.item()));
  const Tensor slope = grad(sum(loss), x);
  double total = 0;
  for (const float each : slope.values<float>()) {
    EXPECT_TRUE(std::isfinite(each));
    total += std::abs(each);
  }
  EXPECT_GT(total, 300);
}

TEST(CtcLoss, StepsBehindTheEndDoNotCount) {
  Tensor x = normal({6, 1, 4}, 2);
  const Tensor length = Tensor::from(std::vector<int64_t>{4}, {1});
  const double before = ctc_loss(x, label_columns({{1, 2}}), length).item();
  for (int64_t i = 4 * 4; i < 6 * 4; ++i) x.data<double>()[i] = 1e6;
  EXPECT_EQ(ctc_loss(x, label_columns({{1, 2}}), length).item(), before);
  x.set_requires_grad();
  const Tensor slope = grad(sum(ctc_loss(x, label_columns({{1, 2}}), length)), x);
  for (int64_t i = 4 * 4; i < 6 * 4; ++i) EXPECT_EQ(slope.values<double>()[i], 0);
}

TEST(CtcLoss, WhatCannotFitIsAnErrorThatSaysWhy) {
  EXPECT_EQ(ctc_least_steps(std::vector<int32_t>{1, 1, 2}), 4);
  EXPECT_EQ(ctc_least_steps({}), 0);
  const Tensor x = normal({3, 2, 4});
  EXPECT_NO_THROW(ctc_loss(x, label_columns({{1, 2, 3}, {1, 1}})));
  EXPECT_ERROR(ctc_loss(x, label_columns({{1}, {1, 1, 2}})), "sequence 1: 3 labels need at least 4 steps, got 3");
  EXPECT_ERROR(ctc_loss(x, label_columns({{1}, {0}})),
               "label 0 of sequence 1: expected 0 .. 3 but the blank, 0, got 0");
  EXPECT_ERROR(ctc_loss(x, label_columns({{1}, {4}})), "got 4");
  EXPECT_ERROR(ctc_loss(x, label_columns({{1}})), "labels: expected i32 [S, 2]");
  EXPECT_ERROR(ctc_loss(x, label_columns({{1}, {1}}), Tensor::from(std::vector<int64_t>{3, 4}, {2})),
               "expected 0 .. 3, got 4");
  EXPECT_ERROR(ctc_loss(x, label_columns({{1}, {1}}), {}, 7), "blank: expected 0 .. 3, got 7");
}

}  // namespace
}  // namespace recur::testing
