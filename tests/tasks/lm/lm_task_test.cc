#include "recur/tasks/lm/lm_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "tests/support/throws.h"
#include "tests/tasks/lm/lm_text.h"

namespace recur {
namespace {

using namespace testing;

class LmTaskTest : public ::testing::Test {
 protected:
  LmTaskTest() : text_(scratch_ / "text.txt") { write_bytes(text_, small_text(200)); }

  Scratch scratch_;
  std::filesystem::path text_;
  const TrainingData held_out_{.files = {text_}, .held_out = 0.2};
};

class LmTokens : public LmTaskTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(LmTokens, LearnsAShortTextByHeart) {
  LmOptions options = tiny_lm(GetParam());
  options.data.batch = 1;
  options.data.bptt = 40;
  options.data.tokens.vocabulary = options.data.tokens.kind == "subwords" ? 285 : 0;
  options.model.rnn.hidden = 48;
  const auto text =
      scratch_.put("short.txt", "to be or not to be, that is the question:\nwhether it is nobler in the mind\n");
  const auto taught = started(options, {.files = {text}});
  EXPECT_LT(train_by_hand(*taught.training, 300, 0.02), 0.02);
  EXPECT_LT(taught.trained().evaluate({text}).at("loss"), 0.05);
  EXPECT_EQ(
      written(taught.trained(), {.prompt = "to be or not", .length = 4, .sampling = {.temperature = 0}}).substr(0, 4),
      " to ");
}
INSTANTIATE_TEST_SUITE_P(All, LmTokens, ::testing::Values("bytes", "chars", "words", "subwords"));

TEST_F(LmTaskTest, AnUntrainedModelKnowsNothing) {
  for (const bool tie : {false, true}) {
    LmOptions options = tiny_lm();
    options.model.tie = tie;
    const auto taught = started(options, held_out_);
    const double symbols = static_cast<double>(std::get<int64_t>(taught.trained().describe()[1].value));
    EXPECT_NEAR(taught.training->validate().at("perplexity") / symbols, 1, 0.15) << "tie " << tie;
  }
}

TEST_F(LmTaskTest, MetricsAgreeWithEachOther) {
  const Evaluation result = started(tiny_lm("words"), held_out_).training->validate();
  EXPECT_NEAR(result.at("perplexity"), std::exp(result.at("loss")), 1e-9);
  const auto chars = started(tiny_lm(), held_out_).training->validate();
  EXPECT_NEAR(chars.at("bits_per_character"), chars.at("loss") / std::log(2.0), 1e-9);
  EXPECT_LT(result.at("bits_per_character"), result.at("loss") / std::log(2.0));  // words are longer than a character
}

TEST_F(LmTaskTest, EveryLineEndOfAWordTextCounts) {
  const auto text = scratch_.put("lines.txt", "a b\nc\nd e f\n");
  LmOptions options = tiny_lm("words");
  options.data.batch = 1;
  EXPECT_EQ(started(options, {.files = {text}}).trained().evaluate({text}).examples,
            8);  // 6 words and 3 <eos>, less the first
}

TEST_F(LmTaskTest, WindowsOfEvaluationDoNotChangeTheResult) {
  const auto taught = started(tiny_lm(), {.files = {text_}});
  const auto test = scratch_.put("test.txt", small_text(40, 2));
  const double narrow = with_use(taught.trained(), {"eval_steps=7"})->evaluate({test}).at("loss");
  EXPECT_NEAR(with_use(taught.trained(), {"eval_steps=1000"})->evaluate({test}).at("loss"), narrow, 1e-6);
}

TEST_F(LmTaskTest, ShortTextsAreEvaluatedInOneGo) {
  const auto taught = started(tiny_lm(), {.files = {text_}});
  const auto test = scratch_.put("test.txt", small_text(20, 2));
  const double exact = with_use(taught.trained(), {"eval_batch=1"})->evaluate({test}).at("loss");
  EXPECT_EQ(with_use(taught.trained(), {"eval_batch=64"})->evaluate({test}).at("loss"), exact);
}

TEST_F(LmTaskTest, ValidationDoesNotDisturbTraining) {
  LmOptions options = tiny_lm();
  options.model.dropout = 0.3f;
  const auto calm = started(options, held_out_).training, disturbed = started(options, held_out_).training;
  for (int i = 0; i < 5; ++i) {
    disturbed->validate();
    EXPECT_EQ(calm->step().loss, disturbed->step().loss);
  }
}

TEST_F(LmTaskTest, TheSeedDecidesEverything) {
  const auto first_loss = [&](uint64_t seed) {
    return started(tiny_lm(), {.files = {text_}}, seed).training->step().loss;
  };
  const double loss = first_loss(5);
  EXPECT_EQ(first_loss(5), loss);
  EXPECT_NE(first_loss(6), loss);
}

TEST_F(LmTaskTest, StateIsCarriedAndResetAtTheStartOfAPass) {
  LmOptions options = tiny_lm();
  options.data.batch = 2;
  options.data.bptt = 5;
  const auto text = scratch_.put("t.txt", small_text(2));
  const auto training = started(options, {.files = {text}}).training;
  std::vector<double> pass;
  do {
    pass.push_back(training->step().loss);
  } while (std::fmod(training->epoch(), 1) != 0);
  ASSERT_GT(pass.size(), 2U);
  for (const double loss : pass) EXPECT_EQ(training->step().loss, loss);  // nothing is left of the pass before
}

TEST_F(LmTaskTest, ZarembasScaleIsTheSumOverSteps) {
  LmOptions options = tiny_lm();
  const double mean = started(options, {.files = {text_}}).training->step().objective.item();
  options.loss.scale = "zaremba";
  const TrainingStep step = started(options, {.files = {text_}}).training->step();
  EXPECT_NEAR(step.objective.item(), mean * 10, 1e-4);
  EXPECT_NEAR(step.loss, mean, 1e-6);
}

TEST_F(LmTaskTest, PenaltiesAddToTheObjectiveAlone) {
  LmOptions options = tiny_lm();
  options.loss.activation_penalty = 2;
  options.loss.slowness_penalty = 1;
  const TrainingStep step = started(options, {.files = {text_}}).training->step();
  EXPECT_GT(step.objective.item(), step.loss);
}

TEST_F(LmTaskTest, EveryKindOfDropoutChangesTrainingButNotEvaluation) {
  const auto plain = started(tiny_lm(), held_out_).training;
  const double loss = plain->step().loss, valid = plain->validate().at("loss");
  for (const char* key : {"dropout=0.5", "embedding_dropout=0.5", "recurrent_dropout=0.5", "weight_drop=0.5"}) {
    LmTask task;
    task.options = tiny_lm();
    Config config;
    task.declare(config);
    config.apply_override(key);
    const auto training = task.train(held_out_, {.seed = 1});
    EXPECT_NE(training->step().loss, loss) << key;
    EXPECT_EQ(training->validate().at("loss"), valid) << key;
  }
}

TEST_F(LmTaskTest, TiedModelsHaveOneTable) {
  LmOptions options = tiny_lm();
  const int64_t apart = started(options, {.files = {text_}}).training->module().parameter_count();
  options.model.embedding = 12;
  options.model.tie = true;
  const auto tied = started(options, {.files = {text_}}).training;
  EXPECT_LT(tied->module().parameter_count(), apart);
  options.model.embedding = 7;  // not the width of the layers: goes through a projection
  const auto projected = started(options, {.files = {text_}}).training;
  EXPECT_LT(descend(*projected, 30, 0.5), projected->step().loss + 1);
  bool has_projection = false;
  for (const NamedTensor& each : projected->module().named_parameters())
    has_projection |= each.name == "projection.weight";
  EXPECT_TRUE(has_projection);
}

TEST_F(LmTaskTest, AttentionBlocksStandOnTheRecurrentLayers) {
  LmOptions options = tiny_lm();
  options.model.attention_blocks = 2;
  options.model.rnn.attention_window = 9;
  const auto taught = started(options, {.files = {text_}});
  std::set<std::string> names;
  for (const NamedTensor& each : taught.training->module().named_parameters()) names.insert(each.name);
  EXPECT_TRUE(names.contains("rnn.weight_hh_l0"));
  for (const char* layer : {"_l1", "_l2"}) {
    EXPECT_TRUE(names.contains(std::string("rnn.inner.distance") + layer));
    EXPECT_TRUE(names.contains(std::string("rnn.wide.weight") + layer));
  }
  const double before = taught.training->step().loss;
  EXPECT_LT(descend(*taught.training, 30, 0.5), before - 0.2);
  // What attention remembers is carried from window to window.
  const auto test = scratch_.put("test.txt", small_text(40, 2));
  const double narrow = with_use(taught.trained(), {"eval_steps=7"})->evaluate({test}).at("loss");
  EXPECT_NEAR(with_use(taught.trained(), {"eval_steps=1000"})->evaluate({test}).at("loss"), narrow, 1e-5);
}

TEST_F(LmTaskTest, InitRangeBoundsEveryParameter) {
  LmOptions options = tiny_lm();
  options.model.init_range = 0.05;
  const auto training = started(options, {.files = {text_}}).training;
  for (const NamedTensor& each : training->module().named_parameters()) {
    for (const float w : std::as_const(each.value).values<float>()) EXPECT_LE(std::abs(w), 0.05f) << each.name;
  }
}

TEST_F(LmTaskTest, TracesTheGradientBackThroughTime) {
  const auto training = started(tiny_lm(), {.files = {text_}}).training;
  training->step(true).objective.backward();
  const auto trace = training->gradient_trace();
  ASSERT_EQ(trace.size(), 1U);
  ASSERT_EQ(trace[0].size(), 10U);
  for (const double norm : trace[0]) EXPECT_GT(norm, 0);
}

TEST_F(LmTaskTest, GenerationDependsOnSeedAndPromptAlone) {
  const auto taught = started(tiny_lm(), {.files = {text_}});
  const Trained& trained = taught.trained();
  const GenerateOptions options{.prompt = "the ", .length = 60, .seed = 3};
  const std::string text = written(trained, options);
  EXPECT_EQ(text.size(), 60U);
  EXPECT_EQ(written(trained, options), text);
  EXPECT_NE(written(trained, {.prompt = "the ", .length = 60, .seed = 4}), text);
  EXPECT_EQ(written(trained, {.length = 0}), "");
  EXPECT_EQ(written(trained, {.length = 5}).size(), 5U);
}

TEST_F(LmTaskTest, GenerationRefusesAPromptThatIsNotUtf8) {
  const auto taught = started(tiny_lm(), {.files = {text_}}), bytes = started(tiny_lm("bytes"), {.files = {text_}});
  EXPECT_ERROR(written(taught.trained(), {.prompt = "the \xFF"}), "prompt: invalid UTF-8 at offset 4");
  EXPECT_EQ(written(bytes.trained(), {.prompt = "the \xFF", .length = 3}).size(), 3U);
}

TEST_F(LmTaskTest, GenerationStopsWhenTheSinkHasEnough) {
  Enough three(3);
  started(tiny_lm(), {.files = {text_}}).trained().generate({.length = 100}, three);
  EXPECT_EQ(three.pieces, 3);
}

TEST_F(LmTaskTest, NeverWritesTheUnknownSymbol) {
  const auto taught = started(tiny_lm("words"), {.files = {text_}});
  EXPECT_EQ(written(taught.trained(), {.length = 300, .sampling = {.temperature = 50}}).find("<unk>"),
            std::string::npos);
}

TEST_F(LmTaskTest, ScoresEachLineByItself) {
  const auto taught = started(tiny_lm(), {.files = {text_}});
  descend(*taught.training, 50, 0.5);
  Kept kept, again;
  taught.trained().predict({scratch_.put("lines.txt", "the cat\n\nxqz\nthe cat")}, kept);
  EXPECT_EQ(kept.names().size(), 4U);
  const auto& rows = kept.rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0][1], TableCell(int64_t{8}));
  EXPECT_EQ(rows[1][0], TableCell(int64_t{3}));
  EXPECT_EQ(rows[2][1], TableCell(int64_t{7}));
  EXPECT_LT(std::get<double>(rows[0][2]), std::get<double>(rows[1][2]));
  taught.trained().predict({scratch_.put("one.txt", "the cat\n")}, again);
  EXPECT_EQ(again.rows()[0][2], rows[0][2]);
}

TEST_F(LmTaskTest, RefusesTextsThatTeachNothing) {
  const auto start = [&](const std::filesystem::path& text) { started(tiny_lm(), {.files = {text}}); };
  EXPECT_ERROR(start(scratch_.put("one.txt", std::string(500, 'a'))), "expected at least two different symbols");
  EXPECT_ERROR(start(scratch_.put("few.txt", "abc")), "too few");
  EXPECT_ERROR(start(scratch_.put("empty.txt", "")), "empty.txt");
  EXPECT_ERROR(start(scratch_ / "missing.txt"), "missing.txt");
  EXPECT_ERROR(started(tiny_lm(), {.files = {text_}, .held_out = 1.5}), "between 0 and 1");
  EXPECT_ERROR(started(tiny_lm(), {.files = {text_}, .valid = {scratch_ / "nowhere.txt"}}), "nowhere.txt");
}

}  // namespace
}  // namespace recur
