#include "recur/tasks/tag/tag_task.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// Made-up words whose tag shows in their last letters alone, so that characters must be read; "then" starts with a
// capital or not without a difference.
std::string word_classes(int sentences, uint64_t seed) {
  Random random(seed);
  const auto stem = [&] {
    std::string word;
    for (int i = 0; i < 3; ++i) word += static_cast<char>('a' + random.below(26));
    return word;
  };
  std::string out;
  for (int s = 0; s < sentences; ++s) {
    for (uint64_t t = 0, steps = 1 + random.below(7); t < steps; ++t) {
      const bool verb = random.bernoulli(0.5);
      out += stem() + (verb ? "ing\tVERB\n" : "ness\tNOUN\n");
    }
    out += "\n";
  }
  return out;
}

// Names of one or two words; what is inside hangs on the word before.
std::string names(int sentences, uint64_t seed) {
  static const char* const kWords[] = {"we", "saw", "him", "and"};
  Random random(seed);
  std::string out;
  for (int s = 0; s < sentences; ++s) {
    for (uint64_t t = 0, steps = 1 + random.below(5); t < steps; ++t) {
      if (random.bernoulli(0.4)) {
        out += "mr B-PER\n";
        if (random.bernoulli(0.5)) out += "smith I-PER\n";
      } else {
        out += std::string(kWords[random.below(4)]) + " O\n";
      }
    }
    out += "\n";
  }
  return out;
}

class TagTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<TagTask> make() {
    auto task = std::make_unique<TagTask>();
    task->options.data.batch = 8;
    task->options.model.embedding = 8;
    task->options.model.char_embedding = 8;
    task->options.model.char_hidden = 8;
    task->options.model.rnn.hidden = 12;
    task->options.model.dropout = 0.1f;
    return task;
  }

  Scratch scratch_;
};

class TagCharacters : public TagTaskTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(TagCharacters, TellWordsThatWereNeverSeen) {
  auto task = make();
  task->options.model.characters = GetParam();
  const auto taught = teach(std::move(task), {.files = {scratch_.put("train.conll", word_classes(100, 1))}}, 120);
  EXPECT_EQ(taught.options().model.output, "softmax");
  const Evaluation result = taught.trained().evaluate({scratch_.put("test.conll", word_classes(50, 2))});
  EXPECT_GT(result.at("accuracy"), 0.97);
  EXPECT_GT(result.at("accuracy_unknown"), 0.97);
  EXPECT_FALSE(result.find("span_f1"));
}
INSTANTIATE_TEST_SUITE_P(All, TagCharacters, ::testing::Values("lstm", "conv"));

TEST_F(TagTaskTest, FindsSpansWithTheCrfByDefault) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(100, 1))}, .held_out = 0.2}, 120);
  EXPECT_EQ(taught.options().model.output, "crf");
  EXPECT_EQ(taught.training->criterion().metric, "span_f1");
  EXPECT_GT(taught.training->validate().at("span_f1"), 0.97);
  const Evaluation result = taught.trained().evaluate({scratch_.put("test.conll", names(50, 2))});
  EXPECT_GT(result.at("span_f1"), 0.97);
  EXPECT_LT(result.at("loss"), 0.1);
}

TEST_F(TagTaskTest, AModelFileSaysTheSameAsTheModel) {
  for (const char* output : {"softmax", "crf"}) {
    auto task = make();
    task->options.model.output = output;
    const auto data = scratch_.put("train.conll", names(40, 1));
    const auto taught = teach(std::move(task), {.files = {data}}, 20);
    Kept before, after;
    taught.trained().predict({data}, before);
    taught.trained().save(scratch_ / "model.recur");
    load_trained(scratch_ / "model.recur")->predict({data}, after);
    EXPECT_EQ(before.rows(), after.rows());
    for (const auto& row : before.rows()) {
      EXPECT_GT(std::get<double>(row[4]), 0);
      EXPECT_LE(std::get<double>(row[4]), 1 + 1e-6);
    }
  }
}

TEST_F(TagTaskTest, PredictsTheTokensInTheirOrder) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(40, 1))}});
  Kept rows;
  taught.trained().predict({scratch_.put("new.txt", "we saw mr smith\nhim\n")}, rows);
  ASSERT_EQ(rows.rows().size(), 5u);
  EXPECT_EQ(std::get<std::string>(rows.rows()[3][2]), "smith");
  EXPECT_EQ(std::get<int64_t>(rows.rows()[4][0]), 2);
  EXPECT_EQ(std::get<int64_t>(rows.rows()[4][1]), 1);
}

TEST_F(TagTaskTest, PredictsWithoutRegardToTagsThatAreThere) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(40, 1))}});
  Kept tagged, plain;
  taught.trained().predict({scratch_.put("new.conll", "we ODD\nsaw O\n\n")}, tagged);
  with_use(taught.trained(), {"format=plain"})->predict({scratch_.put("new.txt", "we saw\n")}, plain);
  EXPECT_EQ(tagged.rows(), plain.rows());
}

TEST_F(TagTaskTest, ASentenceDoesNotSeeItsNeighboursInTheBatch) {
  const auto data = scratch_.put("train.conll", names(40, 1));
  for (const char* characters : {"lstm", "conv", "none"}) {
    auto task = make();
    task->options.model.characters = characters;
    const auto taught = teach(std::move(task), {.files = {data}}, 5);
    Kept together, alone;
    with_use(taught.trained(), {"eval_batch=64"})->predict({data}, together);
    with_use(taught.trained(), {"eval_batch=1"})->predict({data}, alone);
    ASSERT_EQ(together.rows().size(), alone.rows().size());
    for (size_t i = 0; i < alone.rows().size(); ++i) {
      EXPECT_EQ(together.rows()[i][3], alone.rows()[i][3]);
      EXPECT_NEAR(std::get<double>(together.rows()[i][4]), std::get<double>(alone.rows()[i][4]), 1e-4) << characters;
    }
  }
}

TEST_F(TagTaskTest, TagsOfTrainingAndValidationAreAllKnown) {
  std::string text = names(20, 1) + "mr B-ORG\nand I-ORG\n\n";
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const auto drawn = teach(make(), {.files = {scratch_.put("all.conll", text)}, .held_out = 0.3}, 2, seed);
    EXPECT_EQ(std::get<int64_t>(drawn.trained().describe()[2].value), 5);
    EXPECT_GT(drawn.training->validate().examples, 5);
  }
  const auto taught = teach(
      make(), {.files = {scratch_.put("train.conll", names(20, 1))}, .valid = {scratch_.put("valid.conll", text)}});
  EXPECT_EQ(std::get<int64_t>(taught.trained().describe()[2].value), 5);
}

TEST_F(TagTaskTest, AStrayTagLeavesSpansSpans) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(40, 1) + "mr B-PER\nsaw 0\n\n")}});
  EXPECT_EQ(taught.options().model.output, "crf");
  EXPECT_EQ(taught.training->criterion().metric, "span_f1");
}

TEST_F(TagTaskTest, TakesSentencesOfEqualLengthForWhatTheyAre) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(40, 1))}});
  for (const auto& [text, words] : {std::pair{"we saw mr smith .\n", 5u}, {"we saw\nhim and\n", 4u}}) {
    Kept rows;
    taught.trained().predict({scratch_.put("new.txt", text)}, rows);
    EXPECT_EQ(rows.rows().size(), words);
  }
  EXPECT_ERROR(
      taught.trained().predict({scratch_.put("either.txt", "we X\nsaw Y\n\nhim X\n")}, *std::make_unique<Kept>()),
      "columns or sentences");
}

TEST_F(TagTaskTest, RefusesWhatCannotBeLearntOrMeasured) {
  EXPECT_ERROR(teach(make(), {.files = {scratch_.put("one.conll", "a X\nb X\n\n")}}), "expected at least two tags");
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(40, 1))}});
  const auto measure = [&](const std::filesystem::path& test) { taught.trained().evaluate({test}); };
  EXPECT_ERROR(measure(scratch_.put("test.conll", "we ODD\nsaw ODD\n\n")), "test.conll:1: the label 'ODD'");
  EXPECT_ERROR(measure(scratch_.put("plain.txt", "we saw him\n")), "plain.txt");
  EXPECT_ERROR(measure(scratch_.put("empty.conll", "")), "empty.conll");
}

TEST_F(TagTaskTest, RefusesAModelFileThatDoesNotFit) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.conll", names(40, 1))}});
  Assets assets = taught.trained().assets();
  TagTask other;
  other.options = taught.options();
  EXPECT_NO_THROW(other.restore(assets, 1 << 20));
  EXPECT_ERROR(other.restore(assets, 10), "at least");
  assets["words"] = "{\"words\": [\"<unk>\", \"a\"], \"counts\": [0]}";
  EXPECT_ERROR(other.restore(assets, 1 << 20), "do not match");
  assets["words"] = "[";
  EXPECT_ERROR(other.restore(assets, 1 << 20), "expected JSON");
  assets.erase("words");
  EXPECT_ERROR(other.restore(assets, 1 << 20), "lacks 'words'");
}

}  // namespace
}  // namespace recur
