#include "recur/tasks/translate/translate_task.h"

#include <gtest/gtest.h>

#include "recur/autograd/node.h"
#include "recur/base/json.h"
#include "recur/decode/beam_search.h"
#include "recur/ops/sum.h"
#include "recur/tasks/translate/translate_steps.h"
#include "recur/tasks/translate/translate_training.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"
#include "tests/tasks/translate/translate_pairs.h"

namespace recur {
namespace {

using namespace testing;

class TranslateTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<TranslateTask> make(const std::string& attention = "general", bool feeds = true) {
    auto task = std::make_unique<TranslateTask>();
    task->options.data.batch = 32;
    task->options.model.rnn.hidden = 24;
    task->options.model.rnn.cell = "gru";
    task->options.model.attention = attention;
    task->options.model.heads = 2;
    task->options.model.input_feeding = feeds;
    task->options.model.dropout = 0;
    task->options.learning.smoothing = 0;
    return task;
  }
  DataFile put(const std::string& name, const std::string& text) const { return scratch_.put(name, text); }

  Scratch scratch_;
};

struct Kind {
  const char* name;
  const char* attention;
  bool feeds;
};
class TranslateAttention : public TranslateTaskTest, public ::testing::WithParamInterface<Kind> {};

TEST_P(TranslateAttention, LearnsToReverse) {
  const auto taught =
      teach(make(GetParam().attention, GetParam().feeds), {.files = {put("a.tsv", reversals(400, 1))}}, 800);
  const Evaluation result = taught.trained().evaluate({put("b.tsv", reversals(100, 2))});
  EXPECT_EQ(result.examples, 100);
  EXPECT_GT(result.at("exact_match"), 0.75);
  EXPECT_LT(result.at("token_error_rate"), 0.1);
  EXPECT_GT(result.at("chrf"), 75);
}

INSTANTIATE_TEST_SUITE_P(All, TranslateAttention,
                         ::testing::Values(Kind{"general", "general", true}, Kind{"general_unfed", "general", false},
                                           Kind{"additive", "additive", true},
                                           Kind{"multi_head_unfed", "multi_head", false}),
                         [](const auto& info) { return info.param.name; });

TEST_F(TranslateTaskTest, WithoutAttentionTheStateHasToHoldItAll) {
  const auto taught = teach(make("none"), {.files = {put("a.tsv", reversals(400, 1, 3))}}, 500);
  EXPECT_GT(taught.trained().evaluate({put("b.tsv", reversals(100, 2, 3))}).at("exact_match"), 0.75);
}

TEST_F(TranslateTaskTest, AttentionBlocksLearnToo) {
  auto task = make();
  task->options.model.attention_blocks = 2;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(400, 1))}}, 500);
  EXPECT_GT(taught.trained().evaluate({put("b.tsv", reversals(100, 2))}).at("exact_match"), 0.5);
}

TEST_F(TranslateTaskTest, CoverageLearnsToo) {
  auto task = make("additive");
  task->options.model.coverage = 5;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(400, 1))}}, 500);
  EXPECT_GT(taught.trained().evaluate({put("b.tsv", reversals(100, 2))}).at("exact_match"), 0.75);
}

TEST_F(TranslateTaskTest, ScheduledSamplingLearnsToo) {
  auto task = make();
  task->options.learning.scheduled_sampling = "linear";
  task->options.learning.sampling_steps = 1600;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(400, 1))}}, 800);
  EXPECT_GT(taught.trained().evaluate({put("b.tsv", reversals(100, 2))}).at("exact_match"), 0.75);
}

TEST_F(TranslateTaskTest, SubwordsThatAreLeftOutAreLearntToo) {
  auto task = make();
  task->options.data.source_tokens = "subwords";
  task->options.data.tokens.vocabulary = 290;
  task->options.data.tokens.model = "bpe";
  task->options.data.subword_dropout = 0.5;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(400, 1))}}, 800);
  EXPECT_GT(taught.trained().evaluate({put("b.tsv", reversals(100, 2))}).at("exact_match"), 0.5);
}

TEST_F(TranslateTaskTest, SubwordDropoutWithoutSubwordsIsRefused) {
  auto task = make();
  task->options.data.subword_dropout = 0.1;
  EXPECT_ERROR(teach(std::move(task), {.files = {put("a.tsv", reversals(40, 1))}}, 1),
               "subword_dropout: expected tokens or target_tokens = subwords, got chars and chars");
}

TEST_F(TranslateTaskTest, SampledSymbolsAreThoseGivenWhereTheTeacherIsSure) {
  const auto taught = teach(make(), {.files = {put("a.tsv", reversals(50, 1))}});
  const auto& trained = dynamic_cast<const TranslateTrained&>(taught.trained());
  const TranslateModel& model = trained.network().members().front();
  const std::vector<int32_t> source = trained.encoder().source("abc"), target = trained.encoder().target("cba");
  const std::vector<int32_t>*sources[] = {&source}, *targets[] = {&target};
  const auto read = model.read(TranslateEncoder::sources(sources), Mode::evaluation());
  const TargetBatch batch = trained.encoder().targets(targets);
  Random random(1);
  const Tensor taught_features = model.write_sampling(batch.inputs, read, 1, Mode::training(random));
  const Tensor features = model.write(batch.inputs, read.first, read.memory, Mode::training(random)).features;
  for (int64_t i = 0; i < features.numel(); ++i) {
    EXPECT_NEAR(taught_features.values<float>()[i], features.values<float>()[i], 1e-6);
  }
}

// What the search finds has the probability that the loss gives it.
struct SearchedModel {
  const char* name;
  int64_t coverage, members;
};
class TranslateSearch : public TranslateTaskTest, public ::testing::WithParamInterface<SearchedModel> {};

TEST_P(TranslateSearch, AgreesWithTheLoss) {
  auto task = make();
  task->options.model.coverage = GetParam().coverage;
  task->options.model.members = GetParam().members;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(200, 1))}}, 60);
  auto greedy = with_use(taught.trained(), {"beam=3", "length_penalty=0", "n_best=3"});
  Kept found;
  greedy->predict({put("s.txt", "abcab\nedc\n\na\n")}, found);
  std::string pairs;
  std::vector<double> scores;
  const char* sources[] = {"abcab", "edc", "", "a"};
  for (const auto& row : found.rows()) {
    const auto sentence = std::get<int64_t>(row[0]);
    if (std::get<std::string>(row[2]).empty()) continue;
    pairs += std::string(sources[sentence - 1]) + "\t" + std::get<std::string>(row[2]) + "\n";
    scores.push_back(std::get<double>(row[3]));
  }
  ASSERT_GT(scores.size(), 6u);
  Kept losses;
  taught.trained().evaluate({put("p.tsv", pairs)}, &losses);
  const std::vector<double> loss = losses.numbers("loss");
  ASSERT_EQ(loss.size(), scores.size());
  for (size_t i = 0; i < loss.size(); ++i) {
    const auto length = static_cast<double>(std::get<std::string>(losses.rows()[i][4]).size() + 1);
    EXPECT_NEAR(-loss[i] * length, scores[i], 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TranslateSearch,
                         ::testing::Values(SearchedModel{"plain", 0, 1}, SearchedModel{"coverage", 3, 1},
                                           SearchedModel{"ensemble", 0, 3}),
                         [](const auto& info) { return info.param.name; });

TEST_F(TranslateTaskTest, AnEnsembleHasLessLossThanItsMembersOnAverage) {
  auto task = make();
  task->options.model.members = 3;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(200, 1))}}, 100);
  const auto& trained = dynamic_cast<const TranslateTrained&>(taught.trained());
  const TranslateEnsemble& network = trained.network();
  ASSERT_EQ(network.members().size(), 3u);
  const EncodedPair pair = trained.encoder().pair({.source = "abcab", .target = "bacba", .place = {}});
  const std::vector<int32_t>*sources[] = {&pair.source}, *targets[] = {&pair.target};
  const SourceBatch source = TranslateEncoder::sources(sources);
  const TargetBatch target = trained.encoder().targets(targets);
  const autograd::NoGrad no_grad;
  double alone = 0;
  for (const TranslateModel& member : network.members()) {
    const auto read = member.read(source, Mode::evaluation());
    alone += member.objective(target, read, {.reduction = Reduction::kSum}, Mode::evaluation()).item() / 3;
  }
  // By Jensen's inequality, as they are not one.
  EXPECT_LT(sum(network.losses(source, target)).item(), alone - 1e-4);
}

TEST_F(TranslateTaskTest, ABatchIsAsEachAlone) {
  const auto taught = teach(make("multi_head"), {.files = {put("a.tsv", reversals(100, 1))}}, 30);
  Kept together;
  taught.trained().predict({put("s.txt", "abcab\n\nedcedcb\na\nzz\n")}, together);
  const auto session = taught.trained().session();
  Kept one_by_one;
  for (const char* line : {"abcab", "", "edcedcb", "a\tignored", "zz"}) session->take({line}, one_by_one);
  ASSERT_EQ(together.rows().size(), 5u);
  ASSERT_EQ(one_by_one.rows().size(), 5u);
  EXPECT_EQ(together.names(), one_by_one.names());
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(together.rows()[i][1], one_by_one.rows()[i][1]);
    EXPECT_NEAR(std::get<double>(together.rows()[i][2]), std::get<double>(one_by_one.rows()[i][2]), 1e-5);
  }
  EXPECT_EQ(std::get<std::string>(together.rows()[1][1]), "");
}

TEST_F(TranslateTaskTest, AttentionIsGivenAsJson) {
  const auto taught = teach(make(), {.files = {put("a.tsv", reversals(100, 1))}}, 20);
  Kept rows;
  const auto showing = with_use(taught.trained(), {"attention_weights=true"});
  showing->predict({put("s.txt", "abc\n")}, rows);
  EXPECT_ERROR(showing->evaluate({put("b.tsv", reversals(2, 2))}), "attention_weights: predict writes it");
  EXPECT_EQ(rows.names().back(), "attention");
  const auto json = parse_json(std::get<std::string>(rows.rows()[0].back()), 4);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("source").get<std::vector<std::string>>(), (std::vector<std::string>{"a", "b", "c"}));
  const auto& weights = json->at("weights");
  ASSERT_EQ(weights.size(), json->at("target").size() + 1);
  double sum = 0;
  for (const double each : weights.at(0).get<std::vector<double>>()) sum += each;
  EXPECT_EQ(weights.at(0).size(), 4u);  // the end of the source too
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST_F(TranslateTaskTest, AttentionIsDrawn) {
  const auto taught = teach(make(), {.files = {put("a.tsv", reversals(100, 1))}}, 20);
  struct Pictures : Kept {
    void picture(const Picture& picture) override { pictures.push_back(picture); }
    std::vector<Picture> pictures;
  } out;
  const DataFile sources = put("s.txt", "abc\n\ndd\na\n");
  with_use(taught.trained(), {"chart=att.svg", "charts=2", "longest=5"})->predict({sources}, out);
  ASSERT_EQ(out.pictures.size(), 1u);
  EXPECT_EQ(out.pictures[0].name, "att.svg");
  const std::string& svg = out.pictures[0].bytes;
  EXPECT_TRUE(svg.starts_with("<svg "));
  // The ends of two sources and predictions; the empty source is not drawn.
  size_t ends = 0;
  for (size_t at = svg.find("&lt;/s&gt;"); at != std::string::npos; at = svg.find("&lt;/s&gt;", at + 1)) ++ends;
  EXPECT_EQ(ends, 4u);
  const auto blind = teach(make("none"), {.files = {put("b.tsv", reversals(20, 1))}}, 1);
  EXPECT_THROW(with_use(blind.trained(), {"chart=att.svg"})->predict({sources}, out), UsageError);
  EXPECT_ERROR(with_use(blind.trained(), {"attention_weights=true"})->predict({sources}, out),
               "attention_weights: this model has no attention to show");
  EXPECT_ERROR(with_use(taught.trained(), {"chart=att.svg"})->session(), "name a file of sources");
  EXPECT_ERROR(with_use(taught.trained(), {"target=t.txt"})->predict({sources}, out), "predictions need no targets");
}

TEST_F(TranslateTaskTest, WritesNothingTwiceWhereThatIsAskedFor) {
  const auto taught = teach(make(), {.files = {put("a.tsv", reversals(200, 1))}}, 60);
  const DataFile sources = put("s.txt", "aabbaabb\nccccc\n");
  const auto most_of_one = [&](const std::string& no_repeat) {
    Kept rows;
    with_use(taught.trained(), {"beam=3", "length_penalty=3", no_repeat})->predict({sources}, rows);
    size_t most = 0;
    for (const auto& row : rows.rows()) {
      const auto& said = std::get<std::string>(row[1]);
      for (const char c : said) most = std::max(most, static_cast<size_t>(std::ranges::count(said, c)));
    }
    return most;
  };
  EXPECT_GT(most_of_one("no_repeat=0"), 1u);
  EXPECT_EQ(most_of_one("no_repeat=1"), 1u);
}

TEST_F(TranslateTaskTest, SaysOneOfAListOrWhatBeginsSo) {
  const auto taught = teach(make(), {.files = {put("a.tsv", reversals(400, 1))}}, 300);
  const DataFile sources = put("s.txt", "abc\ned\n");
  Kept listed;
  put("list.txt", "de\n\ncbb\na\n");
  with_use(taught.trained(), {"allowed=" + (scratch_ / "list.txt").string()})->predict({sources}, listed);
  EXPECT_EQ(std::get<std::string>(listed.rows()[0][1]), "cbb");
  EXPECT_EQ(std::get<std::string>(listed.rows()[1][1]), "de");
  Kept begun;
  with_use(taught.trained(), {"prefix=ee", "longest=1"})->predict({sources}, begun);
  for (const auto& row : begun.rows()) EXPECT_TRUE(std::get<std::string>(row[1]).starts_with("ee"));
  Kept none;
  put("odd.txt", "a\nxyz\n");
  EXPECT_ERROR(with_use(taught.trained(), {"allowed=" + (scratch_ / "odd.txt").string()})->predict({sources}, none),
               "odd.txt:2: 'xyz' has tokens");
  EXPECT_THROW(with_use(taught.trained(), {"prefix=a", "allowed=list.txt"})->predict({sources}, none), UsageError);
}

TEST_F(TranslateTaskTest, TokensAreChosenByTheLines) {
  auto task = make();
  TranslateTask& own = *task;
  task->train({.files = {put("a.tsv", "cat\tK AE T\ndog\tD AO G\n")}}, {});
  EXPECT_EQ(own.options.data.source_tokens, "chars");
  EXPECT_EQ(own.options.data.target_tokens, "words");
  EXPECT_EQ(own.options.learning.select, "token_error_rate");
}

TEST_F(TranslateTaskTest, AJointVocabularyIsOneTable) {
  auto task = make();
  task->options.data.joint = true;
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(400, 1))}}, 500);
  for (const auto& [name, value] : taught.training->module().named_parameters()) EXPECT_NE(name, "source.weight");
  EXPECT_EQ(taught.trained().assets().size(), 1u);
  EXPECT_GT(taught.trained().evaluate({put("b.tsv", reversals(50, 2))}).at("exact_match"), 0.75);
}

TEST_F(TranslateTaskTest, LongPairsAreLeftOutAndLongSourcesCut) {
  const std::string longest(10000, 'a');
  auto task = make();
  const auto taught = teach(std::move(task), {.files = {put("a.tsv", reversals(50, 1) + longest + "\ta\n")}}, 2);
  Kept rows;
  taught.trained().predict({put("s.txt", longest + "\n")}, rows);
  EXPECT_EQ(rows.rows().size(), 1u);
  auto none = make();
  none->options.data.most_tokens = 2;
  EXPECT_ERROR(none->train({.files = {put("b.tsv", "abc\tabc\n")}}, {}), "all 1 pairs are longer than 2 tokens");
}

TEST_F(TranslateTaskTest, ValidatesOnASample) {
  auto task = make();
  task->options.learning.valid_sample = 5;
  auto training = task->train({.files = {put("a.tsv", reversals(100, 1))}, .held_out = 0.2}, {.seed = 1});
  const Evaluation result = training->validate();
  EXPECT_EQ(result.examples, 20);
  EXPECT_GT(result.at("loss"), 1);
  EXPECT_TRUE(result.find("bleu"));
  EXPECT_EQ(training->criterion().metric, "token_error_rate");
  EXPECT_FALSE(training->criterion().higher_is_better);
}

TEST_F(TranslateTaskTest, SubwordsOfTwoFiles) {
  auto task = make();
  task->options.data.source_tokens = task->options.data.target_tokens = "subwords";
  task->options.data.tokens.vocabulary = 300;
  task->options.use.target = {(scratch_ / "a.de").string()};
  std::string en, de;
  for (int i = 0; i < 40; ++i) {
    en += "the dog sees the cat\nthe man walks\n";
    de += "der Hund sieht die Katze\nder Mann läuft\n";
  }
  put("a.de", de);
  const auto taught = teach(std::move(task), {.files = {put("a.en", en)}}, 200);
  Kept rows;
  taught.trained().predict({put("s.txt", "the man walks\n")}, rows);
  EXPECT_EQ(std::get<std::string>(rows.rows()[0][1]), "der Mann läuft");
}

TEST_F(TranslateTaskTest, OptionsThatDoNotFitAreRefused) {
  const auto taught = teach(make(), {.files = {put("a.tsv", reversals(20, 1))}}, 1);
  Kept rows;
  EXPECT_THROW(with_use(taught.trained(), {"n_best=9"})->predict({put("s.txt", "a\n")}, rows), UsageError);
  auto task = make();
  task->options.data.joint = true;
  task->options.data.source_tokens = "chars";
  task->options.data.target_tokens = "words";
  EXPECT_THROW(task->train({.files = {put("b.tsv", "a\tb\n")}}, {}), UsageError);
  auto covered = make("multi_head");
  covered->options.model.coverage = 3;
  EXPECT_ERROR(covered->train({.files = {put("b.tsv", "a\tb\n")}}, {}), "coverage: expected attention = additive, dot");
}

}  // namespace
}  // namespace recur
