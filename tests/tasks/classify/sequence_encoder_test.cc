#include "recur/tasks/classify/sequence_encoder.h"

#include <gtest/gtest.h>

#include "recur/tasks/classify/classify_examples.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::Scratch;

class SequenceEncoderTest : public ::testing::Test {
 protected:
  ClassifySource read(const std::string& name, const std::string& text) const {
    return ClassifySource::read({scratch_.put(name, text)}, options_, {});
  }
  SequenceEncoder fit(const ClassifySource& source) const {
    return SequenceEncoder::fit(source, all_of(source.size()), options_);
  }

  Scratch scratch_;
  ClassifyDataOptions options_ = [] {
    ClassifyDataOptions options;
    options.tokens.min_count = 1;
    return options;
  }();
};

constexpr const char* kTexts = "good\tA fine film.\nbad\ta dull film, a dull day\n";
constexpr const char* kSeries = "id,step,x,label\na,1,0,u\na,2,2,u\nb,1,4,v\n";

TEST_F(SequenceEncoderTest, SeparatesPunctuationAndMakesLettersSmall) {
  const ClassifySource source = read("t.tsv", kTexts);
  const SequenceEncoder encoder = fit(source);
  ASSERT_TRUE(encoder.is_text());
  EXPECT_EQ(encoder.encode(source, 0).steps, 4);  // a fine film .
  const auto first = encoder.encode(source, 0).symbols, second = encoder.encode(source, 1).symbols;
  EXPECT_EQ(first[0], second[0]);  // "A" and "a"
  EXPECT_EQ(first[2], second[2]);  // "film." and "film,"
}

TEST_F(SequenceEncoderTest, LearnsWordsFromTheTrainingPartAlone) {
  const ClassifySource source = read("t.tsv", kTexts);
  const SequenceEncoder encoder = SequenceEncoder::fit(source, std::vector<int64_t>{0}, options_);
  const auto second = encoder.encode(source, 1).symbols;
  EXPECT_EQ(second[1], encoder.tokenizer().unknown());  // "dull"
  EXPECT_NE(second[0], encoder.tokenizer().unknown());  // "a"
}

TEST_F(SequenceEncoderTest, CutsToTheFirstSteps) {
  options_.most_steps = 2;
  const ClassifySource texts = read("t.tsv", kTexts), series = read("s.csv", kSeries);
  EXPECT_EQ(fit(texts).encode(texts, 1).steps, 2);
  EXPECT_EQ(fit(series).encode(series, 0).steps, 2);
  EXPECT_EQ(fit(series).encode(series, 1).steps, 1);  // shorter as it is
}

TEST_F(SequenceEncoderTest, KeepsAQuarterFromTheStartAndTheRestFromTheEnd) {
  const ClassifySource source = read("t.tsv", "x\ta b c d e f g h\n");
  options_.most_steps = 4;
  options_.keep = "ends";
  const SequenceEncoder encoder = fit(source);
  const EncodedSequence cut = encoder.encode(source, 0);
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.symbols, encoder.tokenizer().encode("a f g h"));
}

TEST_F(SequenceEncoderTest, ScalesSeriesByTheTrainingPart) {
  const ClassifySource source = read("s.csv", kSeries);
  const auto first = fit(source).encode(source, 0), second = fit(source).encode(source, 1);
  ASSERT_EQ(first.steps, 2);
  EXPECT_NEAR(first.values[1], 0, 1e-6);  // 2 is the mean of 0, 2, 4
  EXPECT_NEAR(first.values[0], -second.values[0], 1e-6);
  // Of the first sequence alone: mean 1, deviation 1.
  const SequenceEncoder part = SequenceEncoder::fit(source, std::vector<int64_t>{0}, options_);
  EXPECT_NEAR(part.encode(source, 1).values[0], 3, 1e-5);
}

TEST_F(SequenceEncoderTest, IsTheSameOutOfItsAssets) {
  for (const auto& [name, text] : {std::pair{"t.tsv", kTexts}, {"s.csv", kSeries}}) {
    const ClassifySource source = read(name, text);
    const SequenceEncoder encoder = fit(source), again(encoder.assets(), options_);
    EXPECT_EQ(again.features(), encoder.features());
    for (int64_t i = 0; i < 2; ++i) {
      EXPECT_EQ(again.encode(source, i).symbols, encoder.encode(source, i).symbols);
      EXPECT_EQ(again.encode(source, i).values, encoder.encode(source, i).values);
    }
  }
}

TEST_F(SequenceEncoderTest, RefusesTheOtherKindOfData) {
  const ClassifySource texts = read("t.tsv", kTexts), series = read("s.csv", kSeries);
  EXPECT_ERROR(fit(texts).encode(series, 1), "s.csv:4: expected texts");
  EXPECT_ERROR(fit(series).encode(texts, 1), "t.tsv:2: expected series of numbers");
}

TEST_F(SequenceEncoderTest, PadsABatchToItsLongest) {
  const ClassifySource source = read("s.csv", kSeries);
  const ClassifyExamples examples = encode_examples(source, all_of(source.size()), fit(source), nullptr);
  EXPECT_EQ(lengths_of(*examples.sequences), (std::vector<int64_t>{2, 1}));
  const auto sequences = load_examples(*examples.sequences, std::vector<int32_t>{1, 0});
  const SequenceBatch batch = make_batch(sequences);
  EXPECT_EQ(batch.x.shape(), (Shape{2, 2, 1}));
  EXPECT_EQ(batch.lengths, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(batch.x.values<float>()[2], 0);  // behind the end of the first
  EXPECT_EQ(batch.x.values<float>()[1], sequences[1]->values[0]);
}

}  // namespace
}  // namespace recur
