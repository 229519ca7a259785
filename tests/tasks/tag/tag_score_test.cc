#include "recur/tasks/tag/tag_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/support/throws.h"
#include "tests/tasks/tag/tag_sentences.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;

// A tagger whose network has been made to give every token the scores log(share), whatever it reads; without shares,
// one as it was drawn.
class TagScore : public ::testing::Test {
 protected:
  void fit(const TaggedText& train, const std::vector<double>& shares) {
    encoder_.emplace(TagEncoder::fit(*tag_examples(train).sentences, {}));
    TagModelOptions options;
    options.embedding = options.rnn.hidden = 2;
    options.characters = "none";
    options.output = "softmax";
    Random random(1);
    model_.emplace(
        options, TagSizes{.words = encoder_->words().size(), .characters = 1, .tags = encoder_->tags().size()}, random);
    if (shares.empty()) return;
    for (NamedTensor& each : model_->named_parameters()) {
      if (each.name == "decoder.weight") each.value.copy_from(Tensor::zeros(each.value.shape()));
      if (each.name != "decoder.bias") continue;
      for (size_t i = 0; i < shares.size(); ++i) each.value.data<float>()[i] = static_cast<float>(std::log(shares[i]));
    }
  }

  Evaluation measured(const TaggedText& text, int64_t batch = 2) {
    return measure(*model_, *encoder_, tag_examples(text), batch);
  }

  std::optional<TagEncoder> encoder_;
  std::optional<TagModel> model_;
};

TEST_F(TagScore, MetricsAreThoseCountedByHand) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.75, 0.25});  // says X always
  // Seven tokens, of which four are X; of the two unknown words one is.
  const TaggedText text = tagged_text(
      {tagged({"a", "a", "new"}, {"X", "X", "X"}), tagged({"b"}, {"Y"}), tagged({"b", "odd", "a"}, {"Y", "Y", "X"})});
  const Evaluation result = measured(text);
  EXPECT_EQ(result.examples, 7);
  EXPECT_NEAR(result.at("loss"), -(4 * std::log(0.75) + 3 * std::log(0.25)) / 7, 1e-6);
  EXPECT_NEAR(result.at("accuracy"), 4.0 / 7, 1e-12);
  EXPECT_NEAR(result.at("accuracy_unknown"), 0.5, 1e-12);
  EXPECT_NEAR(result.at("macro_f1"), (8.0 / 11 + 0) / 2, 1e-12);  // precision 4/7, recall 1 of X; 0 of Y
  EXPECT_FALSE(result.find("span_f1"));
  ASSERT_EQ(result.tables.size(), 1u);
  EXPECT_EQ(result.tables[0].rows.size(), 2u);
}

TEST_F(TagScore, ATextOfKnownWordsHasNoAccuracyOfUnknownOnes) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.5, 0.5});
  EXPECT_FALSE(measured(tagged_text({tagged({"A"}, {"X"})})).find("accuracy_unknown"));
}

TEST_F(TagScore, SpansAreCountedWhereTagsAreOfSpans) {
  // Classes are in order of their bytes: B-x, O. Every token is said to begin a span.
  fit(tagged_text({tagged({"a", "b"}, {"B-x", "O"})}), {0.9, 0.1});
  const TaggedText text = tagged_text({tagged({"a", "b"}, {"B-x", "O"}), tagged({"a", "a"}, {"O", "O"})});
  const Evaluation result = measured(text);
  EXPECT_NEAR(result.at("span_precision"), 0.25, 1e-12);
  EXPECT_NEAR(result.at("span_recall"), 1, 1e-12);
  EXPECT_NEAR(result.at("span_f1"), 0.4, 1e-12);
}

TEST_F(TagScore, ATagThatTheModelLacksIsItsErrorAndHasNoLoss) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.75, 0.25});
  const TaggedText text = tagged_text({tagged({"a", "a", "b"}, {"X", "ODD", "Y"}), tagged({"a"}, {"X"})});
  const Evaluation result = measured(text);
  EXPECT_EQ(result.examples, 4);
  EXPECT_NEAR(result.at("loss"), -(2 * std::log(0.75) + std::log(0.25)) / 3, 1e-6);
  EXPECT_NEAR(result.at("accuracy"), 0.5, 1e-12);
  EXPECT_NEAR(result.at("macro_f1"), (2.0 / 3 + 0 + 0) / 3, 1e-12);  // of X 2 hits and 2 false alarms
  ASSERT_EQ(result.tables[0].rows.size(), 3u);
  EXPECT_EQ(std::get<std::string>(result.tables[0].rows[2][0]), "ODD");
}

TEST_F(TagScore, SpansOfTypesThatTheModelLacksAreMissed) {
  fit(tagged_text({tagged({"a", "b"}, {"B-x", "O"})}), {0.1, 0.9});  // says O always
  const Evaluation result = measured(tagged_text({tagged({"a", "b", "c"}, {"O", "B-new", "I-new"})}));
  EXPECT_EQ(result.at("span_recall"), 0);
  EXPECT_EQ(result.at("span_f1"), 0);
}

TEST_F(TagScore, DoesNotHangOnTheSizeOfBatches) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.75, 0.25});
  const TaggedText text = tagged_text({tagged({"a", "b", "c", "a"}, {"X", "Y", "X", "X"}), tagged({}, {}),
                                       tagged({"b"}, {"Y"}), tagged({"c", "a"}, {"Y", "Y"})});
  const Evaluation one = measured(text, 1), all = measured(text, 64);
  ASSERT_EQ(one.metrics.size(), all.metrics.size());
  for (size_t i = 0; i < one.metrics.size(); ++i) EXPECT_NEAR(one.metrics[i].value, all.metrics[i].value, 1e-6);
}

TEST_F(TagScore, RefusesTextsWithoutTokensAndTagsThatAreNotKnown) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.75, 0.25});
  EXPECT_ERROR(measured(tagged_text({tagged({"a"}, {"ODD"})})), "a.conll:1");
  EXPECT_ERROR(measured(tagged_text({})), "no tokens");
  EXPECT_ERROR(measured(tagged_text({tagged({}, {})})), "no tokens");
}

TEST_F(TagScore, WritesTokensInTheOrderOfTheTextWithTheirProbability) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.75, 0.25});
  const TaggedText text = untagged_text({{"long", "er", "one"}, {}, {"b"}});
  Kept rows;
  write_tags(*model_, *encoder_, tag_examples(text), 2, rows);
  EXPECT_THAT(rows.names(), ElementsAre("sentence", "position", "token", "tag", "probability"));
  std::vector<std::string> said;
  for (const auto& row : rows.rows()) {
    said.push_back(fmt::format("{} {} {} {}", std::get<int64_t>(row[0]), std::get<int64_t>(row[1]),
                               std::get<std::string>(row[2]), std::get<std::string>(row[3])));
    EXPECT_NEAR(std::get<double>(row[4]), 0.75, 1e-6);
  }
  EXPECT_THAT(said, ElementsAre("1 1 long X", "1 2 er X", "1 3 one X", "3 1 b X"));
}

TEST_F(TagScore, WritesOfEachTokenWhatItWouldOfItsSentenceAlone) {
  fit(tagged_text({tagged({"a", "b", "c", "d"}, {"X", "Y", "X", "Y"})}), {});
  const TaggedText text = untagged_text({{"a", "b", "c"}, {"d"}, {"b", "d"}});
  Kept together, alone;
  write_tags(*model_, *encoder_, tag_examples(text), 64, together);
  write_tags(*model_, *encoder_, tag_examples(text), 1, alone);
  std::set<double> different;
  ASSERT_EQ(together.rows().size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    const double p = std::get<double>(alone.rows()[i][4]);
    EXPECT_NEAR(std::get<double>(together.rows()[i][4]), p, 1e-6) << i;
    EXPECT_EQ(together.rows()[i][3], alone.rows()[i][3]) << i;
    different.insert(std::round(p * 1e4));
  }
  EXPECT_GT(different.size(), 4u);
}

TEST_F(TagScore, OfNoSentencesThereAreTheColumnsAlone) {
  fit(tagged_text({tagged({"a", "b"}, {"X", "Y"})}), {0.75, 0.25});
  Kept rows;
  write_tags(*model_, *encoder_, tag_examples(untagged_text({})), 2, rows);
  EXPECT_EQ(rows.names().size(), 5u);
  EXPECT_TRUE(rows.rows().empty());
}

// "b" is X twice and Y once; all words but one are X, which is what an unknown word gets.
TEST_F(TagScore, TheUsualTagOfAWordIsABaseline) {
  const TaggedText train = tagged_text({tagged({"a", "b", "b"}, {"X", "X", "Y"}), tagged({"b", "c"}, {"X", "Y"})});
  const TagEncoder encoder = TagEncoder::fit(*tag_examples(train).sentences, {});
  const TagExamples test = tag_examples(tagged_text({tagged({"b", "c", "new", "new"}, {"X", "Y", "X", "Y"})}));
  const BaselineResults results = measure_usual_tags(encoder, test);
  ASSERT_EQ(results.methods.size(), 1u);
  EXPECT_EQ(results.by.metric, "accuracy");
  const std::vector<Metric>& metrics = results.methods[0].metrics;
  EXPECT_EQ(metrics[0].name, "accuracy");
  EXPECT_DOUBLE_EQ(metrics[0].value, 0.75);
  const TagEncoder again(encoder.assets(), {});
  EXPECT_EQ(again.usual_tags(), encoder.usual_tags());
}

}  // namespace
}  // namespace recur
