// BLEU, ROUGE-L, CIDEr-D and METEOR of captions against coco-caption.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recur/base/json.h"
#include "recur/data/files/data_file.h"
#include "recur/tasks/metrics/caption_bleu.h"
#include "recur/tasks/metrics/caption_words.h"
#include "recur/tasks/metrics/cider.h"
#include "recur/tasks/metrics/meteor.h"
#include "recur/tasks/metrics/rouge.h"

namespace recur {
namespace {

struct Corpus {
  std::vector<CaptionWords> captions;
  std::vector<std::vector<CaptionWords>> references;
  const Json& golden;
};

std::vector<Corpus> corpora() {
  static const Json json =
      parse_json(DataFile(std::string(RECUR_TEST_DATA) + "/golden/caption_metrics.json").content(1 << 22), 6).value();
  std::vector<Corpus> out;
  for (const Json& each : json.at("corpora")) {
    Corpus corpus{.captions = {}, .references = {}, .golden = each};
    for (const auto& text : each.at("captions").get<std::vector<std::string>>()) {
      corpus.captions.push_back(caption_words(text));
    }
    for (const Json& image : each.at("references")) {
      auto& texts = corpus.references.emplace_back();
      for (const auto& text : image.get<std::vector<std::string>>()) texts.push_back(caption_words(text));
    }
    out.push_back(std::move(corpus));
  }
  return out;
}

TEST(CaptionScores, BleuEqualsCocoCaption) {
  for (const Corpus& corpus : corpora()) {
    CaptionBleu bleu;
    for (size_t i = 0; i < corpus.captions.size(); ++i) bleu.add(corpus.captions[i], corpus.references[i]);
    const auto expected = corpus.golden.at("bleu").get<std::vector<double>>();
    for (size_t n = 0; n < expected.size(); ++n) EXPECT_NEAR(bleu.scores()[n], expected[n], 1e-9);
  }
}

TEST(CaptionScores, RougeEqualsCocoCaption) {
  for (const Corpus& corpus : corpora()) {
    double sum = 0;
    for (size_t i = 0; i < corpus.captions.size(); ++i) sum += rouge_l(corpus.captions[i], corpus.references[i]);
    EXPECT_NEAR(sum / static_cast<double>(corpus.captions.size()), corpus.golden.at("rouge").get<double>(), 1e-9);
  }
}

TEST(CaptionScores, CiderEqualsCocoCaption) {
  for (const Corpus& corpus : corpora()) {
    const Cider cider(corpus.references);
    double sum = 0;
    const auto expected = corpus.golden.at("cider_each").get<std::vector<double>>();
    for (size_t i = 0; i < corpus.captions.size(); ++i) {
      const double score = cider.score(corpus.captions[i], i);
      EXPECT_NEAR(score, expected[i], 1e-9);
      sum += score;
    }
    EXPECT_NEAR(sum / static_cast<double>(corpus.captions.size()), corpus.golden.at("cider").get<double>(), 1e-9);
  }
}

TEST(CaptionScores, MeteorOfEqualWordsEqualsMeteor15) {
  for (const Corpus& corpus : corpora()) {
    if (corpus.golden.at("meteor").is_null()) continue;
    MeteorExact meteor;
    const auto expected = corpus.golden.at("meteor_each").get<std::vector<double>>();
    for (size_t i = 0; i < corpus.captions.size(); ++i) {
      EXPECT_NEAR(meteor.add(corpus.captions[i], corpus.references[i]), expected[i], 1e-9);
    }
    EXPECT_NEAR(meteor.score(), corpus.golden.at("meteor").get<double>(), 1e-9);
  }
}

TEST(CaptionScores, OfAnEmptyCaptionAreZero) {
  const std::vector<CaptionWords> references{caption_words("a dog")};
  CaptionBleu bleu;
  bleu.add({}, references);
  EXPECT_EQ(bleu.scores()[3], 0);
  EXPECT_EQ(rouge_l({}, references), 0);
  EXPECT_EQ(MeteorExact().add({}, references), 0);
  EXPECT_EQ(Cider(std::vector{references, references}).score({}, 0), 0);
}

TEST(CaptionWords, AreInLowerCaseWithoutPunctuation) {
  EXPECT_EQ(caption_words("A boy's T-shirt - red, ( big ) ."), (CaptionWords{"a", "boy's", "t-shirt", "red", "big"}));
  EXPECT_EQ(caption_words(" .. '' "), CaptionWords{});
}

}  // namespace
}  // namespace recur
