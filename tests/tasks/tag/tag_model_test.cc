// What must hold of the tagger's network whatever its parameters, and its losses worked out by hand.
#include "recur/tasks/tag/tag_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using Numbers = std::vector<double>;

constexpr int64_t T = 4, B = 3, C = 3, kWords = 7, kCharacters = 6;
const std::vector<int64_t> kLengths{4, 2, 1};
const TagSizes kSizes{.words = kWords, .characters = kCharacters, .tags = C};

TagModelOptions options_of(const std::string& characters = "lstm", const std::string& output = "softmax") {
  TagModelOptions options;
  options.embedding = 3;
  options.characters = characters;
  options.char_embedding = 2;
  options.char_hidden = 3;
  options.rnn.hidden = 4;
  options.output = output;
  options.dropout = 0;
  return options;
}

TagModel make(const TagModelOptions& options) {
  Random random(5);
  return TagModel(options, kSizes, random);
}

Tensor of(std::vector<int32_t> values, const Shape& shape) { return Tensor::from(values, shape); }

// Five distinct words of 1 to 4 characters. The padding holds 0, as TagEncoder leaves it.
TagBatch some_batch() {
  return {.words = of({1, 2, 3, 4, 5, 0, 6, 0, 0, 1, 0, 0}, {T, B}),
          .lengths = kLengths,
          .tags = of({0, 1, 2, 2, 0, kNoTag, 1, kNoTag, kNoTag, 0, kNoTag, kNoTag}, {T, B}),
          .characters = of({1, 2, 3, 4, 5, 5, 0, 1, 2, 3, 0, 0, 2, 2, 0, 0, 0, 0, 4, 0}, {4, 5}),
          .character_lengths = {2, 1, 3, 4, 2},
          .word_at = of({0, 1, 2, 3, 4, 0, 1, 0, 0, 0, 0, 0}, {T, B})};
}

Numbers numbers(const Tensor& t) {
  const Tensor wide = t.detach().clone(DType::kF64);
  const auto values = wide.values<double>();
  return {values.begin(), values.end()};
}

Tensor run(const TagModel& model, const TagBatch& batch) { return model(batch, Mode::evaluation()); }

// The scores of the steps that are there.
Numbers known(const Tensor& scores) {
  const Numbers all = numbers(scores);
  Numbers out;
  for (int64_t t = 0; t < T; ++t)
    for (int64_t b = 0; b < B; ++b)
      for (int64_t c = 0; c < C && t < kLengths[b]; ++c) out.push_back(all[(t * B + b) * C + c]);
  return out;
}

// What is not known is summed over.
TEST(TagModel, TheLossOfTagsThatAreNotKnownIsThatOfAllTheyMayBe) {
  for (const char* output : {"softmax", "crf"}) {
    TagModel model = make(options_of("none", output));
    Random random(9);
    for (NamedTensor& each : model.named_parameters()) {
      if (!each.name.starts_with("crf")) continue;
      float* values = each.value.data<float>();
      for (int64_t i = 0; i < each.value.numel(); ++i) values[i] = static_cast<float>(random.normal());
    }
    TagBatch batch = some_batch();
    const Tensor scores = run(model, batch);
    TagBatch open = batch;
    open.tags = of({0, 1, 2, kNoTag, 0, kNoTag, 1, kNoTag, kNoTag, 0, kNoTag, kNoTag}, {T, B});
    double sum = 0;
    for (int32_t tag = 0; tag < C; ++tag) {
      batch.tags = of({0, 1, 2, tag, 0, kNoTag, 1, kNoTag, kNoTag, 0, kNoTag, kNoTag}, {T, B});
      sum += std::exp(-double{model.loss(scores, batch).item()});
    }
    EXPECT_NEAR(model.loss(scores, open).item(), -std::log(sum), 1e-4) << output;
  }
}

class EverySpeller : public ::testing::TestWithParam<const char*> {};

TEST_P(EverySpeller, ScoresDoNotHangOnWhatStandsInThePadding) {
  const TagModel model = make(options_of(GetParam()));
  const TagBatch batch = some_batch();
  TagBatch other = batch;
  other.words = of({1, 2, 3, 4, 5, 6, 6, 3, 2, 1, 5, 4}, {T, B});
  other.word_at = of({0, 1, 2, 3, 4, 3, 1, 2, 2, 0, 4, 1}, {T, B});
  other.characters = of({1, 2, 3, 4, 5, 5, 3, 1, 2, 3, 1, 1, 2, 2, 4, 5, 5, 5, 4, 5}, {4, 5});
  EXPECT_EQ(run(model, batch).shape(), (Shape{T, B, C}));
  EXPECT_EQ(known(run(model, batch)), known(run(model, other)));
  EXPECT_NE(numbers(run(model, batch)), Numbers(T * B * C, 0));
}

TEST_P(EverySpeller, TheOrderOfTheDistinctWordsIsIrrelevant) {
  const TagModel model = make(options_of(GetParam()));
  TagBatch swapped = some_batch();
  // Words 0 and 3 change places.
  swapped.characters = of({4, 2, 3, 1, 5, 2, 0, 1, 5, 3, 2, 0, 2, 0, 0, 4, 0, 0, 0, 0}, {4, 5});
  swapped.character_lengths = {4, 1, 3, 2, 2};
  swapped.word_at = of({3, 1, 2, 0, 4, 0, 1, 0, 0, 3, 0, 0}, {T, B});
  const Numbers want = known(run(model, some_batch())), got = known(run(model, swapped));
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-6);
}

TEST_P(EverySpeller, GradientsOfEveryParameterAreRight) {
  for (const char* output : {"softmax", "crf"}) {
    TagModel model = make(options_of(GetParam(), output));
    model.to(DType::kF64);
    Random random(9);
    NamedTensors state = model.named_parameters();
    for (const NamedTensor& each : state) init::normal(each.value, 0, 0.5, random);
    const TagBatch batch = some_batch();
    const auto loss = [&] { return model.loss(run(model, batch), batch); };
    const Tensors gradients = grad({loss()}, model.parameters());
    constexpr double kStep = 1e-6;
    for (size_t p = 0; p < state.size(); ++p) {
      const Numbers analytic = numbers(gradients[p]), values = numbers(state[p].value);
      for (int64_t i = 0; i < state[p].value.numel(); ++i) {
        // data() each time, as it tells what is kept of the parameter that it changes.
        const auto with = [&](double value) {
          state[p].value.data<double>()[i] = value;
          return loss().item();
        };
        const double above = with(values[i] + kStep), below = with(values[i] - kStep);
        state[p].value.data<double>()[i] = values[i];
        EXPECT_NEAR(analytic[i], (above - below) / (2 * kStep), 1e-5) << state[p].name << ' ' << i << ' ' << output;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, EverySpeller, ::testing::Values("lstm", "conv", "none"));

TEST(WordSpeller, GivesTwiceItsHiddenUnitsOfEachWordAndZerosOfNoCharacters) {
  Random random(2);
  for (const char* kind : {"lstm", "conv"}) {
    WordSpeller speller(options_of(kind), kCharacters, random);
    const Tensor spelt = speller(some_batch().characters, {2, 1, 3, 0, 2}, Mode::evaluation());
    EXPECT_EQ(spelt.shape(), (Shape{5, 6}));
    for (int64_t i = 3 * 6; i < 4 * 6; ++i) EXPECT_EQ(numbers(spelt)[i], 0) << kind;
    EXPECT_NE(numbers(spelt)[0], 0);
  }
}

TEST(TagModel, WithoutSpellingTheCharactersAreNotLookedAt) {
  const TagModel model = make(options_of("none"));
  TagBatch batch = some_batch();
  batch.characters = batch.word_at = {};
  EXPECT_EQ(known(run(model, batch)), known(run(model, some_batch())));
}

TEST(TagModel, SoftmaxLossIsTheSumOfEachTokensLogarithm) {
  const TagModel model = make(options_of());
  const TagBatch batch = some_batch();
  const Tensor scores = normal({T, B, C}, 3, DType::kF32);
  const Numbers s = numbers(scores);
  double want = 0;
  for (int64_t i = 0; i < T * B; ++i) {
    const int32_t tag = batch.tags.values<int32_t>()[i];
    if (tag == kNoTag) continue;
    double sum = 0;
    for (int64_t c = 0; c < C; ++c) sum += std::exp(s[i * C + c]);
    want += std::log(sum) - s[i * C + tag];
  }
  EXPECT_NEAR(model.loss(scores, batch).item(), want, 1e-5);
}

TEST(TagModel, ACrfThatHasLearntNothingSaysTheSameAsSoftmax) {
  const TagModel softmax = make(options_of()), crf = make(options_of("lstm", "crf"));
  const TagBatch batch = some_batch();
  const Tensor scores = normal({T, B, C}, 3, DType::kF32);
  EXPECT_NEAR(crf.loss(scores, batch).item(), softmax.loss(scores, batch).item(), 1e-4);
  EXPECT_EQ(crf.tag(scores, kLengths), softmax.tag(scores, kLengths));
  const Numbers a = known(crf.probabilities(scores, kLengths)), b = known(softmax.probabilities(scores, kLengths));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5);
}

TEST(TagModel, TransitionsCanOverruleTheBestOfEachStep) {
  const TagModel model = make(options_of("none", "crf"));
  NamedTensors parameters = model.named_parameters();
  for (NamedTensor& each : parameters) {
    if (each.name != "crf.transitions") continue;
    // From tag 0 to itself is all but forbidden.
    each.value.data<float>()[0] = -100;
  }
  const Tensor scores = Tensor::from(std::vector<float>{2, 1, 0, 3, 1, 0}, {2, 1, 3});
  EXPECT_THAT(model.tag(scores, {2})[0], ::testing::ElementsAre(1, 0));
  EXPECT_THAT(make(options_of("none")).tag(scores, {2})[0], ::testing::ElementsAre(0, 0));
}

TEST(TagModel, GivesATagForEachTokenAndProbabilitiesThatAddUpToOne) {
  for (const char* output : {"softmax", "crf"}) {
    const TagModel model = make(options_of("none", output));
    const Tensor scores = normal({T, B, C}, 4, DType::kF32);
    const std::vector<int64_t> lengths{4, 0, 1};
    const auto tags = model.tag(scores, lengths);
    for (size_t b = 0; b < 3; ++b) EXPECT_EQ(std::ssize(tags[b]), lengths[b]);
    const Numbers p = numbers(model.probabilities(scores, lengths));
    for (int64_t t = 0; t < T; ++t) {
      const auto row = p.begin() + t * B * C;
      EXPECT_NEAR(std::accumulate(row, row + C, 0.0), 1, 1e-5) << output;
      EXPECT_EQ(std::max_element(row, row + C) - row, tags[0][t]) << output;
    }
  }
}

TEST(TagModel, DropsInTrainingOnly) {
  TagModelOptions options = options_of();
  options.dropout = 0.5f;
  const TagModel model = make(options);
  const TagBatch batch = some_batch();
  Random random(1);
  EXPECT_EQ(numbers(run(model, batch)), numbers(run(model, batch)));
  EXPECT_NE(numbers(model(batch, Mode::training(random))), numbers(model(batch, Mode::training(random))));
}

TEST(TagModel, CheckSizeAsksForNoMoreThanAModelHas) {
  for (const char* characters : {"lstm", "conv", "none"}) {
    for (const char* output : {"softmax", "crf"}) {
      TagModelOptions options = options_of(characters, output);
      options.rnn.layers = 2;
      Random random(1);
      const int64_t count = TagModel(options, kSizes, random).parameter_count();
      EXPECT_NO_THROW(check_size(options, kSizes, count)) << characters << output;
    }
  }
}

TEST(TagModel, CheckSizeRefusesSizesThatWouldOverflow) {
  TagModelOptions options = options_of();
  const int64_t most = int64_t{1} << 40;
  options.embedding = int64_t{1} << 62;
  EXPECT_ERROR(check_size(options, {.words = int64_t{1} << 31, .characters = 2, .tags = 2}, most), "at least");
  options = options_of();
  options.char_hidden = 1 << 20;
  EXPECT_ERROR(check_size(options, kSizes, 1 << 20), "at least");
  options = options_of();
  options.rnn.widths = {4, 1 << 20};
  EXPECT_ERROR(check_size(options, kSizes, 1 << 20), "at least");
}

}  // namespace
}  // namespace recur
