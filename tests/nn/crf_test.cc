#include "recur/nn/crf.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/base/threads.h"
#include "recur/nn/crf_partition.h"
#include "recur/nn/crf_twin.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;

constexpr int64_t kSteps = 4, kBatch = 5, kLabels = 3;
const std::vector<int64_t> kLengths{4, 1, 0, 3, 2};

Crf random_crf(DType dtype = DType::kF64) {
  Crf crf(kLabels);
  crf.load_state({{"transitions", normal({kLabels, kLabels}, 11, DType::kF32)},
                  {"start", normal({kLabels}, 12, DType::kF32)},
                  {"end", normal({kLabels}, 13, DType::kF32)}});
  crf.to(dtype);
  return crf;
}

Tensor some_labels() {
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < kSteps * kBatch; ++i) labels.push_back(static_cast<int32_t>((i * i + 1) % kLabels));
  return Tensor::from(labels, {kSteps, kBatch});
}

std::vector<int32_t> column(const Tensor& labels, int64_t b) {
  std::vector<int32_t> result;
  for (int64_t t = 0; t < labels.size(0); ++t)
    result.push_back(labels.values<int32_t>()[static_cast<size_t>(t * labels.size(1) + b)]);
  return result;
}

// All labellings of one sequence and their scores, by the definition.
struct Labelling {
  std::vector<int32_t> labels;
  double score;
};
std::vector<Labelling> enumerate(const Crf& crf, const Tensor& emissions, int64_t b, int64_t length) {
  std::vector<Labelling> all{{{}, 0}};
  for (int64_t t = 0; t < length; ++t) {
    std::vector<Labelling> longer;
    for (const Labelling& each : all) {
      for (int32_t c = 0; c < kLabels; ++c) {
        Labelling next = each;
        next.score += emissions.data<double>()[(t * kBatch + b) * kLabels + c];
        next.score +=
            t == 0 ? crf.start->data<double>()[c] : crf.transitions->data<double>()[each.labels.back() * kLabels + c];
        if (t + 1 == length) next.score += crf.end->data<double>()[c];
        next.labels.push_back(c);
        longer.push_back(std::move(next));
      }
    }
    all = std::move(longer);
  }
  return all;
}

TEST(Crf, LossIsThatOfAllLabellingsCountedOut) {
  const Crf crf = random_crf();
  const Tensor emissions = normal({kSteps, kBatch, kLabels}, 1, DType::kF64), labels = some_labels();
  const Tensor loss = crf.loss(emissions, labels, kLengths);
  for (int64_t b = 0; b < kBatch; ++b) {
    double sum = 0, own = 0;
    for (const Labelling& each : enumerate(crf, emissions, b, kLengths[b])) {
      sum += std::exp(each.score);
      bool same = true;
      for (int64_t t = 0; t < kLengths[b]; ++t) {
        same &= each.labels[t] == labels.data<int32_t>()[t * kBatch + b];
      }
      if (same) own = each.score;
    }
    EXPECT_NEAR(loss.data<double>()[b], std::log(sum) - own, 1e-12) << "sequence " << b;
  }
}

TEST(Crf, DecodesTheMostProbableLabelling) {
  const Crf crf = random_crf();
  for (const uint64_t seed : {1u, 2u, 3u, 4u}) {
    const Tensor emissions = normal({kSteps, kBatch, kLabels}, seed, DType::kF64);
    const auto decoded = crf.decode(emissions, kLengths);
    for (int64_t b = 0; b < kBatch; ++b) {
      const auto all = enumerate(crf, emissions, b, kLengths[b]);
      EXPECT_EQ(decoded[b], std::ranges::max_element(all, {}, &Labelling::score)->labels);
    }
  }
}

TEST(Crf, MarginalsAreThoseOfAllLabellingsCountedOut) {
  const Crf crf = random_crf();
  const Tensor emissions = normal({kSteps, kBatch, kLabels}, 1, DType::kF64);
  const Tensor marginals = crf.marginals(emissions, kLengths);
  EXPECT_FALSE(marginals.requires_grad());
  std::vector<double> expected(static_cast<size_t>(marginals.numel()), 0);
  for (int64_t b = 0; b < kBatch; ++b) {
    const auto all = enumerate(crf, emissions, b, kLengths[b]);
    double sum = 0;
    for (const Labelling& each : all) sum += std::exp(each.score);
    for (const Labelling& each : all) {
      for (int64_t t = 0; t < kLengths[b]; ++t) {
        expected[(t * kBatch + b) * kLabels + each.labels[t]] += std::exp(each.score) / sum;
      }
    }
  }
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(marginals.data<double>()[i], expected[i], 1e-12);
}

TEST(Crf, GradientsAreExactToSecondOrder) {
  const Crf crf = random_crf();
  const Tensor labels = some_labels();
  const auto loss = [&](const Tensors& in) {
    Crf moved = crf;
    moved.transitions = in[1];
    moved.start = in[2];
    moved.end = in[3];
    return Tensors{moved.loss(in[0], labels, kLengths)};
  };
  const Tensors inputs{normal({kSteps, kBatch, kLabels}, 1, DType::kF64), crf.transitions, crf.start, crf.end};
  EXPECT_LT(gradient_error(loss, inputs), 1e-6);
  EXPECT_LT(second_gradient_error(loss, inputs), 1e-5);
}

TEST(Crf, PartitionIsThatOfItsTwin) {
  const Crf crf = random_crf();
  const CrfTensors tensors{crf.transitions, crf.start, crf.end};
  const auto gradients = [&](const auto& partition, const std::vector<int64_t>& lengths) {
    Tensor emissions = normal({kSteps, kBatch, kLabels}, 1, DType::kF64);
    emissions.set_requires_grad();
    const Tensor sums = partition(emissions, lengths, tensors);
    Tensors all =
        grad(Tensors{sum(sums * normal({kBatch}, 5, DType::kF64))}, {emissions, crf.transitions, crf.start, crf.end});
    all.push_back(sums);
    return all;
  };
  for (const std::vector<int64_t>& lengths : {kLengths, {}, {1, 1, 0, 0, 1}, {0, 0, 0, 0, 0}}) {
    const Tensors own = gradients(crf_log_partition, lengths), twin = gradients(composed_crf_log_partition, lengths);
    for (size_t k = 0; k < own.size(); ++k) EXPECT_LT(testing::relative_error(own[k], twin[k]), 1e-12) << k;
  }
}

// The scores of labels that a network is sure of, over a thousand steps, add up to tens of thousands: what is left of
// the gradient must not be their rounding.
TEST(Crf, LongSequencesCostNoPrecision) {
  constexpr int64_t kLong = 1000;
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < kLong * 2; ++i) labels.push_back(static_cast<int32_t>((i * i + 1) % kLabels));
  const auto of = [&](DType dtype) {
    const Crf crf = random_crf(dtype);
    Tensor emissions = normal({kLong, 2, kLabels}, 3, DType::kF32);
    for (float& each : std::span(emissions.data<float>(), static_cast<size_t>(emissions.numel()))) each += 30;
    for (int64_t i = 0; i < kLong * 2; ++i) emissions.data<float>()[i * kLabels + labels[static_cast<size_t>(i)]] += 6;
    emissions = emissions.clone(dtype);
    emissions.set_requires_grad();
    const Tensor loss = crf.loss(emissions, Tensor::from(labels, {kLong, 2}), {});
    const Tensor lengths = Tensor::full({2}, kLong, DType::kI64);
    const CrfTensors tensors{crf.transitions, crf.start, crf.end};
    EXPECT_EQ(crf.decode(emissions, {})[1], column(crf_decode_twin(emissions, lengths, tensors), 1));
    return Tensors{grad(sum(loss), emissions), crf.marginals(emissions, {}), loss,
                   crf_marginals_twin(emissions, lengths, tensors)};
  };
  const Tensors narrow = of(DType::kF32), wide = of(DType::kF64);
  EXPECT_LT(testing::relative_error(narrow[0], wide[0]), 1e-4);
  EXPECT_LT(testing::relative_error(narrow[1], wide[1]), 1e-6);
  EXPECT_LT(testing::relative_error(narrow[2], wide[2]), 1e-3);
  EXPECT_LT(testing::relative_error(narrow[3], wide[1]), 1e-4);
}

TEST(Crf, GivesTheSameBitsForAnyNumberOfThreads) {
  const Crf crf = random_crf(DType::kF32);
  const int before = threads();
  const auto run = [&](int count) {
    set_threads(count);
    Tensor emissions = normal({40, 9, kLabels}, 1, DType::kF32);
    emissions.set_requires_grad();
    const Tensor loss = sum(crf.log_partition(emissions, {40, 3, 0, 17, 40, 1, 22, 9, 31}));
    return grad(Tensors{loss}, {emissions, crf.transitions, crf.start, crf.end});
  };
  const Tensors one = run(1), three = run(3);
  set_threads(before);
  for (size_t k = 0; k < one.size(); ++k) EXPECT_EQ(testing::relative_error(one[k], three[k]), 0) << k;
}

TEST(Crf, OfOneLabelOrNothingHasNoLoss) {
  Crf one(1);
  Tensor emissions = normal({5, 2, 1}, 1, DType::kF32);
  emissions.set_requires_grad();
  const Tensor loss = one.loss(emissions, Tensor::zeros({5, 2}, DType::kI32), {5, 2});
  EXPECT_NEAR(sum(loss).item(), 0, 1e-5);
  EXPECT_LT(sum(abs(grad(sum(loss), emissions))).item(), 1e-5);
  EXPECT_EQ(Crf(3).log_partition(Tensor::zeros({0, 2, 3}), {}).shape(), Shape{2});
  EXPECT_EQ(Crf(3).log_partition(Tensor::zeros({4, 0, 3}), {}).shape(), Shape{0});
}

TEST(Crf, DoesNotDependOnPaddingOrLabelsBehindTheEnd) {
  const Crf crf = random_crf(DType::kF32);
  const Tensor emissions = normal({kSteps, kBatch, kLabels}, 1, DType::kF32);
  Tensor other = emissions.clone(), labels = some_labels(), other_labels = labels.clone();
  for (int64_t t = 0; t < kSteps; ++t) {
    for (int64_t b = 0; b < kBatch; ++b) {
      if (t < kLengths[b]) continue;
      for (int64_t c = 0; c < kLabels; ++c) other.data<float>()[(t * kBatch + b) * kLabels + c] = 1e6f;
      other_labels.data<int32_t>()[t * kBatch + b] = -1;
    }
  }
  const Tensor a = crf.loss(emissions, labels, kLengths), b = crf.loss(other, other_labels, kLengths);
  EXPECT_EQ(testing::relative_error(a, b), 0);
  EXPECT_EQ(crf.decode(emissions, kLengths), crf.decode(other, kLengths));
}

TEST(Crf, StaysFiniteWithLargeScores) {
  const Crf crf = random_crf(DType::kF32);
  Tensor emissions = normal({kSteps, kBatch, kLabels}, 1, DType::kF32);
  for (int64_t i = 0; i < emissions.numel(); ++i) emissions.data<float>()[i] *= 1e4f;
  emissions.set_requires_grad();
  const Tensor loss = sum(crf.loss(emissions, some_labels(), kLengths));
  loss.backward();
  EXPECT_TRUE(std::isfinite(loss.item()));
  for (const float g : emissions.grad().values<float>()) EXPECT_TRUE(std::isfinite(g));
}

TEST(Crf, StartsWithIndependentSteps) {
  Crf crf(kLabels);
  const Tensor loss = crf.loss(Tensor::zeros({kSteps, kBatch, kLabels}), some_labels(), kLengths);
  for (int64_t b = 0; b < kBatch; ++b) {
    EXPECT_NEAR(loss.data<float>()[b], static_cast<double>(kLengths[b]) * std::log(3.0), 1e-5);
  }
}

// The algorithms as scans give what those on numbers give, of lengths 0 and 1 too.
TEST(Crf, TwinsDecodeAndGiveMarginals) {
  const Crf crf = random_crf(DType::kF32);
  const Tensor emissions = normal({kSteps, kBatch, kLabels}, 21, DType::kF32);
  const CrfTensors tensors{crf.transitions, crf.start, crf.end};
  const Tensor lengths = Tensor::from(kLengths, {kBatch});
  const Tensor labels = crf_decode_twin(emissions, lengths, tensors);
  const auto decoded = crf.decode(emissions, kLengths);
  for (int64_t b = 0; b < kBatch; ++b) {
    for (int64_t t = 0; t < kSteps; ++t) {
      const int32_t expected = t < kLengths[b] ? decoded[b][t] : 0;
      EXPECT_EQ(labels.values<int32_t>()[static_cast<size_t>(t * kBatch + b)], expected) << t << " of " << b;
    }
  }
  EXPECT_LT(
      testing::relative_error(crf_marginals_twin(emissions, lengths, tensors), crf.marginals(emissions, kLengths)),
      1e-5);
}

TEST(Crf, RefusesWhatDoesNotFit) {
  EXPECT_ERROR(Crf(0), "at least 1");
  const Crf crf(kLabels);
  const Tensor emissions = Tensor::zeros({kSteps, kBatch, kLabels});
  EXPECT_ERROR(crf.loss(Tensor::zeros({2, 2, 4}), some_labels(), {}), "expected [T, B, 3]");
  EXPECT_ERROR(crf.loss(emissions, Tensor::zeros({2, 2}, DType::kI32), {}), "labels");
  EXPECT_ERROR(crf.loss(emissions, some_labels(), {1, 2}), "each of 5 sequences");
  EXPECT_ERROR(crf.loss(emissions, some_labels(), {9, 1, 1, 1, 1}), "0 .. 4, got 9");
  EXPECT_ERROR(crf.loss(emissions, Tensor::full({kSteps, kBatch}, 7, DType::kI32), {}), "7 is not within 0 .. 2");
}

}  // namespace
}  // namespace recur
