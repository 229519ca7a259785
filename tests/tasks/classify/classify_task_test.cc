#include "recur/tasks/classify/classify_task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/log.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// Texts whose class hangs on one word at any place.
std::string texts(int count, uint64_t seed) {
  static const char* const kFillers[] = {"the", "film", "was", "a", "very", "long", "one"};
  Random random(seed);
  std::string out;
  for (int i = 0; i < count; ++i) {
    const bool good = random.bernoulli(0.5);
    const uint64_t words = 2 + random.below(6), at = random.below(words + 1);
    out += good ? "pos\t" : "neg\t";
    for (uint64_t k = 0; k <= words; ++k) {
      out += std::string(k > 0 ? " " : "") + (k == at ? (good ? "wonderful" : "dreadful") : kFillers[random.below(7)]);
    }
    out += "\n";
  }
  return out;
}

// A sequence a line of JSON: sines of two frequencies, with gaps, of 8 to 15 steps and two channels.
std::string series(int count, uint64_t seed, bool values = false) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < count; ++i) {
    const bool fast = random.bernoulli(0.5);
    const double phase = random.uniform(), level = random.uniform();
    std::string cells;
    for (uint64_t t = 0, steps = 8 + random.below(8); t < steps; ++t) {
      const double x = std::sin(phase + static_cast<double>(t) * (fast ? 2.0 : 0.5)) + level;
      const bool gap = random.bernoulli(0.1);
      cells += fmt::format("{}[{}, {:.3f}]", t > 0 ? ", " : "", gap ? "null" : fmt::format("{:.3f}", x), 100 + x);
    }
    out += fmt::format("{{\"values\": [{}], \"label\": \"{}\"}}\n", cells,
                       values ? fmt::format("{:.4f}", level) : (fast ? "fast" : "slow"));
  }
  return out;
}

// What is warned of while it lives.
struct Warnings {
  Warnings()
      : before(set_log_sink([this](LogLevel level, std::string_view message) {
          if (level == LogLevel::kWarning) said.emplace_back(message);
        })) {}
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;
  ~Warnings() { set_log_sink(before); }

  std::vector<std::string> said;
  LogSink before;
};

class ClassifyTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<ClassifyTask> make() {
    auto task = std::make_unique<ClassifyTask>();
    task->options.data.batch = 8;
    task->options.augment.kinds = {"none"};
    task->options.model.network = "rnn";
    task->options.model.members = 1;
    task->options.model.rnn.hidden = 12;
    task->options.model.embedding = 12;
    task->options.model.dropout = 0.1f;
    return task;
  }
  static Taught<ClassifyTask> taught(const std::filesystem::path& data, int steps = 0) {
    return teach(make(), {.files = {data}}, steps);
  }

  Scratch scratch_;
};

TEST_F(ClassifyTaskTest, LearnsTexts) {
  const auto taught = this->taught(scratch_.put("train.tsv", texts(200, 1)), 150);
  EXPECT_EQ(taught.options().data.input, "text");
  const Evaluation result = taught.trained().evaluate({scratch_.put("test.tsv", texts(100, 2))});
  EXPECT_EQ(result.examples, 100);
  EXPECT_GT(result.at("accuracy"), 0.97);
  EXPECT_GT(result.at("auc"), 0.99);
  EXPECT_LT(result.at("loss"), 0.15);
  EXPECT_LT(result.at("calibration_error"), 0.1);
  ASSERT_EQ(result.tables.size(), 3u);
  EXPECT_EQ(result.tables[0].name, "methods");
  EXPECT_EQ(result.tables[0].rows.size(), 3u);  // the model, the majority and naive Bayes
}

// Thirty letters of DNA, whose class is that of the letter at one place; the others are random.
std::string sequences(int count, uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < count; ++i) {
    std::string letters;
    for (int t = 0; t < 30; ++t) letters += "ACGT"[random.below(4)];
    out += fmt::format("{}\t{}\n", letters[11] == 'A' || letters[11] == 'G' ? "purine" : "pyrimidine", letters);
  }
  return out;
}

class ClassifyPositions : public ClassifyTaskTest {
 protected:
  Evaluation learnt(std::optional<int64_t> ngrams, std::optional<int64_t> positions, int steps) {
    auto task = make();
    task->options.data.tokens.kind = "chars";
    task->options.data.batch = 32;
    task->options.model.ngrams = ngrams;
    task->options.model.positions = positions;
    const auto taught = teach(std::move(task), {.files = {scratch_.put("train.tsv", sequences(600, 1))}}, steps);
    chosen_ = taught.options().model;
    return taught.trained().evaluate({scratch_.put("test.tsv", sequences(200, 2))});
  }
  ClassifyModelOptions chosen_;
};

TEST_F(ClassifyPositions, SymbolsOfSequencesOfOneLengthHavePlaces) {
  EXPECT_GT(learnt({}, {}, 1).at("accuracy"), 0.9);  // by the linear path, beside a network that has learnt nothing
  EXPECT_EQ(chosen_.positions, 30);
  EXPECT_EQ(chosen_.ngram_characters, 0);
}

TEST_F(ClassifyPositions, TheNetworkLearnsThemToo) { EXPECT_GT(learnt(0, {}, 400).at("accuracy"), 0.9); }

TEST_F(ClassifyPositions, WithoutPlacesNothingCanBeLearnt) { EXPECT_LT(learnt({}, 0, 1).at("accuracy"), 0.75); }

TEST_F(ClassifyTaskTest, OfLongTextsTheNetworkReadsTheEnds) {
  auto task = make();
  task->options.data.most_steps = 4;
  const auto taught = teach(std::move(task), {.files = {scratch_.put("train.tsv", texts(60, 1))}}, 1);
  EXPECT_EQ(taught.options().data.keep, "ends");
}

TEST_F(ClassifyTaskTest, ValidationChoosesHowMuchTheLinearPathCounts) {
  const TrainingData data{.files = {scratch_.put("train.tsv", texts(200, 1))}, .held_out = 0.2};
  auto task = make();
  const auto training = task->train(data, {});
  EXPECT_GT(training->validate().at("accuracy"), 0.97);  // a network that has learnt nothing beside it
  const auto baselines = training->baselines();
  ASSERT_EQ(baselines.methods.size(), 2u);
  const NamedTensors buffers = training->module().named_buffers();
  const auto mix = std::ranges::find(buffers, "ngrams.mix", &NamedTensor::name);
  ASSERT_NE(mix, buffers.end());
  EXPECT_GT(mix->value.data<float>()[1], 0.5f);
}

// Each text has a word of its own, whose weight tells that the path has learnt from the text.
TEST_F(ClassifyTaskTest, ThePathThatIsKeptLearnsFromWhatWasHeldOutToo) {
  std::string all;
  for (int i = 0; i < 80; ++i) all += fmt::format("{}\tword{}\n", i % 2 == 0 ? "even" : "odd", i);
  const auto weighted = [&](const std::string& class_weights) {
    auto task = make();
    task->options.data.tokens.kind = "words";
    task->options.model.ngram_characters = 0;
    task->options.model.ngrams = 1 << 20;
    task->options.loss.class_weights = class_weights;
    const auto training = task->train({.files = {scratch_.put("train.tsv", all)}, .held_out = 0.5}, {});
    const NamedTensors buffers = training->module().named_buffers();
    const Tensor weight = std::ranges::find(buffers, "ngrams.weight", &NamedTensor::name)->value;
    return std::ranges::count_if(std::as_const(weight).values<float>(), [](float w) { return w != 0; }) / 2;  // classes
  };
  EXPECT_EQ(weighted("none"), 80);
  EXPECT_EQ(weighted("balanced"), 40);  // there are weights of training examples alone
}

class ClassifyPooling : public ClassifyTaskTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ClassifyPooling, LearnsRaggedSeriesWithGaps) {
  auto task = make();
  task->options.model.pooling = GetParam();
  const auto taught = teach(std::move(task), {.files = {scratch_.put("train.jsonl", series(120, 1))}}, 200);
  EXPECT_EQ(taught.options().data.input, "series");
  EXPECT_GT(taught.trained().evaluate({scratch_.put("test.jsonl", series(60, 2))}).at("accuracy"), 0.9);
}
INSTANTIATE_TEST_SUITE_P(All, ClassifyPooling, ::testing::Values("last", "mean", "max", "attention", "concat"));

TEST_F(ClassifyTaskTest, LearnsSeriesThroughConvolutions) {
  auto task = make();
  task->options.model.conv = std::vector<int64_t>{8, 8};
  task->options.model.stride = 2;
  const auto taught = teach(std::move(task), {.files = {scratch_.put("train.jsonl", series(120, 1))}}, 150);
  EXPECT_GT(taught.trained().evaluate({scratch_.put("test.jsonl", series(60, 2))}).at("accuracy"), 0.9);
}

TEST_F(ClassifyTaskTest, PredictsRealValuesInTheirOwnUnits) {
  const auto taught = this->taught(scratch_.put("train.jsonl", series(120, 1, true)), 250);
  EXPECT_EQ(taught.options().data.target, "value");
  const auto test = scratch_.put("test.jsonl", series(60, 2, true));
  const Evaluation result = taught.trained().evaluate({test});
  EXPECT_GT(result.at("r2"), 0.7);
  EXPECT_LT(result.at("mae"), 0.2);  // the level is uniform in [0, 1]
  EXPECT_LE(result.at("mae"), result.at("rmse"));
  Kept rows;
  taught.trained().predict({test}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "value"}));
  EXPECT_EQ(rows.rows().size(), 60u);
}

TEST_F(ClassifyTaskTest, AModelFileSaysTheSameAsTheModel) {
  for (const auto& [name, text] : {std::pair{"a.tsv", texts(60, 1)}, {"a.jsonl", series(60, 1)}}) {
    const auto data = scratch_.put(name, text);
    const auto taught = this->taught(data, 20);
    Kept before, after;
    taught.trained().predict({data}, before);
    taught.trained().save(scratch_ / "model.recur");
    load_trained(scratch_ / "model.recur")->predict({data}, after);
    EXPECT_EQ(before.rows(), after.rows()) << name;
    EXPECT_EQ(before.names().size(), 5u);  // id, label, probability, and both classes
  }
}

TEST_F(ClassifyTaskTest, AnEnsembleLearnsAndIsKeptWhole) {
  auto task = make();
  task->options.model.members = 3;
  const auto data = scratch_.put("train.jsonl", series(60, 1));
  const auto taught = teach(std::move(task), {.files = {data}}, 100);
  EXPECT_GT(taught.trained().evaluate({scratch_.put("test.jsonl", series(60, 2))}).at("accuracy"), 0.9);
  Kept before, after;
  taught.trained().predict({data}, before);
  taught.trained().save(scratch_ / "model.recur");
  load_trained(scratch_ / "model.recur")->predict({data}, after);
  EXPECT_EQ(before.rows(), after.rows());
}

class ClassifyNetwork : public ClassifyTaskTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ClassifyNetwork, LearnsRaggedSeriesAndIsKept) {
  auto task = make();
  task->options.model.network = GetParam();
  task->options.model.filters = std::vector<int64_t>{16, 16, 16};
  task->options.model.mlp = {32, 32};
  const auto data = scratch_.put("train.jsonl", series(120, 1));
  const auto taught = teach(std::move(task), {.files = {data}}, 250);
  EXPECT_GT(taught.trained().evaluate({scratch_.put("test.jsonl", series(60, 2))}).at("accuracy"), 0.85);
  Kept before, after;
  taught.trained().predict({data}, before);
  taught.trained().save(scratch_ / "model.recur");
  load_trained(scratch_ / "model.recur")->predict({data}, after);
  EXPECT_EQ(before.rows(), after.rows());
}
INSTANTIATE_TEST_SUITE_P(All, ClassifyNetwork, ::testing::Values("rnn", "cnn", "lstm-fcn", "mlp"));

TEST_F(ClassifyTaskTest, AnMlpReadsSeriesOfAnyLengthButNoTexts) {
  auto task = make();
  task->options.model.network = "mlp";
  const auto taught = teach(std::move(task), {.files = {scratch_.put("a.jsonl", series(20, 1))}}, 3);
  const std::string row = "{\"values\": [[1, 2]], \"label\": \"slow\"}\n";
  std::string longest = "{\"values\": [[1, 2]";
  for (int t = 0; t < 40; ++t) longest += ", [1, 2]";
  EXPECT_EQ(taught.trained().evaluate({scratch_.put("b.jsonl", row + longest + "], \"label\": \"fast\"}\n")}).examples,
            2);
  auto other = make();
  other->options.model.network = "mlp";
  EXPECT_ERROR(other->train({.files = {scratch_.put("a.tsv", texts(20, 1))}}, {}), "expected series of numbers");
}

TEST_F(ClassifyTaskTest, EachNetworkOfAnEnsembleIsValidatedOnItsOwnPart) {
  auto task = make();
  task->options.model.members = 5;
  auto training = task->train({.files = {scratch_.put("a.jsonl", series(50, 1))}, .held_out = 0.2}, {.seed = 1});
  EXPECT_TRUE(training->has_validation());
  EXPECT_EQ(training->validate().examples, 50);  // all folds together
  train_by_hand(*training, 100);
  EXPECT_GT(training->validate().at("accuracy"), 0.8);
  EXPECT_GT(training->criterion().chance, 0);
}

TEST_F(ClassifyTaskTest, PredictsWithoutLabels) {
  const auto taught = this->taught(scratch_.put("train.tsv", texts(60, 1)));
  Kept rows;
  taught.trained().predict({scratch_.put("new.txt", "a wonderful film\nthe very dreadful one\n")}, rows);
  EXPECT_EQ(rows.rows().size(), 2u);
}

TEST_F(ClassifyTaskTest, ScalersAndVocabularyComeFromTheTrainingPartAlone) {
  const auto train = scratch_.put("train.tsv", "a\tone two one\nb\ttwo one two\na\tone two two\nb\tone one two\n");
  const auto valid = scratch_.put("valid.tsv", "a\tthree three three\nb\tfour four four\n");
  const auto taught = teach(make(), {.files = {train}, .valid = {valid}});
  EXPECT_EQ(std::get<int64_t>(taught.trained().describe()[2].value), 3);  // <unk>, one, two
  EXPECT_EQ(taught.training->validate().examples, 2);
}

TEST_F(ClassifyTaskTest, HoldsOutAShareOfEveryClass) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += fmt::format("{}\tsome words here {}\n", i % 4 == 0 ? "rare" : "usual", i);
  const auto taught = teach(make(), {.files = {scratch_.put("train.tsv", text)}, .held_out = 0.2});
  const Evaluation result = taught.training->validate();
  EXPECT_EQ(result.examples, 8);
  const Table& classes = result.tables[0];
  EXPECT_EQ(std::get<int64_t>(classes.rows[0][1]), 2);  // rare
  EXPECT_EQ(std::get<int64_t>(classes.rows[1][1]), 6);
}

TEST_F(ClassifyTaskTest, LabelsOfTrainingAndValidationAreAllKnown) {
  std::string text = texts(40, 1) + "rare\ta film of its own kind\n";
  const auto taught = teach(
      make(), {.files = {scratch_.put("train.tsv", texts(40, 1))}, .valid = {scratch_.put("valid.tsv", text)}}, 3);
  EXPECT_EQ(std::get<int64_t>(taught.trained().describe()[3].value), 3);
  EXPECT_EQ(taught.training->validate().examples, 41);
  // Whichever part the only one of its class is drawn into.
  for (uint64_t seed = 1; seed < 5; ++seed) {
    const auto drawn = teach(make(), {.files = {scratch_.put("all.tsv", text)}, .held_out = 0.5}, 1, seed);
    EXPECT_EQ(std::get<int64_t>(drawn.trained().describe()[3].value), 3);
    EXPECT_GT(drawn.training->validate().examples, 15);
  }
}

TEST_F(ClassifyTaskTest, WarnsOnceOfLabelsThatItLacksAndCountsThemAsErrors) {
  const auto taught = this->taught(scratch_.put("train.tsv", texts(200, 1)), 150);
  const Warnings warnings;
  const Evaluation result = taught.trained().evaluate(
      {scratch_.put("test.tsv", texts(98, 2) + "odd\ta wonderful film\nodd\tsome other film\n")});
  EXPECT_EQ(result.examples, 100);
  EXPECT_LE(result.at("accuracy"), 0.98);
  EXPECT_GT(result.at("accuracy"), 0.95);
  EXPECT_LT(result.at("loss"), 0.2);
  EXPECT_EQ(warnings.said, (std::vector<std::string>{"2 of 100 sequences have labels that the model does not know, and "
                                                     "count as its errors: 'odd' (2)"}));
}

TEST_F(ClassifyTaskTest, AsksWhetherManyClassesAreMeant) {
  std::string text = "text,label\n";
  for (int i = 0; i < 12; ++i) text += fmt::format("some words here,c{}\n", i % 7);
  const Warnings warnings;
  teach(make(), {.files = {scratch_.put("train.csv", text)}});
  EXPECT_EQ(warnings.said, (std::vector<std::string>{"7 classes for 12 training examples: is 'c0' a label?"}));
}

TEST_F(ClassifyTaskTest, LearnsFromFoldersOfClasses) {
  for (int i = 0; i < 12; ++i) {
    scratch_.put(fmt::format("texts/good/{}.txt", i), "a wonderful film\nof two lines\r\n");
    scratch_.put(fmt::format("texts/bad/{}.txt", i), fmt::format("a dreadful film\nof {} lines\n", i));
  }
  const auto taught = this->taught(scratch_ / "texts", 60);
  Kept rows;
  taught.trained().predict({DataFile(scratch_ / "texts")}, rows);
  ASSERT_EQ(rows.rows().size(), 24u);
  EXPECT_EQ(std::get<std::string>(rows.rows()[2][0]), "bad/2.txt");
  EXPECT_EQ(std::get<std::string>(rows.rows()[2][1]), "bad");
  EXPECT_EQ(taught.trained().evaluate({DataFile(scratch_ / "texts")}).at("accuracy"), 1);
}

TEST_F(ClassifyTaskTest, LearnsSeriesFromFoldersOfClasses) {
  for (int i = 0; i < 12; ++i) {
    for (const int kind : {0, 1}) {
      std::string steps = "x,y\n";
      for (int t = 0; t < 8; ++t) steps += fmt::format("{},{}\n", kind == 0 ? t : -t, i);
      scratch_.put(fmt::format("series/{}/{}.csv", kind == 0 ? "up" : "down", i), steps);
    }
  }
  const auto taught = this->taught(scratch_ / "series", 60);
  EXPECT_EQ(taught.options().data.input, "series");
  EXPECT_EQ(taught.trained().evaluate({DataFile(scratch_ / "series")}).at("accuracy"), 1);
  Kept rows;
  taught.trained().predict({DataFile(scratch_ / "series/up/3.csv")}, rows);
  EXPECT_EQ(std::get<std::string>(rows.rows()[0][1]), "up");
  Kept all;
  taught.trained().predict({DataFile(scratch_ / "series")}, all);
  EXPECT_EQ(std::get<std::string>(all.rows()[12][0]), "up/0.csv");
}

TEST_F(ClassifyTaskTest, NamesTextsByTheirIds) {
  const auto taught = this->taught(scratch_.put("train.tsv", texts(60, 1)));
  Kept rows;
  taught.trained().predict({scratch_.put("new.csv", "id,text\n007,a wonderful film\nNA,a dull one\n")}, rows);
  EXPECT_EQ(std::get<std::string>(rows.rows()[0][0]), "007");
  EXPECT_EQ(std::get<std::string>(rows.rows()[1][0]), "NA");
}

TEST_F(ClassifyTaskTest, BalancedWeightsLiftTheRareClass) {
  std::string text = "label\ttext\n";
  for (int i = 0; i < 60; ++i) text += fmt::format("{}\tthe same words\n", i % 6 == 0 ? "rare" : "usual");
  const auto data = scratch_.put("train.tsv", text);
  const auto rare = [&](const std::string& weights) {
    auto task = make();
    task->options.loss.class_weights = weights;
    task->options.data.tokens.min_count = 1;
    const auto taught = teach(std::move(task), {.files = {data}}, 120);
    Kept rows;
    taught.trained().predict({data}, rows);
    return std::get<double>(rows.rows()[0][3]);
  };
  EXPECT_NEAR(rare("none"), 1.0 / 6, 0.08);
  EXPECT_NEAR(rare("balanced"), 0.5, 0.15);
}

TEST_F(ClassifyTaskTest, RefusesWhatCannotBeLearntOrMeasured) {
  EXPECT_ERROR(taught(scratch_.put("one.tsv", "a\tsome words here\na\tother words here\n")), "have the label 'a'");
  const auto texts_known = taught(scratch_.put("train.tsv", texts(60, 1)));
  const auto measure = [&](const std::filesystem::path& test) { texts_known.trained().evaluate({test}); };
  EXPECT_ERROR(measure(scratch_.put("test.tsv", "label\ttext\neven\ta wonderful film\nodd\ta bad film\n")),
               "test.tsv:2: the label 'even' was not seen in training");
  EXPECT_ERROR(measure(scratch_.put("none.tsv", "label\ttext\npos\ta wonderful film\n\ta bad film\n")), "none.tsv:3");
  EXPECT_ERROR(measure(scratch_.put("empty.tsv", "")), "empty.tsv");
  EXPECT_ERROR(measure(scratch_ / "absent.tsv"), "absent.tsv");
  EXPECT_ERROR(teach(make(), {.files = {scratch_.put("t.tsv", texts(60, 1))}, .held_out = 0.001}), "empty");
  auto values = make();
  values->options.loss.select = "accuracy";
  EXPECT_ERROR(values->train({.files = {scratch_.put("v.jsonl", series(20, 1, true))}}, {}), "select");
  const auto two = taught(scratch_.put("two.jsonl", series(40, 1)));
  EXPECT_ERROR(two.trained().evaluate({scratch_.put("more.jsonl", "{\"values\": [1, 2, 3], \"label\": \"fast\"}\n")}),
               "channels");
}

TEST_F(ClassifyTaskTest, StartsFromWordVectors) {
  auto task = make();
  task->options.model.embedding = 2;
  task->options.model.freeze_vectors = true;
  task->options.model.vectors = scratch_.put("v.vec", "1 2\nwonderful 0.25 -7\n").string();
  const auto taught = teach(std::move(task), {.files = {scratch_.put("train.tsv", texts(60, 1))}});
  const auto holds = [&] {
    for (const NamedTensor& each : taught.training->module().named_parameters()) {
      if (each.name != "embedding.weight") continue;
      const auto values = each.value.values<float>();
      return std::ranges::search(values, std::array{0.25f, -7.0f}).size() == 2;
    }
    return false;
  };
  EXPECT_TRUE(holds());
  train_by_hand(*taught.training, 3);
  EXPECT_TRUE(holds());  // frozen
}

TEST_F(ClassifyTaskTest, RefusesAModelFileThatDoesNotFit) {
  const auto taught = this->taught(scratch_.put("train.tsv", texts(60, 1)));
  Assets assets = taught.trained().assets();
  ClassifyTask other;
  other.options = taught.options();
  EXPECT_NO_THROW(other.restore(assets, 1 << 20));
  EXPECT_ERROR(other.restore(assets, 100), "at least");
  assets.erase("targets");
  EXPECT_ERROR(other.restore(assets, 1 << 20), "targets");
  EXPECT_ERROR(other.restore({{"targets", taught.trained().assets()["targets"]}}, 1 << 20), "columns");
  ClassifyTask unset;
  EXPECT_ERROR(unset.restore(taught.trained().assets(), 1 << 20), "lacks a value of");
}

}  // namespace
}  // namespace recur
