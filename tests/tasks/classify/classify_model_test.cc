#include "recur/tasks/classify/classify_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "tests/support/throws.h"
#include "tests/tasks/classify/small_classifier.h"

namespace recur {
namespace {

ClassifyModelOptions options(const std::string& pooling = "mean") { return testing::small_classifier(pooling, 0.5f); }

constexpr ClassifySizes kSeries{.text = false, .features = 2, .outputs = 3};
constexpr ClassifySizes kText{.text = true, .features = 6, .outputs = 2};

Tensor random_series(int64_t steps, int64_t batch) {
  Random random(5);
  Tensor x = Tensor::zeros({steps, batch, 2});
  random.normal({x.data<float>(), static_cast<size_t>(x.numel())});
  return x;
}

// The series of `from` in column b, alone, cut to its steps.
SequenceBatch alone(const Tensor& from, int64_t b, int64_t steps) {
  Tensor x = Tensor::zeros({steps, 1, 2});
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t f = 0; f < 2; ++f) x.data<float>()[t * 2 + f] = from.values<float>()[(t * from.size(1) + b) * 2 + f];
  return {.x = x, .lengths = {steps}};
}

struct Shape {
  const char* pooling;
  bool conv;
};

class ClassifyModelPadding : public ::testing::TestWithParam<Shape> {};

TEST_P(ClassifyModelPadding, ChangesNothing) {
  ClassifyModelOptions chosen = options(GetParam().pooling);
  if (GetParam().conv) {
    chosen.conv = std::vector<int64_t>{3, 4};
    chosen.kernels = {3};
    chosen.stride = 2;
  }
  Random random(1);
  ClassifyModel model(chosen, kSeries, random);
  Tensor x = random_series(9, 3);
  const std::vector<int64_t> lengths{9, 4, 1};
  for (int64_t t = 0; t < 9; ++t)  // as make_batch() leaves it
    for (int64_t b = 0; b < 3; ++b)
      if (t >= lengths[b]) std::fill_n(x.data<float>() + (t * 3 + b) * 2, 2, 0.0f);
  const Tensor together = model({.x = x, .lengths = lengths}, Mode::evaluation());
  ASSERT_EQ(together.shape(), (recur::Shape{3, 3}));
  for (int64_t b = 0; b < 3; ++b) {
    const Tensor one = model(alone(x, b, lengths[b]), Mode::evaluation());
    for (int64_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(together.values<float>()[b * 3 + c], one.values<float>()[c], 1e-5) << "sequence " << b;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, ClassifyModelPadding,
                         ::testing::Values(Shape{"last", false}, Shape{"mean", false}, Shape{"max", false},
                                           Shape{"attention", false}, Shape{"concat", false}, Shape{"last", true},
                                           Shape{"mean", true}, Shape{"max", true}, Shape{"attention", true},
                                           Shape{"concat", true}),
                         [](const auto& info) {
                           return std::string(info.param.pooling) + (info.param.conv ? "_conv" : "");
                         });

TEST(ClassifyModel, ConvolutionOfATextDoesNotSeeTheOthersOfItsBatch) {
  ClassifyModelOptions chosen = options();
  chosen.conv = std::vector<int64_t>{3};
  chosen.kernels = {3};
  Random random(1);
  const ClassifyModel model(chosen, kText, random);
  const Tensor both = Tensor::from(std::vector<int32_t>{1, 4, 2, 5, 3, 0, 1, 0}, {4, 2});  // the second: 4 5
  const Tensor one = Tensor::from(std::vector<int32_t>{4, 5}, {2, 1});
  const Tensor together = model({.x = both, .lengths = {4, 2}}, Mode::evaluation());
  const Tensor alone = model({.x = one, .lengths = {2}}, Mode::evaluation());
  for (int64_t c = 0; c < 2; ++c) EXPECT_NEAR(together.values<float>()[2 + c], alone.values<float>()[c], 1e-6);
}

TEST(ClassifyModel, DropsInTrainingAlone) {
  Random random(1);
  ClassifyModel model(options(), kSeries, random);
  const SequenceBatch batch{.x = random_series(4, 2), .lengths = {4, 4}};
  const auto first = [&](Mode mode) { return model(batch, mode).values<float>()[0]; };
  EXPECT_NE(first(Mode::training(random)), first(Mode::training(random)));
  EXPECT_EQ(first(Mode::evaluation()), first(Mode::evaluation()));
}

TEST(ClassifyModel, ReadsSymbolsThroughAnEmbedding) {
  Random random(1);
  ClassifyModel model(options("last"), kText, random);
  ASSERT_TRUE(model.embedding());
  EXPECT_EQ(model.embedding()->weight->shape(), (recur::Shape{6, 3}));
  const auto of = [&](std::vector<int32_t> symbols) {
    const auto steps = std::ssize(symbols);
    return model({.x = Tensor::from(symbols, {steps, 1}), .lengths = {steps}}, Mode::evaluation()).values<float>()[0];
  };
  EXPECT_NE(of({1, 2, 3}), of({3, 2, 1}));
  EXPECT_EQ(of({1, 2, 3}), of({1, 2, 3}));
}

TEST(ClassifyModel, FrozenEmbeddingsGetNoGradient) {
  for (const bool freeze : {false, true}) {
    ClassifyModelOptions chosen = options();
    chosen.freeze_vectors = freeze;
    Random random(1);
    ClassifyModel model(chosen, kText, random);
    const Tensor x = Tensor::from(std::vector<int32_t>{1, 2}, {2, 1});
    sum(model({.x = x, .lengths = {2}}, Mode::training(random))).backward();
    EXPECT_EQ(model.embedding()->weight->grad().defined(), !freeze);
  }
}

TEST(ClassifyModel, HasTheGradientsOfFiniteDifferences) {
  ClassifyModelOptions chosen = options("attention");
  chosen.dropout = 0.0f;
  chosen.conv = std::vector<int64_t>{2};
  chosen.kernels = {3};
  Random random(1);
  ClassifyModel model(chosen, kSeries, random);
  model.to(DType::kF64);
  const SequenceBatch batch{.x = random_series(4, 2), .lengths = {4, 2}};
  // Batch normalisation goes by its running statistics, which do not change.
  const auto loss = [&] { return sum(square(model(batch, Mode::evaluation()))); };
  loss().backward();
  for (const NamedTensor& parameter : model.named_parameters()) {
    Tensor value = parameter.value;
    for (int64_t i = 0; i < value.numel(); i += 5) {
      const double before = value.values<double>()[i], step = 1e-6;
      const auto loss_at = [&](double x) {
        value.data<double>()[i] = x;
        return loss().item();
      };
      const double slope = (loss_at(before + step) - loss_at(before - step)) / (2 * step);
      loss_at(before);
      EXPECT_NEAR(value.grad().values<double>()[i], slope, 1e-6) << parameter.name;
    }
  }
}

TEST(ClassifyModel, IsRefusedWhenAFileCannotHoldIt) {
  EXPECT_NO_THROW(check_size(options(), kSeries, 1000));
  EXPECT_ERROR(check_size(options(), kSeries, 10), "at least");
  ClassifyModelOptions wide = options();
  wide.conv = std::vector<int64_t>(100, 1 << 16);
  EXPECT_ERROR(check_size(wide, kSeries, 1 << 20), "at least");
  EXPECT_ERROR(check_size(options(), {.text = true, .features = int64_t{1} << 40, .outputs = 2}, 1 << 20), "at least");
}

}  // namespace
}  // namespace recur
